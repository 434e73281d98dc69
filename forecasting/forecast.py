"""Forecasts of many series at once, chunk by chunk, the same whoever works on them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest import SAMPLE, Allowed
from forecasting.calendar import HOLIDAY
from forecasting.calibration import Shape, no_counts
from forecasting.demand_class import DemandClass
from forecasting.distribution import Distribution
from forecasting.executor import Executor, Serial
from forecasting.history import History, following
from forecasting.lend import lend
from forecasting.offer import Offer
from forecasting.part import Part, Plan
from forecasting.promoted import fit_promoted
from forecasting.request import Request
from forecasting.result import Forecast, Quantiles
from forecasting.season import Profile
from forecasting.stage import (
    Finished,
    Fitted,
    Job,
    Seasons,
    Survey,
    finish,
    fit_part,
    levels,
    survey,
    try_stock,
)
from forecasting.state import join, update

__all__ = ["Forecast", "Quantiles", "Request", "forecast", "update"]

Floats = NDArray[np.float64]


T = TypeVar("T")

#: series in a chunk; a part of what the answer depends on, so no option
CHUNK = 2048
#: series that are enough to know the classes' seasons
SURVEYED = 20_000


def forecast(
    history: History,
    request: Request,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Forecast:
    """Forecast every series of a history.

    progress: told chunks done and chunks in all, three passes of each.
    Raises: ValueError for a history of no series or no periods.
    """
    n, periods = history.shape
    if not n or not periods:
        raise ValueError(f"the history has {n} series of {periods} periods, expected some")
    work = executor or Serial()
    plan = _plan(history, request)
    tell = _Progress(progress, 3 * -(-n // CHUNK))
    moved, together = _moved(history)
    surveys = list(tell.each(work.map(partial(survey, plan), _parts(history, moved))))
    seasons = _seasons(plan, surveys)
    codes = np.concatenate([seen.demand_class for seen in surveys])
    offers = _offers(history, plan, codes, together, work)
    jobs = _jobs(_parts(history, moved), codes, offers)
    allowed = _trial(history, plan, seasons, codes, offers, work)
    fitted = list(tell.each(work.map(partial(fit_part, plan, seasons, allowed), jobs)))
    estimates = (part.estimate for part in fitted)
    finished = tell.each(work.map(partial(finish, _shapes(request, fitted)), estimates))
    made = _assembled(history, request, codes, fitted, finished)
    return lend(made, history, plan.season)


def _plan(history: History, request: Request) -> Plan:
    return Plan(
        request=request,
        frequency=history.frequency,
        first=history.starts[0],
        last=history.starts[-1],
        periods=len(history.starts),
        season=request.season or history.frequency.season,
        stride=max(1, len(history.series) // SURVEYED),
    )


def _parts(history: History, moved: NDArray[np.bool_]) -> Iterator[Part]:
    n = len(history.series)
    for start in range(0, n, CHUNK):
        rows = slice(start, min(start + CHUNK, n))
        open = None if history.open is None else history.open[rows]
        yield Part(history.demand[rows], open, moved[rows])


def _offers(
    history: History, plan: Plan, codes: NDArray[np.int8], together: bool, work: Executor
) -> tuple[Offer, ...]:
    """Answer what the global models say of the promoted series, and of what moves together."""
    plain = ~np.isin(codes, (DemandClass.PROMOTED, DemandClass.NEW, DemandClass.DYING))
    groups = [np.flatnonzero(codes == DemandClass.PROMOTED), np.flatnonzero(plain & together)]
    groups = [rows for rows in groups if len(rows) and len(plan.origins)]
    asked = (_asked(history, plan, rows) for rows in groups)
    found = work.map(partial(_fit_promoted, plan.request, plan.origins), asked)
    return tuple(replace(offer, rows=rows) for rows, offer in zip(groups, found, strict=True))


def _asked(history: History, plan: Plan, rows: NDArray[np.intp]) -> History:
    found = history.take(rows)
    if found.open is None:
        return found
    closed = ~found.open[:, : plan.periods]
    return replace(found, demand=np.where(closed, np.nan, found.demand))


def _fit_promoted(request: Request, at: NDArray[np.intp], history: History) -> Offer:
    return fit_promoted(history, request, at)


def _trial(
    history: History,
    plan: Plan,
    seasons: Seasons,
    codes: NDArray[np.int8],
    offers: tuple[Offer, ...],
    work: Executor,
) -> Allowed:
    """Run stock for some series of each class, taken evenly from all."""
    some = []
    for code in DemandClass:
        found = np.flatnonzero(codes == code)
        some.append(found[:: max(1, len(found) // SAMPLE)][:SAMPLE])
    rows = np.sort(np.concatenate(some))
    open = None if history.open is None else history.open[rows]
    part = Part(history.demand[rows], open, np.zeros(len(rows), np.bool_))
    job = Job(part, codes[rows], tuple(offer.among(rows) for offer in offers))
    return next(iter(work.map(partial(try_stock, plan, seasons), [job])))


def _jobs(
    parts: Iterator[Part], codes: NDArray[np.int8], offers: tuple[Offer, ...]
) -> Iterator[Job]:
    start = 0
    for part in parts:
        rows = np.arange(start, start + len(part.demand))
        yield Job(part, codes[rows], tuple(offer.among(rows) for offer in offers))
        start += len(rows)


def _moved(history: History) -> tuple[NDArray[np.bool_], bool]:
    """Answer (n,) which series a driver of their own moved, and whether one moved all together.

    Moved is what took more than one value in the past; holidays are nobody's own, nor is what is
    the same for all of several series.
    """
    n, periods = history.shape
    own, together = np.zeros(n, np.bool_), False
    for name, driver in history.drivers.items():
        past = driver[:, :periods]
        known = ~np.isnan(past)
        low = np.where(known, past, np.inf).min(axis=1)
        high = np.where(known, past, -np.inf).max(axis=1)
        moved = high > low
        shared = n > 1 and bool(np.all((past == past[0]) | ~(known | known[0])))
        if shared or name == HOLIDAY:
            together |= bool(moved.any())
        else:
            own |= moved
    return own, together


def _seasons(plan: Plan, surveys: list[Survey]) -> Seasons:
    """Sum the classes' seasons in the chunks' order; None where no season can be known."""
    if plan.season < 2 or plan.periods < 2 * plan.season:
        return None
    total: Profile = surveys[0].profile
    for seen in surveys[1:]:
        total = total + seen.profile
    return total.factors(plan.periods)


def _shapes(request: Request, fitted: list[Fitted]) -> tuple[Shape, Shape]:
    """Answer the shapes of all past errors: of the interval's sum, and of single periods."""
    interval, single = no_counts(), no_counts()
    for part in fitted:
        interval, single = interval + part.counts, single + part.single_counts
    return interval.shape(levels(request)), single.shape(request.quantiles)


