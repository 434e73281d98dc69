from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from routing.pick.floor.layout import Door, Layout, NodeStop, Side, Stop, Way
from routing.pick.floor.walkway import Arc, Walkways
from routing.pick.tour.audit import audit_tour
from routing.pick.tour.plan import Tour
from routing.pick.tour.search import search_tour

LAYOUT = Layout(4, 100, 10)
STOPS = (Stop(1, 20), Stop(2, 50), Stop(3, 70))

BROKEN_TOURS: dict[str, Callable[[Tour], Tour]] = {
    "a metre less": lambda t: replace(t, distance_mm=t.distance_mm - 1),
    "a stop left out": lambda t: replace(t, visits=t.visits[1:]),
    "a stop twice": lambda t: replace(t, visits=(t.visits[0], *t.visits[:-1])),
    "a stop that is none": lambda t: replace(t, visits=(*t.visits[:-1], 9)),
    "stops against the way": lambda t: replace(t, visits=t.visits[::-1]),
    "not home": lambda t: replace(t, path=t.path[:-1]),
    "no path": lambda t: replace(t, path=()),
    "through the shelves": lambda t: replace(t, path=((0, 0), (0, 30), (30, 30), (30, 0), (0, 0))),
    "out of the block": lambda t: replace(t, path=((0, 0), (40, 0), (0, 0)), distance_mm=80),
    "past no stop": lambda t: replace(t, path=((0, 0), (30, 0), (0, 0)), distance_mm=60),
    "shorter than its bound": lambda t: replace(t, bound_mm=t.distance_mm + 1),
    "shortest above its bound": lambda t: replace(t, bound_mm=t.distance_mm - 1),
}


@pytest.mark.parametrize("kind", BROKEN_TOURS)
def test_a_broken_tour_is_found_out(kind: str) -> None:
    tour = search_tour(LAYOUT, STOPS)
    assert audit_tour(LAYOUT, STOPS, tour) == []
    assert audit_tour(LAYOUT, STOPS, BROKEN_TOURS[kind](tour))


# A layout with a stop, a path past it that holds, its length, and a path that does not.
TRAITS: dict[str, tuple[Layout, Stop, tuple[tuple[int, int], ...], int, list[tuple[int, int]]]] = {
    "a way between blocks where there is none": (
        Layout(2, 100, 10, cross_aisles_mm=(60,)),
        Stop(1, 60),
        ((0, 0), (0, 60), (10, 60), (10, 0), (0, 0)),
        140,
        [(0, 0), (0, 50), (10, 50), (10, 60), (10, 0), (0, 0)],
    ),
    "a cross aisle past an aisle that does not reach it": (
        Layout(3, 100, 10, cross_aisles_mm=(60,), lengths_mm=(100, 60, 100)),
        Stop(2, 60),
        ((0, 0), (20, 0), (20, 60), (20, 0), (0, 0)),
        160,
        [(0, 0), (0, 60), (20, 60), (20, 0), (0, 0)],
    ),
    "along the back past a shorter aisle": (
        Layout(3, 100, 10, lengths_mm=(100, 70, 100)),
        Stop(2, 90),
        ((0, 0), (0, 100), (10, 70), (20, 100), (20, 0), (0, 0)),
        300,
        [(0, 0), (0, 100), (20, 100), (20, 0), (0, 0)],
    ),
    "beyond the end of an aisle": (
        Layout(2, 100, 10, lengths_mm=(100, 70)),
        Stop(1, 70),
        ((0, 0), (10, 0), (10, 70), (10, 0), (0, 0)),
        160,
        [(0, 0), (10, 0), (10, 80), (10, 0), (0, 0)],
    ),
    "against a one-way aisle": (
        Layout(2, 100, 10, ways=(Way.UP, Way.DOWN)),
        Stop(1, 40),
        ((0, 0), (0, 100), (10, 100), (10, 0), (0, 0)),
        220,
        [(0, 0), (10, 0), (10, 100), (0, 100), (0, 0)],
    ),
    "past the other rack": (
        Layout(1, 100, 10, aisle_width_mm=4),
        Stop(0, 40, Side.RIGHT),
        ((0, 0), (2, 0), (2, 40), (2, 0), (0, 0)),
        80,
        [(0, 0), (-2, 0), (-2, 40), (-2, 0), (0, 0)],
    ),
    "between the racks": (
        Layout(1, 100, 10, aisle_width_mm=4),
        Stop(0, 40, Side.RIGHT),
        ((0, 0), (-2, 0), (-2, 40), (2, 40), (2, 0), (0, 0)),
        84,
        [(0, 0), (0, 40), (0, 0)],
    ),
    "from where there is no door": (
        Layout(2, 100, 10, doors=(Door(1),)),
        Stop(0, 0),
        ((10, 0), (0, 0), (10, 0)),
        20,
        [(0, 0), (10, 0), (0, 0)],
    ),
    "home to another door": (
        Layout(2, 100, 10, doors=(Door(0), Door(1))),
        Stop(0, 0),
        ((0, 0),),
        0,
        [(0, 0), (10, 0)],
    ),
    "not to a drop": (
        Layout(2, 100, 10, drops=(Door(1, at_back=True),)),
        Stop(1, 100),
        ((0, 0), (0, 100), (10, 100)),
        110,
        [(0, 0), (0, 100), (10, 100), (10, 0), (0, 0)],
    ),
}


