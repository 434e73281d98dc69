"""`stowline roads` as someone runs it who wants to know an extract."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.plan.refusal import PlanRefused
from tests.architecture.source import ROOT
from tests.routing.road.town import Town


@pytest.fixture
def extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A block of four streets, and a fifth that leads out of the map one way."""
    monkeypatch.setenv("STOWLINE_HOME", str(tmp_path / "home"))
    town = Town()
    for name, east_m, north_m in (("A", 0, 0), ("B", 500, 0), ("C", 500, 500), ("D", 0, 500)):
        town.node(name, east_m, north_m)
    streets = [town.way(ends) for ends in ("AB", "BC", "CD", "DA")]
    town.node("E", 900, 0)
    town.way("BE", oneway="yes")
    town.limit("no_left_turn", streets[0], "B", streets[1])
    town.limit("no_left_turn", streets[0], streets[1], streets[2])
    return town.write(tmp_path)


def test_an_extract_is_told_in_figures(extract: Path) -> None:
    done = CliRunner().invoke(app, ["roads", str(extract), "--points", "30", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["nodes"], told["edges"], told["length_m"]) == (5, 5, 2400)
    assert (told["turn_limits"], told["turn_limits_left_out"]) == (1, 1)
    assert (told["edges_cut_off"], told["cut_off_m"]) == (1, 400)
    assert told["table"]["entries"] == 900
    assert 0 < told["table"]["mean_m"] < told["table"]["longest_m"] < 3000
    assert told["built"]["cpu_seconds"] > 0
    again = CliRunner().invoke(app, ["roads", str(extract), "--points", "30", "--json"])
    assert json.loads(again.stdout)["table"]["mean_m"] == told["table"]["mean_m"]


def test_an_extract_is_told_in_words(extract: Path) -> None:
    done = CliRunner().invoke(app, ["roads", str(extract), "--profile", "car"])
    assert done.exit_code == 0, done.output
    assert "town.osm for a car" in done.stdout
    assert "5 junctions, 5 roads between them, 2.4 km" in done.stdout
    assert "1 limits of turns, 1 more that are not understood" in done.stdout


def test_what_is_no_extract_is_refused(extract: Path) -> None:
    with pytest.raises(PlanRefused, match="not an extract"):
        CliRunner().invoke(app, ["roads", __file__], catch_exceptions=False)
    with pytest.raises(PlanRefused, match="no such file"):
        CliRunner().invoke(app, ["roads", str(extract) + "x"], catch_exceptions=False)


def test_nobody_loads_roads_before_they_are_asked_for() -> None:
    code = "import sys, api.cli, routing.road.network, api.dispatch.road; print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in said.stdout.split()}
    assert "routing" in loaded
    assert not loaded & {"osmium", "routingkit_cch", "numba", "ortools"}
