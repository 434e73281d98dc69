"""Solve, choose by the walks that were really made, audit, fall back."""

from collections.abc import Sequence
from dataclasses import replace

from routing.error import NoPlan
from routing.slot.audit import audit_slots
from routing.slot.baseline import nearest_free
from routing.slot.chain import Chain, chains_of, moves_of
from routing.slot.measure import Measure
from routing.slot.plan import SlotPlan
from routing.slot.problem import SlotProblem, way_mm
from routing.slot.solver import arrangements

METHOD = "assignment"
BASELINE = "nearest_free"
NOTHING = "leave_all"


def plan_slots(problem: SlotProblem) -> SlotPlan:
    """The moves that spare the walks the most, of those the search and the plain rule propose.

    Equal problems give equal plans.

    Raises: NoPlan when no plan passes the audit.
    """
    measure = Measure(problem)
    home = {holding.id: holding.slot_id for holding in problem.holdings}
    nothing = _plan(problem, measure, [], home, NOTHING)
    if not problem.walks or not problem.holdings:
        return nothing
    plans = [nothing]
    baseline = nearest_free(problem)
    plans.append(_chosen(problem, measure, baseline, BASELINE))
    found, bound_mm = arrangements(problem)
    plans += [_chosen(problem, measure, each.slot_of, METHOD) for each in found]
    plans = [replace(plan, bound_mm=bound_mm) for plan in plans]
    faults: list[str] = []
    # As much is spared with fewer moves, then with those of the plainer rule.
    for plan in sorted(plans, key=lambda each: (each.proposed_mm, len(each.moves))):
        faults = audit_slots(problem, plan)
        if not faults:
            return plan
    raise NoPlan(f"no plan holds: {faults[0]}")


def _chosen(
    problem: SlotProblem, measure: Measure, slot_of: dict[int, int], method: str
) -> SlotPlan:
    """The part of an arrangement that is worth its moves, by the walks and not by single ways."""
    _, possible = moves_of(problem, chains_of(problem, slot_of), slot_of)
    gains = [measure.saving_mm({id: slot_of[id] for id in chain.holding_ids}) for chain in possible]
    best = _knapsack(possible, gains, problem.moves_max)
    return _plan(problem, measure, best, slot_of, method)


def _plan(
    problem: SlotProblem,
    measure: Measure,
    chains: Sequence[Chain],
    slot_of: dict[int, int],
    method: str,
) -> SlotPlan:
    moves, _ = moves_of(problem, chains, slot_of)
    moved = {id: slot_of[id] for chain in chains for id in chain.holding_ids}
    after = {holding.id: holding.slot_id for holding in problem.holdings} | moved
    return SlotPlan(
        moves=tuple(moves),
        today_mm=measure.today_mm,
        proposed_mm=measure.today_mm - measure.saving_mm(moved),
        method=method,
        ways_today_mm=_ways(problem, {holding.id: holding.slot_id for holding in problem.holdings}),
        ways_mm=_ways(problem, after),
    )


def _ways(problem: SlotProblem, slot_of: dict[int, int]) -> int:
    way = {slot.id: way_mm(problem.layout, slot.stop) for slot in problem.slots}
    return sum(picked * way[slot_of[id]] for id, picked in problem.picks().items())


def _knapsack(chains: Sequence[Chain], gains: Sequence[int], moves_max: int) -> list[Chain]:
    """The chains of the largest gain within so many moves; what gains nothing is left."""
    best: list[tuple[int, tuple[int, ...]]] = [(0, ())] * (moves_max + 1)
    for number, (chain, gain) in enumerate(zip(chains, gains, strict=True)):
        if gain <= 0:
            continue
        for room in range(moves_max, chain.moves - 1, -1):
            before, taken = best[room - chain.moves]
            if before + gain > best[room][0]:
                best[room] = (before + gain, (*taken, number))
    return [chains[number] for number in best[moves_max][1]]
