"""Solve, audit, fall back."""

from dataclasses import replace

from routing.error import NoPlan
from routing.van.audit import audit_deliveries
from routing.van.baseline import nearest_neighbour
from routing.van.plan import DeliveryPlan
from routing.van.problem import DeliveryProblem, straight_lines
from routing.van.solver import solve_routes


def plan_deliveries(
    problem: DeliveryProblem, seed: int, time_limit_s: int, solutions: int
) -> DeliveryPlan:
    """The better of OR-Tools' plan and the nearest neighbour rule's that passes the audit.

    Better is fewer stops unserved, then fewer metres. Equal arguments give equal plans as long
    as the search ends by `solutions` before time_limit_s.

    Raises: ValueError when a limit makes no sense; NoPlan when neither plan passes.
    """
    if time_limit_s < 1 or solutions < 1:
        raise ValueError("time_limit_s and solutions must be at least 1")
    matrix = straight_lines(problem)
    baseline = nearest_neighbour(problem, matrix)
    plans = [baseline]
    if problem.stops:
        solved = solve_routes(problem, matrix, seed, time_limit_s, solutions)
        plans = [solved, baseline] if solved else [baseline]
    faults: list[str] = []
    for plan in sorted(plans, key=lambda each: each.rank):
        faults = audit_deliveries(problem, plan)
        if not faults:
            return replace(plan, baseline_m=baseline.distance_m)
    raise NoPlan(f"no plan holds: {faults[0]}")
