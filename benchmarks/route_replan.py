"""A day that has begun and changes: the new plan beside one that only inserts what is new."""

from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from routing.delivery.draft import Draft, Run
from routing.delivery.problem import Begun, DeliveryProblem
from routing.delivery.reader.instance import Rounding, straight
from routing.delivery.stop import Stop, Window
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Depot, Vehicle
from routing.effort import Effort

WORLD_M = 20_000
HOUR_S = 3_600
NEW_STOPS = 6
SECONDS = 1.8


def measure(stops: int, seeds: list[int]) -> list[dict[str, Any]]:
    """For each seed: cost and time of the new plan, and the cost of insertion alone."""
    from routing.delivery.planner import plan_deliveries
    from routing.delivery.timetable import plan_of

    rows = []
    for seed in seeds:
        whole = day(stops + NEW_STOPS, seed)
        before = replace(whole, stops=whole.stops[:stops])
        plan = plan_deliveries(before, Effort(seed=seed, seconds=5.0))
        at = {stop.id: index for index, stop in enumerate(whole.stops)}
        runs = [Run(0, (tuple(at[stop] for stop in route.stops),)) for route in plan.routes]
        begun = tuple(
            Begun(
                "van",
                number,
                tuple(whole.stops[k].id for k in run.trips[0][: len(run.trips[0]) // 3]),
            )
            for number, run in enumerate(runs)
        )
        numbered = tuple(replace(run, number=number) for number, run in enumerate(runs))
        current = Draft(numbered, "before")
        changed = replace(whole, begun=begun)
        inserted = insert(changed, current, range(stops, stops + NEW_STOPS))
        plan_deliveries(changed, Effort(seed=seed, iterations=20), warm=current)
        began = perf_counter()
        new = plan_deliveries(changed, Effort(seed=seed, seconds=SECONDS), warm=current)
        rows.append(
            {
                "seed": seed,
                "stops": stops,
                "wall_seconds": round(perf_counter() - began, 3),
                "cost": new.cost,
                "unserved": len(new.unserved),
                "insertion": plan_of(changed, inserted, why="", seconds=0).cost,
                "insertion_unserved": len(plan_of(changed, inserted, why="", seconds=0).unserved),
                "engine": new.engine,
            }
        )
    return rows


def day(stops: int, seed: int) -> DeliveryProblem:
    """Doors in a town, two thirds of them with a window of two hours, and enough vans."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, WORLD_M, (stops + 1, 2)).astype(np.float64)
    points[0] = WORLD_M / 2
    table = straight(points, Rounding.NEAREST)
    doors = []
    for at in range(1, stops + 1):
        opens = int(rng.integers(8, 17)) * HOUR_S
        windows = (Window(opens, opens + 2 * HOUR_S),) if rng.random() < 2 / 3 else ()
        load = int(rng.integers(1, 40))
        doors.append(Stop(id=str(at), place=at, load=(load,), windows=windows, service_s=180))
    van = Vehicle(
        id="van",
        start="D",
        end="D",
        capacity=(600,),
        count=max(4, stops // 12),
        opens_s=8 * HOUR_S,
        closes_s=20 * HOUR_S,
        fixed_cost=2_000.0,
    )
    seconds = np.rint(table / 9.0).astype(np.int64)
    return DeliveryProblem(
        depots=(Depot("D", 0),),
        vehicles=(van,),
        stops=tuple(doors),
        travel=Travel(table, seconds[None], source="straight lines, 9 m/s"),
    )


def insert(problem: DeliveryProblem, current: Draft, new: range) -> Draft:
    """The current routes with each new stop where it costs least, one after the other."""
    from routing.delivery.plan import Route
    from routing.delivery.trial import Trial

    trial = Trial(problem)
    runs = list(current.runs)
    costs = [
        route.cost
        for run in runs
        if isinstance(route := trial.attempt(run, run.number or 0), Route)
    ]
    for stop in new:
        best: tuple[float, int, Run] | None = None
        for k, run in enumerate(runs):
            (trip,) = run.trips
            for place in range(len(trip) + 1):
                longer = replace(run, trips=((*trip[:place], stop, *trip[place:]),))
                route = trial.attempt(longer, run.number or 0)
                if isinstance(route, Route) and (best is None or route.cost - costs[k] < best[0]):
                    best = (route.cost - costs[k], k, longer)
        if best is not None:
            costs[best[1]] += best[0]
            runs[best[1]] = best[2]
    return Draft(tuple(runs), "insertion")
