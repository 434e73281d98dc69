"""Which engine a problem is given to, and why."""

from dataclasses import dataclass, replace
from enum import Enum
from importlib import import_module
from typing import Protocol, cast

import numpy as np

from routing.delivery.draft import Draft, Watch
from routing.delivery.problem import DeliveryProblem
from routing.delivery.travel import FAR
from routing.effort import Effort

AUTO = "auto"
# Ours first, in the order of how fast each is at what it can carry.
OURS = ("sisr", "fleet", "pair", "rested")
MODULES = {
    "sisr": "routing.delivery.sisr.solver",
    "fleet": "routing.delivery.fleet.solver",
    "pair": "routing.delivery.pair.solver",
    "rested": "routing.delivery.engine.rested",
    "pyvrp": "routing.delivery.engine.pyvrp",
    "ortools": "routing.delivery.engine.ortools",
}
# What carries what none of ours does, and begins with a first solution of its own.
LIBRARY = "ortools"
# No engine: the plan is the simple rule's.
RULE = "baseline"
NAMES = (AUTO, *MODULES)
# With windows PyVRP is stronger where routes are long, up to so many stops, and up to SOME_STOPS
# where windows are open for much of the day; on few of those, now the one is and now the other.
PYVRP_STOPS_MAX = 1_000
FEW_STOPS, SOME_STOPS, WIDE_SHARE = 150, 250, 0.4
LONG_ROUTE_STOPS = 20
# The way from stop to stop is measured on so many of them, to so many neighbours.
SAMPLE_STOPS, NEAR_STOPS = 400, 5


class Engine(Protocol):
    """What every engine's module offers."""

    def lacks(self, problem: DeliveryProblem) -> str:
        """Why it cannot carry the problem; empty if it can."""

    def solve(
        self, problem: DeliveryProblem, effort: Effort, warm: Draft | None, watch: Watch
    ) -> Draft:
        """The best routes within the effort."""


class Turns(Enum):
    """Whether the second engine searches first, for half of the effort; and whether the other then
    goes on from its routes or begins afresh."""

    NONE = "none"
    ONWARD = "onward"
    AFRESH = "afresh"


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine, and in plain words why it.

    second: another that has a worker of its own, where there are several. turns: what it does
    where there is one.
    """

    engine: str
    why: str
    second: str = ""
    turns: Turns = Turns.NONE


def engine_of(name: str) -> Engine:
    """The engine, loaded only now, because it may take a second and much memory."""
    return cast(Engine, import_module(MODULES[name]))


def choose_engine(problem: DeliveryProblem, workers: int, wanted: str = AUTO) -> Choice:
    """The engine that was wanted if it can carry the problem, else the one that fits best.

    `sisr` means any of our own engines. Raises: ValueError for an unknown name.
    """
    if wanted not in NAMES:
        raise ValueError(f"there is no engine {wanted}; there are {', '.join(NAMES)}")
    if wanted == AUTO:
        return _fitting(problem, workers)
    if wanted == OURS[0]:
        choice = _ours(problem)
        if choice.engine in OURS:
            return replace(choice, why=f"{choice.why}, as asked for")
        return choice
    if lack := engine_of(wanted).lacks(problem):
        choice = _fitting(problem, workers)
        return replace(choice, why=f"{wanted} was asked for, but {lack}; {choice.why}")
    return Choice(wanted, f"{wanted} was asked for")


def _fitting(problem: DeliveryProblem, workers: int) -> Choice:
    ours = _ours(problem)
    if _is_mixed(problem) and ours.engine == "fleet" and not engine_of("pyvrp").lacks(problem):
        why = "pyvrp and fleet take turns where several types of vehicle carry stops at any hour"
        return Choice("fleet", why, "pyvrp", Turns.ONWARD)
    count = len(problem.stops)
    if (
        ours.engine != OURS[0]
        or count > PYVRP_STOPS_MAX
        or not any(stop.windows for stop in problem.stops)
        or engine_of("pyvrp").lacks(problem)
    ):
        return ours
    stops, share = route_stops(problem), open_share(problem)
    is_long, is_wide = stops >= LONG_ROUTE_STOPS, share >= WIDE_SHARE
    if not is_long and not (is_wide and count <= SOME_STOPS):
        return ours
    shape = f"{count} stops with windows, some {stops:.0f} on a route"
    if is_wide:
        shape += f", open for {share:.0%} of the day"
    if is_wide and count <= FEW_STOPS:
        why = f"pyvrp and {ours.engine} are searched with in turn where there are {shape}"
        return Choice(ours.engine, why, "pyvrp", Turns.AFRESH)
    why = f"pyvrp is the strongest where there are {shape}"
    if workers > 1:
        return Choice("pyvrp", f"{why}; {ours.engine} has a worker of its own", ours.engine)
    return Choice("pyvrp", why)


def _is_mixed(problem: DeliveryProblem) -> bool:
    return len(problem.vehicles) > 1 and not any(stop.windows for stop in problem.stops)


def _ours(problem: DeliveryProblem) -> Choice:
    lacking: list[str] = []
    for name in OURS:
        lack = engine_of(name).lacks(problem)
        if not lack:
            first = f"{name} carries every constraint and is the fastest that does"
            return Choice(name, first if lacking else f"{name} is the fastest, and carries it all")
        lacking.append(f"{name} does not fit ({lack})")
    if lack := engine_of(LIBRARY).lacks(problem):
        return Choice(RULE, f"the simple rule alone: {lack}, and {', '.join(lacking)}")
    return Choice(LIBRARY, f"only ortools carries it all: {', '.join(lacking)}")


def route_stops(problem: DeliveryProblem) -> float:
    """About how many stops a route has: as many as fit into the largest vehicle, or into a day.

    A day has room for as many as the mean service and the mean way to a near stop go into it.
    """
    if not problem.stops:
        return 0.0
    rooms = [float(len(problem.stops))]
    for k in range(problem.dimensions):
        mean = sum(stop.load[k] for stop in problem.stops) / len(problem.stops)
        if mean > 0:
            rooms.append(max(vehicle.capacity[k] for vehicle in problem.vehicles) / mean)
    return min(*rooms, _day_s(problem) / max(1.0, _step_s(problem)))


def open_share(problem: DeliveryProblem) -> float:
    """For how much of the day a stop is open, in the mean."""
    day_s = max(1.0, _day_s(problem))
    shares = (
        min(1.0, sum(w.closes_s - w.opens_s for w in stop.windows) / day_s) if stop.windows else 1.0
        for stop in problem.stops
    )
    return sum(shares) / max(1, len(problem.stops))


def _day_s(problem: DeliveryProblem) -> float:
    """From the first opening to the last closing of depots, the longest shift within it."""
    depots = {depot.id: depot for depot in problem.depots}
    return float(
        max(
            min(vehicle.closes_s, depots[vehicle.start].closes_s)
            - max(vehicle.opens_s, depots[vehicle.start].opens_s)
            for vehicle in problem.vehicles
        )
    )


def _step_s(problem: DeliveryProblem) -> float:
    """The mean service, and the mean way to the few nearest of other stops."""
    places = [stop.place for stop in problem.stops[:SAMPLE_STOPS]]
    ways = problem.travel.duration_s[0][np.ix_(places, places)].astype(float)
    np.fill_diagonal(ways, np.inf)
    near = np.sort(ways, axis=1)[:, :NEAR_STOPS]
    known = near[near < FAR]
    way = float(known.mean()) if known.size else 0.0
    return way + sum(stop.service_s for stop in problem.stops) / len(problem.stops)
