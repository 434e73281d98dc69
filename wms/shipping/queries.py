"""Waybills, departures and their routes as others read them."""

import asyncpg

from wms.shipping import call_store, route_store, sort_store, store, van_store
from wms.shipping.drop import drops_of
from wms.shipping.route import Call, Kind, Outcome, Reading, State
from wms.shipping.van import van_from
from wms.shipping.wish import Wish

waybill_of_parcel = store.waybill_of_parcel
waybills_of_order = store.waybills_of_order
tracking_of_fulfilment = store.tracking_of_fulfilment
printer_of_place = store.printer_of_place
parcel_of_sscc = store.parcel_of_sscc
stopped_parcels = store.stopped_parcels
departure_at = store.departure_at
parcels_to_sort = sort_store.parcels_to_sort
parcel_on_belt = sort_store.parcel_on_belt
vans = van_store.vans
departure_of_id = route_store.departure_of_id
departures_before = route_store.departures_before
departures_to_plan = route_store.departures_to_plan
plans_of_departure = route_store.plans_of_departure
plan_of_version = route_store.plan_of_version
plan_in_state = route_store.plan_in_state
last_plan = route_store.last_plan
calls_of_departure = call_store.calls_of_departure
wishes_of_departure = route_store.wishes_of_departure
van_of_parcel = call_store.van_of_parcel
next_into_vans = call_store.next_into_vans
lateness_of_departure = call_store.lateness_of_departure


async def read_departure(connection: asyncpg.Connection, departure_id: int) -> Reading | None:
    """Everything that a departure's routes depend on, with the plan that stands; None is none."""
    row = await route_store.departure_of_id(connection, departure_id)
    if row is None:
        return None
    standing = await route_store.plan_in_state(connection, departure_id, State.PLANNED)
    drops = await route_store.drops_of_departure(connection, departure_id)
    wishes = await route_store.wishes_of_departure(connection, departure_id)
    calls = await call_store.calls_of_departure(connection, departure_id)
    late = await call_store.lateness_of_departure(connection, departure_id)
    vans_there = await van_store.vans(connection, row["warehouse_id"])
    return Reading(
        departure_id=departure_id,
        warehouse_id=row["warehouse_id"],
        state=row["state"],
        kind=Kind(row["kind"]),
        cut_off_at=row["cut_off_at"],
        closed_at=row["closed_at"],
        depot=(row["latitude"], row["longitude"]),
        zone=row["time_zone"],
        drops=drops_of(drops),
        vans=tuple(van_from(van) for van in vans_there),
        wishes={wish["order_id"]: _wish(wish) for wish in wishes},
        calls={call["order_id"]: _call(call) for call in calls},
        ready_at={each["van"]: each["ready_at"] for each in late},
        plan=None if standing is None else standing["plan"],
        version=0 if standing is None else standing["version"],
        plan_digest=None if standing is None else standing["digest"],
    )


def _wish(row: asyncpg.Record) -> Wish:
    return Wish(
        van=row["van"],
        forbidden=tuple(row["forbidden"]),
        skills=tuple(row["skills"]),
        priority=row["priority"],
        note=row["note"],
    )


def _call(row: asyncpg.Record) -> Call:
    return Call(
        order_id=row["order_id"],
        van=row["van"],
        position=row["position"],
        outcome=Outcome(row["state"]),
        earliest_at=row["earliest_at"],
        expected_at=row["expected_at"],
        latest_at=row["latest_at"],
        leaves_at=row["leaves_at"],
        happened_at=row["happened_at"],
        told_at=row["told_at"],
    )
