from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import pytest

from benchmarks import forecast
from benchmarks.forecast_environment import LOCK, find_python
from benchmarks.forecast_made import make_history
from benchmarks.forecast_point import wape
from benchmarks.forecast_set import Dataset
from benchmarks.forecast_stock import Point, foresee, measure_coverage, measure_stock, stock_at
from forecasting.demand_class import DemandClass, begun, classify
from forecasting.executor import Serial


def _dataset() -> Dataset:
    history = make_history(40, 60, seed=3)
    return Dataset("made", history, horizon=4, season=1, lead=1, first=50)


def test_made_series_are_of_every_class_and_the_same_for_a_seed() -> None:
    demand = make_history(2_000, 104, seed=1).demand
    known = demand.copy()
    known[np.arange(104) < begun(demand)[:, None]] = np.nan
    codes = classify(known, 52, np.zeros(len(demand), np.bool_))
    assert set(codes) == set(DemandClass) - {DemandClass.PROMOTED}
    assert np.array_equal(demand, make_history(2_000, 104, seed=1).demand)
    assert (demand >= 0).all() and np.isfinite(demand).all()


def test_made_promotions_lift_demand_and_are_known_ahead() -> None:
    history = make_history(500, 104, seed=1, promoted=1.0)
    driver = history.drivers["promo"][:, :104] > 0
    assert history.demand[driver].mean() > 1.5 * history.demand[~driver].mean()
    assert history.future > 0


def test_a_stock_is_read_between_the_points_of_a_curve() -> None:
    curve = [Point(0.9, 2.0, 0.9), Point(0.8, 2.0, 0.8), Point(1.0, 8.0, 1.0)]
    assert stock_at(0.95, curve) == pytest.approx(4.0)
    assert stock_at(0.85, curve) is None


def test_an_error_is_a_share_of_what_came() -> None:
    assert wape(np.array([[1.0, 2.0]]), np.array([[4.0, 2.0]])) == 0.5


def test_forecasts_foreseen_at_an_origin_know_nothing_of_what_follows() -> None:
    dataset = _dataset()
    dataset.history.demand[:, 55:] = 1e6
    changed = foresee(dataset, Serial())
    usual = foresee(_dataset(), Serial())
    assert np.array_equal(changed.at(55).values, usual.at(55).values)
    assert not np.array_equal(changed.at(56).values, usual.at(56).values)


def test_coverage_and_stock_are_told_beside_the_textbook() -> None:
    dataset = _dataset()
    ours = foresee(dataset, Serial())
    assert [row["level"] for row in measure_coverage(dataset, ours)] == [0.9, 0.95, 0.99]
    stock = measure_stock(dataset, ours)
    assert stock["equal"]["against"] == "textbook"
    assert [row["target"] for row in stock["fill"]] == [0.9, 0.95, 0.98]


def test_peers_are_those_named_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOWLINE_HOME", str(tmp_path))
    assert find_python(Path("python"), make=False) == Path("python")
    assert find_python(None, make=False) is None


def test_the_peers_lock_holds_no_address() -> None:
    text = LOCK.read_text()
    assert "--hash=sha256:" in text and "://" not in text and "--index" not in text


def test_without_sets_and_peers_it_still_tells_the_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOWLINE_HOME", str(tmp_path))
    parser = ArgumentParser()
    forecast.arguments(parser)
    given = ["--sets", "--made", "64", "--repeats", "1", "--promoted", "0"]
    result = forecast.run(parser.parse_args(given))
    assert result["series_per_s_core"] > 0
    assert result["datasets"] == [] and not result["peers"]
    assert dict(forecast.rows(result))["importing forecasts"]
