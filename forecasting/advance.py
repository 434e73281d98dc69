"""A forecast moved on by the periods that came since, without fitting anything again."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Distribution
from forecasting.history import following
from forecasting.result import Forecast, Quantiles
from forecasting.state import update

Floats = NDArray[np.float64]


def advance(forecast: Forecast, demand: Floats, open: NDArray[np.bool_] | None = None) -> Forecast:
    """Take in the demand (n, k) of the next periods, nan where unknown or closed.

    Models, parameters and error shapes stay; means follow the demand and quantiles follow them,
    as the noise of counts does, with the root. Series whose model lives from drivers keep their
    forecast, moved on. open: (n, h or more) of the periods ahead, None: all are.
    Raises: ValueError when the rows are not the forecast's.
    """
    state = update(forecast.state, demand)
    steps, horizon = demand.shape[1], forecast.mean.shape[1]
    reach = max(horizon, forecast.request.protection)
    ahead = state.mean(reach)
    if open is not None:
        ahead[:, : open.shape[1]] *= open[:, :reach]
    mean, interval = ahead[:, :horizon], ahead[:, : forecast.request.protection].sum(axis=1)
    moved = np.minimum(np.arange(horizon) + steps, horizon - 1)
    mean[state.stand_in] = forecast.mean[state.stand_in][:, moved]
    interval[state.stand_in] = forecast.protection.mean[state.stand_in]
    old = forecast.mean[:, moved]
    values = _following(forecast.quantiles.values[:, moved], old, mean)
    sums = _following(forecast.protection.values, forecast.protection.mean, interval)
    starts = np.concatenate((np.array([state.last], "datetime64[D]"), forecast.starts[:0]))
    return replace(
        forecast,
        starts=following(starts, state.frequency, horizon),
        mean=mean,
        quantiles=Quantiles(forecast.quantiles.levels, values),
        protection=Distribution(interval, forecast.protection.levels, sums),
        state=state,
    )


def _following(values: Floats, old: Floats, new: Floats) -> Floats:
    """Answer quantiles (..., k) of old means (...) as they lie around new ones."""
    # Of a mean that was nothing no noise is known: it is taken to be as large as the mean.
    stretch = np.sqrt(np.divide(new, old, out=np.ones_like(new), where=old > 0))
    around = new[..., None] + (values - old[..., None]) * stretch[..., None]
    answer: Floats = np.maximum(around, 0.0)
    answer[new <= 0] = 0.0
    return answer
