"""Forecasts of libraries that live in an environment of their own; run by its Python.

Reads an .npz with demand (n, t) and, where there are drivers, drivers (d, n, t + h); writes one
with each model's means (n, h) and its processor seconds, by name.
"""

import argparse
import sys
import time
import warnings
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PLAIN = ("AutoETS", "CrostonSBA", "CrostonOptimized")
TREES = "LightGBM"
# Trees learn from every second origin after the first quarter of a year.
BURN, STEP = 13, 2
WINDOWS = (1, 2, 3, 4, 8, 13, 26, 52)
SETTING = {
    "objective": "l1",
    "learning_rate": 0.05,
    "num_leaves": 63,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "num_threads": 1,
    "seed": 1,
    "verbosity": -1,
}
ROUNDS = 400


def main() -> int:
    """Fits every model to every series."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--horizon", type=int, required=True)
    parser.add_argument("--season", type=int, default=1)
    parser.add_argument("--models", nargs="+", choices=(*PLAIN, TREES), default=PLAIN)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    given = np.load(options.source)
    found: dict[str, Any] = {}
    for name in options.models:
        begun = time.process_time()
        if name == TREES:
            found[name] = _trees(given["demand"], given["drivers"], options.horizon)
        else:
            model = _plain(name, options.season)
            answers = [_means(model, row, options.horizon) for row in given["demand"]]
            found[name] = np.array([means for means, _ in answers])
            if failed := sum(not worked for _, worked in answers):
                print(f"{name} failed on {failed} series: their mean stands in", file=sys.stderr)
        found[f"{name}_cpu_s"] = np.array(time.process_time() - begun)
    np.savez(options.target, **found)
    return 0


def _plain(name: str, season: int) -> Any:
    models: Any = import_module("statsforecast.models")

    if name == "AutoETS":
        return models.AutoETS(season_length=season)
    return getattr(models, name)()


def _means(model: Any, row: Floats, horizon: int) -> tuple[Floats, bool]:
    """A series' means, and whether they are the model's own: else they are its plain mean."""
    known = row[~np.isnan(row)].astype(np.float64)
    plain = np.full(horizon, known.mean() if len(known) else 0.0)
    try:
        means = np.asarray(model.forecast(y=known, h=horizon)["mean"], np.float64)
    except Exception:  # noqa: BLE001 -- a library may stumble over anything; how often is told
        return plain, False
    worked = bool(np.isfinite(means).all())
    return (means if worked else plain), worked


def _trees(demand: Floats, drivers: Floats, horizon: int) -> Floats:
    """One model of all series and steps: the median of log demand, of lags and drivers."""
    import lightgbm

    periods = demand.shape[1]
    size = np.nanmean(demand, axis=1)
    size = np.where(size > 0, size, 1.0)
    log = np.log(np.nan_to_num(demand) / size[:, None] + 0.1)
    rows, targets = [], []
    for origin in range(BURN, periods - horizon + 1, STEP):
        for step in range(horizon):
            rows.append(_features(log, drivers, origin, step))
            targets.append(log[:, origin + step])
    data = lightgbm.Dataset(np.concatenate(rows), np.concatenate(targets))
    model = lightgbm.train(SETTING, data, ROUNDS)
    ahead = [model.predict(_features(log, drivers, periods, step)) for step in range(horizon)]
    share: Floats = np.maximum(np.exp(np.stack(ahead, axis=1)) - 0.1, 0.0)
    return share * size[:, None]


def _features(log: Floats, drivers: Floats, origin: int, step: int) -> NDArray[np.float32]:
    """Recent demand, and each driver then, of late and usually: (n, f)."""
    columns = [log[:, max(0, origin - width) : origin].mean(axis=1) for width in WINDOWS]
    columns += [log[:, origin - back] for back in (2, 3, 4)]
    columns.append(np.full(len(log), float(step)))
    for driver in drivers:
        then, usual = driver[:, origin + step], driver[:, :origin].mean(axis=1)
        columns += [then, then - usual, then - driver[:, origin - 1], usual]
        columns.append(driver[:, origin : origin + step + 1].mean(axis=1))
    return np.stack(columns, axis=1).astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
