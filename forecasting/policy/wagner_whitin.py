"""Which periods' known demand to order together."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """quantities: units to order at the beginning of each period. cost: of all periods."""

    quantities: tuple[float, ...]
    cost: float


def wagner_whitin(
    demand: Sequence[float],
    holding_cost: float | Sequence[float],
    order_cost: float | Sequence[float],
    purchase_cost: float | Sequence[float] = 0.0,
) -> Schedule:
    """The cheapest orders that are never late; of equals the one that covers fewest periods.

    demand: units of each period. holding_cost: of a unit that stays over a period's end.
    A cost is one figure, or one for each period.

    Raises:
        ValueError: a figure below 0, or costs for another number of periods.

    Source: Wagner & Whitin 1958; Snyder & Shen, 2nd ed., eq. 3.39, by at most T^2 / 2 steps.
    """
    periods = len(demand)
    holding = _each(holding_cost, periods, "holding_cost")
    ordering = _each(order_cost, periods, "order_cost")
    buying = _each(purchase_cost, periods, "purchase_cost")
    wanted = _each(demand, periods, "demand")
    cheapest, reach = [0.0] * (periods + 1), [periods] * periods
    for first in reversed(range(periods)):
        best, kept, together = float("inf"), 0.0, 0.0
        to_here = 0.0
        for last in range(first, periods):
            together += wanted[last]
            kept += to_here * wanted[last]
            to_here += holding[last]
            # Nothing is ordered for periods without demand.
            once = ordering[first] if together > 0 else 0.0
            cost = once + buying[first] * together + kept + cheapest[last + 1]
            if cost < best:
                best, reach[first] = cost, last + 1
        cheapest[first] = best
    quantities, first = [0.0] * periods, 0
    while first < periods:
        quantities[first] = sum(wanted[first : reach[first]])
        first = reach[first]
    return Schedule(tuple(quantities), cheapest[0])


def _each(figure: float | Sequence[float], periods: int, name: str) -> list[float]:
    figures = [float(figure)] * periods if isinstance(figure, (int, float)) else list(figure)
    if len(figures) != periods or not all(0 <= each < float("inf") for each in figures):
        raise ValueError(f"{name} is a figure from 0 on for each of {periods} periods")
    return figures
