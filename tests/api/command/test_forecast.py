"""`stowline forecast` as a planner runs it, on the example and on what goes wrong."""

import json
import os
import pty
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.plan.refusal import PlanRefused
from tests.architecture.source import ROOT

EXAMPLE = ROOT / "examples/forecast/demand.csv"
PROMOTIONS = ROOT / "examples/forecast/promotions.csv"
WEEKS = ("--horizon", "8", "--freq", "W")
HEAD = "unique_id,ds,y\n"
DAYS = ("--horizon", "3", "--freq", "D")


def told(*arguments: str | Path) -> str:
    """What the command prints."""
    done = CliRunner().invoke(app, ["forecast", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def answered(*arguments: str | Path) -> Any:
    """The one JSON object that the command prints."""
    return json.loads(told(*arguments, "--json"))


def refused(*arguments: str | Path) -> str:
    """Why the command does nothing."""
    with pytest.raises(PlanRefused) as why:
        told(*arguments)
    return str(why.value)


def kept(folder: Path, text: str, name: str = "demand.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def days(name: str, *demand: object) -> str:
    return "".join(f"{name},2026-01-{day:02},{y}\n" for day, y in enumerate(demand, start=1))


def test_the_example_is_forecast_with_its_protection_interval_and_a_picture(
    tmp_path: Path,
) -> None:
    out, plot = tmp_path / "forecast.csv", tmp_path / "forecast.png"
    answer = answered(
        EXAMPLE, *WEEKS, "--future", PROMOTIONS, "--protection", "3", "--out", out, "--plot", plot
    )
    beside = tmp_path / "forecast.protection.csv"
    assert answer["files"] == [str(out), str(beside), str(plot)]
    assert (answer["series"], answer["periods"]) == (3, 52)
    assert sum(answer["classes"].values()) == sum(answer["models"].values()) == 3
    assert answer["classes"]["promoted"] == 1
    table = pd.read_csv(out)
    assert list(table.columns) == ["unique_id", "ds", "mean", "q0.5", "q0.9", "q0.95", "q0.99"]
    assert len(table) == 3 * 8
    teapots = table[table["unique_id"] == "TEAPOT"].set_index("ds")["mean"]
    # Its promotion is in the fourth week ahead.
    assert teapots.idxmax() == "2026-11-23"
    assert teapots["2026-11-23"] > 1.3 * teapots["2026-11-02"]
    why = pd.read_csv(beside).set_index("unique_id")["reason"]
    assert why.index.tolist() == ["TEAPOT", "MUG-BLUE", "TEA-CADDY"]
    assert "promotion from 23 Nov adds" in why["TEAPOT"]
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_without_an_output_file_json_has_the_rows() -> None:
    answer = answered(EXAMPLE, *WEEKS, "--protection", "3", "--quantiles", "0.5,0.8")
    assert len(answer["forecast"]) == 24
    assert set(answer["forecast"][0]) == {"unique_id", "ds", "mean", "q0.5", "q0.8"}
    assert answer["forecast"][0]["ds"] == "2026-11-02"
    assert [row["unique_id"] for row in answer["protection"]] == ["TEAPOT", "MUG-BLUE", "TEA-CADDY"]
    assert all(row["reason"] and row["class"] and row["model"] for row in answer["protection"])


def test_people_read_a_table(tmp_path: Path) -> None:
    text = told(EXAMPLE, *WEEKS, "--protection", "3", "--out", tmp_path / "f.parquet")
    assert "3 series of 52 periods, 2025-11-03 to 2026-10-26" in text
    assert "not known ahead, so only of the past: promo" in text
    assert "Demand of the next 3 periods together" in text
    assert f"written: {tmp_path / 'f.protection.parquet'}" in text
    assert "Demand of the 8 periods ahead, on average" in told(EXAMPLE, *WEEKS)


def test_more_series_than_fit_are_counted(tmp_path: Path) -> None:
    text = HEAD + "".join(days(f"S{n}", 1, 2, 3) for n in range(25))
    assert "… 5 more; --out FILE has all of them" in told(kept(tmp_path, text), *DAYS)


@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_every_executor_writes_the_same_bytes(executor: str, tmp_path: Path) -> None:
    if executor == "dask":
        pytest.importorskip("distributed")
    names = ("f.parquet", "f.protection.parquet")
    for who in ("serial", executor):
        (tmp_path / who).mkdir()
        out = tmp_path / who / "f.parquet"
        told(
            EXAMPLE, *WEEKS, "--protection", "3", "--executor", who, "--workers", "1", "--out", out
        )
    for name in names:
        assert (tmp_path / "serial" / name).read_bytes() == (
            tmp_path / executor / name
        ).read_bytes()


@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        (days("A", *[""] * 20), "empty"),
        (days("A", *[0] * 20), "all_zero"),
        (days("A", 5), "one_point"),
        (days("A", *[5] * 20), "constant"),
    ],
)
def test_a_history_that_says_little_gets_a_sane_answer_and_a_flag(
    rows: str, flag: str, tmp_path: Path
) -> None:
    answer = answered(kept(tmp_path, HEAD + rows), *DAYS, "--protection", "2")
    assert answer["flags"][flag] == 1
    assert flag in answer["protection"][0]["flags"].split()
    figures = [row[key] for row in answer["forecast"] for key in row if key[0] in "mq"]
    assert np.isfinite(figures).all() and min(figures) >= 0


def test_names_in_any_script_come_back_and_stand_in_line(tmp_path: Path) -> None:
    path = kept(tmp_path, HEAD + days("红茶壶", 1, 2, 3) + days("TEA", 4, 5, 6))
    plot = tmp_path / "p.png"
    lines = told(path, *DAYS, "--plot", plot).splitlines()
    assert any(line.startswith("红茶壶  new") for line in lines)
    assert any(line.startswith("TEA     new") for line in lines)
    assert answered(path, *DAYS)["forecast"][0]["unique_id"] == "红茶壶"


def test_holidays_are_a_driver(tmp_path: Path) -> None:
    path = kept(tmp_path, HEAD + days("A", *range(1, 29)))
    assert answered(path, *DAYS, "--country", "DE-BY")["series"] == 1
    assert refused(path, *DAYS, "--country", "XX") == (
        "--country XX: no holidays are known of 'XX'"
    )


def test_a_wrong_file_is_refused_by_line_and_column(tmp_path: Path) -> None:
    path = kept(tmp_path, HEAD + "A,2026-01-01,many\n")
    assert refused(path, *DAYS) == (
        "demand.csv, line 2, column y: expected a number from 0 to 1e+12, found 'many'"
    )
    assert refused(tmp_path / "away.csv", *DAYS).endswith("away.csv: there is no such file")
    assert refused(tmp_path, *DAYS).endswith("is a folder, not a file")


@pytest.mark.parametrize("quantiles", ["", "0.5,x", "0.9,0.5", "0.5,0.5", "0,0.5", "50,90", "nan"])
def test_quantiles_that_make_no_sense_are_refused(quantiles: str) -> None:
    said = refused(EXAMPLE, *WEEKS, "--quantiles", quantiles)
    assert "expected numbers between 0 and 1 that ascend" in said


def test_a_future_that_says_too_little_is_refused(tmp_path: Path) -> None:
    said = refused(EXAMPLE, "--horizon", "9", "--freq", "W", "--future", PROMOTIONS)
    assert "promotions.csv: ends after 8 of the 9 periods ahead" in said
    other = kept(tmp_path, "unique_id,ds,promo\nPOT,2026-11-02,1\n", "future.csv")
    assert refused(EXAMPLE, *WEEKS, "--future", other) == (
        "future.csv, all rows: expected rows after 2026-10-26 of the series of demand.csv, "
        "found none"
    )
    assert "there is no such file" in refused(EXAMPLE, *WEEKS, "--future", tmp_path / "f.csv")


def test_what_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    for out, why in (
        ("f.xlsx", "its name should end in .parquet or .csv"),
        ("no/f.csv", "there is no folder"),
        ("folder.csv", "is a folder"),
        ("demand.csv", "is read, so it is not written over"),
    ):
        path = kept(tmp_path, HEAD + days("A", 1))
        (tmp_path / "folder.csv").mkdir(exist_ok=True)
        assert why in refused(path, *DAYS, "--out", tmp_path / out)
    assert "is read" in refused(
        kept(tmp_path, HEAD, "f.protection.csv"), *DAYS, "--out", tmp_path / "f.csv"
    )
    assert "end in .png" in refused(EXAMPLE, *WEEKS, "--plot", tmp_path / "p.gif")
    assert "cannot be written" in refused(EXAMPLE, *WEEKS, "--out", "/proc/f.csv")


def test_options_that_would_do_nothing_are_refused(tmp_path: Path) -> None:
    assert "--executor dask" in refused(EXAMPLE, *WEEKS, "--address", "127.0.0.1:8786")
    assert "there is no --plot" in refused(EXAMPLE, *WEEKS, "--plot-series", "TEAPOT")
    plot = tmp_path / "p.png"
    assert refused(EXAMPLE, *WEEKS, "--plot", plot, "--plot-series", "POT") == (
        "--plot-series POT: the file has no such unique_id"
    )


def test_a_worker_that_dies_is_told_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_arguments: object) -> None:
        raise BrokenProcessPool("terminated abruptly")

    monkeypatch.setattr("forecasting.forecast.forecast", die)
    assert "a process that worked on the forecast died" in refused(EXAMPLE, *WEEKS)


