"""Why something is proposed, in words that a planner reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from wms.items.unit import format_quantity

Floats = NDArray[np.float64]
DAYS_MAX = 999


@dataclass(frozen=True, slots=True)
class Run:
    """A promotion as the reason names it: its name, its first and its last day."""

    name: str
    from_day: date
    to_day: date


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of an item from a day on: a mean for each day, and its promotions."""

    from_day: date
    mean: Floats
    protection_days: int
    safety_stock: int
    promotions: tuple[Run, ...] = ()


def days_covered(stock: float, outlook: Outlook) -> float:
    """For how many days a stock serves the demand as well as the safety stock is meant to.

    Beyond the forecast its last week goes on. The spread grows with the root of the time.
    """
    if not outlook.mean.size or stock <= 0:
        return 0.0
    tail = float(outlook.mean[-7:].mean())
    need, before = 0.0, 0.0
    for day in range(DAYS_MAX):
        need += float(outlook.mean[day]) if day < outlook.mean.size else tail
        spread = outlook.safety_stock * sqrt((day + 1) / outlook.protection_days)
        if need + spread > stock:
            step = need + spread - before
            return day + max(0.0, stock - before) / step if step > 0 else float(day)
        before = need + spread
    return float(DAYS_MAX)


def added_by(run: Run, outlook: Outlook) -> float:
    """How much more is expected on a promotion's days than on such days without one."""
    first = outlook.from_day
    days = [first + timedelta(days=at) for at in range(outlook.mean.size)]
    promoted = np.array(
        [any(each.from_day <= day <= each.to_day for each in outlook.promotions) for day in days]
    )
    mine = np.array([run.from_day <= day <= run.to_day for day in days])
    if not mine.any() or promoted.all():
        return 0.0
    plain = float(outlook.mean[~promoted].mean())
    return float((outlook.mean[mine] - plain).sum())


def said(
    outlook: Outlook,
    *,
    position: int,
    quantity: int,
    reorder_point: int,
    service_percent: float,
    scale: int,
    explained: str = "",
    notes: Sequence[str] = (),
) -> str:
    """The whole reason: how long it lasts, what asked for it, and what is out of the ordinary.

    What drivers do is `explained` by the forecast; where that says nothing, promotions are judged
    by the days beside them.
    """
    covered = days_covered(position + quantity, outlook)
    lasts = f"{int(covered)}" if covered < DAYS_MAX else f"more than {DAYS_MAX}"
    stands, point = _amount(position, scale), _amount(reorder_point, scale)
    parts = [
        f"covers {lasts} days at {service_percent:g} %",
        f"free and coming {stands}, reorder point {point}",
    ]
    if explained:
        parts.append(explained)
    for run in () if explained else outlook.promotions:
        added = round(added_by(run, outlook))
        if added >= 1:
            parts.append(
                f"promotion {run.name} from {_day(run.from_day)} adds {_amount(added, scale)}"
            )
    return "; ".join([*parts, *notes])


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _amount(quantity: int, scale: int) -> str:
    return str(format_quantity(quantity, scale))


def money(amount_minor: int, currency: str) -> str:
    """An amount as a reason has it: all currencies so far have two decimals."""
    return f"{amount_minor / 100:,.2f} {currency}"
