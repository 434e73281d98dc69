"""Tours: right against every order of the stops, beside the rules and OR-Tools, and how fast."""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import mean
from time import process_time
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.held_karp import shortest_mm, ways_mm
from routing.error import NoPlan
from routing.pick.floor.layout import Layout, Stop
from routing.pick.reader.kind import TourInput
from routing.pick.reader.text import read_text
from routing.pick.tour.bulk import solve_many
from routing.pick.tour.rule import RULES
from routing.pick.tour.solve import solve_tour

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = (2, 3, 4, 5)
PICKS = 30
AISLES = 10
BULK = 20_000
SINGLES = 500
OR_TOOLS_CASES = 5
WARM_UP = (
    "import json; from time import process_time; from routing.pick.floor.layout import *;"
    "start = process_time(); from routing.pick.tour.solve import solve_tour;"
    "solve_tour(Layout(3, 9_000, 3_000), (Stop(1, 2_000), Stop(2, 7_000)));"
    "print(json.dumps(process_time() - start))"
)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Correctness on random cases first, then the speed of what was correct."""
    cold_s, warm_s = _warm_up()
    mismatches, blocks = 0, []
    for blocks_n in (1, *BLOCKS):
        cases = options.cases if blocks_n == 1 else options.cases // 10
        row = _against_every_order(blocks_n, cases, options.seeds)
        mismatches += row["mismatches"] if blocks_n == 1 else 0
        blocks.append(row)
    return {
        "warm_up_cold_s": round(cold_s, 1),
        "warm_up_cached_s": round(warm_s, 2),
        "tour_cases": blocks[0]["cases"],
        "tour_mismatches": mismatches,
        "blocks": blocks,
        "above_best": _rules(options.seeds) | _or_tools(options.seeds),
        "published": _published(options.data),
    } | _speed(options.seeds)


def _warm_up() -> tuple[float, float]:
    """The CPU seconds to a first tour where nothing is compiled yet, and where it was once."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"NUMBA_CACHE_DIR": cache}
        command = [sys.executable, "-c", WARM_UP]
        runs = [
            json.loads(subprocess.check_output(command, cwd=ROOT, env=environment))
            for _ in range(2)
        ]
    return runs[0], runs[1]


