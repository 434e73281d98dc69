"""Claims that end before their goods leave: unpaid ones expire, losses free the last in rank."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.claim.insert import leave_out_lost
from wms.journey.claim.supply import supply_waiting, wait_for_supply
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.outbox import commands as outbox
from wms.promise import commands as promise
from wms.promise import queries as promises

EXPIRED_AT_ONCE = 100
EXPIRY = "timer:promises"


async def expire_promises(pool: asyncpg.Pool, now: datetime) -> int:
    """Frees what unpaid orders held on to past their time, and tells the shops; how many orders."""
    async with staff_transaction(pool) as connection:
        due = await promises.expired_orders(connection, now, EXPIRED_AT_ONCE)
    for row in due:
        await _expire_order(pool, row["tenant_id"], row["order_id"], now)
    return len(due)


@again_on_deadlock
async def _expire_order(pool: asyncpg.Pool, tenant_id: int, order_id: int, now: datetime) -> None:
    async with staff_transaction(pool) as connection:
        # The order's lock keeps a payment that comes in now from being overtaken.
        order = await orders.order_for_update(connection, tenant_id, order_id)
        if order is None or order["paid_at"] is not None:
            return
        if await promise.free_order(connection, order["id"], "expired"):
            await _tell_expired(connection, order, now)


async def _tell_expired(
    connection: asyncpg.Connection, order: asyncpg.Record, now: datetime
) -> None:
    """Tells the shop, and gives what the order held on to to those who wait for it."""
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.promise_expired",
        f"order/{order['id']}",
        order["id"],
        {"order_id": order["id"], "external_order_id": order["external_order_id"]},
        EXPIRY,
        now,
    )
    for fulfilment in await order_rows.fulfilments_of_order(connection, order["id"]):
        lines = await order_rows.lines_of_fulfilment(connection, fulfilment["id"])
        item_ids = [line["item_id"] for line in lines]
        await supply_waiting(connection, item_ids, fulfilment["warehouse_id"], EXPIRY, now)


async def lose_claims(
    connection: asyncpg.Connection,
    item_id: int,
    warehouse_id: int,
    lost: int,
    actor: str,
    now: datetime,
) -> dict[int, int]:
    """Makes room under the promises for goods that are about to be booked as lost.

    Where less would be left than is promised, the claims of latest rank give way and their orders
    are told, in the transaction that books the loss; a paid one gets a claim on goods that are on
    their way instead, where there are such. Answers how much of which fulfilment lines is promised
    of the stock no more.
    """
    availability = await promise.availability_for_update(connection, item_id, warehouse_id)
    if availability is None:
        return {}
    excess = availability["promised"] - (availability["sellable"] - lost)
    if excess <= 0:
        return {}
    freed = await promise.free_youngest(connection, availability["id"], excess)
    lost_of: dict[int, int] = {}
    lines = {row["fulfilment_line_id"]: row["quantity"] for row in freed}
    left_out = await leave_out_lost(connection, lines, actor, now)
    for row in freed:
        if row["fulfilment_line_id"] in left_out:
            continue
        number = row["fulfilment_order_id"]
        lost_of[number] = lost_of.get(number, 0) + row["quantity"]
    for fulfilment_order_id, quantity in lost_of.items():
        await _tell_lost(connection, fulfilment_order_id, quantity, actor, now)
    return lines


async def _tell_lost(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    quantity: int,
    actor: str,
    now: datetime,
) -> None:
    """Lets it wait for goods on their way, where enough of them are free, or holds it."""
    fulfilment = await order_rows.fulfilment_summary(connection, fulfilment_order_id)
    if fulfilment["firm_at"] is not None and await wait_for_supply(
        connection, fulfilment_order_id, actor, now
    ):
        return
    await orders.hold_and_tell(
        connection,
        fulfilment_order_id,
        "stock_lost",
        f"{quantity} promised unit(s) of an item turned out to be missing.",
        actor,
        now,
    )
