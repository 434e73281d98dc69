"""Steps on linked routes, and their way back."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.chance import draw
from routing.delivery.problem import DeliveryProblem
from routing.delivery.sisr.flat import flatten
from routing.delivery.sisr.hunt import prepared
from routing.delivery.sisr.neighbour import find_near
from routing.delivery.sisr.recreate import Recipe, put_back
from routing.delivery.sisr.ruin import ruin
from routing.delivery.sisr.search import ABSENT, BEST_COST, COST, Search, run
from routing.delivery.sisr.start import best_start, by_savings, routes_of
from routing.delivery.sisr.state import (
    COUNT,
    LATEST,
    LEAVES,
    LOAD,
    NEXT,
    NOTED,
    PREVIOUS,
    ROUTE,
    TO_NEXT,
    USED,
    begin_step,
    part,
    take_back,
    total_length,
)
from tests.routing.delivery.sisr.town import a_town


def _searching(problem: DeliveryProblem, seed: int = 1) -> Search:
    frame = flatten(problem)
    near = find_near(frame.flat)
    starts = by_savings(frame.flat, near)
    routes = min(frame.routes_max, 2 * len(starts) + 10)
    search = prepared(frame.flat, near, routes, seed)
    best_start(search, starts, False)
    return search


def _assert_sound(search: Search) -> None:
    """Every link, load and time is what a walk along the routes comes to."""
    flat, rows = search.flat, search.state.rows
    nodes = len(flat.demand)
    met, used = 0, 0
    for route in range(nodes, len(rows)):
        chain, node = [route], int(rows[route, NEXT])
        while node != route:
            assert rows[node, ROUTE] == route
            assert rows[node, PREVIOUS] == chain[-1]
            chain.append(node)
            node = int(rows[node, NEXT])
        assert rows[route, PREVIOUS] == chain[-1]
        stops = chain[1:]
        met, used = met + len(stops), used + bool(stops)
        assert rows[route, COUNT] == len(stops)
        assert rows[route, LOAD] == flat.demand[stops].sum() <= flat.capacity
        whole = [0, *stops, 0]
        if stops:
            legs = [int(flat.length[a, b]) for a, b in pairwise(whole)]
            assert rows[chain, TO_NEXT].tolist() == legs
        if flat.timed:
            _assert_in_time(search, chain)
    assert search.state.tally[USED] == used
    assert met + np.count_nonzero(rows[1:nodes, ROUTE] < 0) == nodes - 1


def _assert_in_time(search: Search, chain: list[int]) -> None:
    flat, rows = search.flat, search.state.rows
    now, at = int(flat.opens[0]), 0
    for stop in chain[1:]:
        now = max(now + int(flat.duration[at, stop]), int(flat.opens[stop]))
        assert now <= rows[stop, LATEST] <= flat.closes[stop]
        now += int(flat.service[stop])
        assert rows[stop, LEAVES] == now
        at = stop
    late, to = int(flat.closes[0]), 0
    for stop in reversed(chain[1:]):
        late = min(late - int(flat.duration[stop, to] + flat.service[stop]), int(flat.closes[stop]))
        assert rows[stop, LATEST] == late
        to = stop


@given(
    stops=st.integers(2, 40),
    seed=st.integers(0, 10_000),
    timed=st.booleans(),
    one_way=st.booleans(),
    vehicles=st.integers(1, 12),
)
@settings(max_examples=30)
def test_after_many_steps_every_link_load_and_time_is_right(
    stops: int, seed: int, timed: bool, one_way: bool, vehicles: int
) -> None:
    problem = a_town(
        stops, seed, timed=timed, one_way=one_way, vehicles=vehicles, fixed_cost=float(seed % 50)
    )
    search = _searching(problem, seed)
    _assert_sound(search)
    for heat in (100.0, 10.0, 1.0):
        run(search, 300, heat, False)
        _assert_sound(search)
        assert search.figures[COST] == total_length(search.flat, search.state)
        absent = np.flatnonzero(search.state.rows[1 : stops + 1, ROUTE] < 0) + 1
        assert sorted(search.absent[: search.figures[ABSENT]].tolist()) == absent.tolist()


@given(stops=st.integers(3, 40), seed=st.integers(0, 10_000), timed=st.booleans())
@settings(max_examples=30)
def test_a_step_that_is_taken_back_leaves_no_trace(stops: int, seed: int, timed: bool) -> None:
    search = _searching(a_town(stops, seed, timed=timed), seed)
    flat, state = search.flat, search.state
    for _ in range(20):
        before, used = state.rows[:, :NOTED].copy(), int(state.tally[USED])
        begin_step(state)
        part(flat, state, 1 + draw(search.chance, stops))
        gone, _ = ruin(flat, search.near, state, search.strings, search.chance, search.out)
        recipe = Recipe(min(30, search.near.places.shape[1]), 0.1, 0.01)
        for k in range(gone // 2):
            put_back(flat, search.near, state, recipe, search.chance, int(search.out[k]))
        take_back(state, used)
        assert np.array_equal(state.rows[:, :NOTED], before)
        assert state.tally[USED] == used


@pytest.mark.parametrize("timed", [False, True])
def test_the_best_routes_are_those_of_the_best_cost(timed: bool) -> None:
    search = _searching(a_town(40, 3, timed=timed))
    nodes = len(search.flat.demand)
    for heat in (50.0, 20.0, 5.0):
        run(search, 500, heat, False)
        routes = routes_of(search.best, nodes)
        assert sorted(stop for route in routes for stop in route) == list(range(1, nodes))
        length = search.flat.length
        metres = sum(
            int(length[a, b])
            for route in routes
            for a, b in zip([0, *route], [*route, 0], strict=True)
        )
        assert metres == search.figures[BEST_COST] <= search.figures[COST]


def test_a_parted_route_costs_what_it_says() -> None:
    search = _searching(a_town(40, 3, timed=True, capacity=40))
    state = search.state
    before = total_length(search.flat, state)
    for stop in range(1, 41):
        begin_step(state)
        used = int(state.tally[USED])
        in_time, change = part(search.flat, state, stop)
        assert in_time
        _assert_sound(search)
        assert total_length(search.flat, state) == before + change
        take_back(state, used)
    _assert_sound(search)
