"""Move a fulfilment order to another warehouse: its promises go with it, all or none."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, Refused
from wms.journey.claim.insert import leave_out_lost
from wms.journey.claim.supply import go_on_served, supply_waiting
from wms.journey.order.order_view import view_of_order
from wms.journey.order.part import Part, leave_walks, make_papers_anew, part_of
from wms.journey.request import Request, StaffRequest, once
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import State
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.promise import commands as promise
from wms.promise.claim import Claim

REASON = "moved to another warehouse"


@again_on_deadlock
async def move_fulfilment(
    pool: asyncpg.Pool,
    request: Request | StaffRequest,
    fulfilment_order_id: int,
    warehouse: str,
    version: int | None,
    now: datetime,
) -> Answer:
    """Moves a fulfilment order that is not released; its goods are claimed there before here.

    Waybills that were made are voided and made anew. What it gives up here goes to who waits.

    Raises:
        NotFound: `unknown_fulfilment_order`.
        Conflict: `wrong_state`, `version_differs`, `promise_expired`; `not_available`, the other
            warehouse has too little; `in_flight`.
        Refused: `unknown_warehouse`, `same_warehouse`, `not_a_source`, `idempotency_key_reused`.
    """
    async with staff_transaction(pool) as connection:

        async def move() -> Answer:
            part = await part_of(connection, request, fulfilment_order_id, version)
            target = await _target(connection, part, warehouse)
            await leave_walks(connection, part.fulfilment, request.actor, now)
            await _move(connection, part, target, request.actor, now)
            return Answer(200, await view_of_order(connection, part.order))

        return await once(connection, request, move)


async def _target(connection: asyncpg.Connection, part: Part, code: str) -> asyncpg.Record:
    target = await bins.warehouse_of_code(connection, code)
    if target is None:
        raise Refused("unknown_warehouse", f"There is no warehouse {code}.", "/warehouse")
    if target["id"] == part.warehouse_id:
        raise Refused("same_warehouse", f"It is in {code} already.", "/warehouse")
    named = await order_rows.sources_of(connection, part.order["shop_id"])
    if named and code not in named:
        raise Refused(
            "not_a_source",
            f"{code} does not ship for the shop; {', '.join(named)} do.",
            "/warehouse",
        )
    return target


async def _move(
    connection: asyncpg.Connection, part: Part, target: asyncpg.Record, actor: str, now: datetime
) -> None:
    here = await bins.warehouse_of_id(connection, part.warehouse_id)
    lines = await order_rows.claims_of_fulfilment(connection, part.number)
    items = sorted({line["item_id"] for line in lines})
    reason = f"moved from {here['code']} by {actor.partition(':')[0]}"
    if part.order["sandbox"]:
        await orders.set_warehouse(connection, part.number, target["id"], reason)
    else:
        claim = await _claim_all(connection, part, target, actor, now)
        await promise.free_fulfilment(connection, part.number, "freed")
        await orders.set_warehouse(connection, part.number, target["id"], reason)
        expires_at = min((x["expires_at"] for x in lines if x["expires_at"]), default=None)
        await promise.write_promises(connection, part.number, claim, expires_at)
    await make_papers_anew(connection, part, REASON, now)
    await outbox.emit(
        connection,
        part.order["tenant_id"],
        "order.moved",
        f"order/{part.order['id']}",
        part.order["id"],
        {
            "order_id": part.order["id"],
            "external_order_id": part.order["external_order_id"],
            "fulfilment_order_id": part.number,
            "from": here["code"],
            "to": target["code"],
        },
        actor,
        now,
    )
    await go_on_served(connection, part.order["id"], target["id"], actor, now)
    await supply_waiting(connection, items, part.warehouse_id, actor, now)


async def _claim_all(
    connection: asyncpg.Connection,
    part: Part,
    target: asyncpg.Record,
    actor: str,
    now: datetime,
) -> Claim:
    """Claims all of the part in another warehouse; what rules added stays behind if it has to."""
    lines = await order_rows.claims_of_fulfilment(connection, part.number)
    claim = await _claim_there(connection, part, lines, target)
    if inserts := _inserts_of(claim, lines):
        await leave_out_lost(connection, inserts, actor, now)
        lines = await order_rows.claims_of_fulfilment(connection, part.number)
        claim = await _claim_there(connection, part, lines, target)
    if not claim.granted:
        raise Conflict(
            "not_available",
            f"{target['code']} has too few of {len(claim.short)} item(s); nothing was moved.",
        )
    return claim


async def _claim_there(
    connection: asyncpg.Connection, part: Part, lines: list[asyncpg.Record], target: asyncpg.Record
) -> Claim:
    """Claims all of the part in another warehouse, or none; both are locked in one order."""
    if part.order["paid_at"] is None and not any(line["standing"] for line in lines):
        raise Conflict(
            "promise_expired", "Its promise has expired; it is claimed again when it is paid."
        )
    items = [line["item_id"] for line in lines]
    channel = part.order["channel"]
    await orders.lock_stock(
        connection, sorted(set(items)), [part.warehouse_id, target["id"]], channel
    )
    return await promise.claim(
        connection,
        target["id"],
        items,
        [line["quantity"] for line in lines],
        channel,
        part.state is State.BACKORDERED,
    )


def _inserts_of(claim: Claim, lines: list[asyncpg.Record]) -> dict[int, int]:
    """What of the lines that fell short was added by rules: nobody stays for that."""
    short = {row.item_id for row in claim.short}
    return {
        line["id"]: line["quantity"]
        for line in lines
        if line["inserted"] and line["item_id"] in short
    }
