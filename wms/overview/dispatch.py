"""The planners' view of departures: read with all that their routes are planned by."""

from datetime import datetime
from typing import Any

import asyncpg

from wms.error import NotFound
from wms.overview import departure_store as store
from wms.overview.departure import (
    Departure,
    DepartureRow,
    Pause,
    Route,
    RoutePlan,
    Stop,
    Unserved,
    Version,
)
from wms.shipping import queries as shipping
from wms.shipping.route import Reading
from wms.shipping.route_plan import stop_of

ROWS = 100

newest_with_routes = store.newest_with_routes
routes_can_be_planned = store.routes_can_be_planned


async def departure_rows(
    connection: asyncpg.Connection, limit: int = ROWS
) -> tuple[DepartureRow, ...]:
    """The newest departures, at most `limit`."""
    return tuple(_row(row) for row in await store.departure_rows(connection, limit))


async def departure(
    connection: asyncpg.Connection, departure_id: int, version: int | None = None
) -> Departure:
    """One departure with its vans' routes: that version's, or those of the plan that stands.

    Raises:
        NotFound: `unknown_departure`.
    """
    row = await store.departure_row(connection, departure_id)
    reading = None if row is None else await shipping.read_departure(connection, departure_id)
    if row is None or reading is None:
        raise NotFound("unknown_departure", f"There is no departure {departure_id}.")
    shown = await store.plan_text(connection, departure_id, version)
    late = await shipping.lateness_of_departure(connection, departure_id)
    behind = {each["van"]: each["late_s"] for each in late}
    rows = await shipping.plans_of_departure(connection, departure_id)
    versions = tuple(_version(one) for one in rows)
    plan = None if shown is None else _plan(shown["plan"], reading, behind)
    return Departure(
        row=_row(row),
        version=None if shown is None else shown["version"],
        plan=plan,
        versions=versions,
        planning=next((one for one in versions if one.state == "requested"), None),
        stale=reading.stale,
        wishes=reading.wishes,
        aboard=frozenset(
            drop.order_id for drop in reading.drops if reading.aboard(drop.order_id) is not None
        ),
        vans=tuple(van.code for van in reading.vans if van.in_service),
    )


def _row(row: asyncpg.Record) -> DepartureRow:
    return DepartureRow(
        departure_id=row["id"],
        place=row["place"],
        carrier=row["carrier"],
        kind=row["kind"],
        state=row["state"],
        parcels=row["parcels"],
        loaded=row["loaded"],
        vans=row["vans"] or 0,
        distance_m=row["distance_m"],
        opened_at=row["opened_at"],
        cut_off_at=row["cut_off_at"],
        closed_at=row["closed_at"],
    )


def _version(row: asyncpg.Record) -> Version:
    progress = row["progress"] or {}
    return Version(
        version=row["version"],
        state=row["state"],
        asked_by=row["asked_by"],
        reason=row["reason"],
        asked_at=row["asked_at"],
        planned_at=row["planned_at"],
        refusal=row["refusal"],
        engine=row["engine"],
        cost=row["cost"],
        baseline_cost=row["baseline_cost"],
        distance_m=row["distance_m"],
        unserved=row["unserved"],
        share=progress.get("share"),
        best_cost=progress.get("cost"),
        best_unserved=progress.get("unserved"),
    )


def _plan(plan: dict[str, Any], reading: Reading, late: dict[str, int]) -> RoutePlan:
    # What the jobs role wrote is checked there; an unreadable plan is a broken house, not input.
    baseline, solve_s = plan.get("baseline_cost"), plan.get("solve_s")
    return RoutePlan(
        depot=(plan["depot"]["latitude"], plan["depot"]["longitude"]),
        routes=tuple(_route(route, plan["depot"], reading, late) for route in plan["routes"]),
        unserved=tuple(_unserved(each) for each in plan["unserved"]),
        distance_m=round(plan["distance_m"]),
        cost=float(plan["cost"]),
        baseline_cost=None if baseline is None else float(baseline),
        engine=plan["engine"],
        why=plan["why"],
        travel=plan["travel"],
        straight=plan["straight"],
        solve_s=None if solve_s is None else float(solve_s),
    )


def _route(
    route: dict[str, Any], depot: dict[str, float], reading: Reading, late: dict[str, int]
) -> Route:
    return Route(
        van=route["van"],
        stops=tuple(_stop(stop_of(stop, depot), reading) for stop in route["stops"]),
        distance_m=round(route["distance_m"]),
        duration_s=round(route["duration_s"]),
        visited=tuple(_stop(stop_of(stop, depot), reading) for stop in route.get("visited", ())),
        leaves_at=_moment(route.get("leaves_at")),
        back_at=_moment(route.get("back_at")),
        mass_g=route.get("mass_g", 0),
        mass_g_max=route.get("mass_g_max", 0),
        volume_ml=route.get("volume_ml", 0),
        volume_ml_max=route.get("volume_ml_max", 0),
        pauses=tuple(
            Pause(starts_at=datetime.fromisoformat(pause["starts_at"]), length_s=pause["length_s"])
            for pause in route.get("pauses", ())
        ),
        way=tuple((latitude, longitude) for latitude, longitude in route.get("way", ())),
        late_s=late.get(route["van"], 0),
    )


def _stop(stop: dict[str, Any], reading: Reading) -> Stop:
    order_id = stop.get("order_id")
    call = None if order_id is None else reading.calls.get(order_id)
    happened_at = None if call is None else call.happened_at
    return Stop(
        order_id=order_id,
        tracking_number=stop["tracking_number"],
        latitude=float(stop["latitude"]),
        longitude=float(stop["longitude"]),
        name=stop.get("name", ""),
        city=stop.get("city") or "",
        parcels=stop.get("parcels", 1),
        mass_g=stop.get("mass_g", 0),
        earliest_at=_moment(stop.get("earliest_at")),
        expected_at=_moment(stop.get("expected_at")),
        latest_at=_moment(stop.get("latest_at")),
        leaves_at=_moment(stop.get("leaves_at")),
        loading=stop.get("loading"),
        outcome=stop.get("outcome", "planned") if call is None else call.outcome,
        happened_at=happened_at or _moment(stop.get("happened_at")),
    )


def _unserved(each: dict[str, Any]) -> Unserved:
    return Unserved(
        each["order_id"],
        each["tracking_number"],
        tuple((reason["van"], reason["reason"]) for reason in each["reasons"]),
        tuple(each["remedies"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
