"""Ask for a departure's routes, and say by whose vans and until when it goes."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer
from wms.shipping import queries as shipping
from wms.shipping import route_commands as routes
from wms.shipping.route import LEAVES_LATE, VISITED, Kind, Reading

JOB = "job:routes"


async def reading_of(connection: asyncpg.Connection, departure_id: int) -> Reading:
    """A departure, kept as it is until the transaction ends, with all that its routes depend on.

    Raises:
        NotFound: `unknown_departure`.
    """
    await routes.lock_departure(connection, departure_id)
    reading = await shipping.read_departure(connection, departure_id)
    assert reading is not None, "it is locked"
    return reading


async def replan_departure(
    pool: asyncpg.Pool,
    departure_id: int,
    actor: str,
    now: datetime,
    request: StaffRequest | None = None,
) -> int:
    """Plans a departure's routes, or plans them anew; the version that will hold them.

    With a request, once for its key.

    Raises:
        NotFound: `unknown_departure`.
        Conflict: `nothing_to_plan`, no parcel of it waits for its van.
    """
    async with staff_transaction(pool) as connection:

        async def replan() -> Answer:
            reading = await reading_of(connection, departure_id)
            if not stops_left(reading):
                raise Conflict(
                    "nothing_to_plan", f"No parcel of departure {departure_id} waits for its van."
                )
            reason = "a planner asked for it"
            version = await routes.ask_for_plan(connection, departure_id, actor, reason, now)
            return Answer(202, {"version": version})

        if request is None:
            answer = await replan()
        else:
            answer = await once(connection, request, replan)
        version = answer.body["version"]
        assert isinstance(version, int)
        return version


def stops_left(reading: Reading) -> bool:
    """Whether any parcel is still to be brought somewhere."""
    calls = reading.calls
    return any(
        drop.order_id not in calls or calls[drop.order_id].outcome not in VISITED
        for drop in reading.going
    )


async def plan_what_left(
    connection: asyncpg.Connection, departure_id: int, actor: str, now: datetime
) -> None:
    """Plans a departure that has closed, unless the routes that it has are of just what left.

    Own vans that leave later than planned are planned anew as well: they arrive later.
    """
    reading = await reading_of(connection, departure_id)
    if reading.plan is None:
        reason = "the departure closed"
    elif reading.stale:
        reason = "other parcels left than were planned"
    elif reading.kind is Kind.OWN_VANS and _leaves_late(reading, now):
        reason = "the vans leave later than planned"
    else:
        return
    await routes.ask_for_plan(connection, departure_id, actor, reason, now)


async def plan_departed(pool: asyncpg.Pool, departure_id: int, now: datetime) -> None:
    """Asks for the routes of a departure that was closed by a release without versions."""
    async with staff_transaction(pool) as connection:
        await plan_what_left(connection, departure_id, JOB, now)


def _leaves_late(reading: Reading, now: datetime) -> bool:
    assert reading.plan is not None
    planned = [datetime.fromisoformat(str(route["leaves_at"])) for route in reading.plan["routes"]]
    return bool(planned) and now - min(planned) > LEAVES_LATE


async def set_departure(
    pool: asyncpg.Pool, departure_id: int, kind: Kind, cut_off_at: datetime | None
) -> None:
    """Says by whose vans a departure goes, and until when parcels join it.

    Raises:
        NotFound: `unknown_departure`.
        Conflict: `departure_closed`.
    """
    async with staff_transaction(pool) as connection:
        row = await routes.lock_departure(connection, departure_id)
        if row["state"] != "open":
            raise Conflict("departure_closed", f"Departure {departure_id} has left.")
        await routes.set_departure(connection, departure_id, kind, cut_off_at)


async def known_departure(connection: asyncpg.Connection, departure_id: int) -> asyncpg.Record:
    """A departure's row, with the names of its warehouse, place and carrier.

    Raises:
        NotFound: `unknown_departure`.
    """
    row = await shipping.departure_of_id(connection, departure_id)
    if row is None:
        raise NotFound("unknown_departure", f"There is no departure {departure_id}.")
    return row
