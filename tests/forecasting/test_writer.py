"""Forecasts in files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.forecast import Forecast, forecast
from forecasting.history import Frequency
from forecasting.request import Request
from forecasting.writer import protection_path, write_forecast, write_protection
from tests.forecasting.builders import history, sales


def made(quantiles: tuple[float, ...] = (0.5, 0.9)) -> Forecast:
    return forecast(history(sales(3, 40), Frequency.WEEK), Request(4, 2, quantiles))


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".csv":
        return pd.read_csv(path, parse_dates=["ds"] if "protection" not in path.name else [])
    return pd.read_parquet(path)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_row_for_each_series_and_period(ending: str, tmp_path: Path) -> None:
    path, found = tmp_path / f"f{ending}", made()
    write_forecast(found, path)
    table = read(path)
    assert list(table.columns) == ["unique_id", "ds", "mean", "q0.5", "q0.9"]
    assert table["unique_id"].tolist() == [f"item {i}" for i in range(3) for _ in range(4)]
    assert table["ds"].dt.date.tolist() == found.starts.tolist() * 3
    assert np.allclose(table["mean"], found.mean.ravel(), rtol=1e-9)
    assert np.allclose(table["q0.9"], found.quantiles.values[:, :, 1].ravel(), rtol=1e-9)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_the_protection_interval_has_a_row_a_series_and_says_why(
    ending: str, tmp_path: Path
) -> None:
    path, found = protection_path(tmp_path / f"f{ending}"), made()
    assert path.name == f"f.protection{ending}"
    write_protection(found, path)
    table = read(path)
    head = ["unique_id", "mean", "q0.5", "q0.9", "class", "model", "reason", "flags"]
    assert list(table.columns) == head
    assert np.allclose(table["q0.9"], found.protection.quantile(0.9), rtol=1e-9)
    assert table["model"].tolist() == list(found.model)
    assert table["reason"].tolist() == list(found.reason)


def test_a_quantile_s_column_has_all_its_digits(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    write_forecast(made((0.9999999, 0.99999999)), path)
    assert list(read(path).columns)[3:] == ["q0.9999999", "q0.99999999"]


def test_the_same_forecast_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "a.parquet", "b.parquet"):
        write_forecast(made(), tmp_path / name)
    for ending in ("csv", "parquet"):
        one, other = (tmp_path / f"{name}.{ending}" for name in "ab")
        assert one.read_bytes() == other.read_bytes()


def test_what_fails_halfway_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.csv"
    path.write_text("old", "utf-8")

    def fail(_frame: pd.DataFrame, part: Path, **_options: object) -> None:
        part.write_text("half", "utf-8")
        raise OSError("no space left")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match="no space"):
        write_forecast(made(), path)
    assert path.read_text("utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["f.csv"]
