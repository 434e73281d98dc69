"""A route plan as it is kept: moments, places on earth, loads and reasons, all as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing.delivery.arrival import Band
from routing.delivery.plan import DeliveryPlan, Route, Unserved
from routing.road.point import Point
from wms.database.seal import Personal
from wms.shipping.agenda import Agenda, van_name
from wms.shipping.drop import Drop

Way = tuple[Point, ...]

# How the source of distances begins where no roads were known.
STRAIGHT = "straight lines"
MEASURES = (
    "distance_m",
    "duration_s",
    "drive_s",
    "mass_g",
    "volume_ml",
    "mass_g_max",
    "volume_ml_max",
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what goes with it. bands, ways and loading are by route.

    ways: the lines that vans drive on, empty where roads are not known. loading: the stops in the
    order in which they go into the van.
    """

    agenda: Agenda
    plan: DeliveryPlan
    bands: tuple[tuple[Band, ...], ...]
    loading: tuple[tuple[str, ...], ...]
    ways: tuple[Way, ...]
    solve_s: float


def kept_plan(planned: Planned) -> dict[str, object]:
    """The plan as plain data."""
    agenda, plan = planned.agenda, planned.plan
    drops = {drop.order_id: drop for drop in agenda.reading.drops}
    routes = [_route(planned, at, drops) for at in range(len(plan.routes))]
    names = {route["van"] for route in routes}
    routes += [_came_home(agenda, van, drops) for van in agenda.visited if van not in names]
    unserved = [_unserved(each, drops[int(each.stop)]) for each in plan.unserved]
    unserved += [
        {
            "order_id": each.drop.order_id,
            "tracking_number": each.drop.tracking_numbers[0],
            "reasons": [{"van": "", "constraint": each.constraint, "reason": each.reason}],
            "remedies": [each.remedy],
        }
        for each in agenda.left_out
    ]
    return {
        "depot": _point(agenda.reading.depot),
        "routes": sorted(routes, key=lambda route: str(route["van"])),
        "unserved": unserved,
        "distance_m": plan.distance_m,
        "cost": plan.cost,
        "baseline_cost": plan.baseline_cost,
        "engine": plan.engine,
        "why": plan.why,
        "travel": plan.travel,
        "straight": plan.travel.startswith(STRAIGHT),
        "solve_s": round(planned.solve_s, 3),
    }


def calls_of(planned: Planned) -> list[dict[str, object]]:
    """Where each order stands on its van's route and when it is expected there, as rows."""
    agenda = planned.agenda
    drops = {drop.order_id: drop for drop in agenda.reading.drops}
    rows: list[dict[str, object]] = []
    for route, bands, loading in zip(
        planned.plan.routes, planned.bands, planned.loading, strict=True
    ):
        van = van_name(route.vehicle, route.number, agenda.reading.kind)
        behind = len(agenda.visited.get(van, ()))
        turn = {stop: number for number, stop in enumerate(loading, 1)}
        visits = (visit for trip in route.trips for visit in trip.visits)
        for at, (visit, band) in enumerate(zip(visits, bands, strict=True), behind + 1):
            drop = drops[int(visit.stop)]
            rows.append(
                {
                    "order_id": drop.order_id,
                    "tenant_id": drop.tenant_id,
                    "van": van,
                    "position": at,
                    "loading": turn[visit.stop],
                    "leaves_at": _said(agenda, visit.leaves_s),
                }
                | _band(agenda, band)
            )
    return rows


def _route(planned: Planned, at: int, drops: dict[int, Drop]) -> dict[str, object]:
    agenda, route = planned.agenda, planned.plan.routes[at]
    van = van_name(route.vehicle, route.number, agenda.reading.kind)
    carried = [drops[int(stop)] for stop in route.stops]
    vehicle = next(each for each in agenda.vehicles if each.id == route.vehicle)
    return {
        "van": van,
        "leaves_at": _said(agenda, route.starts_s),
        "back_at": _said(agenda, route.ends_s),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "drive_s": route.drive_s,
        "cost": route.cost,
        "mass_g": sum(drop.mass_g for drop in carried),
        "volume_ml": sum(drop.volume_ml for drop in carried),
        "mass_g_max": vehicle.capacity[0],
        "volume_ml_max": vehicle.capacity[1],
        "pauses": [
            {"starts_at": _said(agenda, pause.starts_s), "length_s": pause.length_s}
            for pause in route.pauses
        ],
        "visited": _behind(agenda, van, drops),
        "stops": _stops(planned, at, drops),
        "way": [list(point) for point in planned.ways[at]] if planned.ways else [],
    }


