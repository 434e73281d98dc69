"""Checks of a re-slotting plan that know no solver: they carry the goods and walk the ways."""

from collections import Counter
from collections.abc import Sequence

from routing.pick.tour.solve import solve_tour
from routing.slot.plan import Move, SlotPlan
from routing.slot.problem import SlotProblem, fits, stops_of


def audit_slots(problem: SlotProblem, plan: SlotPlan) -> list[str]:
    """What is wrong with a plan, in plain sentences; nothing when it holds."""
    faults = _audit_moves(problem, plan.moves)
    if faults:
        return faults
    if len(plan.moves) > problem.moves_max:
        faults.append(f"{len(plan.moves)} moves, but only {problem.moves_max} may be asked for")
    slot_of = {holding.id: holding.slot_id for holding in problem.holdings}
    if (walked := _walked(problem, slot_of)) != plan.today_mm:
        faults.append(f"today's walks are {walked} mm long, the plan says {plan.today_mm} mm")
    slot_of |= {move.holding_id: move.to_slot_id for move in plan.moves}
    if (walked := _walked(problem, slot_of)) != plan.proposed_mm:
        faults.append(f"the new walks are {walked} mm long, the plan says {plan.proposed_mm} mm")
    return faults


def _audit_moves(problem: SlotProblem, moves: Sequence[Move]) -> list[str]:
    """Carries every holding in the order of the moves; each must find its slot empty."""
    slots = {slot.id: slot for slot in problem.slots}
    holdings = {holding.id: holding for holding in problem.holdings}
    slot_of = {holding.id: holding.slot_id for holding in problem.holdings}
    crowd = Counter(slot_of.values())
    faults: list[str] = []
    for move in moves:
        holding, target = holdings.get(move.holding_id), slots.get(move.to_slot_id)
        if holding is None or target is None:
            faults.append(f"holding {move.holding_id} to slot {move.to_slot_id}: there is no such")
        elif not holding.movable:
            faults.append(f"holding {holding.id} may not be moved")
        elif slot_of[holding.id] != move.from_slot_id:
            faults.append(f"holding {holding.id} does not lie in slot {move.from_slot_id}")
        elif crowd[target.id]:
            faults.append(f"slot {target.id} is not empty when holding {holding.id} comes")
        elif not fits(holding, target):
            faults.append(f"holding {holding.id} does not fit into slot {target.id}")
        else:
            crowd[slot_of[holding.id]] -= 1
            crowd[target.id] += 1
            slot_of[holding.id] = target.id
    return faults


def _walked(problem: SlotProblem, slot_of: dict[int, int]) -> int:
    return sum(
        solve_tour(problem.layout, stops_of(problem, walk, slot_of)).distance_mm
        for walk in problem.walks
    )
