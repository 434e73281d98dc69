"""The next days' work against what can be done in a day: bottlenecks before they are there."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Work(StrEnum):
    """What may become too much."""

    PICKING = "picking"
    SORTING = "sorting"


@dataclass(frozen=True, slots=True)
class DayOfWork:
    """Order lines expected on a day: the mean, and what nine days of ten stay below.

    `waiting` lines were left from before; a capacity of None is unknown, or does not apply.
    """

    day: date
    waiting: int
    lines: float
    lines_high: float
    pick_capacity: float | None
    sort_capacity: float | None


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A day on which more is expected than can be done; `sure`: on most such days it will be so."""

    day: date
    work: Work
    lines: float
    capacity: float
    sure: bool


def bottlenecks(days: list[DayOfWork]) -> list[Bottleneck]:
    """The days, in their order, on which picking or sorting may not keep up.

    What a day leaves undone is there on the next one.
    """
    found: list[Bottleneck] = []
    for work in Work:
        left = left_high = float(days[0].waiting) if days else 0.0
        for day in days:
            capacity = day.pick_capacity if work is Work.PICKING else day.sort_capacity
            if capacity is None:
                break
            left, left_high = left + day.lines, left_high + day.lines_high
            if left > capacity:
                found.append(Bottleneck(day.day, work, left, capacity, sure=True))
            elif left_high > capacity:
                found.append(Bottleneck(day.day, work, left_high, capacity, sure=False))
            # A bad day is not followed by bad days only: the high band starts anew from the mean.
            left = left_high = max(0.0, left - capacity)
    return sorted(found, key=lambda each: (each.day, each.work))


def picking_lines(pickers: int, lines_per_hour: int, hours: float, best_day: int) -> float | None:
    """Lines that can be picked in a day: by the pickers that are told, else as on the best day."""
    if pickers:
        return pickers * lines_per_hour * hours
    return float(best_day) or None
