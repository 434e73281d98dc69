"""Bands in which a vehicle is to be expected."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.delivery.arrival import Band, Spread, arrival_bands
from routing.delivery.baseline import baseline
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Window
from routing.delivery.timetable import plan_of
from routing.delivery.vehicle import Break
from tests.routing.delivery.builders import a_problem, a_stop, a_van, planned, problems

SPREADS = st.builds(Spread, *[st.floats(0.0, 0.5)] * 3)
NONE = Spread(0.0, 0.0, 0.0)


def bands_of(problem: DeliveryProblem, spread: Spread) -> tuple[Band, ...]:
    (route,) = planned(problem, range(len(problem.stops))).routes
    return arrival_bands(problem, route, spread)


def width_s(band: Band) -> int:
    return band.latest_s - band.earliest_s


def a_round(**last: object) -> DeliveryProblem:
    stops = [a_stop(k, service_s=120) for k in (5, 9, 2, 30)]
    return a_problem([*stops, a_stop(12, **last)], a_van(capacity=(99,)))


@given(SPREADS)
def test_without_waits_bands_widen_along_the_route(spread: Spread) -> None:
    for before, after in pairwise(bands_of(a_round(), spread)):
        assert width_s(after) >= width_s(before) - 2


@given(problems(), SPREADS)
def test_a_band_contains_what_is_expected(problem: DeliveryProblem, spread: Spread) -> None:
    for route in plan_of(problem, baseline(problem), why="", seconds=0.0).routes:
        bands = arrival_bands(problem, route, spread)
        assert tuple(band.stop for band in bands) == route.stops
        for band in bands:
            assert band.earliest_s <= band.expected_s <= band.latest_s


@given(problems())
def test_a_day_without_any_spread_goes_as_planned(problem: DeliveryProblem) -> None:
    for route in plan_of(problem, baseline(problem), why="", seconds=0.0).routes:
        visits = [visit for trip in route.trips for visit in trip.visits]
        for band, visit in zip(arrival_bands(problem, route, NONE), visits, strict=True):
            assert (band.earliest_s, band.expected_s, band.latest_s) == (visit.starts_s,) * 3


@given(st.floats(0.01, 0.4), st.floats(0.01, 0.4))
def test_more_spread_never_makes_a_band_narrower(one: float, other: float) -> None:
    less, more = sorted((one, other))
    narrow, wide = (bands_of(a_round(), Spread(each, each, each)) for each in (less, more))
    for before, after in zip(narrow, wide, strict=True):
        assert width_s(after) >= width_s(before) - 2


def test_waiting_for_a_window_takes_the_spread_away() -> None:
    free = bands_of(a_round(), Spread())[-1]
    waits = bands_of(a_round(windows=(Window(20_000, 30_000),)), Spread())[-1]
    assert width_s(waits) < width_s(free) / 2
    assert waits.earliest_s == 20_000


def test_a_break_on_the_way_delays_and_does_not_spread() -> None:
    problem = a_round()
    van = replace(problem.vehicles[0], breaks=(Break(0, 100, 900),))
    rested = bands_of(replace(problem, vehicles=(van,)), Spread())
    for before, after in zip(bands_of(problem, Spread()), rested, strict=True):
        assert after.expected_s == pytest.approx(before.expected_s + 900, abs=1)
        assert width_s(after) == pytest.approx(width_s(before), abs=1)


def test_bands_hold_as_many_simulated_days_as_they_say() -> None:
    """The last stop of a day that waits once: drawn days against the normal approximation."""
    stops = [a_stop(30, service_s=600, windows=(Window(3_100, 9_000),)), a_stop(60)]
    problem = a_problem(stops)
    spread = Spread(0.2, 0.15, 0.3)
    band = bands_of(problem, spread)[-1]
    rng = np.random.default_rng(7)
    sigma = np.sqrt(np.log1p(spread.day**2))
    pace = rng.lognormal(-sigma * sigma / 2, sigma, 40_000)
    first, second = (pace * 3_000 * (1 + spread.leg * rng.standard_normal(40_000)) for _ in "12")
    begun = np.maximum(first, 3_100) + 600 * (1 + spread.service * rng.standard_normal(40_000))
    there = begun + second
    inside = np.mean((there >= band.earliest_s) & (there <= band.latest_s))
    assert inside == pytest.approx(0.8, abs=0.02)
    assert band.expected_s == pytest.approx(float(there.mean()), rel=0.01)


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_a_spread_that_is_no_share_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="a spread must be at least 0"):
        Spread(leg=value)
