"""`stowline plan route` as a planner runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.plan.refusal import PlanRefused
from api.plan.route_answer import RouteOutput
from tests.architecture.source import ROOT
from tests.routing.delivery.reader.test_text import CAPACITATED, FLEET, PAIRS, SOLOMON

EXAMPLE = ROOT / "examples/plan/route.json"
STEPS = ("--iterations", "200", "--json")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own; kernels stay where they are kept for all tests."""
    monkeypatch.setenv("STOWLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("api.command.route.keep_numba_cache", lambda settings: tmp_path)
    return tmp_path


def planned(*arguments: str | Path) -> Any:
    """The one JSON object that the command prints."""
    done = CliRunner().invoke(app, ["plan", "route", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    RouteOutput.model_validate_json(json.dumps(answer))
    return answer


def kept(home: Path, text: str, name: str = "t.vrp") -> Path:
    path = home / name
    path.write_text(text, "utf-8")
    return path


def test_the_example_s_plan_holds_and_says_who_made_it() -> None:
    answer = planned(EXAMPLE, *STEPS)
    assert answer["audit"] == "ok" and answer["engine"] and answer["why"]
    assert "straight" in answer["travel"]
    told = [stop for route in answer["routes"] for stop in route]
    told += [one["stop"] for one in answer["unserved"]]
    names = {stop["id"] for stop in json.loads(EXAMPLE.read_text("utf-8"))["stops"]}
    assert sorted(told) == sorted(names)
    for route in answer["routes"]:
        if "C-301-up" in route:
            assert route.index("C-301-up") < route.index("C-301-down")


def test_a_solution_file_is_written_in_the_format_s_numbers(home: Path) -> None:
    out = home / "t.sol"
    answer = planned(kept(home, CAPACITATED), *STEPS, "--out", out)
    assert sorted(stop for route in answer["routes"] for stop in route) == [1, 2, 3]
    text = out.read_text("utf-8")
    assert text.startswith("Route #1:") and f"Cost {answer['cost']:g}" in text
    # 2 and 1 together (1 + 4 + 5), then 3 alone (2 + 2); or dearer.
    assert answer["cost"] == 14 and answer["vehicles"] == 2


@pytest.mark.parametrize("engine", ["sisr", "ortools", "pyvrp"])
def test_every_engine_may_be_asked(engine: str, home: Path) -> None:
    answer = planned(kept(home, SOLOMON, "r.txt"), *STEPS, "--engine", engine)
    assert answer["audit"] == "ok" and not answer["unserved"]
    assert engine in answer["engine"]


def test_pairs_and_mixed_fleets_are_planned(home: Path) -> None:
    assert planned(kept(home, PAIRS, "lc.txt"), *STEPS)["routes"] == [[1, 2]]
    mixed = planned(kept(home, FLEET, "f.vrp"), *STEPS)
    assert mixed["audit"] == "ok" and not mixed["unserved"]


def test_the_same_seed_gives_the_same_plan(home: Path) -> None:
    path = kept(home, SOLOMON, "r.txt")
    first, second = (planned(path, *STEPS, "--seed", "7") for _ in range(2))
    assert first["timetable"] == second["timetable"]


def test_fewest_vehicles_may_be_asked_for(home: Path) -> None:
    answer = planned(kept(home, SOLOMON, "r.txt"), *STEPS, "--objective", "vehicles")
    assert answer["vehicles"] == 1


def test_people_get_a_table(home: Path) -> None:
    done = CliRunner().invoke(app, ["plan", "route", str(EXAMPLE), "--iterations", "50"])
    assert done.exit_code == 0
    assert "audit: ok" in done.stdout and "made by" in done.stdout and "van/0" in done.stdout


REFUSED = {
    "a demand above every vehicle": (
        SOLOMON.replace("         10         10 ", "         99         10 "),
        (),
        "stop 1 asks for 99, and no vehicle takes more than 20",
    ),
    "a file that is no problem": ("hello\nworld\n", (), "line 1: expected NAME"),
    "two limits of time": (SOLOMON, ("--seconds", "1", "--cpu-seconds", "1"), "not both"),
    "roads for points on a plane": (SOLOMON, ("--roads", "x.pbf"), "on a plane"),
}


@pytest.mark.parametrize(("text", "more", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_planned_is_refused_before_any_search(
    text: str, more: tuple[str, ...], told: str, home: Path
) -> None:
    command = ["plan", "route", str(kept(home, text, "t.txt")), *STEPS, *more]
    done = CliRunner().invoke(app, command)
    assert isinstance(done.exception, PlanRefused)
    assert told in str(done.exception)


def test_a_place_without_a_way_is_refused_by_name(home: Path) -> None:
    content = {
        "places": [{"id": "d"}, {"id": "island"}],
        "tables": {
            "distances_m": [[0, None], [None, 0]],
            "durations_s": [[[0, None], [None, 0]]],
        },
        "depots": [{"id": "D", "place": "d"}],
        "vehicles": [{"id": "van", "start": "D", "end": "D"}],
        "stops": [{"id": "s", "place": "island"}],
    }
    path = kept(home, json.dumps(content), "r.json")
    done = CliRunner().invoke(app, ["plan", "route", str(path), *STEPS])
    assert "stop s is out of reach" in str(done.exception)
