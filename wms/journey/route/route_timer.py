"""Routes are planned by themselves: when a cut-off comes near, and when something has changed."""

from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.journey.route.route_request import JOB, reading_of, stops_left
from wms.shipping import queries as shipping
from wms.shipping import route_commands as routes
from wms.shipping.route import REPLAN_EVERY, Reading, State

REFUSED_WAITS = 10


async def plan_when_due(pool: asyncpg.Pool, lead: timedelta, now: datetime) -> list[int]:
    """Asks for routes where it is time; the departures. One that fails leaves the others done.

    It is time for a departure that has none and whose cut-off comes within the lead, and for one
    whose parcels, wishes or vans are others than those it was planned with, at most once in
    REPLAN_EVERY.
    """
    async with staff_transaction(pool) as connection:
        looked_at = await shipping.departures_to_plan(connection, now + lead)
    asked = []
    for row in looked_at:
        async with staff_transaction(pool) as connection:
            reason = await _reason(connection, row["id"], now + lead, now)
            if reason:
                await routes.ask_for_plan(connection, row["id"], JOB, reason, now)
                asked.append(row["id"])
    return asked


async def _reason(
    connection: asyncpg.Connection, departure_id: int, until: datetime, now: datetime
) -> str:
    """Why a departure should be planned now; empty where it should not."""
    reading = await reading_of(connection, departure_id)
    last = await shipping.last_plan(connection, departure_id)
    if not stops_left(reading) or (last is not None and now - last["asked_at"] < _pause(last)):
        return ""
    if reading.plan is None:
        near = reading.cut_off_at is not None and reading.cut_off_at <= until
        return "its cut-off is near" if near else ""
    return _change(reading) if reading.stale else ""


def _pause(last: asyncpg.Record) -> timedelta:
    """How long to wait after the last time; what was given up then is given up again soon after."""
    return REPLAN_EVERY * (REFUSED_WAITS if last["state"] == State.REFUSED else 1)


def _change(reading: Reading) -> str:
    assert reading.plan is not None
    planned = {int(stop["order_id"]) for route in reading.plan["routes"] for stop in route["stops"]}
    planned |= {int(each["order_id"]) for each in reading.plan["unserved"]}
    going = {drop.order_id for drop in reading.going}
    joined, gone = len(going - planned - reading.calls.keys()), len(planned - going)
    if joined or gone:
        said = [f"{joined} more" if joined else "", f"{gone} fewer" if gone else ""]
        return f"{' and '.join(part for part in said if part)} to bring than were planned"
    return "parcels, wishes or vans have changed"
