"""`stowline plan …` as a planner runs it, on the examples."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.command.plan import Rule
from api.plan.batch import BatchInput
from api.plan.batch_answer import BatchOutput
from api.plan.file import batch_file, tour_file, wave_file
from api.plan.refusal import PlanRefused
from api.plan.search import Patience
from api.plan.tour import TourInput, TourOutput
from api.plan.wave import WaveInput, WaveOutput
from routing.pick.batch.planner import plan_batches
from routing.pick.tour.audit import audit_tour
from routing.pick.tour.plan import Tour
from routing.pick.tour.rule import RULES
from routing.pick.wave.audit import audit_choice
from routing.pick.wave.plan import WaveChoice
from tests.architecture.source import ROOT

EXAMPLES = ROOT / "examples/plan"
STEPS = ("--iterations", "40", "--json")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own; kernels stay where they are kept for all tests."""
    monkeypatch.setenv("STOWLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("api.command.plan.keep_numba_cache", lambda settings: tmp_path)
    return tmp_path


def planned(*arguments: str | Path) -> Any:
    """The one JSON object that a command prints."""
    done = CliRunner().invoke(app, ["plan", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["one_block", "two_blocks", "walkways"])
def test_an_example_s_walk_holds(name: str, home: Path) -> None:
    picture = home / "walk.svg"
    answer = planned("tour", EXAMPLES / f"{name}.json", *STEPS, "--svg", picture)
    TourOutput.model_validate_json(json.dumps(answer))
    read = tour_file(EXAMPLES / f"{name}.json")
    assert isinstance(read, TourInput)
    stops = read.places()
    outside = {one["stop"] for one in answer["left_out"]}
    assert sorted(answer["visits"]) == [at for at in range(len(stops)) if at not in outside]
    assert all(one["reason"] for one in answer["left_out"])
    kept = [at for at in range(len(stops)) if at not in outside]
    tour = Tour(
        answer["distance_mm"],
        tuple(kept.index(visit) for visit in answer["visits"]),
        tuple((x, y) for x, y in answer["path"]),
        answer["method"],
        answer["optimal"],
        answer["bound_mm"],
        tuple(answer["nodes"]),
    )
    inside = [stops[at] for at in kept]
    assert not audit_tour(read.floor, inside, tour, precedence=read.precedence)
    assert answer["optimal"] and answer["gap"] == 0
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_the_command_knows_every_rule() -> None:
    assert {rule.value for rule in Rule} == set(RULES)


def test_a_rule_s_walk_is_no_shorter_than_the_best() -> None:
    by_rule = planned("tour", EXAMPLES / "one_block.json", "--rule", "return", *STEPS)
    best = planned("tour", EXAMPLES / "one_block.json", *STEPS)
    assert by_rule["distance_mm"] > best["distance_mm"] == by_rule["bound_mm"]
    assert by_rule["method"] == "return"


def test_an_example_s_carts_hold_and_who_cannot_be_picked_is_named(home: Path) -> None:
    picture = home / "carts.svg"
    answer = planned("batch", EXAMPLES / "batch.json", *STEPS, "--svg", picture)
    BatchOutput.model_validate_json(json.dumps(answer))
    assert answer["distance_mm"] == sum(row["distance_mm"] for row in answer["batches"])
    assert answer["bound_mm"] <= answer["distance_mm"] <= answer["baseline_mm"]
    read = batch_file(EXAMPLES / "batch.json")
    assert isinstance(read, BatchInput)
    on_carts = [load for row in answer["batches"] for load in row["loads"]]
    left_out = [one["load"] for one in answer["left_out"]]
    assert sorted(on_carts + left_out) == sorted(load.id for load in read.loads)
    # One is too heavy for a cart, the other is due before it can be begun.
    assert left_out == ["A-115", "A-116"]
    stops = {load.id: len(load.stops) for load in read.loads}
    for row in answer["batches"]:
        visits = sorted((visit["load"], visit["stop"]) for visit in row["visits"])
        assert visits == sorted((load, at) for load in row["loads"] for at in range(stops[load]))
    assert {one["picker"] for one in answer["schedule"]["assignments"]} <= {"Ada", "Ben"}
    assert "A-101" in picture.read_text("utf-8")


def test_zones_hand_over_all_parts_of_a_load() -> None:
    answer = planned("batch", EXAMPLES / "zones.json", *STEPS)
    BatchOutput.model_validate_json(json.dumps(answer))
    assert {row["zone"] for row in answer["batches"]} == {"west", "east"}
    read = batch_file(EXAMPLES / "zones.json")
    assert isinstance(read, BatchInput)
    done = {one["load"] for one in answer["schedule"]["done"]}
    assert done == {load.id for load in read.loads}


def test_an_example_s_wave_holds_and_is_written_for_the_checker(home: Path) -> None:
    out = home / "choice.txt"
    answer = planned("wave", EXAMPLES / "wave.json", *STEPS, "--out", out)
    WaveOutput.model_validate_json(json.dumps(answer))
    read = wave_file(EXAMPLES / "wave.json")
    assert isinstance(read, WaveInput)
    orders = tuple(read.order_ids.index(order) for order in answer["orders"])
    aisles = tuple(read.aisle_ids.index(aisle) for aisle in answer["aisles"])
    reasons = tuple(
        (read.order_ids.index(one["order"]), one["reason"]) for one in answer["left_out"]
    )
    choice = WaveChoice(
        orders, aisles, answer["units"], answer["bound"], answer["optimal"], "", reasons
    )
    assert not audit_choice(read.problem(), choice)
    assert "C-8" in answer["orders"]
    numbers = [int(line) for line in out.read_text("utf-8").split()]
    assert numbers == [len(orders), *orders, len(aisles), *aisles]


@pytest.mark.parametrize("command", ["tour", "batch", "wave"])
def test_people_get_a_table(command: str) -> None:
    name = {"tour": "two_blocks", "batch": "batch", "wave": "wave"}[command]
    path = str(EXAMPLES / f"{name}.json")
    done = CliRunner().invoke(app, ["plan", command, path, "--iterations", "20"])
    assert done.exit_code == 0
    assert "made by" in done.stdout
    assert "{" not in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "tour"),
        ("plan", "tour", "x.json", "--rule", "zigzag"),
        ("plan", "batch", "x.json", "--seconds", "-1"),
        ("plan", "wave", "x.json", "--seed", "x"),
    ],
)
def test_what_makes_no_sense_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