def _against_every_order(blocks: int, cases: int, seeds: list[int]) -> dict[str, Any]:
    excess: list[float] = []
    wrong_bounds = 0
    spent_s = 0.0
    for seed in seeds:
        rng = Random(seed * 100 + blocks)
        for _ in range(-(-cases // len(seeds))):
            layout = _small_floor(rng, blocks)
            stops = tuple(
                Stop(rng.randrange(layout.aisles), rng.randint(0, layout.aisle_length_mm))
                for _ in range(rng.randint(1, 9))
            )
            best = shortest_mm(layout, stops)
            start = process_time()
            tour = solve_tour(layout, stops)
            spent_s += process_time() - start
            excess.append(tour.distance_mm / best - 1 if best else 0.0)
            wrong_bounds += tour.bound_mm > best
    return {
        "blocks": blocks,
        "cases": len(excess),
        "mismatches": sum(share != 0 for share in excess),
        "mean_above_best": mean(excess),
        "worst_above_best": max(excess),
        "wrong_bounds": wrong_bounds,
        "ms_each": round(1_000 * spent_s / len(excess), 3),
    }


def _small_floor(rng: Random, blocks: int) -> Layout:
    length_mm = rng.randint(blocks, 60)
    inner = tuple(sorted(rng.sample(range(1, length_mm), blocks - 1)))
    aisles = rng.randint(1, 6)
    return Layout(aisles, length_mm, rng.randint(1, 15), rng.randrange(aisles), inner)


def _real_stops(rng: Random) -> tuple[Stop, ...]:
    return tuple(Stop(rng.randrange(AISLES), 1_000 * rng.randint(1, 44)) for _ in range(PICKS))


def _rules(seeds: list[int]) -> dict[str, float]:
    """How far each rule walks above the shortest, at 10 aisles and 30 picks in one block."""
    layout = Layout(AISLES, 45_000, 5_000)
    above: dict[str, list[float]] = {}
    for seed in seeds:
        rng = Random(seed)
        for _ in range(50):
            stops = _real_stops(rng)
            best = solve_tour(layout, stops).distance_mm
            for name, rule in RULES.items():
                try:
                    walked = rule(layout, stops).distance_mm
                except NoPlan:
                    continue
                above.setdefault(name, []).append(walked / best - 1)
    return {name: round(mean(shares), 4) for name, shares in above.items()}


def _or_tools(seeds: list[int]) -> dict[str, float]:
    """The same for OR-Tools' routing search, with its guided local search for one second each."""
    layout = Layout(AISLES, 45_000, 5_000)
    above = []
    for seed in seeds:
        rng = Random(seed)
        for _ in range(OR_TOOLS_CASES):
            stops = _real_stops(rng)
            best = solve_tour(layout, stops).distance_mm
            above.append(_or_tools_mm(layout, stops) / best - 1)
    return {"or_tools_1_s": round(mean(above), 4)}


def _or_tools_mm(layout: Layout, stops: tuple[Stop, ...]) -> int:
    spots = sorted({(stop.aisle, stop.position_mm) for stop in stops} - {(layout.depot_aisle, 0)})
    ways = ways_mm(layout, [(layout.depot_aisle, 0), *spots])
    manager = pywrapcp.RoutingIndexManager(len(ways), 1, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(ways.tolist()))
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    search.time_limit.seconds = 1
    return int(model.SolveWithParameters(search).ObjectiveValue())


def _speed(seeds: list[int]) -> dict[str, Any]:
    rng = np.random.default_rng(seeds[0])
    layout = Layout(AISLES, 45_000, 5_000)
    aisle = rng.integers(0, AISLES, BULK * PICKS)
    mm = 1_000 * rng.integers(1, 45, BULK * PICKS)
    start = np.arange(0, BULK * PICKS + 1, PICKS)
    solve_many(layout, aisle[:PICKS], mm[:PICKS], start[:2])
    began = process_time()
    lengths, _ = solve_many(layout, aisle, mm, start)
    bulk_s = process_time() - began
    singles = [
        tuple(Stop(int(a), int(y)) for a, y in zip(aisle[at:to], mm[at:to], strict=True))
        for at, to in pairwise(start[: SINGLES + 1])
    ]
    began = process_time()
    walked = [solve_tour(layout, stops).distance_mm for stops in singles]
    single_s = process_time() - began
    assert walked == lengths[:SINGLES].tolist(), "one by one and in bulk differ"
    by_blocks = {}
    for blocks in BLOCKS:
        inner = tuple(45_000 * k // blocks for k in range(1, blocks))
        crossed = Layout(AISLES, 45_000, 5_000, 0, inner)
        solve_tour(crossed, singles[0])
        began = process_time()
        for stops in singles[:50]:
            solve_tour(crossed, stops)
        by_blocks[blocks] = round((process_time() - began) / 50 * 1_000, 2)
    return {
        "tour_us": round(1e6 * bulk_s / BULK, 2),
        "tours_per_s": round(BULK / bulk_s),
        "tour_with_path_us": round(1e6 * single_s / SINGLES),
        "tour_ms_by_blocks": by_blocks,
    }


def _published(data: Path) -> list[dict[str, Any]]:
    """The instances whose shortest walk is published, beside ours."""
    known = _known(data / "tours" / "results_SPRP.csv")
    found = []
    for path in sorted((data / "tours").glob("*.txt")):
        given = read_text(path.read_text(errors="replace"), path.name)
        assert isinstance(given, TourInput)
        tour = solve_tour(given.floor, given.stops)
        found.append(
            {
                "file": path.name,
                "distance": tour.distance_mm / given.scale_mm,
                "optimum": known[tuple(map(int, re.findall(r"\d+", path.stem)))],
            }
        )
    return found


def _known(path: Path) -> dict[tuple[int, ...], float]:
    """The published optimum by what a file's name says: F1, aisles, cells, articles, seed.

    The files are of unit demand, their storage spread over F articles a place.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (
                int(row["alpha"]),
                *(int(row[f"num {name}"]) for name in ("aisles", "cells")),
                int(row["num articles"]),
                int(row["random seed"]),
            ): float(row["DP cost"].replace(",", "."))
            for row in csv.DictReader(file, delimiter=";")
            if row["unit demand"] == "true"
        }


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures for people; nothing when this part did not run."""
    if "tour_us" not in result:
        return []
    table = [
        (
            "first tour: nothing compiled · compiled, CPU s",
            f"{result['warm_up_cold_s']} · {result['warm_up_cached_s']}",
        ),
        (
            "a tour of 30 picks in 10 aisles, µs · tours/s",
            f"{result['tour_us']} · {result['tours_per_s']:,}",
        ),
        ("the same one by one, with its path, µs", f"{result['tour_with_path_us']}"),
    ]
    for row in result["blocks"]:
        table.append(
            (
                f"{row['blocks']} block(s): cases · not shortest · worst above",
                f"{row['cases']:,} · {row['mismatches']} · {row['worst_above_best']:.2%}",
            )
        )
    for row in result["published"]:
        table.append((row["file"], f"{row['distance']} (published optimum {row['optimum']})"))
    for name, share in result["above_best"].items():
        table.append((f"{name} above the shortest", f"{share:.1%}"))
    return table
