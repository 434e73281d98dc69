"""A new arrangement as chains of moves that can be done one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.slot.plan import Move
from routing.slot.problem import Holding, Slot, SlotProblem, fits


@dataclass(frozen=True, slots=True)
class Chain:
    """Holdings that make room for each other, in the order in which they can go.

    In a ring nobody can go first: the first holding waits in a free slot until the rest has gone.
    """

    holding_ids: tuple[int, ...]
    ring: bool

    @property
    def moves(self) -> int:
        """How many moves it takes, the one aside among them."""
        return len(self.holding_ids) + self.ring


def chains_of(problem: SlotProblem, slot_of: dict[int, int]) -> list[Chain]:
    """The chains and rings of an arrangement, each independent of the others."""
    home = {holding.id: holding.slot_id for holding in problem.holdings}
    crowd = problem.crowd()
    moved = {id: slot for id, slot in slot_of.items() if slot != home[id]}
    # Only from a slot of its own does a holding make room by going.
    leaver = {home[id]: id for id in moved if crowd[home[id]] == 1}
    comer = {slot: id for id, slot in moved.items()}
    chains: list[Chain] = []
    done: set[int] = set()
    for id, slot in sorted(moved.items()):
        if slot in leaver:
            continue
        links = [id]
        while (before := comer.get(home[links[-1]])) is not None and crowd[home[links[-1]]] == 1:
            links.append(before)
        chains.append(Chain(tuple(links), ring=False))
        done.update(links)
    for id in sorted(moved):
        if id in done:
            continue
        links = [id]
        while (before := comer[home[links[-1]]]) != id:
            links.append(before)
        chains.append(Chain(tuple(links), ring=True))
        done.update(links)
    return chains


def moves_of(
    problem: SlotProblem, chains: Sequence[Chain], slot_of: dict[int, int]
) -> tuple[list[Move], list[Chain]]:
    """The moves of chains, and the chains that can be done; a ring needs a free slot to lend.

    A slot is lent to one ring at a time; the rings share it only one after the other, which nobody
    watches over, so each has its own.
    """
    home = {holding.id: holding for holding in problem.holdings}
    crowd = problem.crowd()
    taken = {slot_of[id] for chain in chains for id in chain.holding_ids}
    free = [slot for slot in problem.slots if crowd[slot.id] == 0 and slot.id not in taken]
    moves: list[Move] = []
    kept: list[Chain] = []
    for chain in chains:
        number = len(kept)
        aside = _aside(home[chain.holding_ids[0]], free) if chain.ring else None
        if chain.ring and aside is None:
            continue
        steps: list[tuple[int, int, int, bool]] = []
        first, *rest = chain.holding_ids
        if aside is not None:
            free.remove(aside)
            steps.append((first, home[first].slot_id, aside.id, True))
            steps += [(id, home[id].slot_id, slot_of[id], False) for id in rest]
            steps.append((first, aside.id, slot_of[first], False))
        else:
            steps += [(id, home[id].slot_id, slot_of[id], False) for id in chain.holding_ids]
        moves += [
            Move(id, here, there, number, step, swap)
            for step, (id, here, there, swap) in enumerate(steps)
        ]
        kept.append(chain)
    return moves, kept


def _aside(holding: Holding, free: Sequence[Slot]) -> Slot | None:
    return next((slot for slot in free if fits(holding, slot)), None)