@pytest.mark.parametrize("command", ["tour", "batch", "wave"])
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(app, ["plan", command, "--help"])
    assert done.exit_code == 0
    assert "--seconds" in done.output


def test_a_refused_file_leaves_nothing_behind(home: Path) -> None:
    broken, picture = home / "broken.json", home / "walk.svg"
    broken.write_text('{"stops": []}', "utf-8")
    with pytest.raises(PlanRefused, match="/stops"):
        CliRunner().invoke(
            app, ["plan", "tour", str(broken), "--svg", str(picture)], catch_exceptions=False
        )
    assert not picture.exists()
    with pytest.raises(PlanRefused, match="no folder"):
        CliRunner().invoke(
            app,
            ["plan", "tour", str(EXAMPLES / "one_block.json"), "--svg", str(home / "no/walk.svg")],
            catch_exceptions=False,
        )


def test_a_process_says_it_plainly_and_ends_with_1(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "plan", "tour", str(tmp_path / "away.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().endswith("there is no such file")


def test_help_waits_for_no_solver() -> None:
    code = "import sys, api.cli; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "api.command.plan" in loaded
    assert not loaded & {"numba", "ortools", "pandas", "api.plan.file", "routing.pick.picture"}


def test_a_search_that_is_told_to_stop_hands_over_the_best_so_far() -> None:
    read = batch_file(EXAMPLES / "batch.json")
    assert isinstance(read, BatchInput)
    patience = Patience(seconds=600.0)
    patience.told.set()
    assert patience.left()() < 0
    plan = plan_batches(read.problem(), patience)
    assert len(plan.batches) >= 4
