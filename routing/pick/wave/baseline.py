"""What a house without a plan would release: first come, first served."""

from routing.error import NoPlan
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from routing.pick.wave.reason import reasons_left_out


def first_come(problem: WaveProblem) -> WaveChoice:
    """Orders as they came, those that must go first, up to units_max; each aisle by first fit.

    An order takes what it can from the aisles already visited, and the rest from the first ones
    that hold it. What does not fit is passed over.

    Raises: NoPlan when the orders so chosen do not reach units_min.
    """
    shelves = [_merged(row) for row in problem.aisles]
    holders: dict[int, list[int]] = {}
    for aisle, row in enumerate(shelves):
        for item in row:
            holders.setdefault(item, []).append(aisle)
    visited: set[int] = set()
    chosen = []
    units = 0
    for order in sorted(range(len(problem.orders)), key=lambda order: order not in problem.must):
        asked = _merged(problem.orders[order])
        size = sum(asked.values())
        if not size or units + size > problem.units_max:
            continue
        taken = _take(asked, shelves, holders, visited)
        if taken is not None:
            visited |= taken
            chosen.append(order)
            units += size
    if units < problem.units_min:
        raise NoPlan(f"first come, first served reaches {units} of {problem.units_min} units")
    orders, aisles = tuple(sorted(chosen)), tuple(sorted(visited))
    left_out = reasons_left_out(problem, orders, aisles, {})
    return WaveChoice(orders, aisles, units, _bound(problem), False, "first_come", left_out)


def _bound(problem: WaveProblem) -> float:
    """No aisle gives more than it holds of what is asked for at all."""
    asked = {item for order in problem.orders for item, quantity in order if quantity}
    held = (sum(q for item, q in aisle if item in asked) for aisle in problem.aisles)
    return float(min(problem.units_max, max(held, default=0)))


def _merged(row: tuple[tuple[int, int], ...]) -> dict[int, int]:
    merged: dict[int, int] = {}
    for item, quantity in row:
        if quantity:
            merged[item] = merged.get(item, 0) + quantity
    return merged


def _take(
    asked: dict[int, int],
    shelves: list[dict[int, int]],
    holders: dict[int, list[int]],
    visited: set[int],
) -> set[int] | None:
    """Takes the goods off the shelves; the aisles they come from, or nothing if some lack."""
    taken: list[tuple[int, int, int]] = []
    for item, quantity in asked.items():
        for aisle in sorted(holders.get(item, ()), key=lambda aisle: aisle not in visited):
            part = min(quantity, shelves[aisle][item])
            if part:
                taken.append((aisle, item, part))
                quantity -= part
            if not quantity:
                break
        if quantity:
            return None
    for aisle, item, part in taken:
        shelves[aisle][item] -= part
    return {aisle for aisle, _, _ in taken}
