"""The plain rule: what is picked most goes to the nearest free bin that is nearer."""

from routing.slot.problem import SlotProblem, fits, way_mm


def nearest_free(problem: SlotProblem) -> dict[int, int]:
    """Where each holding lies after at most so many moves into bins that are free now."""
    slots = {slot.id: slot for slot in problem.slots}
    picks, crowd = problem.picks(), problem.crowd()
    slot_of = {holding.id: holding.slot_id for holding in problem.holdings}
    free = [slot for slot in problem.slots if crowd[slot.id] == 0]
    free.sort(key=lambda slot: (way_mm(problem.layout, slot.stop), slot.id))
    moves = 0
    for holding in sorted(problem.holdings, key=lambda each: (-picks[each.id], each.id)):
        if moves == problem.moves_max or picks[holding.id] == 0:
            break
        here_mm = way_mm(problem.layout, slots[holding.slot_id].stop)
        target = next((slot for slot in free if fits(holding, slot)), None)
        if not holding.movable or target is None or way_mm(problem.layout, target.stop) >= here_mm:
            continue
        free.remove(target)
        slot_of[holding.id] = target.id
        moves += 1
    return slot_of