def test_a_process_says_it_plainly_and_ends_with_1(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "forecast", str(tmp_path / "away.csv"), *DAYS],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{tmp_path / 'away.csv'}: there is no such file\n"


def test_a_bar_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api.cli", "forecast", str(EXAMPLE), *WEEKS, "--json"]
    quiet = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    near, far = pty.openpty()
    shown = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=far, check=True)
    os.close(far)
    seen = os.read(near, 65_536).decode()
    os.close(near)
    assert "forecasting" in seen or "reading" in seen
    assert json.loads(shown.stdout)["series"] == 3


def test_help_waits_for_no_library_of_forecasts() -> None:
    code = "import sys, api.cli; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "api.command.forecast" in loaded
    late = {"pandas", "pyarrow", "matplotlib", "holidays", "lightgbm", "distributed"}
    assert not loaded & (late | {"api.plan.forecast", "forecasting.reader"})


def branded(folder: Path) -> Path:
    rows = [
        f"{name},2026-01-{day:02},{units + day % 3},{brand}\n"
        for name, units, brand in (("A", 4, "own"), ("B", 9, "own"), ("C", 2, "other"))
        for day in range(1, 29)
    ]
    return kept(folder, "unique_id,ds,y,brand\n" + "".join(rows))


def test_totals_by_a_column_add_up_from_the_bottom(tmp_path: Path) -> None:
    found = answered(branded(tmp_path), *DAYS, "--protection", "2", "--by", "brand")
    parts, totals = pd.DataFrame(found["forecast"]), pd.DataFrame(found["totals"])
    own = totals[totals.unique_id == "own"]["mean"].to_numpy()
    sums = parts[parts.unique_id.isin(["A", "B"])].groupby("ds")["mean"].sum().to_numpy()
    assert own == pytest.approx(sums)
    assert [row["unique_id"] for row in found["totals_protection"]] == ["other", "own"]


