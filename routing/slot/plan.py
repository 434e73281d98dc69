"""Moves of goods between bins as they are handed over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """One holding to another slot. Moves of one chain are done in their order, one by one.

    `swap` marks a move to a free slot that is only lent until the chain has gone round.
    """

    holding_id: int
    from_slot_id: int
    to_slot_id: int
    chain: int
    step: int
    swap: bool = False


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """The moves, and what the walks were and would be with them.

    bound_mm: no set of so many moves brings the sum of all single ways, which the search goes by,
    below this; None where nothing was searched. Of the walks themselves no bound is known.
    """

    moves: tuple[Move, ...]
    today_mm: int
    proposed_mm: int
    method: str
    ways_today_mm: int
    ways_mm: int
    bound_mm: int | None = None

    @property
    def saving(self) -> float:
        """The share of today's walk that the moves spare."""
        return 1 - self.proposed_mm / self.today_mm if self.today_mm else 0.0