def _came_home(agenda: Agenda, van: str, drops: dict[int, Drop]) -> dict[str, object]:
    """A van that has nothing left to do, with what it did."""
    last = agenda.visited[van][-1]
    return {
        "van": van,
        "leaves_at": _moment(last.happened_at or last.leaves_at),
        "back_at": None,
        "cost": 0.0,
        **dict.fromkeys(MEASURES, 0),
        "pauses": [],
        "visited": _behind(agenda, van, drops),
        "stops": [],
        "way": [],
    }


def _behind(agenda: Agenda, van: str, drops: dict[int, Drop]) -> list[dict[str, object]]:
    return [
        _drop(drops[call.order_id])
        | {"outcome": call.outcome, "happened_at": _moment(call.happened_at or call.leaves_at)}
        for call in agenda.visited.get(van, ())
    ]


def _stops(planned: Planned, at: int, drops: dict[int, Drop]) -> list[dict[str, object]]:
    agenda, route = planned.agenda, planned.plan.routes[at]
    visits = [visit for trip in route.trips for visit in trip.visits]
    turn = {stop: number for number, stop in enumerate(planned.loading[at], 1)}
    return [
        _drop(drops[int(visit.stop)])
        | {
            "arrives_at": _said(agenda, visit.arrives_s),
            "starts_at": _said(agenda, visit.starts_s),
            "leaves_at": _said(agenda, visit.leaves_s),
            "loading": turn[visit.stop],
        }
        | _band(agenda, band)
        for visit, band in zip(visits, planned.bands[at], strict=True)
    ]


def _drop(drop: Drop) -> dict[str, object]:
    assert drop.point is not None, "a drop without a place is on no route"
    return {
        "order_id": drop.order_id,
        "tracking_number": drop.tracking_numbers[0],
        "parcels": len(drop.parcel_ids),
        "mass_g": drop.mass_g,
        "to": Personal({"name": drop.name, "city": drop.city, **_point(drop.point)}),
    }


def stop_of(stop: Mapping[str, Any], depot: Mapping[str, float]) -> dict[str, Any]:
    """A stop of a plan with where it is beside the rest; at the depot where nobody knows any more.

    Plans of old have it beside the rest already.
    """
    to = {name: value for name, value in stop.get("to", {}).items() if value is not None}
    rest = {name: value for name, value in stop.items() if name != "to"}
    return dict(depot) | rest | to


def _unserved(each: Unserved, drop: Drop) -> dict[str, object]:
    return {
        "order_id": drop.order_id,
        "tracking_number": drop.tracking_numbers[0],
        "reasons": [
            {"van": refusal.vehicle, "constraint": refusal.constraint, "reason": refusal.reason}
            for refusal in each.refusals
        ],
        "remedies": list(each.remedies),
    }


def _band(agenda: Agenda, band: Band) -> dict[str, object]:
    return {
        "earliest_at": _said(agenda, band.earliest_s),
        "expected_at": _said(agenda, band.expected_s),
        "latest_at": _said(agenda, band.latest_s),
    }


def _said(agenda: Agenda, second: int) -> str:
    return _moment(agenda.day.moment(second))


def _moment(at: datetime) -> str:
    return at.isoformat()


def _point(point: Point) -> dict[str, object]:
    return {"latitude": point[0], "longitude": point[1]}


def legs_of(agenda: Agenda, route: Route) -> Sequence[Point]:
    """The points that a route passes in order, from where its van starts to where it ends."""
    places = {stop.id: stop.place for stop in agenda.stops}
    depots = {depot.id: depot.place for depot in agenda.depots}
    vehicle = next(each for each in agenda.vehicles if each.id == route.vehicle)
    passed = [depots[vehicle.start], *(places[stop] for stop in route.stops)]
    if vehicle.end is not None:
        passed.append(depots[vehicle.end])
    return [agenda.points[place] for place in passed]
