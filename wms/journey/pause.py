"""Pauses of a zone or the whole house: an alarm, maintenance, a drill.

Nobody is given work there, and who is in the middle of it sees a screen that waits; when the pause
ends, they go on at the same step.
"""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.request import StaffRequest, once
from wms.moving import commands as moving
from wms.moving import queries as moves
from wms.outbox.command import Answer


@again_on_deadlock
async def pause_floor(
    pool: asyncpg.Pool,
    request: StaffRequest,
    warehouse: str | None,
    zone: str,
    reason: str,
    now: datetime,
) -> Answer:
    """Pauses a zone, '' for the whole house, once for each request.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `unknown_zone`, `no_reason`.
        Conflict: `paused_before`; `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            house = await bins.the_warehouse(connection, warehouse)
            pause_id = await moving.pause_floor(
                connection, house["id"], zone, reason, request.actor, now
            )
            row = await moves.pause_of_id(connection, pause_id)
            assert row is not None
            return Answer(201, _said(row))

        return await once(connection, request, act)


@again_on_deadlock
async def end_pause(pool: asyncpg.Pool, pause_id: int, actor: str, now: datetime) -> asyncpg.Record:
    """Ends a pause, which may have ended before; how it stands then.

    Raises:
        NotFound: `unknown_pause`.
    """
    async with staff_transaction(pool) as connection:
        await moving.end_pause(connection, pause_id, actor, now)
        row = await moves.pause_of_id(connection, pause_id)
    assert row is not None
    return row


def _said(row: asyncpg.Record) -> dict[str, object]:
    return {
        "id": row["id"],
        "warehouse": row["warehouse"],
        "zone": row["zone"] or None,
        "reason": row["reason"],
        "started_by": row["started_by"],
        "started_at": row["started_at"].isoformat(),
        "ended_by": None,
        "ended_at": None,
    }
