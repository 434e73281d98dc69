"""A first choice where greedy packing makes none: from all aisles, by an exact solver."""

from dataclasses import dataclass

from ortools.sat.python import cp_model

from routing.error import NoPlan
from routing.pick.wave.flat import Wave

# CP-SAT's own time, so that one worker with one seed repeats on any machine.
EFFORT = 20.0


@dataclass(frozen=True, slots=True)
class Assembly:
    """Orders that all aisles together hold, and which of those that must go are among them."""

    orders: list[int]
    must: list[int]


def assemble(wave: Wave, seed: int, seconds: float) -> Assembly | None:
    """As many of the orders that must go as can, filled up to units_min; None out of time.

    Raises: NoPlan when the orders that all aisles hold cannot reach units_min.
    """
    model = cp_model.CpModel()
    orders = [model.new_bool_var("") for _ in range(wave.orders)]
    asked: list[list[cp_model.LinearExprT]] = [[] for _ in range(wave.items)]
    for order, variable in enumerate(orders):
        for line in range(wave.order_start[order], wave.order_start[order + 1]):
            asked[wave.order_item[line]].append(int(wave.order_quantity[line]) * variable)
    held = [0] * wave.items
    for item, quantity in zip(wave.aisle_item, wave.aisle_quantity, strict=True):
        held[item] += int(quantity)
    for item, terms in enumerate(asked):
        if held[item] < wave.demand[item]:
            model.add(sum(terms) <= held[item])
    units = sum(int(size) * variable for size, variable in zip(wave.units, orders, strict=True))
    model.add_linear_constraint(units, wave.units_min, wave.units_max)
    must = [order for order in range(wave.orders) if wave.must[order]]
    model.maximize(sum(orders[order] for order in must))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = EFFORT
    if seconds < float("inf"):
        solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        raise NoPlan(
            f"no orders that all aisles hold have from {wave.units_min} to {wave.units_max} units"
        )
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    chosen = [order for order, variable in enumerate(orders) if solver.value(variable)]
    return Assembly(chosen, [order for order in chosen if wave.must[order]])
