"""Forecasts and the stock they set, beside AutoETS, Croston, LightGBM and the textbook."""

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmarks.forecast_environment import LOCK, find_python, versions
from benchmarks.forecast_point import measure as measure_points
from benchmarks.forecast_set import SETS, Dataset, Split, read_sets
from benchmarks.forecast_speed import measure_import, measure_many, measure_speed
from benchmarks.forecast_stock import foresee, measure_coverage, measure_stock
from benchmarks.machine import machine
from forecasting.executor import Processes

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "forecast"
PARTS = ("point", "stock", "speed", "import")
#: how many series the speed is taken of when a share of them is promoted
PROMOTED_SERIES = 5_000
FILL_POINTS, COVERAGE_POINTS = 2.0, 1.5
SPEED_MIN, MANY_S_MAX, MANY_MIB_MAX = 15_000, 120, 2_048
IMPORT_S_MAX, IMPORT_MIB_MAX = 0.5, 80


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("folder", type=Path, nargs="?", default=DATA, metavar="DIR")
    parser.add_argument("--sets", nargs="*", choices=tuple(SETS), default=list(SETS))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--back", type=int, default=0, help="last periods left out of every set")
    parser.add_argument("--series", type=int, help="of a set, drawn with the seed; else all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lead", type=int, default=2, help="periods from an order to its arrival")
    parser.add_argument("--peers-python", type=Path, metavar="PATH", help="one that has the peers")
    parser.add_argument(
        "--make-peers", action="store_true", help=f"install {LOCK.name} under STOWLINE_HOME"
    )
    parser.add_argument("--made", type=int, default=40_000, help="series for the speed")
    parser.add_argument("--periods", type=int, default=104)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--promoted", type=float, default=0.1, help="share promoted; 0: none")
    parser.add_argument("--million", action="store_true", help="also --many series by --processes")
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measures what is asked for; without peers their columns stay empty."""
    python = find_python(options.peers_python, options.make_peers)
    if python is None and "point" in options.parts:
        print("no peers: --make-peers installs them, --peers-python names them", file=sys.stderr)
    told = {name: _plain(value) for name, value in vars(options).items() if name != "json"}
    result: dict[str, Any] = {
        "machine": machine(),
        "options": told,
        "peers": {} if python is None else versions(python),
        "datasets": [],
        "coverage": [],
        "fill": [],
        "curves": {},
        "series_per_s_core": None,
    }
    if {"point", "stock"} & set(options.parts):
        split = Split(options.back, options.series, options.seed, options.lead)
        for dataset in read_sets(options.folder, options.sets, split):
            _measure(dataset, options, python, result)
    if "speed" in options.parts:
        result |= _speed(options)
    if options.million:
        result["million"] = measure_many(
            options.many, options.periods, options.seed, options.processes
        )
    if "import" in options.parts:
        result["import"] = measure_import()
    return result


def _measure(
    dataset: Dataset, options: argparse.Namespace, python: Path | None, result: dict[str, Any]
) -> None:
    print(f"{dataset.name}: {dataset.history.shape[0]:,} series", file=sys.stderr)
    if "point" in options.parts:
        result["datasets"] += measure_points(dataset, python)
    if "stock" in options.parts:
        with Processes(options.processes) as processes:
            ours = foresee(dataset, processes)
        result["coverage"] += measure_coverage(dataset, ours)
        stock = measure_stock(dataset, ours)
        result["datasets"].append(stock["equal"])
        result["fill"] += stock["fill"]
        result["curves"][dataset.name] = stock["curve"]


def _speed(options: argparse.Namespace) -> dict[str, Any]:
    print(f"speed: {options.made:,} made series", file=sys.stderr)
    speed = measure_speed(options.made, options.periods, options.seed, options.repeats)
    answer = {"series_per_s_core": speed["series_per_s_core"], "speed": [speed]}
    if options.promoted:
        print(f"speed: {PROMOTED_SERIES:,} with promoted ones", file=sys.stderr)
        few = min(PROMOTED_SERIES, options.made)
        answer["speed"].append(
            measure_speed(few, options.periods, options.seed, 1, options.promoted)
        )
    return answer


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | list | None) else str(value)


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures as a table for people."""
    told = [(f"{row['name']}, {row['metric']}", _compared(row)) for row in result["datasets"]]
    for row in result["coverage"]:
        label = f"{row['name']}, coverage of {row['level']:g}"
        away, other = _points(row["points"], COVERAGE_POINTS), f"{row['textbook_points']:+.1f}"
        told.append((label, f"{row['ours']:.3f} ({away}), textbook {other}"))
    for row in result["fill"]:
        label = f"{row['name']}, fill aimed at {row['target']:.0%}"
        away, units = _points(row["points"], FILL_POINTS), f"{row['points_of_units']:+.1f} of units"
        others = f"open {row['open']:.3f}, textbook {row['textbook']:.3f}"
        told.append((label, f"{row['reached']:.3f} ({away}; {units}), {others}"))
    for row in result.get("speed", []):
        share = f", {row['promoted']:.0%} promoted" if row["promoted"] else ""
        wanted = "" if row["promoted"] else f" (wanted ≥ {SPEED_MIN:,})"
        label = f"series × {row['periods']} periods a second and core{share}"
        told.append((label, f"{row['series_per_s_core']:,}{wanted}"))
    return told + _heavy(result)


def _points(away: float, wanted: float) -> str:
    return f"{away:+.1f} points, wanted ± {wanted:g}"


def _heavy(result: dict[str, Any]) -> list[tuple[str, str]]:
    told = []
    if many := result.get("million"):
        label = f"{many['series']:,} series by {many['workers']} processes"
        took = f"{many['wall_s']} s (wanted ≤ {MANY_S_MAX})"
        told.append((label, f"{took}, {many['peak_mib']:,} MiB (wanted ≤ {MANY_MIB_MAX:,})"))
    if cost := result.get("import"):
        took = f"{cost['cpu_s']} CPU s (wanted ≤ {IMPORT_S_MAX})"
        room = f"{cost['memory_mib']} MiB (wanted ≤ {IMPORT_MIB_MAX})"
        heavy = ", ".join(cost["loaded"]) or "numpy alone"
        told.append(("importing forecasts", f"{took}, {room}, with {heavy}"))
    return told


def _compared(row: dict[str, Any]) -> str:
    ours = "never reached" if row["ours"] is None else f"{row['ours']:.4g}"
    if row["peer"] is None:
        return ours if row["against"] is None else f"{ours}, {row['against']} never reached"
    wanted = "" if row["goal"] is None else f" (wanted ≤ {row['goal']:g})"
    ratio = "" if row["ratio"] is None else f": {row['ratio']:.3f}{wanted}"
    return f"{ours}, {row['against']} {row['peer']:.4g}{ratio}"
