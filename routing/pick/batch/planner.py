"""Loads put into carts so that the pickers walk less."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import inf

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.batch.audit import audit_batches
from routing.pick.batch.baseline import batch_of, fill_first_come, first_come, stops_in
from routing.pick.batch.measured import is_measurable
from routing.pick.batch.part import portable_of
from routing.pick.batch.plan import Batch, BatchPlan
from routing.pick.batch.problem import BatchProblem
from routing.pick.batch.quest import Left, Members, quest
from routing.pick.batch.repair import repair_lateness
from routing.pick.batch.schedule import schedule
from routing.pick.tour.solve import solve_tour

__all__ = ["first_come", "plan_batches", "solve_batches"]

# For walks that are searched for: a share of the time, or so many steps for each.
WALKS_SHARE = 0.3
WALK_STEPS = 2_000
WALK_S_MIN = 0.01


def plan_batches(problem: BatchProblem, effort: Effort) -> BatchPlan:
    """Loads in carts with the shortest walk found, audited; never longer than the baseline.

    By iterations alone, equal arguments give equal plans. If the solver's plan breaks a rule, it
    is first_come's, and its method says why.

    Raises: NoPlan when first_come's plan breaks a rule as well.
    """
    plan = solve_batches(problem, effort)
    faults = audit_batches(problem, plan)
    if not faults:
        return plan
    baseline = first_come(problem)
    if worse := audit_batches(problem, baseline):
        raise NoPlan(f"neither plan holds: {faults[0]}; {worse[0]}")
    return replace(baseline, method=f"{baseline.method} (the solver's plan broke: {faults[0]})")


def solve_batches(problem: BatchProblem, effort: Effort) -> BatchPlan:
    """The best of first come, savings, annealing and a set covering of the carts seen.

    Up to twelve loads in one block are planned exactly.
    """
    left = effort.left()
    portable = portable_of(problem)
    baseline = fill_first_come(portable)
    if not portable.problem.loads:
        return baseline
    plan = _plan_portable(portable.problem, baseline, effort, left)
    if not problem.shifts:
        return plan
    plan = replace(plan, schedule=schedule(portable.problem, plan.batches))
    walk = partial(
        solve_tour, precedence=problem.precedence, effort=_walk_effort(effort, WALK_S_MIN)
    )
    plan = repair_lateness(problem, plan, walk)
    # A repair may put loads together that the search keeps apart for their due times.
    return replace(plan, bound_mm=min(plan.bound_mm, plan.distance_mm))


def _plan_portable(
    problem: BatchProblem, baseline: BatchPlan, effort: Effort, left: Left
) -> BatchPlan:
    reserve_s = 0.0 if is_measurable(problem) or left() == inf else WALKS_SHARE * left()
    found = quest(problem, effort, lambda: left() - reserve_s)
    batches = _walk_all(problem, found.carts, effort, left)
    distance_mm = sum(batch.tour.distance_mm for batch in batches)
    plan = replace(baseline, batches=batches, distance_mm=distance_mm, method=found.method)
    if distance_mm > baseline.distance_mm:
        plan = baseline
    return replace(plan, bound_mm=min(found.bound_mm, plan.distance_mm))


def _walk_all(
    problem: BatchProblem, carts: Sequence[Members], effort: Effort, left: Left
) -> tuple[Batch, ...]:
    """The carts with their walks, in the order of their first loads."""
    batches = []
    rows = sorted(tuple(sorted(cart)) for cart in carts)
    for done, cart in enumerate(rows):
        share_s = max(WALK_S_MIN, left() / (len(rows) - done))
        loads = [problem.loads[k] for k in cart]
        tour = solve_tour(
            problem.floor,
            stops_in(loads),
            precedence=problem.precedence,
            effort=_walk_effort(effort, share_s),
        )
        batches.append(batch_of(problem, loads, tour))
    return tuple(batches)


def _walk_effort(effort: Effort, seconds: float) -> Effort:
    """What one walk may cost; by steps where the whole plan goes by steps."""
    steps = None if effort.iterations is None else WALK_STEPS
    within_s = None if effort.seconds is None else seconds
    return replace(effort, iterations=steps, seconds=within_s)
