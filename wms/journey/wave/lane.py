"""Lanes of a sorter: closed, opened and purged by staff, and purged when a wave has ended."""

from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import NotFound, Refused
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer
from wms.sorting import commands as sorting
from wms.sorting import queries as sorting_rows
from wms.sorting.plan import LANES_MAX

# A lane that was emptied late would empty it for the next wave.
PURGE_WITHIN = timedelta(minutes=1)
CHANGE_WITHIN = timedelta(minutes=10)
OPS = ("close", "open", "purge")


async def command_lane(
    pool: asyncpg.Pool,
    device_id: int,
    lane: int,
    op: str,
    why: str,
    request: StaffRequest,
    now: datetime,
) -> Answer:
    """Closes, opens or purges a lane: the house obeys at once, the PLC when it answers.

    Raises:
        NotFound: `unknown_lane`.
        Refused: `bad_lane_command`.
    """
    if op not in OPS:
        raise Refused("bad_lane_command", f"A lane can be told to {', '.join(OPS)}, not {op}.")
    if not 1 <= lane <= LANES_MAX:
        raise NotFound("unknown_lane", f"There is no lane {lane}: lanes are 1 to {LANES_MAX}.")
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            actor = request.actor
            order_id = await order_lane(connection, device_id, lane, op, why, actor, now)
            return Answer(202, {"id": order_id})

        return await once(connection, request, act)


async def order_lane(
    connection: asyncpg.Connection,
    device_id: int,
    lane: int,
    op: str,
    why: str,
    actor: str,
    now: datetime,
) -> int:
    """Closes, opens or purges a lane for the house, and asks the PLC for it; the order's number."""
    if op == "close":
        await sorting.close_lane(connection, device_id, lane, actor, why, now)
    elif op == "open":
        await sorting.open_lane(connection, device_id, lane)
    within = PURGE_WITHIN if op == "purge" else CHANGE_WITHIN
    order_id = await sorting.ask_lane(
        connection, device_id, lane, op, why, actor, now, now + within
    )
    assert order_id is not None, "only a wave asks once"
    return order_id


async def purge_after_wave(
    connection: asyncpg.Connection,
    device_id: int,
    tote: str,
    now: datetime,
) -> list[int]:
    """Asks for the lanes of a wave to be emptied, once its last tote stands; the lanes.

    A tote that stands is counted to no lane after its purge, so nothing waits for it there.
    """
    wave = await sorting_rows.wave_on_the_belt(connection, tote)
    if wave is None or wave["walking"] or wave["to_come"]:
        return []
    asked = []
    for lane in wave["lanes"] or ():
        command_id = await sorting.ask_lane(
            connection,
            device_id,
            lane,
            "purge",
            f"wave {wave['wave_id']} has ended",
            "sorter",
            now,
            now + PURGE_WITHIN,
            wave["wave_id"],
        )
        if command_id is not None:
            asked.append(lane)
    return asked