def test_totals_are_written_beside_the_forecast(tmp_path: Path) -> None:
    file, out = branded(tmp_path), tmp_path / "f.csv"
    said = told(file, *DAYS, "--protection", "2", "--by", "brand", "--out", out)
    assert "total of" in said
    for name in ("f.by-brand.csv", "f.by-brand.protection.csv"):
        assert set(pd.read_csv(tmp_path / name).unique_id) == {"own", "other"}


def test_totals_by_a_column_that_is_not_there_are_refused(tmp_path: Path) -> None:
    said = "--by size: the file has no such column of text; it has brand"
    assert refused(branded(tmp_path), *DAYS, "--by", "size") == said


def sold(first: int, *demand: int) -> str:
    """Days of January for two items, from `first` on."""
    return HEAD + "".join(
        f"{name},2026-01-{day:02},{y + more}\n"
        for name, more in (("A", 0), ("B", 20))
        for day, y in enumerate(demand, start=first)
    )


def test_a_new_day_costs_an_update_and_the_state_goes_on(tmp_path: Path) -> None:
    state, out = tmp_path / "s.npz", tmp_path / "f.csv"
    past = kept(tmp_path, sold(1, *[4, 6] * 10))
    fitted = answered(past, *DAYS, "--protection", "2", "--state", state)
    assert fitted["files"] == [str(state)]
    new = kept(tmp_path, sold(21, 90), "new.csv")
    first = answered(new, "--freq", "D", "--since", state)
    assert (first["since"], first["from"], first["to"]) == (str(state), "2026-01-21", "2026-01-21")
    assert [row["ds"] for row in first["forecast"][:3]] == [f"2026-01-{d}" for d in (22, 23, 24)]
    assert first["forecast"][0]["mean"] > fitted["forecast"][0]["mean"]
    assert first["protection"][0]["mean"] > fitted["protection"][0]["mean"]
    text = told(new, "--freq", "D", "--since", state, "--state", state, "--out", out)
    assert "2 series, moved on by 1 period, 2026-01-21; a period without a row is unknown" in text
    assert f"written: {tmp_path / 'f.protection.csv'}\nwritten: {state}" in text
    assert pd.read_csv(out)["mean"].iloc[0] == pytest.approx(first["forecast"][0]["mean"])
    assert "expected a day after 2026-01-21" in refused(new, "--freq", "D", "--since", state)
    later = kept(tmp_path, HEAD + "B,2026-01-22,5\n", "later.csv")
    found = answered(later, "--freq", "D", "--since", state)
    assert found["notes"] == ["1 series have no row: unknown there"]
    lacking = answered(later, "--freq", "D", "--since", state, "--gaps", "zero")
    assert lacking["notes"] == ["1 series have no row: nothing was ordered of them"]
    assert lacking["forecast"][0]["mean"] < found["forecast"][0]["mean"]


