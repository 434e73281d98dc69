"""Tables by contraction hierarchies are those of a plain search."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.road.extract import Extract, TurnLimit, Way, read_extract
from routing.road.graph import Graph, graph_of
from routing.road.hierarchy import Hierarchy, is_driven, make_order, toll_of
from routing.road.network import RoadNetwork
from routing.road.path import path_between
from routing.road.point import Floats, Ints, straight_m
from routing.road.profile import CAR, VAN
from routing.road.snap import Snaps
from routing.road.turn import Steps, forbidden_turns, main_part, steps_of, u_turns
from tests.conftest import SHARED_DATA
from tests.routing.road.town import plain_search

MANY = 10**6


@st.composite
def extracts(draw: st.DrawFn) -> Extract:
    """Small towns: blocks with streets left out, one-ways, paces, barriers and limits of turns."""
    side = draw(st.integers(2, 4))
    extract = Extract()
    for node in range(side * side):
        east, north = node % side, node // side
        extract.places[node] = (500_000_000 + 9000 * north, 80_000_000 + 14_000 * east + 3 * north)
    streets = [(node, node + 1) for node in range(side * side) if (node + 1) % side]
    streets += [(node, node + side) for node in range(side * side - side)]
    for number, ends in enumerate(streets):
        along, against = draw(st.sampled_from([(1, 1), (1, 1), (1, 0), (0, 1), (0, 0)]))
        pace = draw(st.sampled_from([10.0, 25.0, 25.0, 60.0]))
        extract.ways.append(Way(number, ends, along * pace, against * pace, 1))
    for _ in range(draw(st.integers(0, 8))):
        start, end = draw(st.sampled_from(streets)), draw(st.sampled_from(streets))
        for node in set(start) & set(end):
            only, back = draw(st.booleans()), start == end
            limit = TurnLimit(
                streets.index(start), node, streets.index(end), only and not back, back
            )
            extract.limits.append(limit)
    extract.barriers = draw(st.sets(st.integers(0, side * side - 1), max_size=1))
    return extract


def searchable(
    extract: Extract, turning: int
) -> tuple[Graph, tuple[Ints, Ints, int], Steps, Hierarchy]:
    """All that a search needs, made as the network makes it."""
    graph, node_of = graph_of(extract)
    forbidden, _, _ = forbidden_turns(graph, extract, node_of)
    dear = u_turns(graph, forbidden, turning / 10)
    steps = main_part(steps_of(graph, forbidden, dear, turning))
    order = make_order(graph.node_points()[steps.node], steps)
    return graph, (forbidden, dear, turning), steps, Hierarchy(graph, steps, order)


def placed(graph: Graph, steps: Steps, parts: list[tuple[int, float]]) -> Snaps:
    """Points on the edges of the main part."""
    driven = np.flatnonzero(is_driven(steps))
    edge = driven[np.array([number % len(driven) for number, _ in parts])]
    part = np.array([share for _, share in parts])
    zero = np.zeros(len(parts))
    return Snaps(edge, part, zero, np.stack((zero, zero), axis=1), 500.0)


places = st.lists(
    st.tuples(st.integers(0, 100), st.sampled_from([0.0, 0.25, 0.5, 0.7, 1.0])),
    min_size=2,
    max_size=6,
)


@given(extracts(), places, st.sampled_from([0, 50, 600]))
def test_a_town_s_table_is_that_of_a_plain_search(
    extract: Extract, parts: list[tuple[int, float]], turning: int
) -> None:
    graph, _ = graph_of(extract)
    if not graph.is_open().any():
        return
    graph, turns, steps, hierarchy = searchable(extract, turning)
    if not len(steps.arc):
        return
    snaps, scale = placed(graph, steps, parts), hierarchy.scale()
    tenths = hierarchy.table(toll_of(graph), snaps)
    both = hierarchy.table(toll_of(graph, scale=scale), snaps)
    assert scale > MANY / 100
    for start in range(len(parts)):
        wanted = plain_search(graph, steps.arc_head >= 0, turns, snaps, start)
        assert tenths[start].tolist() == [time for time, _ in wanted]
        assert (both - scale * tenths)[start].tolist() == [length for _, length in wanted]


def _line_m(line: Floats) -> float:
    return float(straight_m(line[1:], line[:-1]).sum())


@given(extracts(), places)
def test_a_line_is_as_long_as_the_table_says(
    extract: Extract, parts: list[tuple[int, float]]
) -> None:
    graph, _ = graph_of(extract)
    if not graph.is_open().any():
        return
    graph, _, steps, hierarchy = searchable(extract, 600)
    if not len(steps.arc):
        return
    snaps, scale = placed(graph, steps, parts[:2]), hierarchy.scale()
    toll = toll_of(graph, scale=scale)
    decimetres = hierarchy.table(toll, snaps) - scale * hierarchy.table(toll_of(graph), snaps)
    line = path_between(hierarchy, hierarchy.metric(toll), toll, snaps)
    # Each arc of the way is rounded to a decimetre.
    assert abs(_line_m(line) - decimetres[0, 1] / 10) <= 0.1 * len(line) + 0.1


@pytest.mark.needs_data
@pytest.mark.parametrize("name", ["monaco", "Helsinki"])
def test_a_real_town_s_table_is_that_of_a_plain_search(name: str) -> None:
    path = SHARED_DATA / f"roads/{name}.osm.pbf"
    graph, turns, steps, hierarchy = searchable(read_extract(path, VAN), 600)
    assert len(turns[0]) > 20 and len(turns[1]) > 20
    rng = np.random.default_rng(1)
    parts = list(zip(rng.integers(0, MANY, 40).tolist(), rng.random(40).tolist(), strict=True))
    snaps, scale = placed(graph, steps, parts), hierarchy.scale()
    tenths = hierarchy.table(toll_of(graph), snaps)
    decimetres = hierarchy.table(toll_of(graph, scale=scale), snaps) - scale * tenths
    for start in range(0, len(parts), 4):
        wanted = plain_search(graph, steps.arc_head >= 0, turns, snaps, start)
        assert tenths[start].tolist() == [time for time, _ in wanted]
        assert decimetres[start].tolist() == [length for _, length in wanted]


@pytest.mark.needs_data
def test_real_figures_are_sensible(tmp_path: Path) -> None:
    path = SHARED_DATA / "roads/monaco.osm.pbf"
    # From the casino to the stadium, through the town.
    casino, stadium = (43.7391, 7.4274), (43.7276, 7.4155)
    network = RoadNetwork.open(path, CAR, tmp_path)
    travel = network.travel([casino, stadium])
    straight = float(straight_m(np.array(casino), np.array(stadium)))
    assert straight < travel.distance_m[0, 1] < 3 * straight
    assert 15 < travel.distance_m[0, 1] / travel.duration_s[0, 0, 1] * 3.6 < 60
    line = np.array(network.way(casino, stadium))
    assert abs(_line_m(line) - travel.distance_m[0, 1]) < 5
    slower = RoadNetwork.open(path, VAN).travel([casino, stadium])
    assert (slower.duration_s >= travel.duration_s).all()