@pytest.mark.parametrize("kind", TRAITS)
def test_a_walk_that_the_layout_does_not_allow_is_found_out(kind: str) -> None:
    layout, stop, path, length_mm, wrong = TRAITS[kind]
    tour = Tour(length_mm, (0,), path, "by hand", optimal=False)
    assert audit_tour(layout, [stop], tour) == []
    walked_mm = sum(abs(a - c) + abs(b - d) for (a, b), (c, d) in pairwise(wrong))
    assert audit_tour(layout, [stop], replace(tour, path=tuple(wrong), distance_mm=walked_mm))


@pytest.mark.parametrize("width_mm", [1, 2, 3, 25])
def test_a_step_from_rack_to_rack_counts_even_where_lanes_are_drawn_close(width_mm: int) -> None:
    layout = Layout(3, 100, 10, aisle_width_mm=width_mm)
    stops = (Stop(1, 40, Side.LEFT), Stop(1, 40, Side.RIGHT))
    tour = search_tour(layout, stops)
    assert tour.distance_mm == 2 * 10 + 2 * 40 + width_mm
    assert audit_tour(layout, stops, tour) == []
    assert audit_tour(layout, stops, replace(tour, distance_mm=tour.distance_mm - width_mm))


def test_ranks_count_only_when_they_are_asked_for() -> None:
    stops = (Stop(1, 20, rank=2), Stop(2, 50, rank=1), Stop(3, 70, rank=3))
    free = search_tour(LAYOUT, stops)
    ranked = search_tour(LAYOUT, stops, precedence=True)
    assert audit_tour(LAYOUT, stops, free) == audit_tour(LAYOUT, stops, ranked) == []
    assert audit_tour(LAYOUT, stops, ranked, precedence=True) == []
    faults = audit_tour(LAYOUT, stops, free, precedence=True)
    assert any("comes after" in fault and "higher rank" in fault for fault in faults)


WALKWAYS = Walkways(
    4,
    (Arc(0, 1, 5), Arc(1, 2, 7), Arc(2, 3, 4, one_way=True), Arc(3, 0, 6), Arc(0, 1, 9)),
    doors=(0,),
    points=((0, 0), (5, 0), (5, 7), (0, 6)),
)
NODE_STOPS = (NodeStop(2), NodeStop(3))

BROKEN_WALKS: dict[str, Callable[[Tour], Tour]] = {
    "a metre less": lambda t: replace(t, distance_mm=t.distance_mm - 1),
    "no nodes": lambda t: replace(t, nodes=()),
    "a node that is none": lambda t: replace(t, nodes=(*t.nodes[:-1], 9, 0)),
    "a jump": lambda t: replace(t, nodes=(0, 2, 3, 0)),
    "a stop not passed": lambda t: replace(t, nodes=(0, 3, 0), distance_mm=12, path=()),
    "against a one-way walkway": lambda t: replace(
        t, nodes=(0, 3, 2, 1, 0), visits=(1, 0), path=()
    ),
    "not home": lambda t: replace(t, nodes=t.nodes[:-1]),
    "another path": lambda t: replace(t, path=((0, 0), (0, 6), (0, 0))),
    "no path": lambda t: replace(t, path=()),
    "not to the end": lambda t: replace(t, path=t.path[:-1]),
    "stops against the way": lambda t: replace(t, visits=t.visits[::-1]),
    "a stop that is none": lambda t: replace(t, visits=(0, 7)),
}


@pytest.mark.parametrize("kind", BROKEN_WALKS)
def test_a_broken_walk_on_walkways_is_found_out(kind: str) -> None:
    tour = search_tour(WALKWAYS, NODE_STOPS)
    assert tour.nodes == (0, 1, 2, 3, 0)
    assert audit_tour(WALKWAYS, NODE_STOPS, tour) == []
    assert audit_tour(WALKWAYS, NODE_STOPS, BROKEN_WALKS[kind](tour))


def test_stops_of_another_kind_of_floor_are_found_out() -> None:
    tour = search_tour(LAYOUT, STOPS[:2])
    assert audit_tour(LAYOUT, NODE_STOPS, tour) == ["a stop is at a node, but the floor has aisles"]
    assert audit_tour(WALKWAYS, STOPS[:2], tour)
