from itertools import pairwise, permutations
from random import Random

import pytest

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.floor.distance import FAR, distances
from routing.pick.floor.layout import Door, Layout, NodeStop, Side, Stop, Way
from routing.pick.floor.walkway import Arc, Walkways
from routing.pick.tour import order
from routing.pick.tour.audit import audit_tour
from routing.pick.tour.search import search_tour, unreachable
from routing.pick.tour.solve import solve_tour
from tests.routing.pick.floor_plan import a_floor, any_way_mm


def _graph(rng: Random, *, one_way: bool) -> tuple[Walkways, tuple[NodeStop, ...]]:
    """A few nodes with walkways between them by chance, and up to six stops with ranks."""
    nodes = rng.randint(2, 9)
    arcs = [
        Arc(a, b, rng.randint(0, 20), one_way and rng.random() < 0.4)
        for a, b in (rng.sample(range(nodes), 2) for _ in range(rng.randint(nodes, 3 * nodes)))
    ]
    doors = tuple(rng.randrange(nodes) for _ in range(rng.randint(1, 2)))
    drops = tuple(rng.randrange(nodes) for _ in range(rng.randint(0, 2)))
    points = tuple((rng.randrange(50), rng.randrange(50)) for _ in range(nodes))
    walkways = Walkways(nodes, tuple(arcs), doors, drops, points if rng.random() < 0.5 else ())
    stops = [
        NodeStop(rng.randrange(nodes), rank=rng.randrange(3)) for _ in range(rng.randint(0, 5))
    ]
    return walkways, tuple(stops)


def _best_mm(walkways: Walkways, stops: tuple[NodeStop, ...], precedence: bool) -> int:
    """The shortest of all orders that the ranks allow, FAR when there is none."""
    mm = distances(walkways, range(walkways.nodes)).tolist()
    best = FAR
    for visits in permutations(stops):
        if precedence and any(a.rank > b.rank for a, b in pairwise(visits)):
            continue
        for door in walkways.doors:
            for drop in walkways.drops or (door,):
                nodes = (door, *(stop.node for stop in visits), drop)
                best = min(best, sum(mm[a][b] for a, b in pairwise(nodes)))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_a_tour_of_a_few_stops_is_as_short_as_any_on_any_layout(seed: int) -> None:
    rng = Random(seed)
    for k in range(40):
        layout, stops = a_floor(rng, one_way=k % 2 == 0)
        best_mm = any_way_mm(layout, stops)
        if best_mm < 0:
            with pytest.raises(NoPlan):
                search_tour(layout, stops)
            continue
        tour = search_tour(layout, stops)
        assert (tour.distance_mm, tour.bound_mm, tour.optimal) == (best_mm, best_mm, True)
        assert audit_tour(layout, stops, tour) == []


@pytest.mark.parametrize("precedence", [False, True])
def test_a_tour_of_a_few_stops_is_as_short_as_any_on_walkways(precedence: bool) -> None:
    rng = Random(7)
    found = 0
    for k in range(150):
        walkways, stops = _graph(rng, one_way=k % 2 == 0)
        best_mm = _best_mm(walkways, stops, precedence)
        if best_mm >= FAR:
            with pytest.raises(NoPlan):
                search_tour(walkways, stops, precedence=precedence)
            continue
        tour = search_tour(walkways, stops, precedence=precedence)
        assert (tour.distance_mm, tour.optimal) == (best_mm, True)
        assert audit_tour(walkways, stops, tour, precedence=precedence) == []
        found += 1
    assert found > 50


def test_what_cannot_be_reached_is_named_and_the_rest_is_planned() -> None:
    rng = Random(3)
    named = 0
    for _ in range(150):
        walkways, stops = _graph(rng, one_way=True)
        left_out = dict(unreachable(walkways, stops))
        rest = tuple(stop for k, stop in enumerate(stops) if k not in left_out)
        assert all(left_out.values())
        if not rest:
            continue
        assert audit_tour(walkways, rest, search_tour(walkways, rest)) == []
        if left_out:
            named += 1
            with pytest.raises(NoPlan, match="; ".join(f"stop {k}: .*" for k in left_out)):
                search_tour(walkways, stops)
    assert named > 10


def test_of_two_dead_ends_the_one_with_more_stops_is_walked() -> None:
    fork = Walkways(
        4, (Arc(0, 1, 1, True), Arc(0, 2, 1, True), Arc(1, 3, 1), Arc(2, 3, 1)), (0,), (3,)
    )
    one_way = Walkways(4, tuple(Arc(a.a, a.b, 1, True) for a in fork.arcs), (0,), (3,))
    stops = (NodeStop(2), NodeStop(1), NodeStop(1))
    assert unreachable(fork, stops) == ()
    [(index, reason)] = unreachable(one_way, stops)
    assert (index, reason) == (0, "one-way ways let no walk pass it and all the others")


