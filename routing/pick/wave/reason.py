"""Why an order is not in a wave."""

from collections import Counter
from collections.abc import Iterable, Mapping

from routing.pick.wave.problem import WaveProblem


def reasons_left_out(
    problem: WaveProblem,
    orders: Iterable[int],
    aisles: Iterable[int],
    struck: Mapping[int, str],
) -> tuple[tuple[int, str], ...]:
    """Each order that is not chosen, with what keeps it out of this choice."""
    chosen = set(orders)
    rest: Counter[int] = Counter()
    for aisle in aisles:
        for item, quantity in problem.aisles[aisle]:
            rest[item] += quantity
    units = 0
    for order in chosen:
        for item, quantity in problem.orders[order]:
            rest[item] -= quantity
            units += quantity
    room = problem.units_max - units
    return tuple(
        (order, struck[order] if order in struck else _obstacle(problem, order, rest, room))
        for order in range(len(problem.orders))
        if order not in chosen
    )


def _obstacle(problem: WaveProblem, order: int, rest: Mapping[int, int], room: int) -> str:
    asked: dict[int, int] = {}
    for item, quantity in problem.orders[order]:
        asked[item] = asked.get(item, 0) + quantity
    for item, quantity in asked.items():
        if quantity > max(0, rest.get(item, 0)):
            lacking = quantity - max(0, rest.get(item, 0))
            return f"would need {lacking} more of item {item} in the chosen aisles"
    units = sum(asked.values())
    if units > room:
        return f"would take the wave {units - room} units above {problem.units_max}"
    return "is not among the best by aisle" if units else "asks for nothing"
