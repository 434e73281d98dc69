"""Small delivery problems for tests: a street with doors, and anything that a rule needs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from routing.delivery.draft import Draft, Run
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem, Objective, Pair
from routing.delivery.stop import Kind, SoftWindow, Stop, Window
from routing.delivery.timetable import plan_of
from routing.delivery.travel import FAR, Travel
from routing.delivery.vehicle import Break, Depot, DrivingRule, Vehicle


def a_street(places: int, step_m: int = 100, **kwargs: Any) -> Travel:
    """Places in a row, step_m metres and as many seconds apart; the depot is place 0."""
    at = np.arange(places, dtype=np.int64) * step_m
    metres = np.abs(at[:, None] - at[None, :])
    return Travel(metres, metres[None].copy(), **kwargs)


def a_stop(place: int, **kwargs: Any) -> Stop:
    return Stop(**{"id": f"s{place}", "place": place, "load": (1,), **kwargs})


def a_van(**kwargs: Any) -> Vehicle:
    return Vehicle(
        **{"id": "van", "start": "depot", "end": "depot", "capacity": (10,), "count": 2, **kwargs}
    )


def a_problem(
    stops: Sequence[Stop], *vehicles: Vehicle, depots: Sequence[Depot] = (), **kwargs: Any
) -> DeliveryProblem:
    places = max((stop.place for stop in stops), default=0) + 1
    given = {"travel": a_street(places), **kwargs}
    return DeliveryProblem(
        depots=tuple(depots) or (Depot("depot", 0),),
        vehicles=vehicles or (a_van(),),
        stops=tuple(stops),
        **given,
    )


def planned(problem: DeliveryProblem, *trips: Sequence[int]) -> DeliveryPlan:
    """One trip of the first vehicle type for each list of stops, by index."""
    runs = tuple(Run(0, (tuple(trip),)) for trip in trips)
    return plan_of(problem, Draft(runs, "test"), why="a test", seconds=0.0)


def maybe(draw: st.DrawFn, one_in: int) -> bool:
    return draw(st.integers(0, one_in - 1)) == one_in - 1


@st.composite
def problems(draw: st.DrawFn, stops_max: int = 7) -> DeliveryProblem:
    """Problems with any mix of constraints; most can serve some stops and not others."""
    count = draw(st.integers(1, stops_max))
    homes = draw(st.integers(1, 2))
    dimensions = draw(st.integers(0, 2))
    stops = [draw(_stops(k, homes + k, dimensions)) for k in range(count)]
    pairs = []
    for k in range(0, count - 1, 2):
        if maybe(draw, 3):
            stops[k] = replace(stops[k], kind=Kind.PICKUP)
            stops[k + 1] = replace(stops[k + 1], kind=Kind.DELIVERY, load=stops[k].load)
            pairs.append(Pair(stops[k].id, stops[k + 1].id))
    return DeliveryProblem(
        depots=tuple(draw(_depots(k)) for k in range(homes)),
        vehicles=tuple(
            draw(_vehicles(k, homes, dimensions)) for k in range(draw(st.integers(1, 2)))
        ),
        stops=tuple(stops),
        travel=draw(travels(homes + count)),
        pairs=tuple(pairs),
        incompatible=frozenset({("food", "paint")} if draw(st.booleans()) else ()),
        objective=draw(st.sampled_from(Objective)),
        balance_price=draw(st.sampled_from([0.0, 0.0, 0.5])),
    )


@st.composite
def travels(draw: st.DrawFn, places: int) -> Travel:
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    metres = rng.integers(0, 2_000, (places, places)).astype(np.int64)
    np.fill_diagonal(metres, 0)
    if maybe(draw, 6):
        metres[rng.integers(places), rng.integers(places)] = FAR
    seconds = np.where(metres >= FAR, FAR, metres + draw(st.integers(0, 50)))
    if not maybe(draw, 3):
        return Travel(metres, seconds[None])
    slow = np.where(metres >= FAR, FAR, 2 * seconds)
    rush_s = draw(st.integers(1, 4_000))
    since = (0, rush_s, rush_s + draw(st.integers(1, 4_000)))
    return Travel(metres, np.stack([seconds, slow, seconds]), since)


@st.composite
def _depots(draw: st.DrawFn, number: int) -> Depot:
    if not maybe(draw, 3):
        return Depot(f"d{number}", number)
    return Depot(f"d{number}", number, draw(st.integers(0, 500)), draw(st.integers(6_000, 15_000)))


@st.composite
def _vehicles(draw: st.DrawFn, number: int, homes: int, dimensions: int) -> Vehicle:
    def some(low: int, high: int) -> int | None:
        return draw(st.integers(low, high)) if maybe(draw, 4) else None

    opens = draw(st.lists(st.integers(0, 6_000), max_size=2)) if maybe(draw, 3) else []
    rule = DrivingRule(draw(st.integers(600, 4_000)), draw(st.integers(0, 900)))
    return Vehicle(
        id=f"v{number}",
        start=f"d{draw(st.integers(0, homes - 1))}",
        end=None if maybe(draw, 5) else f"d{draw(st.integers(0, homes - 1))}",
        capacity=tuple(draw(st.integers(4, 16)) for _ in range(dimensions)),
        count=draw(st.integers(1, 3)),
        opens_s=draw(st.integers(0, 300)),
        closes_s=draw(st.integers(4_000, 20_000)),
        duration_s_max=some(3_000, 12_000),
        distance_m_max=some(3_000, 12_000),
        fixed_cost=draw(st.sampled_from([0.0, 50.0])),
        duration_cost=draw(st.sampled_from([0.0, 0.3])),
        skills=frozenset({"lift"} if draw(st.booleans()) else ()),
        trips_max=draw(st.integers(1, 3)),
        reload_s=draw(st.integers(0, 300)),
        speed_factor=draw(st.sampled_from([1.0, 0.7, 1.3])),
        breaks=tuple(
            Break(o, o + draw(st.integers(0, 3_000)), draw(st.integers(0, 900))) for o in opens
        ),
        driving=rule if maybe(draw, 4) else None,
    )


@st.composite
def _stops(draw: st.DrawFn, number: int, place: int, dimensions: int) -> Stop:
    edges = sorted(draw(st.sets(st.integers(1, 9_000), max_size=6)))
    windows = tuple(Window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))
    soft = None
    if maybe(draw, 3):
        opens = draw(st.integers(0, 8_000))
        soft = SoftWindow(opens, opens + draw(st.integers(0, 3_000)), 0.2, 0.7)
    return Stop(
        id=f"s{number}",
        place=place,
        load=tuple(draw(st.integers(0, 5)) for _ in range(dimensions)),
        kind=draw(st.sampled_from(Kind)),
        windows=windows,
        soft=soft,
        service_s=draw(st.integers(0, 300)),
        priority=draw(st.integers(0, 9)),
        prize=draw(st.sampled_from([None, None, 500.0, 3_000.0])),
        skills=frozenset({"lift"} if maybe(draw, 5) else ()),
        goods=frozenset(draw(st.sampled_from([(), (), ("food",), ("paint",)]))),
    )
