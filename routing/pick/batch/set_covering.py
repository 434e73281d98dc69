"""The best choice among given carts, as a set covering.

Covering, not partitioning: a load covered twice is struck from one cart, which makes no walk
longer, so more choices fit together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ortools.sat.python import cp_model

Members = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cover:
    """Carts that cover all loads; no choice among the given carts walks less than bound_mm."""

    carts: tuple[Members, ...]
    bound_mm: int


def cover(
    length_mm: Mapping[Members, int],
    hint: frozenset[Members],
    *,
    effort: float,
    seconds: float,
    seed: int,
) -> Cover | None:
    """The shortest carts that cover every load of every cart given; None if none is found.

    hint: a cover to start from. effort: CP-SAT's deterministic time, so that one worker with one
    seed repeats on any machine; seconds: an end by the clock, infinite for none.
    """
    model = cp_model.CpModel()
    chosen = {members: model.new_bool_var("") for members in length_mm}
    covering: dict[int, list[cp_model.IntVar]] = {}
    for members, variable in chosen.items():
        model.add_hint(variable, members in hint)
        for load in members:
            covering.setdefault(load, []).append(variable)
    for variables in covering.values():
        model.add_bool_or(variables)
    model.minimize(sum(length_mm[members] * variable for members, variable in chosen.items()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = effort
    solver.parameters.linearization_level = 2
    if seconds < float("inf"):
        solver.parameters.max_time_in_seconds = max(seconds, 0.0)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    carts = tuple(members for members, variable in chosen.items() if solver.value(variable))
    return Cover(carts, max(0, round(solver.best_objective_bound)))