def test_reasons_say_on_which_way_it_fails() -> None:
    layout = Layout(3, 100, 10, ways=(Way.BOTH, Way.UP, Way.BOTH))
    assert unreachable(layout, (Stop(1, 50), Stop(4, 0), Stop(1, 101))) == (
        (1, "stop in aisle 4, but there are 3 aisles"),
        (2, "stop at 101 mm in aisle 1, but aisles are 100 mm long"),
    )
    alone = Layout(1, 100, 10, ways=(Way.UP,))
    assert unreachable(alone, [Stop(0, 50)]) == (
        (0, "no way leads from there to where the walk ends"),
    )
    island = Walkways(3, (Arc(0, 1, 5),), (0,))
    assert unreachable(island, [NodeStop(2), NodeStop(1), NodeStop(3)]) == (
        (0, "no way leads there from a door"),
        (2, "stop at node 3, but there are 3 nodes"),
    )


def _many(
    seed: int, stops: int, *, ways: tuple[Way, ...] = (), width_mm: int = 0
) -> tuple[Layout, tuple[Stop, ...]]:
    rng = Random(seed)
    layout = Layout(8, 20_000, 3_000, cross_aisles_mm=(9_000,), ways=ways, aisle_width_mm=width_mm)
    places = range(0, 20_001, 500)
    return layout, tuple(
        Stop(rng.randrange(8), rng.choice(places), rng.choice(list(Side)), rank=rng.randrange(3))
        for _ in range(stops)
    )


@pytest.mark.parametrize("seed", range(5))
def test_many_stops_in_two_blocks_are_walked_at_most_a_hundredth_above_the_exact(seed: int) -> None:
    layout, stops = _many(seed, 40, width_mm=seed % 2 * 1_500)
    exact_mm = solve_tour(layout, stops).distance_mm
    tour = search_tour(layout, stops)
    assert tour.bound_mm <= exact_mm <= tour.distance_mm <= 1.01 * exact_mm
    assert tour.bound_mm >= 0.9 * exact_mm
    assert audit_tour(layout, stops, tour) == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ways", [(), (Way.UP, Way.DOWN) * 4])
def test_search_finds_what_is_exact_within_ranks(
    seed: int, ways: tuple[Way, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    layout, stops = _many(seed, 24, ways=ways)
    exact = search_tour(layout, stops, precedence=True)
    assert exact.method == "held_karp"
    monkeypatch.setattr(order, "LAYER_PLACES_MAX", 0)
    tour = search_tour(layout, stops, precedence=True)
    assert tour.method == "local_search"
    assert tour.bound_mm <= exact.distance_mm <= tour.distance_mm <= 1.01 * exact.distance_mm
    assert audit_tour(layout, stops, tour, precedence=True) == []


def test_ranks_can_only_lengthen_a_tour() -> None:
    layout, stops = _many(1, 45)
    free, ranked = search_tour(layout, stops), search_tour(layout, stops, precedence=True)
    assert free.bound_mm <= ranked.distance_mm
    assert audit_tour(layout, stops, ranked, precedence=True) == []


def test_equal_efforts_give_equal_tours_and_no_time_still_gives_one() -> None:
    layout, stops = _many(2, 50, ways=(Way.UP, Way.DOWN) * 4)
    effort = Effort(seed=5, iterations=300)
    assert search_tour(layout, stops, effort=effort) == search_tour(layout, stops, effort=effort)
    for none in (Effort(iterations=0), Effort(seconds=0.0)):
        tour = search_tour(layout, stops, effort=none)
        assert audit_tour(layout, stops, tour) == []
        assert 0 < tour.bound_mm <= tour.distance_mm
    long = search_tour(layout, stops, effort=Effort(iterations=4_000))
    assert long.distance_mm <= search_tour(layout, stops, effort=Effort(iterations=0)).distance_mm


def test_without_stops_the_way_leads_straight_home() -> None:
    layout = Layout(5, 1_000, 100, doors=(Door(0), Door(4)), drops=(Door(3, at_back=True),))
    tour = search_tour(layout, ())
    assert (tour.distance_mm, tour.visits, tour.path[-1]) == (1_100, (), (300, 1_000))
    assert audit_tour(layout, (), tour) == []
    closed = search_tour(Walkways(1, (), (0,)), ())
    assert (closed.distance_mm, closed.nodes, closed.optimal) == (0, (0,), True)


@pytest.mark.parametrize(
    ("floor", "stop"),
    [
        (Layout(2, 10, 1), Stop(2, 0)),
        (Layout(2, 10, 1), NodeStop(0)),
        (Walkways(1, (), (0,)), NodeStop(1)),
        (Walkways(1, (), (0,)), Stop(0, 0)),
    ],
)
def test_a_stop_that_is_not_on_the_floor_is_refused(
    floor: Layout | Walkways, stop: Stop | NodeStop
) -> None:
    with pytest.raises(ValueError, match="stop"):
        search_tour(floor, [stop])


def test_every_third_stop_of_a_large_grid_is_passed() -> None:
    width = 40
    arcs = [Arc(k, k + 1, 100) for k in range(width * width - 1) if (k + 1) % width]
    arcs += [Arc(k, k + width, 150) for k in range(width * (width - 1))]
    grid = Walkways(width * width, tuple(arcs), (0,))
    stops = tuple(NodeStop(node) for node in range(0, width * width, 11))
    tour = search_tour(grid, stops, effort=Effort(iterations=300))
    assert audit_tour(grid, stops, tour) == []
    assert tour.gap < 0.15
