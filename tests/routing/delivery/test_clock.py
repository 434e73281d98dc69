"""Times against every whole second that there is."""

from functools import cache
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.delivery.draft import Run
from routing.delivery.plan import Route
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import SoftWindow, Stop, Window
from routing.delivery.timetable import drive
from routing.delivery.travel import Travel
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van, maybe

DAY_S = 40


@st.composite
def short_days(draw: st.DrawFn, *, soft: bool, varies: bool) -> DeliveryProblem:
    """Up to three stops on a street, within a shift of so few seconds that all can be tried."""
    stops = []
    for place in range(1, draw(st.integers(1, 3)) + 1):
        edges = sorted(draw(st.sets(st.integers(0, DAY_S), max_size=4)))
        windows = tuple(Window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))
        wish = None
        if soft and draw(st.booleans()):
            opens = draw(st.integers(0, 30))
            prices = st.sampled_from([0.0, 0.25, 1.0, 3.0])
            wish = SoftWindow(opens, opens + draw(st.integers(0, 9)), draw(prices), draw(prices))
        service_s = draw(st.integers(0, 4))
        stops.append(a_stop(place, windows=windows, soft=wish, service_s=service_s))
    van = a_van(
        opens_s=draw(st.integers(0, 5)),
        closes_s=draw(st.integers(20, DAY_S)),
        duration_cost=draw(st.sampled_from([0.0, 0.5, 1.0])),
        duration_s_max=draw(st.integers(5, 30)) if maybe(draw, 3) else None,
    )
    street = a_street(len(stops) + 1, step_m=draw(st.integers(0, 4)))
    if varies:
        metres = street.distance_m
        paces = draw(st.lists(st.integers(1, 3), min_size=3, max_size=3))
        since = (0, draw(st.integers(1, 15)), draw(st.integers(16, 30)))
        street = Travel(metres, np.stack([pace * metres for pace in paces]), since)
    return a_problem(stops, van, travel=street)


def least_cost(problem: DeliveryProblem, *, duration_only: bool = False) -> float:
    """Of all beginnings at whole seconds, the least price; infinite if none holds."""
    van, stops = problem.vehicles[0], problem.stops
    limit_s = van.duration_s_max if van.duration_s_max is not None else DAY_S

    def price(stop: Stop, moment: int) -> float:
        return 0.0 if stop.soft is None or duration_only else stop.soft.price(moment)

    def best_from(start_s: int) -> float:
        @cache
        def best(k: int, leaves_s: int) -> float:
            here = 0 if k == 0 else stops[k - 1].place
            to = 0 if k == len(stops) else stops[k].place
            there_s = leaves_s + problem.travel.seconds(here, to, leaves_s)
            if k == len(stops):
                held = there_s <= van.closes_s and there_s - start_s <= limit_s
                second = 1.0 if duration_only else van.duration_cost
                return second * (there_s - start_s) if held else inf
            return min(
                (
                    price(stops[k], begins_s) + best(k + 1, begins_s + stops[k].service_s)
                    for begins_s in range(there_s, DAY_S + 1)
                    if not stops[k].why_not_at(begins_s)
                ),
                default=inf,
            )

        return best(0, start_s)

    return min(best_from(start_s) for start_s in range(van.opens_s, DAY_S + 1))


def driven(problem: DeliveryProblem) -> Route | str:
    return drive(problem, Run(0, (tuple(range(len(problem.stops))),)), 0)


def has_one_window_each(problem: DeliveryProblem) -> bool:
    return all(len(stop.windows) <= 1 for stop in problem.stops)


def seconds_price(problem: DeliveryProblem, route: Route) -> float:
    return route.cost - route.distance_m


@given(short_days(soft=False, varies=False))
def test_hard_windows_cost_as_few_seconds_as_can_be(problem: DeliveryProblem) -> None:
    route, least = driven(problem), least_cost(problem)
    assert isinstance(route, str) == (least == inf)
    if isinstance(route, Route):
        assert seconds_price(problem, route) == pytest.approx(least)


@given(short_days(soft=True, varies=False))
def test_soft_windows_cost_as_little_as_can_be(problem: DeliveryProblem) -> None:
    route, least = driven(problem), least_cost(problem)
    assert isinstance(route, str) == (least == inf)
    if isinstance(route, Route):
        if problem.vehicles[0].duration_s_max is None or has_one_window_each(problem):
            assert seconds_price(problem, route) == pytest.approx(least)
        else:
            assert seconds_price(problem, route) >= least - 1e-6


@given(short_days(soft=False, varies=True))
def test_whoever_drives_at_varying_pace_is_as_quick_as_can_be(problem: DeliveryProblem) -> None:
    """Between whole seconds a price is rounded: at most a second for a leg."""
    route, least = driven(problem), least_cost(problem, duration_only=True)
    if problem.vehicles[0].duration_s_max is None:
        assert isinstance(route, str) == (least == inf)
    if isinstance(route, Route):
        assert route.duration_s >= least
        if problem.vehicles[0].duration_cost:
            assert route.duration_s <= least + len(problem.stops) + 1
