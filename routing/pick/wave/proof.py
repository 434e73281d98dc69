"""Is there any better choice? Asked of an exact solver, which proves that there is none."""

from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from routing.pick.wave.flat import Wave
from routing.pick.wave.program import program

# Nodes of SCIP's tree where no clock ends it, so that it repeats on any machine.
NODES_MAX = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """A better choice if one was found, and what no choice exceeds in units less price by aisle.

    better: orders and aisles.
    """

    better: tuple[list[int], list[int]] | None
    surplus_max: float


def settle(wave: Wave, units: int, aisles: int, seed: int, seconds: float) -> Verdict | None:
    """The best choice if an aisle costs units ÷ aisles; None if nothing is known in time.

    No choice has a better ratio than units ÷ aisles if the surplus of all is below 1 ÷ aisles,
    since units times aisles are whole numbers.

    Source: W. Dinkelbach (1967), On Nonlinear Fractional Programming.
    """
    made = program(wave, "SCIP", whole=True)
    solver = made.solver
    objective = solver.Objective()
    objective.SetMaximization()
    total = solver.Constraint(float(wave.units_min), float(wave.units_max))
    for variable, size, must in zip(made.orders, wave.units, wave.must, strict=True):
        objective.SetCoefficient(variable, float(size))
        total.SetCoefficient(variable, float(size))
        if must:
            variable.SetLb(1.0)
    for variable in made.aisles:
        objective.SetCoefficient(variable, -units / aisles)
    made.limit_seconds(seconds)
    parameters = f"randomization/randomseedshift = {seed}\n"
    if seconds == float("inf"):
        parameters += f"limits/totalnodes = {NODES_MAX}\n"
    solver.SetSolverSpecificParametersAsString(parameters)
    precise = pywraplp.MPSolverParameters()
    precise.SetDoubleParam(precise.RELATIVE_MIP_GAP, 0.0)
    status = solver.Solve(precise)
    if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return None
    surplus_max = float(objective.BestBound())
    orders, chosen = made.chosen()
    gained = int(wave.units[orders].sum()) * aisles - units * len(chosen)
    holds = _holds(wave, orders, chosen)
    return Verdict((orders, chosen) if holds and gained > 0 and chosen else None, surplus_max)


def _holds(wave: Wave, orders: list[int], aisles: list[int]) -> bool:
    """Whether the choice holds in whole numbers; the solver's are floating."""
    rest = np.zeros(wave.items, np.int64)
    for aisle in aisles:
        lines = slice(wave.aisle_start[aisle], wave.aisle_start[aisle + 1])
        rest[wave.aisle_item[lines]] += wave.aisle_quantity[lines]
    for order in orders:
        lines = slice(wave.order_start[order], wave.order_start[order + 1])
        rest[wave.order_item[lines]] -= wave.order_quantity[lines]
    units = int(wave.units[orders].sum())
    return bool((rest >= 0).all()) and wave.units_min <= units <= wave.units_max
