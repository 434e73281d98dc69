"""Units by aisle that no choice exceeds."""

import numpy as np

from routing.pick.wave.flat import Ints, Wave
from routing.pick.wave.program import SOLVED, program

# The relaxation is of floating numbers; so much it may be wrong.
TOLERANCE = 1e-6


def richest(wave: Wave) -> Ints:
    """The most units that so many aisles can hold of what is asked for: one aisle, two, …"""
    owner = np.repeat(np.arange(wave.aisles), np.diff(wave.aisle_start))
    held = np.bincount(owner, wave.aisle_quantity, wave.aisles).astype(np.int64)
    return np.cumsum(np.sort(held)[::-1])


def fewest_aisles(wave: Wave) -> int:
    """No choice that reaches units_min has fewer aisles; one more than there are if none does."""
    return int(np.searchsorted(richest(wave), max(1, wave.units_min))) + 1


def content_bound(wave: Wave) -> float:
    """The most by aisle that the richest aisles could give."""
    units = richest(wave)
    fewest = fewest_aisles(wave)
    if fewest > len(units):
        return 0.0
    by_aisle = np.minimum(units, wave.units_max) / np.arange(1, len(units) + 1)
    return float(by_aisle[fewest - 1 :].max())


def relaxed_bound(wave: Wave, seconds: float) -> float | None:
    """The most by aisle if parts of orders and of aisles could be chosen; None when out of time.

    All is measured in shares of one aisle, so that the aisles add up to one and none of them, nor
    an order, is above the share that a whole aisle has.

    Source: A. Charnes and W. W. Cooper (1962), Programming with linear fractional functionals.
    """
    made = program(wave, "GLOP", whole=False)
    solver, infinity = made.solver, made.solver.infinity()
    share = solver.NumVar(0.0, 1.0 / fewest_aisles(wave), "")
    objective = solver.Objective()
    objective.SetMaximization()
    least, most = solver.Constraint(0.0, infinity), solver.Constraint(-infinity, 0.0)
    least.SetCoefficient(share, -float(wave.units_min))
    most.SetCoefficient(share, -float(wave.units_max))
    for variable, units, must in zip(made.orders, wave.units, wave.must, strict=True):
        for row in (objective, least, most):
            row.SetCoefficient(variable, float(units))
        part = solver.Constraint(0.0 if must else -infinity, 0.0)
        part.SetCoefficient(variable, 1.0)
        part.SetCoefficient(share, -1.0)
    all_aisles = solver.Constraint(1.0, 1.0)
    for variable in made.aisles:
        all_aisles.SetCoefficient(variable, 1.0)
        part = solver.Constraint(-infinity, 0.0)
        part.SetCoefficient(variable, 1.0)
        part.SetCoefficient(share, -1.0)
    made.limit_seconds(seconds)
    if solver.Solve() != SOLVED:
        return None
    return float(objective.Value()) * (1.0 + TOLERANCE)
