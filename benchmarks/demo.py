"""The main job on real orders, run again with the same seed: figures, and whether they repeat."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from api.settings import Settings, child_environment
from benchmarks.home import own_home
from benchmarks.machine import machine

ROOT = Path(__file__).resolve().parent.parent
REPEATED = (
    "orders_accepted",
    "orders_shipped",
    "lines",
    "units_picked",
    "parcels",
    "labels_printed",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--speed", type=float, default=None)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Runs the demo in a home of its own, as often as asked for."""
    runs: list[dict[str, Any]] = []
    with own_home() as home:
        for number in range(options.runs):
            print(f"run {number + 1} of {options.runs} …", file=sys.stderr)
            runs.append(_demo(home, options))
    first = runs[0]
    repeats = all(run[name] == first[name] for run in runs for name in REPEATED)
    saved = 1 - first["pick_distance_m"] / first["baseline_distance_m"]
    return {
        "machine": machine(),
        "orders": options.orders,
        "seed": options.seed,
        "repeats": repeats,
        "walk_saved": round(saved, 4),
        "runs": runs,
    }


def _demo(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    speed = [] if options.speed is None else ["--speed", str(options.speed)]
    command = [
        *(sys.executable, "-m", "api.cli", "demo", "--json"),
        *("--orders", str(options.orders), "--seed", str(options.seed), *speed),
    ]
    environment = child_environment(Settings(home=home))
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        raise SystemExit(f"the demo ended with exit code {done.returncode} and no result")
    result: dict[str, Any] = json.loads(done.stdout)
    result.pop("database_url")
    return result


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The result for people."""
    table = [
        (name, " · ".join(_short(run[name]) for run in result["runs"]))
        for name in result["runs"][0]
    ]
    repeats = "yes" if result["repeats"] else "NO"
    saved = f"{result['walk_saved']:.1%}"
    return [*table, ("walk saved against the baseline", saved), ("same seed, same counts", repeats)]


def _short(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return str(value)
