"""Where in a supply network safety stock stands, each stage promising its customers a time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.policy.law import Law, Normal

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stage:
    """One place or step of a network.

    time: whole periods to work or to bring. holding_cost: of a unit and period. suppliers: names
    of the stages it draws from. deviation: of a period's demand from outside, where it has any.
    safety: how many deviations a stage prepares for. inbound: periods that outside suppliers take.
    promise: the longest time it may promise customers outside, None where it serves none.
    """

    time: int
    holding_cost: float
    suppliers: tuple[str, ...] = ()
    deviation: float = 0.0
    safety: float = 1.645
    inbound: int = 0
    promise: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """promises: periods that each stage promises. stock: units each keeps. cost: of a period."""

    promises: Mapping[str, int]
    stock: Mapping[str, float]
    cost: float


def place_stock(stages: Mapping[str, Stage]) -> Placement:
    """The promises that cost least in stock, where every promise is always kept.

    Raises:
        ValueError: an unknown supplier, a figure out of its range, or stages that do not form one
            tree when looked at without direction.

    Source: Graves & Willems 2000 and 2003; Snyder & Shen, 2nd ed., section 6.3.
    """
    order, parent = _tree(stages)
    deviations = _deviations(stages)
    longest = _longest(stages)
    size = max(longest.values()) + 1
    tables: dict[str, Floats] = {}
    for name in order:
        tables[name] = _table(stages[name], deviations[name], longest[name], size)
    for name in reversed(order[1:]):
        above = parent[name]
        if name in stages[above].suppliers:
            # A supplier's promise is at most the time that its customer waits for goods.
            tables[above] += np.minimum.accumulate(tables[name].min(axis=0))[:, None]
        else:
            best = np.minimum.accumulate(tables[name].min(axis=1)[::-1])[::-1]
            tables[above] += best[None, :]
    waits, promises = _chosen(stages, order, parent, tables)
    stock = {
        name: stages[name].safety
        * deviations[name]
        * math.sqrt(waits[name] + stages[name].time - promises[name])
        for name in order
    }
    cost = sum(stages[name].holding_cost * units for name, units in stock.items())
    return Placement(promises, stock, cost)


def echelon_levels(
    holding_costs: Sequence[float],
    lead_times: Sequence[float],
    shortage_cost: float,
    demand: Normal,
) -> tuple[float, ...]:
    """Base stock of each echelon of a line of stages, from the customer upwards; near the best.

    holding_costs: echelon's, what a stage adds to the cost of holding a unit. demand: of a period.

    Raises:
        ValueError: no stages, or a cost or time not above 0.

    Source: Shang & Song 2003; Snyder & Shen, 2nd ed., section 6.2.3.
    """
    if not holding_costs or min(*holding_costs, *lead_times, shortage_cost) <= 0:
        raise ValueError("holding costs, lead times and shortage cost are above 0")
    levels = []
    for stage, own in enumerate(holding_costs):
        time = sum(lead_times[: stage + 1])
        law = Normal(demand.mean * time, demand.deviation * math.sqrt(time))
        shortage = shortage_cost + sum(holding_costs[stage + 1 :])
        low = _critical(law, shortage, sum(holding_costs[: stage + 1]))
        levels.append((low + _critical(law, shortage, own)) / 2)
    return tuple(levels)


def _critical(law: Law, shortage: float, holding: float) -> float:
    return law.quantile(shortage / (shortage + holding))


def _table(stage: Stage, deviation: float, longest: int, size: int) -> Floats:
    """(waits, promises): what the stage's stock costs; infinite where it is not possible."""
    waits, promises = np.arange(size)[:, None], np.arange(size)[None, :]
    net = waits + stage.time - promises
    possible = (net >= 0) & (waits >= stage.inbound) & (waits + stage.time <= longest)
    if stage.promise is not None:
        possible &= promises <= stage.promise
    cost = stage.holding_cost * stage.safety * deviation * np.sqrt(np.maximum(net, 0))
    return np.where(possible, cost, np.inf)


def _chosen(
    stages: Mapping[str, Stage],
    order: Sequence[str],
    parent: Mapping[str, str],
    tables: Mapping[str, Floats],
) -> tuple[dict[str, int], dict[str, int]]:
    waits: dict[str, int] = {}
    promises: dict[str, int] = {}
    for name in order:
        table = tables[name]
        if name != order[0]:
            above = parent[name]
            allowed = np.full(table.shape, np.inf)
            if name in stages[above].suppliers:
                allowed[:, : waits[above] + 1] = 0
            else:
                allowed[promises[above] :, :] = 0
            table = table + allowed
        wait, promise = divmod(int(np.argmin(table)), table.shape[1])
        waits[name], promises[name] = wait, promise
    return waits, promises


def _tree(stages: Mapping[str, Stage]) -> tuple[list[str], dict[str, str]]:
    """The stages from any root on, each after the neighbour it was reached from."""
    if not stages:
        raise ValueError("a network has stages")
    near: dict[str, set[str]] = {name: set() for name in stages}
    for name, stage in stages.items():
        if min(stage.time, stage.holding_cost, stage.deviation, stage.safety, stage.inbound) < 0:
            raise ValueError(f"stage {name} has a figure below 0")
        for supplier in stage.suppliers:
            if supplier not in stages or supplier == name:
                raise ValueError(f"stage {name} has no supplier {supplier}")
            near[name].add(supplier)
            near[supplier].add(name)
    edges = sum(len(set(stage.suppliers)) for stage in stages.values())
    order = [next(iter(stages))]
    parent: dict[str, str] = {}
    for name in order:
        for other in sorted(near[name] - {parent.get(name, "")}):
            if other in parent or other == order[0]:
                raise ValueError(f"stage {other} is reached in two ways: no tree")
            parent[other] = name
            order.append(other)
    if len(order) != len(stages) or edges != len(stages) - 1:
        raise ValueError("the stages do not form one tree")
    return order, parent


def _deviations(stages: Mapping[str, Stage]) -> dict[str, float]:
    """Of each stage's demand: its own from outside and its customers', independent."""
    customers = {name: [c for c in stages if name in stages[c].suppliers] for name in stages}

    def square(name: str) -> float:
        return stages[name].deviation ** 2 + sum(square(c) for c in customers[name])

    return {name: math.sqrt(square(name)) for name in stages}


def _longest(stages: Mapping[str, Stage]) -> dict[str, int]:
    def reach(name: str) -> int:
        stage = stages[name]
        before = max((reach(supplier) for supplier in stage.suppliers), default=0)
        return max(before, stage.inbound) + stage.time

    return {name: reach(name) for name in stages}
