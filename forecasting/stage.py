"""The stages of a forecast, as functions of one chunk: survey, fit, finish.

Between them sums are taken in the chunks' order, so that it does not matter who worked on which.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest import FILL, Allowed, allow
from forecasting.calibration import LEVELS, Counts, Shape, Sums, calibrate, count
from forecasting.candidate import SINGLES, sums
from forecasting.demand_class import DemandClass, classify
from forecasting.distribution import Distribution
from forecasting.fit import Fit, Task, fit
from forecasting.flag import Flag, flag
from forecasting.offer import Offer, spread
from forecasting.part import Part, Plan, closed_as_none, known_demand, open_ahead
from forecasting.relative import class_scale
from forecasting.request import Request
from forecasting.season import Profile, noise
from forecasting.season import survey as survey_season
from forecasting.state import State
from forecasting.tune import choose

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
#: the classes' factors and how a series' own vary about them; None: no season can be known
Seasons = tuple[Floats, Floats] | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first look at a chunk finds."""

    demand_class: Codes
    profile: Profile


def survey(plan: Plan, part: Part) -> Survey:
    """Classify the series and sum their seasons by class."""
    demand = known_demand(plan, part)
    codes = classify(demand, plan.season, part.promoted)
    return Survey(codes, survey_season(demand, plan.phases[: plan.periods], plan.season, codes))


@dataclass(frozen=True, slots=True)
class Job:
    """A chunk to be fitted, with its classes and what global models offer for it."""

    part: Part
    demand_class: Codes
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a chunk is expected to sell, not yet calibrated."""

    demand_class: Codes
    #: (n, h) of each period ahead, (n,) of the protection interval
    mean: Floats
    ahead: Floats
    #: (n,) error expected of the interval's sum, and of a single period of mean demand
    unit: Floats
    single_unit: Floats


@dataclass(frozen=True, slots=True)
class Fitted:
    """A chunk whose models are chosen."""

    estimate: Estimate
    model: tuple[str, ...]
    reason: tuple[str, ...]
    flags: tuple[frozenset[Flag], ...]
    #: past errors of the interval's sum and of single periods, in their units
    counts: Counts
    single_counts: Counts
    state: State


def try_stock(plan: Plan, seasons: Seasons, job: Job) -> Allowed:
    """Run stock with every model's forecasts of a sample of the series."""
    demand = known_demand(plan, job.part)
    protection = plan.request.protection
    actual = sums(closed_as_none(demand, job.part.open, plan), plan.origins, protection)
    fitted = fit(_task(plan, seasons, job, demand), actual)
    offers = spread(job.offers, len(demand))
    target = plan.request.target or FILL
    return allow(
        fitted.candidates + offers,
        demand,
        actual,
        job.demand_class,
        plan.origins,
        protection,
        target,
    )


def fit_part(plan: Plan, seasons: Seasons, allowed: Allowed, job: Job) -> Fitted:
    """Fit all models to a chunk, choose one a series and count its past errors."""
    demand = known_demand(plan, job.part)
    codes, protection = job.demand_class, plan.request.protection
    known = closed_as_none(demand, job.part.open, plan)
    actual = sums(known, plan.origins, protection)
    fitted = fit(_task(plan, seasons, job, demand), actual)
    own = choose(fitted.candidates, actual, codes, protection, allowed)
    offers = spread(job.offers, len(demand))
    candidates = fitted.candidates + offers
    choice = choose(candidates, actual, codes, protection, allowed) if offers else own
    mean = _chosen(choice.index, [candidate.mean for candidate in candidates])
    ahead = _chosen(choice.index, [candidate.ahead for candidate in candidates])
    past = _chosen(choice.index, [candidate.past for candidate in candidates])
    single = _chosen(choice.index, [candidate.singles(protection) for candidate in candidates])
    unit, counts = _counted(demand, Sums(past, actual, ahead), codes, plan.origins, protection)
    at = plan.origins[-SINGLES:] + protection // 2
    alone = Sums(single, sums(known, at, 1), _level(mean))
    single_unit, single_counts = _counted(demand, alone, codes, at, 1)
    offered = choice.index >= len(fitted.candidates)
    return Fitted(
        estimate=Estimate(codes, mean, ahead, unit, single_unit),
        model=tuple(candidates[i].name for i in choice.index),
        reason=choice.reason,
        flags=flag(demand),
        counts=counts,
        single_counts=single_counts,
        state=_state(plan, fitted, own.index, offered, demand),
    )


