"""Pictures of forecasts."""

import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.forecast import forecast
from forecasting.history import History
from forecasting.plot import draw_forecast, largest, spaced
from forecasting.request import Request
from tests.architecture.source import ROOT
from tests.forecasting.builders import history, sales

FONT = ROOT / "devices/label/font/DroidSansFallback.ttf"


def drawn(past: History, path: Path, available: np.ndarray | None = None) -> bytes:
    """The picture of all series; a warning would be an error."""
    found = forecast(past, Request(5, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_forecast(past, found, range(len(past.series)), path, available, FONT)
    return path.read_bytes()


def said(picture: bytes) -> str:
    """The texts of an SVG, which stand in it as comments beside their outlines."""
    return "\n".join(re.findall(r"<!-- (.*?) -->", picture.decode("utf-8")))


@pytest.mark.parametrize(
    ("name", "begins"), [("p.png", b"\x89PNG"), ("p.svg", b"<?xml"), ("p.PDF", b"%PDF")]
)
def test_a_picture_is_what_its_name_ends_in(name: str, begins: bytes, tmp_path: Path) -> None:
    assert drawn(history(sales(1, 30)), tmp_path / name).startswith(begins)


def test_the_same_forecast_is_the_same_picture(tmp_path: Path) -> None:
    past = history(sales(2, 30))
    for ending in ("png", "svg", "pdf"):
        one, other = (drawn(past, tmp_path / f"{name}.{ending}") for name in "ab")
        assert one == other


def test_it_names_series_model_and_bands_and_when_it_could_not_be_sold(tmp_path: Path) -> None:
    demand, available = sales(1, 60), np.ones((1, 60))
    demand[0, 20:24], demand[0, 40], available[0, 40] = np.nan, np.nan, 0.0
    text = said(drawn(history(demand), tmp_path / "p.svg", available))
    for word in ("item 0", "ordered", "expected", "unknown", "could not be sold"):
        assert word in text
    assert "enough in 90 of 100 cases" in text
    without = said(drawn(history(sales(1, 60)), tmp_path / "p.svg"))
    assert "unknown" not in without and "could not be sold" not in without


def test_before_its_first_period_an_item_is_not_unknown(tmp_path: Path) -> None:
    demand = sales(1, 60)
    demand[0, :50] = np.nan
    assert "unknown" not in said(drawn(history(demand), tmp_path / "p.svg"))


@pytest.mark.parametrize(
    "demand",
    [np.zeros((1, 9)), np.full((1, 9), np.nan), np.full((1, 9), 1e12), np.array([[7.0]])],
    ids=["all zero", "empty", "huge", "one point"],
)
def test_a_history_that_says_little_is_drawn(demand: np.ndarray, tmp_path: Path) -> None:
    assert drawn(history(demand), tmp_path / "p.png")


@pytest.mark.parametrize("name", ["红茶壶 12 件", "Tee $5 $\\frac$", "<b>&", "กา ☕ 🫖", "x" * 300])
def test_any_name_is_drawn_as_it_stands(name: str, tmp_path: Path) -> None:
    past = replace(history(sales(1, 30)), series=(name,))
    assert drawn(past, tmp_path / "p.png")


def test_a_last_band_that_dwarfs_the_rest_is_cut_off_and_its_height_told(tmp_path: Path) -> None:
    past = history(np.tile([1.0, 2.0], (1, 30)))
    found = forecast(past, Request(5, 3))
    found.quantiles.values[:, :, -1] = 12345.0
    draw_forecast(past, found, [0], tmp_path / "p.svg")
    assert "99 %: up to 12 345 ↑" in said((tmp_path / "p.svg").read_bytes())


def test_the_largest_are_those_that_sold_most() -> None:
    demand = np.array([[1.0, np.nan], [5.0, 5.0], [np.nan, np.nan], [0.0, 7.0]])
    assert largest(history(demand), 2) == [1, 3]
    assert sorted(largest(history(demand), 9)) == [0, 1, 2, 3]


def test_figures_are_written_short() -> None:
    assert [spaced(value) for value in (0.0, 0.25, 12.5, 100.4, 1234567.0)] == [
        "0", "0.25", "12.5", "100", "1 234 567",
    ]  # fmt: skip