def test_what_lives_from_drivers_keeps_its_forecast_and_that_is_said(tmp_path: Path) -> None:
    state = tmp_path / "s.npz"
    fitted = answered(EXAMPLE, *WEEKS, "--future", PROMOTIONS, "--state", state)
    assert "drivers" in fitted["models"]
    new = kept(tmp_path, HEAD + "TEAPOT,2026-11-02,900\n", "new.csv")
    moved = answered(new, "--freq", "W", "--since", state)
    assert (
        "1 series live from drivers or from their kind: their forecast is kept until the next fit"
        in moved["notes"]
    )
    assert moved["forecast"][0]["mean"] == fitted["forecast"][1]["mean"]


def test_a_state_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    state, past = tmp_path / "s.npz", kept(tmp_path, sold(1, *[4, 6] * 10))
    told(past, *DAYS, "--state", state)
    new = kept(tmp_path, sold(21, 5), "new.csv")
    since = ("--freq", "D", "--since", state)
    assert refused(new, "--freq", "W", "--since", state) == "--freq W: s.npz is of days, D"
    assert "--horizon 4: s.npz has 3" in refused(new, *since, "--horizon", "4")
    assert "--protection: s.npz was made without it" in refused(new, *since, "--protection", "1")
    assert "--by goes with a fit of the whole history" in refused(new, *since, "--by", "brand")
    assert "--plot goes with a fit" in refused(new, *since, "--plot", tmp_path / "p.png")
    gap = kept(tmp_path, sold(23, 5), "gap.csv")
    assert "rows of 2026-01-21, the next period" in refused(gap, *since)
    other = kept(tmp_path, HEAD + "C,2026-01-21,5\n", "other.csv")
    assert "other.csv, line 2, column unique_id: expected a series that the state knows" in refused(
        other, *since
    )
    assert "there is no such file" in refused(new, "--freq", "D", "--since", tmp_path / "no.npz")
    assert "should end in .npz" in refused(new, "--freq", "D", "--since", past)
    assert "should end in .npz" in refused(past, *DAYS, "--state", tmp_path / "s.bin")
    state.write_bytes(state.read_bytes()[:1000])
    assert "s.npz, the file: expected a state as --state writes it" in refused(new, *since)


def test_a_fit_needs_a_horizon() -> None:
    done = CliRunner().invoke(app, ["forecast", str(EXAMPLE), "--freq", "W"])
    assert done.exit_code == 2
    assert "--horizon" in done.output


def test_totals_write_over_nothing_that_is_read_and_name_no_folder(tmp_path: Path) -> None:
    path = kept(tmp_path, branded(tmp_path).read_text("utf-8"), "f.by-brand.csv")
    assert "is read" in refused(path, *DAYS, "--by", "brand", "--out", tmp_path / "f.csv")
    text = path.read_text("utf-8").replace("brand", "kind/brand")
    slashed = kept(tmp_path, text, "g.csv")
    told(slashed, *DAYS, "--by", "kind/brand", "--out", tmp_path / "f.csv")
    assert (tmp_path / "f.by-kind-brand.csv").exists()
