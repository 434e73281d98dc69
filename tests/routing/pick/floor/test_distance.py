from itertools import pairwise
from random import Random

import pytest

from routing.pick.floor.distance import FAR, distances, graph_of, way_between
from routing.pick.floor.lattice import lattice_of, walkways_of
from routing.pick.floor.layout import Door, Layout, Side, Stop, Way
from routing.pick.floor.walk import nearest_of, steps_of
from routing.pick.floor.walkway import Arc, Walkways
from tests.routing.pick.floor_plan import a_floor, any_way_mm


def _graph(rng: Random) -> Walkways:
    nodes = rng.randint(1, 12)
    arcs = [
        Arc(rng.randrange(nodes), rng.randrange(nodes), rng.randint(0, 9), rng.random() < 0.5)
        for _ in range(rng.randint(0, 30))
    ]
    return Walkways(nodes, tuple(arcs), (0,))


def _by_hand(walkways: Walkways) -> list[list[int]]:
    """Every way by way of every node (Floyd and Warshall)."""
    nodes = range(walkways.nodes)
    mm = [[0 if a == b else FAR for b in nodes] for a in nodes]
    for arc in walkways.arcs:
        mm[arc.a][arc.b] = min(mm[arc.a][arc.b], arc.length_mm)
        if not arc.one_way:
            mm[arc.b][arc.a] = min(mm[arc.b][arc.a], arc.length_mm)
    for k in nodes:
        for a in nodes:
            for b in nodes:
                mm[a][b] = min(mm[a][b], mm[a][k] + mm[k][b])
    return mm


def test_distances_are_those_of_all_ways_and_ways_are_as_long() -> None:
    rng = Random(1)
    for _ in range(60):
        walkways = _graph(rng)
        mm = _by_hand(walkways)
        assert distances(walkways, range(walkways.nodes)).tolist() == mm
        graph, steps = graph_of(walkways), steps_of(walkways)
        short = {(a, b): mm[a][b] for a in range(walkways.nodes) for b in range(walkways.nodes)}
        for (a, b), length_mm in short.items():
            found = nearest_of(steps, [a], {b})
            if length_mm >= FAR:
                assert found is None
                with pytest.raises(ValueError, match="no way"):
                    way_between(graph, a, b)
                continue
            for way in (way_between(graph, a, b), found[1] if found else []):
                assert (way[0], way[-1]) == (a, b)
                assert sum(short[step] for step in pairwise(way)) == length_mm


def test_a_wanted_node_may_be_asked_for_twice_and_in_any_order() -> None:
    walkways = Walkways(3, (Arc(0, 1, 4), Arc(1, 2, 5, one_way=True)), (0,))
    assert distances(walkways, (2, 0, 2)).tolist() == [[0, FAR, 0], [9, 0, 9], [0, FAR, 0]]
    assert distances(walkways, ()).shape == (0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_a_layout_as_walkways_is_as_far_from_stop_to_stop(seed: int) -> None:
    rng = Random(seed)
    for k in range(40):
        layout, stops = a_floor(rng, one_way=k % 2 == 0)
        walkways, nodes = walkways_of(layout, stops)
        for stop, node in zip(stops, nodes, strict=True):
            there = distances(walkways, (*walkways.doors, node))[:-1, -1].tolist()
            ends = walkways.drops or walkways.doors
            back = [int(distances(walkways, (node, end))[0, 1]) for end in ends]
            if walkways.drops:
                best_mm = min(there) + min(back)
            else:
                best_mm = min(a + b for a, b in zip(there, back, strict=True))
            assert any_way_mm(layout, (stop,)) == (best_mm if best_mm < FAR else -1)


def test_a_step_from_rack_to_rack_is_free_where_a_cross_aisle_is() -> None:
    layout = Layout(1, 100, 50, cross_aisles_mm=(60,), aisle_width_mm=8)
    stops = [Stop(0, mm, side) for mm in (20, 40, 80) for side in Side]
    walkways, nodes = walkways_of(layout, stops)
    mm = distances(walkways, nodes)
    assert mm[0, 1] == 8
    assert mm[0, 3] == 20 + 8
    assert mm[0, 5] == 60


def test_one_way_aisles_and_unequal_lengths_in_a_lattice() -> None:
    layout = Layout(
        2, 100, 10, lengths_mm=(100, 70), ways=(Way.UP, Way.DOWN), doors=(Door(1, at_back=True),)
    )
    lattice = lattice_of(layout, [Stop(0, 50), Stop(1, 70)])
    mm = distances(lattice.walkways, (*lattice.stop_nodes, *lattice.walkways.doors))
    assert lattice.places[lattice.walkways.doors[0]] == (1, 70, None)
    assert mm[1, 2] == 0
    assert mm[0, 1] == 50 + 10 + 30
    assert mm[1, 0] == 70 + 10 + 50


def test_a_stop_outside_the_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="aisle 3"):
        walkways_of(Layout(3, 100, 10), [Stop(3, 0)])
