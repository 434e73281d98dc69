"""The fill rate that is really reached, fed back into how much stock is held for it.

All items that are held for one fill rate share one probability of no shortage. It begins between
the fill rate itself and what their demand asks for, and follows what was served, day by day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from forecasting.distribution import Distribution
from forecasting.service import Service


@dataclass(frozen=True, slots=True)
class Held:
    """A group's service as it stands after a day: see `forecasting/service.py`."""

    percent: float
    rate: float
    usual: float
    day: date


@dataclass(frozen=True, slots=True)
class Asked:
    """What was wanted of a group on a day, and how much of it was there to be promised."""

    percent: float
    day: date
    demanded: int
    filled: int


def followed(
    held: Mapping[float, Held],
    asked: Iterable[Asked],
    groups: Mapping[float, Sequence[int]],
    yesterday: date,
) -> dict[float, Held]:
    """The services of all groups after yesterday; a new group begins at its own fill rate.

    groups: the protection intervals of the items of each, in days.
    """
    days: dict[tuple[float, date], tuple[int, int]] = {}
    for one in asked:
        before = days.get((one.percent, one.day), (0, 0))
        days[one.percent, one.day] = before[0] + one.filled, before[1] + one.demanded
    found: dict[float, Held] = {}
    for percent, intervals in groups.items():
        # The interval in the middle stands for the group's.
        protection = sorted(intervals)[len(intervals) // 2]
        known = held.get(percent)
        if known is None:
            mine = [demanded for (each, _), (_, demanded) in days.items() if each == percent]
            usual = sum(mine) / len(mine) if mine else 0.0
            begun = Service.start(percent / 100, percent / 100, usual, protection)
            found[percent] = Held(percent, begun.rate, usual, yesterday)
            continue
        service = Service(percent / 100, known.rate, known.usual, protection)
        day = known.day + timedelta(days=1)
        while day <= yesterday:
            filled, demanded = days.get((percent, day), (0, 0))
            service = service.after(filled, demanded)
            day += timedelta(days=1)
        found[percent] = replace(
            known, rate=service.rate, usual=service.usual, day=max(known.day, yesterday)
        )
    return found


def begun_by(held: Held, law: Distribution) -> Held:
    """A new group's service, begun by the demand of its items over their protection intervals."""
    return replace(held, rate=Service.of_law(held.percent / 100, law, held.usual, 1).rate)


def probability(held: Held) -> float:
    """The probability of no shortage that a group is stocked for."""
    return Service(held.percent / 100, held.rate, held.usual, 1).level