def _task(plan: Plan, seasons: Seasons, job: Job, demand: Floats) -> Task:
    prior, weight = None, np.zeros(len(demand))
    if seasons is not None:
        factors, spread = seasons
        prior = np.ascontiguousarray(factors[job.demand_class].T)
        weight = noise(demand, plan.season) / spread[job.demand_class]
    return Task(
        demand=demand,
        open=open_ahead(job.part.open, plan),
        codes=job.demand_class,
        phases=plan.phases,
        prior=prior,
        weight=weight,
        origins=plan.origins,
        protection=plan.request.protection,
        horizon=plan.request.horizon,
    )


def _counted(
    demand: Floats, found: Sums, codes: Codes, at: NDArray[np.intp], protection: int
) -> tuple[Floats, Counts]:
    """Answer the error expected ahead (n,), and how past ones lay against it."""
    spread = class_scale(demand, found, codes, at, protection)
    return spread.ahead, count(found, spread, codes, at)


def _level(mean: Floats) -> Floats:
    """Answer the mean (n,) of the periods (n, h) in which any demand is expected."""
    some = mean > 0
    answer: Floats = mean.sum(axis=1) / np.maximum(some.sum(axis=1), 1)
    return answer


def _chosen(index: Codes, arrays: list[Floats]) -> Floats:
    """Answer each series' row of the array its index names."""
    answer = np.empty(arrays[0].shape)
    for i, array in enumerate(arrays):
        rows = np.flatnonzero(index == i)
        answer[rows] = array[rows]
    return answer


def _state(
    plan: Plan, fitted: Fit, index: Codes, stand_in: NDArray[np.bool_], demand: Floats
) -> State:
    n = len(demand)
    rows = np.arange(n)
    codes = np.array(fitted.codes, np.int8)[index]
    parameters = np.stack([kept.parameters for kept in fitted.kept])[index, :, rows]
    memory = np.stack([kept.memory for kept in fitted.kept])[index, :, rows]
    seasonal = np.array([c.name == "seasonal" for c in fitted.candidates])[index]
    at = np.flatnonzero(seasonal)
    season = fitted.season
    blank = np.zeros((0, plan.season))
    return State(
        frequency=plan.frequency,
        last=plan.last,
        season=plan.season,
        kernel=codes,
        parameters=parameters,
        memory=memory,
        count=np.sum(~np.isnan(demand), axis=1).astype(np.float64),
        rows=at,
        prior=blank if season is None else season.prior.T[at],
        seen=blank if season is None else season.seen.T[at],
        due=blank if season is None else season.due.T[at],
        level=np.zeros(0) if season is None else season.level[at],
        weight=np.zeros(0) if season is None else season.weight[at],
        stand_in=stand_in,
    )


@dataclass(frozen=True, slots=True)
class Finished:
    """A chunk's distributions."""

    mean: Floats
    protection: Distribution
    values: Floats


def finish(shapes: tuple[Shape, Shape], estimate: Estimate) -> Finished:
    """Calibrate a chunk with the errors of all: of the interval's sum, and of single periods."""
    interval, single = shapes
    codes = estimate.demand_class
    protection = calibrate(estimate.ahead, estimate.unit, codes, interval)
    level = np.maximum(_level(estimate.mean), 1e-12)
    promoted = codes == DemandClass.PROMOTED
    values = np.empty((*estimate.mean.shape, len(single.levels)))
    for i, mean in enumerate(estimate.mean.T):
        # The noise of counts goes with the root of their mean, that of promotions with the mean.
        share = mean / level
        unit = estimate.single_unit * np.where(promoted, share, np.sqrt(share))
        values[:, i] = calibrate(np.ascontiguousarray(mean), unit, codes, single).values
    return Finished(estimate.mean, protection, values)


def levels(request: Request) -> Floats:
    """Answer the levels at which the interval's demand is kept: the standing and those asked."""
    return np.array(sorted({*LEVELS.tolist(), *request.quantiles}))
