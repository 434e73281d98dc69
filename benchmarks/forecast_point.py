"""How far means and medians lie from what came, beside AutoETS, Croston's methods and trees."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.forecast_environment import Told, ask
from benchmarks.forecast_set import Dataset
from forecasting.forecast import forecast
from forecasting.request import Request

Floats = NDArray[np.float64]

CROSTON = ("CrostonSBA", "CrostonOptimized")


@dataclass(frozen=True, slots=True)
class Trial:
    """Which error of a set is taken, beside whom, and the share of theirs that is wanted."""

    metric: str
    peers: tuple[str, ...]
    goals: dict[str, float]


TRIALS = {
    "carparts": Trial("MASE", ("AutoETS", *CROSTON), {"AutoETS": 0.87, "CrostonSBA": 0.75}),
    "oj": Trial("WAPE", ("AutoETS", "LightGBM"), {"AutoETS": 0.62}),
    "retail": Trial("WAPE", ("AutoETS", *CROSTON), {}),
}


def measure(dataset: Dataset, python: Path | None) -> list[dict[str, Any]]:
    """A row for the mean and one for the median beside each peer; without peers, one each."""
    trial = TRIALS[dataset.name]
    began_s = time.process_time()
    ours = _ours(dataset)
    cpu_s = time.process_time() - began_s
    peers = {} if python is None else _peers(dataset, python, trial.peers)
    rows = []
    for part, means in ours.items():
        error = _error(dataset, trial.metric, means)
        for peer, told in peers.items():
            theirs = _error(dataset, trial.metric, told.mean)
            row = _row(dataset, trial, part, error)
            row |= {"against": peer, "peer": theirs, "ratio": error / theirs}
            row |= {"goal": trial.goals.get(peer), "peer_cpu_s": round(told.cpu_s, 2)}
            rows.append(row | {"cpu_s": round(cpu_s, 2)})
        if not peers:
            rows.append(_row(dataset, trial, part, error))
    return rows


def _row(dataset: Dataset, trial: Trial, part: str, error: float) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "metric": f"{trial.metric} of the {part}, h {dataset.horizon}",
        "ours": error,
        "against": None,
        "peer": None,
        "ratio": None,
        "goal": None,
        "series": dataset.history.shape[0],
    }


def _ours(dataset: Dataset) -> dict[str, Floats]:
    request = Request(dataset.horizon, protection=dataset.lead + 1)
    found = forecast(dataset.past, request)
    middle = int(np.argmin(np.abs(found.quantiles.levels - 0.5)))
    return {"mean": found.mean, "median": found.quantiles.values[:, :, middle]}


def _peers(dataset: Dataset, python: Path, names: tuple[str, ...]) -> dict[str, Told]:
    past = dataset.past
    drivers = np.array(list(past.drivers.values()))
    answer: dict[str, Told] = {}
    for name in names:
        print(f"{dataset.name}: {name} …", file=sys.stderr)
        answer |= ask(python, past.demand, drivers, dataset.horizon, dataset.season, (name,))
    return answer


def _error(dataset: Dataset, metric: str, means: Floats) -> float:
    away = np.abs(means - dataset.coming)
    return wape(away, dataset.coming) if metric == "WAPE" else mase(away, dataset)


def wape(away: Floats, coming: Floats) -> float:
    """Absolute errors (n, h) as a share of what came."""
    return float(np.nansum(away) / np.nansum(coming))


def mase(away: Floats, dataset: Dataset) -> float:
    """Mean absolute errors (n, h) in units of the seasonal naive one's in the past.

    Source: Hyndman and Koehler 2006, Another look at measures of forecast accuracy.
    """
    past = dataset.past.demand
    season = dataset.season if past.shape[1] > 2 * dataset.season else 1
    scale = np.nanmean(np.abs(past[:, season:] - past[:, :-season]), axis=1)
    told = scale > 0
    return float(np.mean(np.nanmean(away[told], axis=1) / scale[told]))
