"""Batches: what they spare against first come with S-shape, how near the bound, how large."""

import argparse
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.henn import CAPACITIES, ORDERS, henn_problem
from routing.effort import Clock, Effort
from routing.pick.batch.audit import audit_batches
from routing.pick.batch.demand import split_portable
from routing.pick.batch.ground import flat_of
from routing.pick.batch.planner import plan_batches
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.batch.savings import join_loads
from routing.pick.batch.walk import workroom
from routing.pick.reader.text import read_bytes
from routing.pick.tour.solve import solve_tour

CAPACITY = 45
OTHER_ORDERS = 60
SMALL = (6, 8, 10, 12)
SECONDS_A_LOAD = 0.03
WARM_UP = Effort(iterations=200)


@dataclass(frozen=True, slots=True)
class Run:
    """One plan; lengths in mm."""

    name: str
    orders: int
    capacity: int
    seed: int
    distance_mm: int
    baseline_mm: int
    savings_mm: int
    bound_mm: int
    method: str
    faults: int
    cpu_s: float

    @property
    def saving(self) -> float:
        """The share of the baseline's walk that is spared."""
        return 1 - self.distance_mm / self.baseline_mm

    @property
    def gap(self) -> float:
        """How far above the bound, as a share of it."""
        return self.distance_mm / self.bound_mm - 1


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Classes at one capacity, the other capacities, few orders, published samples, many orders."""
    seconds, seeds = options.batch_seconds, options.seeds
    for orders in (6, 30):
        plan_batches(henn_problem(orders, CAPACITY, 0), WARM_UP)
    classes = [
        _run(henn_problem(orders, CAPACITY, seed, by_class=by_class), name, CAPACITY, seed, seconds)
        for name, by_class in (("uniform", False), ("by class", True))
        for orders in ORDERS
        for seed in seeds
    ]
    others = [
        _run(henn_problem(OTHER_ORDERS, cap, seeds[0]), "uniform", cap, seeds[0], seconds)
        for cap in CAPACITIES
        if cap != CAPACITY
    ]
    small = [
        _run(henn_problem(orders, cap, seed), "uniform", cap, seed, seconds)
        for orders in SMALL
        for cap in CAPACITIES
        for seed in seeds
    ]
    samples = _samples(options.data / "batches", seeds[0], seconds)
    return {
        "batch_saving": mean(run.saving for run in classes),
        "batch_saving_least": min(run.saving for run in classes),
        "batch_classes": [asdict(run) for run in classes],
        "batch_capacities": [asdict(run) for run in others],
        "batch_small_gap_worst": max(run.gap for run in small),
        "batch_small_cases": len(small),
        "batch_samples": [asdict(run) for run in samples],
        "batch_samples_worse": sum(run.distance_mm > run.savings_mm for run in samples),
        "batch_faults": sum(run.faults for run in chain(classes, others, small, samples)),
        "batch_sizes": [_in_own_process(size, seeds[0]) for size in options.batch_sizes],
    }


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures as a table for people."""
    if "batch_classes" not in result:
        return []
    table = [
        (
            f"less walking at capacity {CAPACITY}",
            (
                f"{result['batch_saving']:.1%} in the mean,"
                f" {result['batch_saving_least']:.1%} at least"
            ),
        ),
        (
            "above the proven bound, 6 to 12 orders",
            f"{result['batch_small_gap_worst']:.2%} at worst of {result['batch_small_cases']}",
        ),
        ("plans with a fault", str(result["batch_faults"])),
    ]
    for run in [*_means(result["batch_classes"]), *result["batch_capacities"]]:
        table.append(
            (
                f"{run['orders']} orders, capacity {run['capacity']}, {run['name']}",
                (
                    f"{_less(run, 'baseline_mm')} than first come, {_less(run, 'savings_mm')} than"
                    f" savings; bound {run['bound_mm'] / run['distance_mm']:.1%} of the walk"
                ),
            )
        )
    for run in result["batch_samples"]:
        table.append(
            (
                f"sample {run['name']}",
                (
                    f"{run['distance_mm'] / 1_000:.1f} m, {_less(run, 'baseline_mm')} than first"
                    f" come, {_less(run, 'savings_mm')} than savings + exact"
                ),
            )
        )
    for size in result["batch_sizes"]:
        table.append(
            (
                f"{size['orders']} orders",
                (
                    f"{size['saving']:.1%} less walking in {size['wall_s']:.0f} s"
                    f" ({size['cpu_s']:.0f} s CPU), {size['peak_mb']} MB"
                ),
            )
        )
    return table


def _less(run: dict[str, Any], than: str) -> str:
    return f"{1 - run['distance_mm'] / run[than]:.1%} less" if run[than] else "0.0% less"


def _means(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for all seeds of a class."""
    kinds = dict.fromkeys((run["name"], run["orders"]) for run in runs)
    lengths = ("distance_mm", "baseline_mm", "savings_mm", "bound_mm")
    return [
        own[0] | {key: mean(run[key] for run in own) for key in lengths}
        for kind in kinds
        if (own := [run for run in runs if (run["name"], run["orders"]) == kind])
    ]


def _run(problem: BatchProblem, name: str, capacity: int, seed: int, seconds: float) -> Run:
    start = process_time()
    plan = plan_batches(problem, Effort(seed=seed, seconds=seconds, clock=Clock.CPU))
    cpu_s = process_time() - start
    return Run(
        name,
        len(problem.loads),
        capacity,
        seed,
        plan.distance_mm,
        plan.baseline_mm,
        _savings_mm(problem),
        plan.bound_mm,
        plan.method,
        len(audit_batches(problem, plan)),
        round(cpu_s, 2),
    )


def _savings_mm(problem: BatchProblem) -> int:
    """Carts joined by savings, each with its shortest walk."""
    loads, _ = split_portable(problem)
    flat = flat_of(problem, loads)
    carts = join_loads(flat, np.arange(len(loads)), workroom(flat))
    return sum(_walk_mm(problem, [loads[k] for k in cart]) for cart in carts)


def _walk_mm(problem: BatchProblem, cart: list[Load]) -> int:
    stops = [stop for load in cart for stop in load.stops]
    return solve_tour(problem.floor, stops, precedence=problem.precedence).distance_mm


def _samples(folder: Path, seed: int, seconds: float) -> list[Run]:
    """Every published sample of a batch problem; one that is cut short is told and left out."""
    runs = []
    for file in sorted(folder.glob("*/*.txt")):
        try:
            problem = read_bytes(file.read_bytes(), file.name)
        except ValueError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        if isinstance(problem, BatchProblem):
            runs.append(_run(problem, f"{file.parent.name}/{file.name}", 0, seed, seconds))
    return runs


def _in_own_process(size: int, seed: int) -> dict[str, Any]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_large, size, seed).result()


def _large(size: int, seed: int) -> dict[str, Any]:
    plan_batches(henn_problem(30, CAPACITY, 0), WARM_UP)
    problem = henn_problem(size, CAPACITY, seed)
    start, cpu = perf_counter(), process_time()
    effort = Effort(seed=seed, seconds=SECONDS_A_LOAD * size, clock=Clock.CPU)
    plan = plan_batches(problem, effort)
    return {
        "orders": size,
        "saving": plan.saving,
        "gap": plan.gap,
        "wall_s": perf_counter() - start,
        "cpu_s": process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
