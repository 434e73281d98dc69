"""Delivery routes beside PyVRP, HGS, VROOM and OR-Tools, in equal processor time."""

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks import route_replan
from benchmarks.machine import machine
from benchmarks.route_case import Case, cases
from benchmarks.route_peer import PEERS, installed
from benchmarks.route_trial import Task, run_all

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "routing"
FAMILIES = ("cvrp", "vrptw", "large", "pdptw", "hfvrp", "mdvrptw")
OURS = "stowline"
ENGINES = (OURS, "sisr", "pyvrp", "ortools", *PEERS)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("folder", type=Path, nargs="?", default=DATA, metavar="DIR")
    parser.add_argument("--families", nargs="*", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--files", nargs="*", help="only instances whose name has one of these")
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0, 30.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--peer-seeds", type=int, nargs="+", help="of all but our own; else all")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=[OURS, "pyvrp"])
    parser.add_argument("--sizes", type=int, nargs="*", default=[5_000], help="made here")
    parser.add_argument("--size-seconds", type=float, default=60.0)
    parser.add_argument("--replan", type=int, default=200, help="stops of a day; 0 for none")
    parser.add_argument("--processes", type=int, default=1, help="trials beside one another")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Has every engine try every instance, each trial in so many processor seconds."""
    missing = [name for name in options.engines if name in PEERS and not installed(name)]
    for name in missing:
        print(f"{name} is not installed: the extra `peers` has it", file=sys.stderr)
    engines = [name for name in options.engines if name not in missing]
    tasks = [
        Task(case, engine, seconds, seed)
        for case in cases(options.folder, options.families)
        if not options.files or any(part in case.file for part in options.files)
        for engine in engines
        for seconds in options.seconds
        for seed in _seeds(options, engine)
    ]
    tasks += [
        Task(Case("made", f"field-{size}", None, None, None, size, 1), engine, seconds, seed)
        for size in options.sizes
        for engine in engines
        for seconds in (0.0, options.size_seconds)
        for seed in _seeds(options, engine)
        if seconds or engine == OURS
    ]
    rows = run_all(tasks, options.processes)
    replanned = route_replan.measure(options.replan, options.seeds) if options.replan else []
    told = {name: _plain(value) for name, value in vars(options).items() if name != "json"}
    return {
        "machine": machine(),
        "options": told,
        "missing": missing,
        "instances": _instances(rows),
        "mean_gap": _means(rows),
        "start": [row for row in rows if row["seconds"] == 0],
        "replan": replanned,
        "trials": rows,
    }


def _seeds(options: argparse.Namespace, engine: str) -> list[int]:
    seeds: list[int] = options.seeds
    return seeds if engine == OURS else options.peer_seeds or seeds


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | list | None) else str(value)


def _instances(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    trials: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["seconds"]:
            told.setdefault(
                row["file"],
                {"file": row["file"], "family": row["family"], "best_known": row["best_known"]},
            )
            trials[row["file"], f"{row['engine']} {row['seconds']:g} s"].append(row)
    for (file, engine), own in trials.items():
        gaps = [row["gap"] for row in own if row["gap"] is not None]
        told[file][engine] = {
            "cost": mean(row["cost"] for row in own),
            "gap": mean(gaps) if gaps else None,
            "cpu_seconds": mean(row["cpu_seconds"] for row in own),
            "unserved": max(row["unserved"] for row in own),
            "vehicles": mean(row["vehicles"] for row in own),
            "vehicles_over": max(row["vehicles_over"] for row in own),
            "memory_mib": max(row["memory_mib"] for row in own),
        }
    return list(told.values())


def _means(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    gaps: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["seconds"] and row["gap"] is not None and not row["unserved"]:
            gaps[f"{row['engine']} {row['seconds']:g} s"][row["family"]].append(row["gap"])
    return {
        engine: {family: mean(own) for family, own in by_family.items()}
        for engine, by_family in gaps.items()
    }


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures as a table for people."""
    told = [
        (f"{engine}, {family}", f"{gap:.3f} % above the best known, mean")
        for engine, families in result["mean_gap"].items()
        for family, gap in families.items()
    ]
    for one in result["instances"]:
        cells = [f"{name} {_gap(value)}" for name, value in one.items() if isinstance(value, dict)]
        told.append((one["file"], "  ".join(cells)))
    told += [
        (f"{one['file']} start", f"{one['cost']:.0f} after {one['cpu_seconds']:.2f} s")
        for one in result["start"]
    ]
    for one in result["replan"]:
        new, inserted = f"{one['cost']:.0f}", f"{one['insertion']:.0f}"
        took = f"{one['wall_seconds']:.2f} s"
        told.append((f"re-plan, seed {one['seed']}", f"{new} in {took}, insertion {inserted}"))
    return told


def _gap(value: dict[str, Any]) -> str:
    told = f"{value['cost']:.1f}" if value["gap"] is None else f"{value['gap']:.2f} %"
    over = f" +{value['vehicles_over']} vehicles" if value["vehicles_over"] else ""
    left = f" {value['unserved']} unserved" if value["unserved"] else ""
    return told + over + left
