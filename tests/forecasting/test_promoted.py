import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from forecasting.booster import Booster, BoosterError, installed
from forecasting.candidate import origins
from forecasting.history import History
from forecasting.promoted import fit_promoted
from forecasting.request import Request
from tests.forecasting.test_design import shop
from tests.forecasting.test_driver import promoted

REQUEST = Request(horizon=4, protection=2)
needs_lightgbm = pytest.mark.skipif(not installed(), reason="LightGBM is an extra")


def bent(n: int = 100, periods: int = 80) -> tuple[History, np.ndarray]:
    """Make items whose demand a line cannot follow: it jumps in a band of the driver."""
    rng = np.random.default_rng(5)
    x = rng.uniform(-2, 2, (n, periods + 4))
    demand = np.exp(4 + 1.5 * (np.abs(x) < 0.7) + rng.normal(0, 0.15, x.shape))
    return shop(demand[:, :periods], {"x": x}, 4), demand[:, periods:]


def test_the_ridge_is_always_offered() -> None:
    history, _ = promoted()
    found = fit_promoted(history, REQUEST, origins(80, 2), boost=False).candidates
    assert [candidate.name for candidate in found] == ["drivers"]
    assert np.isfinite(found[0].ahead).all()


def test_no_drivers_no_candidate() -> None:
    assert fit_promoted(shop(np.ones((3, 40)), {}), REQUEST, origins(40, 2)).candidates == ()


@needs_lightgbm
def test_lightgbm_is_offered_where_it_wins_over_all_series_and_says_the_same_twice() -> None:
    history, came = bent()
    ridge, boosted = fit_promoted(history, REQUEST, origins(80, 2)).candidates
    assert boosted.name == "lightgbm"
    assert boosted.complexity > ridge.complexity
    total = came[:, :2].sum(axis=1)
    assert np.abs(boosted.ahead - total).sum() < 0.7 * np.abs(ridge.ahead - total).sum()
    again = fit_promoted(history, REQUEST, origins(80, 2)).candidates[1]
    assert np.array_equal(boosted.ahead, again.ahead)
    assert np.array_equal(boosted.past, again.past, equal_nan=True)


@needs_lightgbm
def test_lightgbm_is_not_offered_where_a_line_will_do_and_never_imported_here() -> None:
    straight, _ = promoted(n=100)
    assert len(fit_promoted(straight, REQUEST, origins(80, 2)).candidates) == 1
    assert "lightgbm" not in sys.modules


@needs_lightgbm
def test_intervals_that_are_never_wholly_known_teach_nothing_and_do_no_harm() -> None:
    history, _ = promoted(n=60)
    demand = history.demand.copy()
    demand[:, ::2] = np.nan
    unknown = replace(history, demand=demand)
    (ridge,) = fit_promoted(unknown, REQUEST, origins(80, 2)).candidates
    assert np.isfinite(ridge.ahead).all()


def test_a_closed_day_in_the_interval_does_not_hide_what_came() -> None:
    history, _ = promoted(n=40)
    open = np.tile(np.arange(84) % 2 == 0, (40, 1))
    demand = np.where(open[:, :80], history.demand, np.nan)
    shut = replace(history, demand=demand, open=open)
    (ridge,) = fit_promoted(shut, REQUEST, origins(80, 2), boost=False).candidates
    came = np.nansum(demand[:, 40:80], axis=1) / 20
    known = ridge.past[:, origins(80, 2) >= 40].mean(axis=1)
    assert np.median(known / came) == pytest.approx(1.0, abs=0.06)


@needs_lightgbm
def test_a_process_that_died_is_an_error_and_not_a_wait() -> None:
    with Booster() as booster, pytest.raises(BoosterError):
        booster.answer(np.zeros((3, 2), np.float32))


def test_import_needs_numpy_alone() -> None:
    code = (
        "import sys, forecasting.promoted, forecasting.explain; "
        "print([m for m in ('pandas', 'scipy', 'lightgbm', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_series_that_cannot_be_known_do_no_harm() -> None:
    history, _ = promoted(n=30)
    demand = history.demand.copy()
    demand[0], demand[1], demand[2] = 0.0, np.nan, 7.0
    demand[3, :70] = np.nan
    drivers = {"promo": history.drivers["promo"].copy()}
    drivers["promo"][4] = np.nan
    ill = replace(history, demand=demand, drivers=drivers)
    (ridge,) = fit_promoted(ill, REQUEST, origins(80, 2), boost=False).candidates
    assert np.isfinite(ridge.mean).all()
    assert ridge.mean.min() >= 0.0
    assert np.all(ridge.ahead[:2] < 1e-6)
    assert ridge.ahead[2] == pytest.approx(14.0, rel=0.1)
