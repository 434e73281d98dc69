"""Every point comes onto the road that lies nearest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.road.extract import Extract, Way
from routing.road.graph import Graph, graph_of
from routing.road.point import Floats, straight_m
from routing.road.snap import Grid, Unreachable
from tests.routing.road.town import at

metre = st.integers(0, 3000)
lines = st.lists(st.tuples(metre, metre, metre, metre), min_size=1, max_size=12)
spots = st.lists(st.tuples(metre, metre), min_size=1, max_size=12)


def streets(drawn: list[tuple[int, int, int, int]]) -> Graph:
    """Straight streets that may cross without meeting."""
    extract = Extract()
    for number, (x0, y0, x1, y1) in enumerate(drawn):
        for node, (x, y) in ((2 * number, (x0, y0)), (2 * number + 1, (x1 + 1, y1))):
            latitude, longitude = at(x, y)
            extract.places[node] = (round(latitude * 1e7), round(longitude * 1e7))
        extract.ways.append(Way(number, (2 * number, 2 * number + 1), 30.0, 30.0, 1))
    return graph_of(extract)[0]


def nearest_m(graph: Graph, point: Floats, edges: list[int]) -> float:
    """The least distance to any of the streets, met by going along each in small steps."""
    share = np.linspace(0, 1, 3001)[:, np.newaxis]
    found = []
    for edge in edges:
        start, end = graph.line(edge)[[0, -1]]
        found.append(float(straight_m(start + share * (end - start), point).min()))
    return min(found, default=float("inf"))


@given(lines, spots)
def test_no_other_road_is_nearer(
    drawn: list[tuple[int, int, int, int]], wanted: list[tuple[int, int]]
) -> None:
    graph = streets(drawn)
    points = np.array([at(*spot) for spot in wanted])
    snaps = Grid(graph, np.ones(graph.edges, bool)).nearest(points, 500)
    for number, point in enumerate(points):
        least = nearest_m(graph, point, list(range(graph.edges)))
        if number in snaps.apart:
            assert least > 499
            assert snaps.distance_m[number] == np.inf
        else:
            # The steps are at most 1.5 m long.
            assert abs(snaps.distance_m[number] - least) < 1
            start, end = graph.line(int(snaps.edge[number]))[[0, -1]]
            there = start + snaps.part[number] * (end - start)
            assert straight_m(there, snaps.road[number]) < 0.1
            assert abs(straight_m(point, there) - snaps.distance_m[number]) < 0.1


def test_only_the_edges_that_are_meant_count() -> None:
    graph = streets([(0, 0, 1000, 0), (0, 100, 1000, 100)])
    grid = Grid(graph, np.array([False, True]))
    snaps = grid.nearest(np.array([at(500, 10)]))
    assert snaps.edge.tolist() == [1] and round(float(snaps.distance_m[0])) == 90


def test_many_points_are_snapped_as_one_by_one() -> None:
    graph = streets([(0, 0, 3000, 2000), (0, 2000, 3000, 0), (1500, 0, 1500, 3000)])
    rng = np.random.default_rng(3)
    points = np.array([at(*spot) for spot in rng.integers(0, 3000, (700, 2)).tolist()])
    grid = Grid(graph, np.ones(graph.edges, bool))
    together = grid.nearest(points)
    for number in range(0, 700, 50):
        alone = grid.nearest(points[number : number + 1])
        assert alone.edge[0] == together.edge[number]
        assert alone.part[0] == together.part[number]


@pytest.mark.parametrize(("limit_m", "apart"), [(49.0, (0,)), (51.0, ())])
def test_the_limit_can_be_set(limit_m: float, apart: tuple[int, ...]) -> None:
    graph = streets([(0, 0, 1000, 0)])
    snaps = Grid(graph, np.ones(1, bool)).nearest(np.array([at(500, 50)]), limit_m)
    assert snaps.apart == apart


def test_all_that_lie_apart_are_named() -> None:
    graph = streets([(0, 0, 1000, 0)])
    points = np.array([at(500, 0)] + [at(0, 2000 + step) for step in range(12)])
    snaps = Grid(graph, np.ones(1, bool)).nearest(points)
    with pytest.raises(Unreachable) as told:
        snaps.refuse_apart([f"stop {number}" for number in range(13)])
    assert told.value.at == tuple(range(1, 13))
    assert str(told.value).startswith("stop 1, stop 2, ")
    assert str(told.value).endswith("stop 10 and 2 more lie over 500 m from every road")


def test_a_point_far_from_everything_is_found_apart_at_once() -> None:
    graph = streets([(0, 0, 1000, 0)])
    snaps = Grid(graph, np.ones(1, bool)).nearest(np.array([(-33.0, 151.0), (90.0, 0.0)]))
    assert snaps.apart == (0, 1)


@pytest.mark.parametrize("limit_m", [0.0, -1.0, float("nan"), 5001.0])
def test_a_limit_must_make_sense(limit_m: float) -> None:
    grid = Grid(streets([(0, 0, 1000, 0)]), np.ones(1, bool))
    with pytest.raises(ValueError, match="a snap reaches"):
        grid.nearest(np.array([at(0, 0)]), limit_m)


def test_a_far_limit_finds_what_is_far() -> None:
    graph = streets([(0, 0, 1000, 0), (0, 9000, 1000, 9000)])
    snaps = Grid(graph, np.ones(2, bool)).nearest(np.array([at(500, 4600)]), 5000)
    assert snaps.edge.tolist() == [1] and round(float(snaps.distance_m[0])) == 4400
