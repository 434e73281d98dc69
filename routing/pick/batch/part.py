"""A problem as it is planned: loads larger than a cart parted, where that is allowed."""

from dataclasses import dataclass, replace

from routing.pick.batch.demand import Reasons, split_portable
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.batch.split import split_loads


@dataclass(frozen=True, slots=True)
class Portable:
    """The problem with the loads that can be picked, the parts among them, and the others."""

    problem: BatchProblem
    parts: tuple[Load, ...]
    left_out: Reasons


def portable_of(problem: BatchProblem) -> Portable:
    """What of a problem can be planned. A load of which any part cannot be picked is left out."""
    split = split_loads(problem)
    unparted = dict(split.unparted)
    source = _sources(problem, split.problem)
    _, refused = split_portable(split.problem)
    left_out: dict[str, str] = {}
    for load_id, reason in refused:
        told = f"; it cannot be parted: {unparted[load_id]}" if load_id in unparted else ""
        left_out.setdefault(source[load_id], reason + told)
    loads = tuple(load for load in split.problem.loads if source[load.id] not in left_out)
    parts = tuple(load for load in loads if source[load.id] != load.id)
    return Portable(replace(problem, loads=loads, split=False), parts, tuple(left_out.items()))


def _sources(problem: BatchProblem, parted: BatchProblem) -> dict[str, str]:
    """The load that each part comes from; parts stand in their load's place, one to n."""
    ids = iter([*(load.id for load in parted.loads), ""])
    source: dict[str, str] = {}
    at = next(ids)
    for load in problem.loads:
        if at == load.id:
            source[at] = load.id
            at = next(ids)
            continue
        mark = at.removeprefix(load.id).removesuffix("1")
        number = 1
        while at == f"{load.id}{mark}{number}":
            source[at] = load.id
            at = next(ids)
            number += 1
    return source
