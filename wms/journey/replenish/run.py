"""Replenishment: asked for by night or by a planner, forecast apart from any transaction, saved.

Positions are read again when the proposals are made, so that what was sold or bought meanwhile
counts.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.journey.order.order_view import moment
from wms.journey.replenish.reading import house_day, local, read
from wms.journey.replenish.saving import Answered, Limits, save
from wms.journey.request import StaffRequest, once
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.replenishment import commands as replenishment
from wms.replenishment import queries as rows_of
from wms.replenishment.forecasted import Forecasted, Question, SeriesForecast, each_of

ACTOR = "timer:replenish"
JOB = "replenish"

Forecast = Callable[[Question], Awaitable[Forecasted]]


async def request_run(pool: asyncpg.Pool, request: StaffRequest, now: datetime) -> Answer:
    """Asks for forecasts and proposals of the whole house; a job makes them.

    Raises:
        NotFound: `unknown_warehouse`, there is none yet.
        Conflict: `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            run_id = await enter_run(connection, request.actor, now)
            return Answer(202, await run_view(connection, run_id))

        return await once(connection, request, act)


async def enter_run(
    connection: asyncpg.Connection, actor: str, now: datetime, *, by_job: bool = True
) -> int:
    """A run that somebody asks for, with its job unless they plan it themselves; its number.

    Raises:
        NotFound: `unknown_warehouse`.
    """
    run_id = await replenishment.request_run(
        connection, await house_day(connection, now), actor, now
    )
    assert run_id is not None, "only the night's is made once"
    if by_job:
        await _enqueue(connection, run_id, now)
    return run_id


async def _enqueue(connection: asyncpg.Connection, run_id: int, now: datetime) -> None:
    await outbox.enqueue(connection, JOB, f"replenish/{run_id}", {"run_id": run_id}, now)


async def run_when_due(pool: asyncpg.Pool, hour: int, now: datetime) -> int | None:
    """Asks for the night's run once a day, from `hour` on by the house's clock; its number.

    A house that nobody ordered of before today has nothing to be forecast by.
    """
    async with staff_transaction(pool) as connection:
        if not await outbox.try_lock(connection, ACTOR):
            return None
        try:
            clock = local(await bins.the_warehouse(connection), now)
        except NotFound:
            return None
        if clock.hour < hour or await rows_of.nightly_asked(connection, clock.date(), ACTOR):
            return None
        if not await rows_of.was_ordered(connection, clock.replace(hour=0, minute=0)):
            return None
        run_id = await replenishment.request_run(connection, clock.date(), ACTOR, now)
        if run_id is not None:
            await _enqueue(connection, run_id, now)
        return run_id


async def plan_run(
    pool: asyncpg.Pool, run_id: int, forecast: Forecast, limits: Limits, now: datetime
) -> None:
    """Forecasts a run that was asked for, with no transaction open meanwhile, and proposes."""
    async with staff_transaction(pool) as connection:
        run = await replenishment.run_for_update(connection, run_id)
        if run["state"] != "requested":
            return
        reading = await read(connection, run["day"], limits.terms, limits.holidays, now)
    answers = [(asked, await forecast(asked.question)) for asked in reading.asked]
    found: dict[int, SeriesForecast] = {}
    for asked, answer in answers:
        found |= dict(zip(asked.rows, each_of(asked.question, answer), strict=True))
    lines = None if reading.lines is None else await forecast(reading.lines)
    forecasts = tuple(found[row] for row in range(len(reading.kept)))
    await save(pool, run_id, reading, Answered(forecasts, lines), limits, now)


async def give_up_run(pool: asyncpg.Pool, run_id: int, reason: str, now: datetime) -> None:
    """Ends a run that cannot be forecast, with the reason; its proposals would be none."""
    async with staff_transaction(pool) as connection:
        run = await replenishment.run_for_update(connection, run_id)
        if run["state"] == "requested":
            facts: dict[str, object] = {"state": "refused", "reason": reason}
            await replenishment.end_run(connection, run_id, facts, now)


async def run_view(connection: asyncpg.Connection, run_id: int) -> dict[str, object]:
    """A run as planners read it.

    Raises:
        NotFound: `unknown_run`.
    """
    row = await rows_of.run_of_id(connection, run_id)
    if row is None:
        raise replenishment.unknown_run(run_id)
    return {
        "id": row["id"],
        "state": row["state"],
        "day": row["day"].isoformat(),
        "asked_by": row["asked_by"],
        "asked_at": moment(row["asked_at"]),
        "done_at": moment(row["done_at"]),
        "series": row["series"],
        "proposals": row["proposals"],
        "reason": row["reason"],
    }
