"""Files of routes: what is refused, each with its place, and what is understood."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from api.plan.file import route_file
from api.plan.refusal import PlanRefused
from api.plan.route import RouteInput
from api.plan.route_read import RoutesRead
from api.settings import Settings
from routing.delivery.problem import Objective
from routing.delivery.travel import FAR
from tests.architecture.source import ROOT

EXAMPLE = ROOT / "examples/plan/route.json"
TABLED: dict[str, Any] = {
    "places": [{"id": "d"}, {"id": "a"}],
    "tables": {
        "distances_m": [[0, 500], [700, 0]],
        "durations_s": [[[0, 60], [80, 0]], [[0, 90], [120, 0]]],
        "since_s": [0, 28800],
    },
    "depots": [{"id": "D", "place": "d"}],
    "vehicles": [{"id": "van", "start": "D", "end": None, "capacity": [10]}],
    "stops": [{"id": "s", "place": "a", "load": [3]}],
}


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "routes.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def changed(*steps: str | int, to: object) -> dict[str, Any]:
    """The tabled problem with one value changed."""
    made: Any = deepcopy(TABLED)
    part = made
    for step in steps[:-1]:
        part = part[step]
    part[steps[-1]] = to
    assert isinstance(made, dict)
    return made


def read(path: Path, objective: str | None = None) -> RoutesRead:
    return RoutesRead(route_file(path, None), objective, None, Settings.from_environment())


def test_the_tables_of_a_file_are_its_ways(tmp_path: Path) -> None:
    problem = read(written(tmp_path, TABLED)).problem
    assert problem.travel.distance_m.tolist() == [[0, 500], [700, 0]]
    assert problem.travel.since_s == (0, 28_800)
    assert problem.vehicles[0].end is None


def test_no_way_is_said_by_null(tmp_path: Path) -> None:
    content = changed("tables", "distances_m", to=[[0, None], [700, 0]])
    assert read(written(tmp_path, content)).problem.travel.distance_m[0, 1] == FAR


def test_an_objective_asked_for_goes_before_the_file_s(tmp_path: Path) -> None:
    path = written(tmp_path, TABLED | {"objective": "cost"})
    assert read(path, "vehicles").problem.objective is Objective.VEHICLES


def test_the_example_says_all_that_it_means() -> None:
    said = route_file(EXAMPLE, None)
    assert isinstance(said, RouteInput)
    problem = read(EXAMPLE).problem
    van, bike = problem.vehicles
    assert van.breaks[0].length_s == 1_800 and bike.trips_max == 2
    assert {stop.id: stop for stop in problem.stops}["A-109"].prize == 4_000
    assert "straight" in problem.travel.source


BROKEN: dict[str, tuple[object, str]] = {
    "a window that closes before it opens": (
        changed("stops", 0, "windows", to=[{"opens_s": 9, "closes_s": 8}]),
        "/stops/0/windows/0: a window closes at 8 s, before it opens at 9 s",
    ),
    "a negative distance": (
        changed("tables", "distances_m", to=[[0, -1], [7, 0]]),
        "/tables/distances_m/0/1",
    ),
    "a distance that is no number": (
        changed("tables", "distances_m", to=[[0, float("nan")], [7, 0]]),
        "/tables/distances_m/0/1",
    ),
    "a table that is not square": (
        changed("tables", "distances_m", to=[[0, 1, 2], [7, 0, 2]]),
        "/tables: distances_m must have as many columns as rows",
    ),
    "tables of other places": (
        changed("places", to=[{"id": "d"}, {"id": "a"}, {"id": "b"}]),
        "/tables: they hold 2 places, and /places 3",
    ),
    "a place that is not listed": (
        changed("stops", 0, "place", to="nowhere"),
        "stop s is at the unknown place nowhere",
    ),
    "a place listed twice": (
        changed("places", to=[{"id": "a"}, {"id": "a"}]),
        "place a is listed twice",
    ),
    "a stop listed twice": (
        changed("stops", to=[TABLED["stops"][0], TABLED["stops"][0]]),
        "stop s is listed twice",
    ),
    "a place without coordinates or tables": (
        changed("tables", to=None),
        "place d has no coordinates, and there are no tables",
    ),
    "an unknown depot": (
        changed("vehicles", 0, "start", to="X"),
        "vehicle van names the unknown depot X",
    ),
    "a load in other dimensions": (
        changed("stops", 0, "load", to=[1, 2]),
        "stop s is measured in 2 ways, the others in 1",
    ),
    "a field of another name": (
        changed("stops", 0, "weight", to=5),
        "/stops/0/weight: there is no field of that name",
    ),
    "a pair of an unknown stop": (
        TABLED | {"pairs": [{"pickup": "s", "delivery": "t"}]},
        "stop s of a pair must be a pickup",
    ),
    "a begun route of a vehicle that is not there": (
        TABLED | {"begun": [{"vehicle": "van", "number": 4, "stops": ["s"]}]},
        "there is no vehicle van with number 4",
    ),
    "a shift that ends before it begins": (
        changed("vehicles", 0, to=TABLED["vehicles"][0] | {"opens_s": 9, "closes_s": 8}),
        "the shift of vehicle van ends before it begins",
    ),
}


@pytest.mark.parametrize(("content", "told"), BROKEN.values(), ids=BROKEN)
def test_what_makes_no_sense_is_refused_by_its_place(
    content: object, told: str, tmp_path: Path
) -> None:
    with pytest.raises(PlanRefused) as refused:
        read(written(tmp_path, content))
    assert told in str(refused.value)
