"""What drivers add to a forecast, in words: "promotion from 1 Dec adds 140"."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecasting import driver, promoted
from forecasting.driver import Drivers, learn_drivers, shares
from forecasting.history import Days, Frequency, History, following
from forecasting.request import Request

Floats = NDArray[np.float64]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: models that follow drivers
FOLLOWING = (driver.NAME, promoted.NAME)
#: words for drivers that have a name of their own; any other is called as it is named
WORDS = {"promo": "promotion", "deal": "promotion", "feat": "advertisement"}
#: share of a period's forecast below which a driver is not spoken of
LEAST = 0.05
#: most drivers' doings told of one series
TOLD = 3


def explain(
    history: History, request: Request, mean: Floats, models: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Answer a sentence a series on what drivers add ahead or take away; empty if nothing.

    mean: (n, h) the forecast that is spoken of. models: (n,) what made it, for one that follows
    no drivers is moved by none; None: all follow them. The greatest are told first.
    """
    n = history.shape[0]
    rows = np.arange(n) if models is None else np.flatnonzero(np.isin(models, FOLLOWING))
    some, answer = history.take(rows), [""] * n
    drivers = learn_drivers(some, request)
    if drivers is not None:
        told = _told(some, request, mean[rows], drivers)
        for row, words in zip(rows.tolist(), told, strict=True):
            answer[row] = words
    return tuple(answer)


def _told(history: History, request: Request, mean: Floats, drivers: Drivers) -> Iterator[str]:
    starts = following(history.starts, history.frequency, request.horizon)
    periods = history.shape[1]
    shown = shares(history, request, drivers)
    added = {
        name: np.where(_moved(history, name, request.horizon), mean * share, 0.0)
        for name, share in shown.items()
    }
    for row in range(history.shape[0]):
        found: list[tuple[float, str]] = []
        for name, units_ahead in added.items():
            for first, last, units in _runs(units_ahead[row], mean[row]):
                called = _called(name, history.drivers[name][row], periods, first, last)
                when = _dates(starts, first, last, history.frequency)
                verb = "adds" if units > 0 else "takes"
                found.append((-abs(units), f"{called} {when} {verb} {round(abs(units))}"))
        yield "; ".join(words for _, words in sorted(found)[:TOLD])


def _moved(history: History, name: str, horizon: int) -> NDArray[np.bool_]:
    """Answer (n, h) where a driver is known and other than usual: its middle value."""
    n, periods = history.shape
    answer = np.zeros((n, horizon), np.bool_)
    values = history.drivers[name]
    past, ahead = values[:, :periods], values[:, periods : periods + horizon]
    known = np.isfinite(past)
    ordered = np.sort(np.where(known, past, np.inf), axis=1)
    middle = np.maximum(known.sum(axis=1) - 1, 0) // 2
    usual = ordered[np.arange(n), middle] if periods else np.full(n, np.nan)
    answer[:, : ahead.shape[1]] = np.isfinite(ahead) & (ahead != usual[:, None])
    return answer


def _runs(added: Floats, mean: Floats) -> Iterator[tuple[int, int, float]]:
    """Find periods in a row in which a driver adds or takes enough: first, last, units."""
    sign = np.where(np.abs(added) >= np.maximum(LEAST * mean, 1e-9), np.sign(added), 0.0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0.0], sign, [0.0]))))
    for first, stop in pairwise(edges):
        units = float(added[first:stop].sum())
        if sign[first] and round(abs(units)) >= 1:
            yield int(first), int(stop) - 1, units


def _called(name: str, values: Floats, periods: int, first: int, last: int) -> str:
    """Answer the driver's word; a price is told by how far it is from usual."""
    plain = name.replace("_", " ").lower()
    past, ahead = values[:periods], values[periods + first : periods + last + 1]
    past, ahead = past[np.isfinite(past)], ahead[np.isfinite(ahead)]
    usual = float(np.median(past)) if len(past) else 0.0
    if plain != "price" or usual <= 0 or not len(ahead):
        return WORDS.get(plain, plain)
    change = round(100 * (float(ahead.mean()) / usual - 1))
    if not change:
        return plain
    return f"price {abs(change)} % {'below' if change < 0 else 'above'} usual"


def _dates(starts: Days, first: int, last: int, frequency: Frequency) -> str:
    if frequency is Frequency.DAY and first == last:
        return f"on {_day(starts[first])}"
    if first == last or last == len(starts) - 1:
        return f"from {_day(starts[first])}"
    end = starts[last + 1] - np.timedelta64(1, "D")
    return f"from {_day(starts[first])} to {_day(end)}"


def _day(day: np.datetime64) -> str:
    _, month, number = str(day.astype("datetime64[D]")).split("-")
    return f"{int(number)} {MONTHS[int(month) - 1]}"