class _Progress:
    """Counts chunks and tells."""

    def __init__(self, tell: Callable[[int, int], None] | None, total: int) -> None:
        self._tell, self._total, self._done = tell, total, 0

    def each(self, answers: Iterator[T]) -> Iterator[T]:
        for answer in answers:
            self._done += 1
            if self._tell is not None:
                self._tell(self._done, self._total)
            yield answer


def _assembled(
    history: History,
    request: Request,
    codes: NDArray[np.int8],
    fitted: list[Fitted],
    finished: Iterator[Finished],
) -> Forecast:
    """Put the chunks one under the other, as they come, so that they are never held twice."""
    n, h = len(history.series), request.horizon
    kept = levels(request)
    mean, values = np.empty((n, h)), np.empty((n, h, len(request.quantiles)))
    interval_mean, interval = np.empty(n), np.empty((n, len(kept)))
    start = 0
    for part in finished:
        rows = slice(start, start + len(part.mean))
        mean[rows], values[rows] = part.mean, part.values
        interval_mean[rows], interval[rows] = part.protection.mean, part.protection.values
        start = rows.stop
    return Forecast(
        request=request,
        series=history.series,
        starts=following(history.starts, history.frequency, h),
        mean=mean,
        quantiles=Quantiles(np.array(request.quantiles), values),
        protection=Distribution(interval_mean, kept, interval),
        demand_class=codes,
        model=tuple(name for part in fitted for name in part.model),
        reason=tuple(reason for part in fitted for reason in part.reason),
        flags=tuple(flags for part in fitted for flags in part.flags),
        state=join([part.state for part in fitted]),
    )
