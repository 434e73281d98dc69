"""A forecast moved on by the periods that came since, without fitting anything again."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Distribution
from forecasting.history import following
from forecasting.result import Forecast, Quantiles
from forecasting.state import update

Floats = NDArray[np.float64]


#: a mean below this is none
LEAST = 1e-9


def advance(forecast: Forecast, demand: Floats, open: NDArray[np.bool_] | None = None) -> Forecast:
    """Take in the demand (n, k) of the next periods, nan where unknown or closed.

    Models, parameters and error shapes stay; means follow the demand and quantiles follow them,
    as the noise of counts does, with the root. Series that live from drivers or from others of
    their kind keep their forecast, moved on. open: (n, m) of the periods ahead; what it does not
    tell of is open.
    Raises: ValueError when the rows are not the forecast's.
    """
    request, protection = forecast.request, forecast.request.protection
    state = update(forecast.state, demand)
    reach = max(request.horizon, protection)
    ahead = state.mean(reach)
    before, after = (_places(forecast, steps, reach) for steps in (0, demand.shape[1]))
    kept = state.stand_in
    ahead[kept] = forecast.mean[kept][:, after]
    if open is not None:
        ahead[:, : open.shape[1]] *= open[:, :reach]
    mean, interval = ahead[:, : request.horizon], ahead[:, :protection].sum(axis=1)
    old = forecast.protection.mean
    was = forecast.mean[kept][:, before[:protection]].sum(axis=1)
    ratio = np.divide(interval[kept], was, out=np.ones_like(was), where=was > LEAST)
    interval[kept] = old[kept] * ratio
    sums = _following(forecast.protection.values, old, interval, forecast.protection.levels)
    sums[kept] = forecast.protection.values[kept] * ratio[:, None]
    starts = np.array([state.last], "datetime64[D]")
    return replace(
        forecast,
        starts=following(starts, state.frequency, request.horizon),
        mean=mean,
        quantiles=_quantiles(forecast, mean, after[: request.horizon]),
        protection=Distribution(interval, forecast.protection.levels, sums),
        state=state,
    )


def _places(forecast: Forecast, steps: int, count: int) -> NDArray[np.intp]:
    """Answer which period of a forecast tells of each one (count,) after `steps` more.

    Beyond its end it is the one whole seasons before, where there is one, else the last.
    """
    horizon, season = forecast.mean.shape[1], forecast.state.season
    at = steps + np.arange(count)
    seasons = np.maximum(-(-(at - horizon + 1) // season), 0)
    back = at - season * seasons
    answer: NDArray[np.intp] = np.where(back < 0, horizon - 1, back)
    return answer


def _quantiles(forecast: Forecast, mean: Floats, after: NDArray[np.intp]) -> Quantiles:
    old, values = forecast.mean[:, after], forecast.quantiles.values[:, after]
    # What was closed tells of no noise: then the largest period ahead does.
    row, most = np.arange(len(mean)), forecast.mean.argmax(axis=1)
    blank = old <= LEAST
    old = np.where(blank, forecast.mean[row, most][:, None], old)
    largest = forecast.quantiles.values[row, most][:, None]
    values = np.where(blank[..., None], largest, values)
    levels = forecast.quantiles.levels
    return Quantiles(levels, _following(values, old, mean, levels))


def _following(values: Floats, old: Floats, new: Floats, levels: Floats) -> Floats:
    """Answer quantiles (..., k) of old means (...) as they lie around new ones."""
    known = old > LEAST
    stretch = np.sqrt(np.divide(new, old, out=np.ones_like(new), where=known))
    around = new[..., None] + (values - old[..., None]) * stretch[..., None]
    # Of a mean that was nothing no noise is known: it is taken to be as large as the mean.
    alone = -new[..., None] * np.log1p(-levels)
    answer: Floats = np.maximum(np.where(known[..., None], around, alone), 0.0)
    answer[new <= 0] = 0.0
    return answer
