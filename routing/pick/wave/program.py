"""A wave as a linear program, whole or relaxed.

Measured on the challenge's instances: SCIP settles "is there any better choice?" in seconds where
CP-SAT finds nothing in twenty, and is as fast as HiGHS, which writes to the standard output.
"""

from dataclasses import dataclass

from ortools.linear_solver import pywraplp

from routing.pick.wave.flat import Wave

SOLVED = pywraplp.Solver.OPTIMAL


@dataclass(frozen=True, slots=True)
class Program:
    """The solver's model and a variable an order and an aisle: how much of it is chosen."""

    solver: pywraplp.Solver
    orders: list[pywraplp.Variable]
    aisles: list[pywraplp.Variable]

    def limit_seconds(self, seconds: float) -> None:
        """Ends the solver after so many seconds; infinite is no limit."""
        if seconds < float("inf"):
            self.solver.SetTimeLimit(max(1, int(seconds * 1000)))

    def chosen(self) -> tuple[list[int], list[int]]:
        """Orders and aisles that are chosen."""
        orders = [at for at, variable in enumerate(self.orders) if variable.solution_value() > 0.5]
        aisles = [at for at, variable in enumerate(self.aisles) if variable.solution_value() > 0.5]
        return orders, aisles


def program(wave: Wave, name: str, whole: bool) -> Program:
    """Variables from 0 to 1, and the aisles hold what the orders ask for.

    Aisles hold it all together, and, to tighten the relaxation, each line of an order alone.
    """
    solver = pywraplp.Solver.CreateSolver(name)
    new = solver.BoolVar if whole else lambda label: solver.NumVar(0.0, 1.0, label)
    made = Program(
        solver, [new("") for _ in range(wave.orders)], [new("") for _ in range(wave.aisles)]
    )
    infinity = solver.infinity()
    stock = _stock(wave)
    rows = [solver.Constraint(-infinity, 0.0) for _ in range(wave.items)]
    for row, held in zip(rows, stock, strict=True):
        for aisle, quantity in held:
            row.SetCoefficient(made.aisles[aisle], -float(quantity))
    starts, items = wave.order_start.tolist(), wave.order_item.tolist()
    quantities = wave.order_quantity.tolist()
    for order, variable in enumerate(made.orders):
        for line in range(starts[order], starts[order + 1]):
            item, quantity = items[line], quantities[line]
            rows[item].SetCoefficient(variable, float(quantity))
            if wave.item_start[item + 1] - wave.item_start[item] == 1:
                continue
            alone = solver.Constraint(-infinity, 0.0)
            alone.SetCoefficient(variable, 1.0)
            for aisle, held in stock[item]:
                alone.SetCoefficient(made.aisles[aisle], -min(1.0, held / quantity))
    return made


def _stock(wave: Wave) -> list[list[tuple[int, int]]]:
    stock: list[list[tuple[int, int]]] = [[] for _ in range(wave.items)]
    starts, items = wave.aisle_start.tolist(), wave.aisle_item.tolist()
    quantities = wave.aisle_quantity.tolist()
    for aisle in range(wave.aisles):
        for line in range(starts[aisle], starts[aisle + 1]):
            stock[items[line]].append((aisle, quantities[line]))
    return stock
