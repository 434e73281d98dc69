"""One engine on one instance, timed by its processor seconds."""

import os
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from time import process_time
from typing import Any

from benchmarks.route_case import Case
from benchmarks.route_peer import PEERS
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.effort import Clock, Effort

WARM_UP_STOPS = 12
WARM_UP_STEPS = 20


@dataclass(frozen=True, slots=True)
class Task:
    """Who tries what for how long; 0 seconds ask for the first feasible plan alone."""

    case: Case
    engine: str
    seconds: float
    seed: int


def run_all(tasks: list[Task], processes: int) -> list[dict[str, Any]]:
    """Every trial's row; each in a process that is used for nothing else."""
    rows = []
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, max_tasks_per_child=1) as pool:
        for at, (task, row) in enumerate(zip(tasks, pool.map(trial, tasks), strict=True), start=1):
            if row is None:
                print(f"{task.case.file}: {task.engine} does not carry it", file=sys.stderr)
                continue
            rows.append(row)
            gap = "" if row["gap"] is None else f"{row['gap']:.3f} %"
            print(
                f"{at}/{len(tasks)} {row['file']} {row['engine']} {row['seconds']:g} s"
                f" seed {row['seed']}: {row['cost']:.1f} {gap}",
                file=sys.stderr,
            )
    return rows


def trial(task: Task) -> dict[str, Any] | None:
    """What one engine made of one instance; None where it can't carry it."""
    from routing.delivery.audit import audit_deliveries

    read = task.case.read()
    solve = _solver(task)
    compile_s = _compile(read.problem, task)
    began = _processor_s()
    plan = solve(read.problem, task.seconds)
    cpu_s = _processor_s() - began
    if plan is None:
        return None
    faults = audit_deliveries(read.problem, plan)
    assert not faults, f"{task.case.file} {task.engine}: {faults[0]}"
    cost = read.cost(plan)
    best_vehicles = task.case.vehicles
    over = 0 if best_vehicles is None else plan.vehicles - best_vehicles
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "family": task.case.family,
        "file": task.case.file,
        "best_known": task.case.best,
        "engine": task.engine,
        "made_by": plan.engine,
        "seconds": task.seconds,
        "seed": task.seed,
        "cost": cost,
        "gap": task.case.gap(cost),
        "vehicles": plan.vehicles,
        "vehicles_over": over,
        "unserved": len(plan.unserved),
        "iterations": plan.iterations,
        "cpu_seconds": round(cpu_s, 3),
        "compile_seconds": round(compile_s, 3),
        "memory_mib": round(peak),
    }


def _solver(task: Task) -> Any:
    from routing.delivery.planner import plan_deliveries
    from routing.delivery.timetable import plan_of

    engine = "auto" if task.engine == "stowline" else task.engine

    def ours(problem: DeliveryProblem, seconds: float) -> DeliveryPlan:
        effort = Effort(seed=task.seed, seconds=seconds, clock=Clock.CPU)
        if not seconds:
            effort = Effort(seed=task.seed, iterations=0)
        return plan_deliveries(problem, effort, engine=engine)

    def peer(problem: DeliveryProblem, seconds: float) -> DeliveryPlan | None:
        draft = PEERS[task.engine][1](problem, seconds, task.seed)
        if draft is None:
            return None
        return plan_of(problem, draft, why="asked for", seconds=seconds)

    return peer if task.engine in PEERS else ours


def _compile(problem: DeliveryProblem, task: Task) -> float:
    """Has a few stops planned, so that compiling is no part of the trial."""
    if task.engine in PEERS:
        return 0.0
    from routing.delivery.planner import plan_deliveries

    kept = {stop.id for stop in problem.stops[:WARM_UP_STOPS]}
    for pair in problem.pairs:
        if kept & {pair.pickup, pair.delivery}:
            kept |= {pair.pickup, pair.delivery}
    few = replace(
        problem,
        stops=tuple(stop for stop in problem.stops if stop.id in kept),
        pairs=tuple(pair for pair in problem.pairs if pair.pickup in kept),
    )
    began = process_time()
    engine = "auto" if task.engine == "stowline" else task.engine
    plan_deliveries(few, Effort(seed=1, iterations=WARM_UP_STEPS), engine=engine)
    return process_time() - began


def _processor_s() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
