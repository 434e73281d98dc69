"""What changes vans, route plans, planners' wishes and the vans' progress."""

from collections.abc import Iterable
from datetime import datetime

import asyncpg

from wms.error import NotFound
from wms.outbox import commands as outbox
from wms.shipping import call_store, van_store
from wms.shipping import route_store as store
from wms.shipping.route import (
    TOLD_AGAIN_AFTER,
    VISITED,
    Event,
    Outcome,
    Reading,
    State,
    after,
)
from wms.shipping.wish import Wish

ETA_CHANGED = "order.eta_changed"


async def lock_departure(connection: asyncpg.Connection, departure_id: int) -> asyncpg.Record:
    """The departure, kept as it is until the transaction ends.

    Raises:
        NotFound: `unknown_departure`.
    """
    row = await store.departure_for_update(connection, departure_id)
    if row is None:
        raise NotFound("unknown_departure", f"There is no departure {departure_id}.")
    return row


async def ask_for_plan(
    connection: asyncpg.Connection, departure_id: int, asked_by: str, reason: str, now: datetime
) -> int:
    """Asks for a departure's routes; the version that will be planned.

    One that is being planned already takes in whatever changes until it is saved, so it is the
    answer. The caller holds the departure.
    """
    asked = await store.plan_in_state(connection, departure_id, State.REQUESTED)
    version: int = (
        await store.insert_plan(connection, departure_id, asked_by, reason, now)
        if asked is None
        else asked["version"]
    )
    # Its job is there once, and is made anew where it was laid aside as dead.
    await outbox.enqueue(
        connection,
        "routes",
        f"departure/{departure_id}/{version}",
        {"departure_id": departure_id, "version": version},
        now,
    )
    return version


async def save_plan(
    connection: asyncpg.Connection,
    reading: Reading,
    version: int,
    seed: int,
    plan: dict[str, object],
    now: datetime,
) -> None:
    """Keeps a plan that was asked for; the one that stood until now is superseded."""
    if reading.version:
        state = after(State.PLANNED, Event.SUPERSEDE)
        await store.set_plan_state(connection, reading.departure_id, reading.version, state, None)
    await store.save_plan(
        connection,
        reading.departure_id,
        version,
        after(State.REQUESTED, Event.SAVE),
        reading.digest,
        seed,
        plan,
        now,
    )


async def refuse_plan(
    connection: asyncpg.Connection, departure_id: int, version: int, reason: str
) -> None:
    """Gives a plan up that was asked for; the one that stands stays."""
    state = after(State.REQUESTED, Event.REFUSE)
    await store.set_plan_state(connection, departure_id, version, state, reason)


async def expect_calls(
    connection: asyncpg.Connection,
    reading: Reading,
    calls: list[dict[str, object]],
    actor: str,
    now: datetime,
) -> None:
    """Writes when own vans are expected where, and tells shops what changed more than a little.

    An order that is on no route any more is told as expected at no time.
    """
    tracking = {drop.order_id: drop.tracking_numbers for drop in reading.drops}
    told: list[int] = []
    for row in await call_store.replace_calls(connection, reading.departure_id, calls):
        if row["told_at"] is not None:
            data = _told(reading, row, row["tracking_numbers"]) | {"eta": None}
            await _tell(connection, row, data, actor, now)
    for row in await call_store.calls_of_departure(connection, reading.departure_id):
        if Outcome(row["state"]) in VISITED or not _is_news(row):
            continue
        told.append(row["order_id"])
        eta = {name: row[f"{name}_at"].isoformat() for name in ("earliest", "expected", "latest")}
        data = _told(reading, row, tracking[row["order_id"]]) | {"eta": eta}
        await _tell(connection, row, data, actor, now)
    await call_store.set_expected_told(connection, reading.departure_id, told)


def _is_news(row: asyncpg.Record) -> bool:
    before: datetime | None = row["told_at"]
    return before is None or abs(row["expected_at"] - before) > TOLD_AGAIN_AFTER


def _told(
    reading: Reading, row: asyncpg.Record, tracking_numbers: Iterable[str]
) -> dict[str, object]:
    before: datetime | None = row["told_at"]
    return {
        "departure_id": reading.departure_id,
        "tracking_numbers": list(tracking_numbers),
        "expected_before": None if before is None else before.isoformat(),
    }


async def _tell(
    connection: asyncpg.Connection,
    row: asyncpg.Record,
    data: dict[str, object],
    actor: str,
    now: datetime,
) -> None:
    order_id: int = row["order_id"]
    await outbox.emit(
        connection,
        row["tenant_id"],
        ETA_CHANGED,
        f"order/{order_id}",
        order_id,
        data,
        actor,
        now,
    )


async def make_wish(
    connection: asyncpg.Connection,
    departure_id: int,
    order_id: int,
    tenant_id: int,
    wish: Wish,
    actor: str,
    now: datetime,
) -> None:
    """Keeps a planner's wish for one order of a departure, in place of an earlier one."""
    await store.upsert_wish(
        connection,
        departure_id,
        order_id,
        tenant_id,
        wish.van,
        list(wish.forbidden),
        list(wish.skills),
        wish.priority,
        wish.note,
        actor,
        now,
    )


enter_van = van_store.upsert_van
drop_wish = store.delete_wish
set_departure = store.set_departure
set_progress = store.set_progress
set_outcome = call_store.set_outcome
free_begun = call_store.free_begun
say_late = call_store.upsert_lateness
forget_late = call_store.delete_lateness
