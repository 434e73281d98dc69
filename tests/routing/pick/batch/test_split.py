"""Huge loads in as few parts as first fit finds; what is taken stays the same."""

from collections import Counter
from random import Random

import pytest

from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.batch.split import split_loads
from routing.pick.floor.layout import Layout, NodeStop, Stop
from routing.pick.floor.walkway import Arc, Walkways

FLOOR = Layout(6, 20_000, 3_000)


def a_problem(
    *loads: Load, split: bool = True, mixed: bool = False, units_max: int | None = None
) -> BatchProblem:
    cart = Cart(slots=2, mass_g_max=10_000, tote_volume_ml=5_000, units_max=units_max, mixed=mixed)
    return BatchProblem(FLOOR, loads, cart, split=split)


def a_load(
    name: str, *stops: Stop | NodeStop, release_s: int = 0, due_s: int | None = None
) -> Load:
    """A load whose volume and mass are what its stops tell."""
    volume_ml = sum(stop.volume_ml for stop in stops)
    mass_g = sum(stop.mass_g for stop in stops)
    return Load(name, stops, volume_ml, mass_g, release_s=release_s, due_s=due_s)


def taken(loads: tuple[Load, ...]) -> Counter[tuple[int, int, str]]:
    """How much is taken at each place."""
    found: Counter[tuple[int, int, str]] = Counter()
    for load in loads:
        for stop in load.stops:
            assert isinstance(stop, Stop)
            for what in ("units", "volume_ml", "mass_g"):
                found[stop.aisle, stop.position_mm, what] += getattr(stop, what)
    return found


def aisle_of(stop: Stop | NodeStop) -> int:
    assert isinstance(stop, Stop)
    return stop.aisle


def test_a_load_that_fits_is_left_alone() -> None:
    problem = a_problem(a_load("A", Stop(0, 0, mass_g=10_000, volume_ml=10_000)))

    assert split_loads(problem).problem == problem


def test_nothing_is_split_where_the_problem_does_not_say_so() -> None:
    heavy = a_load("A", *(Stop(0, 500 * k, mass_g=6_000) for k in range(3)))
    problem = a_problem(heavy, split=False)

    assert split_loads(problem).problem == problem


def test_neighbours_stay_together() -> None:
    stops = [Stop(aisle, 1_000, mass_g=5_000) for aisle in (0, 5, 1, 4, 0, 5)]
    problem = a_problem(a_load("A", *stops, due_s=90, release_s=30))

    parts = split_loads(problem).problem.loads

    assert [part.id for part in parts] == ["A/1", "A/2", "A/3"]
    assert [[aisle_of(stop) for stop in part.stops] for part in parts] == [[0, 0], [1, 4], [5, 5]]
    assert {(part.order, part.due_s, part.release_s) for part in parts} == {("A", 90, 30)}
    assert [part.mass_g for part in parts] == [10_000] * 3


def test_fewer_parts_come_before_neighbours() -> None:
    masses = (6_000, 6_000, 4_000, 4_000)
    stops = [Stop(number, 0, mass_g=mass_g) for number, mass_g in enumerate(masses)]
    a_row = a_load("A", *(stops[k] for k in (0, 1, 2, 3)))

    parts = split_loads(a_problem(a_row)).problem.loads

    assert sorted(part.mass_g for part in parts) == [10_000, 10_000]


def test_a_stop_is_parted_by_units_only_when_it_alone_is_too_much() -> None:
    huge = Stop(1, 500, level=2, rank=3, units=10, mass_g=25_000, volume_ml=7)
    parts = split_loads(a_problem(a_load("A", huge, Stop(2, 0, mass_g=2_000)))).problem.loads

    pieces = [stop for part in parts for stop in part.stops if aisle_of(stop) == 1]
    assert sorted(piece.units for piece in pieces) == [2, 4, 4]
    assert {(piece.level, piece.rank) for piece in pieces} == {(2, 3)}
    assert sum(piece.volume_ml for piece in pieces) == 7
    assert len(parts) == 3


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_parts_fit_and_take_what_the_load_took(seed: int, mixed: bool) -> None:
    rng = Random(seed)
    stops = [
        Stop(
            rng.randrange(6),
            rng.randrange(20_000),
            units=(units := rng.randint(1, 9)),
            mass_g=units * rng.randint(0, 4_000),
            volume_ml=units * rng.randint(0, 3_000),
        )
        for _ in range(rng.randint(1, 30))
    ]
    problem = a_problem(a_load("A", *stops), mixed=mixed, units_max=20)

    done = split_loads(problem)

    assert not done.unparted
    assert taken(done.problem.loads) == taken(problem.loads)
    for part in done.problem.loads:
        assert part.mass_g == sum(stop.mass_g for stop in part.stops) <= 10_000
        assert part.volume_ml == sum(stop.volume_ml for stop in part.stops) <= 10_000
        assert part.units <= 20
    assert done == split_loads(problem)


def test_what_cannot_be_parted_stays_whole_and_says_why() -> None:
    silent = Load("silent", (Stop(0, 0), Stop(0, 1)), 1, 20_000)
    hollow = Load("hollow", (Stop(0, 0, mass_g=20_000, units=5),), 99, 20_000)
    boulder = a_load("boulder", Stop(0, 0, mass_g=30_000, units=2))
    problem = a_problem(silent, hollow, boulder)

    done = split_loads(problem)

    assert done.problem == problem
    assert done.unparted == (
        ("silent", "its stops tell 0 of its 1 ml"),
        ("hollow", "its stops tell 0 of its 99 ml"),
        ("boulder", "a single unit of 15000 g is more than 10000"),
    )


def test_a_part_takes_no_other_load_s_name() -> None:
    heavy = a_load("A", *(Stop(0, 500 * k, mass_g=6_000) for k in range(2)))
    problem = a_problem(heavy, a_load("A/1", Stop(0, 0, mass_g=1)))

    assert [load.id for load in split_loads(problem).problem.loads] == ["A//1", "A//2", "A/1"]


def test_on_walkways_the_places_tell_who_is_a_neighbour() -> None:
    points = ((0, 0), (9, 0), (1, 0), (8, 0), (2, 0))
    floor = Walkways(5, (Arc(0, 1, 9),), (0,), points=points)
    stops = tuple(NodeStop(node, mass_g=5_000) for node in (1, 2, 3, 4))
    problem = BatchProblem(floor, (a_load("A", *stops),), Cart(mass_g_max=10_000), split=True)

    parts = split_loads(problem).problem.loads

    nodes = [[stop.node for stop in part.stops if isinstance(stop, NodeStop)] for part in parts]
    assert nodes == [[2, 4], [3, 1]]
