"""How far own vans have come: a stop that is driven to, served or failed, a van that is late.

What was visited stays as it was, and the rest of the routes is planned anew at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound, Refused
from wms.journey.request import StaffRequest, once
from wms.journey.route.route_request import reading_of, stops_left
from wms.outbox.command import Answer
from wms.shipping import queries as shipping
from wms.shipping import route_commands as routes
from wms.shipping.route import VISITED, Call, Kind, Outcome, Reading

# The clocks of drivers' devices may be ahead of ours by so much.
AHEAD_MAX = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class StopReport:
    """What became of a stop, and when."""

    order_id: int
    outcome: Outcome
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class LateReport:
    """A van is behind the times of its plan by so many seconds."""

    van: str
    late_s: int


async def report_progress(
    pool: asyncpg.Pool,
    departure_id: int,
    report: StopReport | LateReport,
    request: StaffRequest,
    now: datetime,
) -> Answer:
    """Takes a report once for its key; the version in which the rest is planned, 0 for none.

    Raises:
        NotFound: `unknown_departure`, `unknown_stop`, `unknown_van`.
        Conflict: `not_own_vans`, `visited`, and `still_open` for a stop of a departure whose
            vans have not left.
        Refused: `not_yet`, a stop's moment is still to come.
    """
    async with staff_transaction(pool) as connection:

        async def take() -> Answer:
            reading = await reading_of(connection, departure_id)
            if reading.kind is not Kind.OWN_VANS:
                raise Conflict(
                    "not_own_vans", f"Departure {departure_id} goes by a carrier's own vans."
                )
            if isinstance(report, StopReport):
                reason = await _visit(connection, reading, report, now)
            else:
                reason = await _late(connection, reading, report, request.actor, now)
            version = await _plan_the_rest(connection, departure_id, request.actor, reason, now)
            return Answer(202, {"version": version})

        return await once(connection, request, take)


async def _visit(
    connection: asyncpg.Connection, reading: Reading, report: StopReport, now: datetime
) -> str:
    if report.at > now + AHEAD_MAX:
        raise Refused("not_yet", f"{report.at.isoformat()} is still to come.", "/at")
    call = reading.calls.get(report.order_id)
    if call is None:
        raise NotFound(
            "unknown_stop",
            f"Order {report.order_id} is on no route of departure {reading.departure_id}.",
        )
    if reading.state == "open":
        raise Conflict("still_open", "The vans have not left: close the departure first.")
    if call.outcome in VISITED:
        raise Conflict("visited", f"Order {report.order_id} was {call.outcome} before.")
    await routes.free_begun(connection, reading.departure_id, call.van)
    await routes.set_outcome(
        connection,
        reading.departure_id,
        report.order_id,
        report.outcome,
        report.at,
        report.note,
    )
    if report.outcome in VISITED:
        # Where the van was then says more than what was feared before.
        await routes.forget_late(connection, reading.departure_id, call.van, report.at)
    return f"{call.van}: order {report.order_id} {report.outcome}"


async def _late(
    connection: asyncpg.Connection,
    reading: Reading,
    report: LateReport,
    actor: str,
    now: datetime,
) -> str:
    if report.van not in {van.code for van in reading.vans}:
        raise NotFound("unknown_van", f"This warehouse has no van {report.van}.", "/van")
    ready_at = _went_on(reading, report.van, now) + timedelta(seconds=report.late_s)
    await routes.say_late(
        connection, reading.departure_id, report.van, report.late_s, ready_at, actor, now
    )
    return f"{report.van} is {round(report.late_s / 60)} min late"


def _went_on(reading: Reading, van: str, now: datetime) -> datetime:
    """When its plan lets a van go on from where it is: the depot, or the last door it was at."""
    planned = [] if reading.plan is None else reading.plan["routes"]
    times = [
        datetime.fromisoformat(str(route["leaves_at"])) for route in planned if route["van"] == van
    ]
    times += [call.leaves_at for call in reading.calls.values() if _is_behind(call, van)]
    return max(times, default=now)


def _is_behind(call: Call, van: str) -> bool:
    return call.van == van and call.outcome in VISITED


async def _plan_the_rest(
    connection: asyncpg.Connection, departure_id: int, actor: str, reason: str, now: datetime
) -> int:
    """Plans what is left, where there was a plan at all."""
    reading = await shipping.read_departure(connection, departure_id)
    assert reading is not None, "it is locked"
    if reading.plan is None or not stops_left(reading):
        return 0
    return await routes.ask_for_plan(connection, departure_id, actor, reason, now)
