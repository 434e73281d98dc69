"""Claims that end before their goods leave: unpaid ones expire, and losses free the youngest."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.outbox import commands as outbox
from wms.promise import commands as promise
from wms.promise import queries as promises

EXPIRED_AT_ONCE = 100


async def expire_promises(pool: asyncpg.Pool, now: datetime) -> int:
    """Frees what unpaid orders held on to past their time, and tells the shops; how many orders."""
    async with staff_transaction(pool) as connection:
        due = await promises.expired_orders(connection, now, EXPIRED_AT_ONCE)
    for row in due:
        async with staff_transaction(pool) as connection:
            # The order's lock keeps a payment that comes in now from being overtaken.
            order = await orders.order_for_update(connection, row["tenant_id"], row["order_id"])
            if order is None or order["paid_at"] is not None:
                continue
            if await promise.free_order(connection, order["id"], "expired"):
                await outbox.emit(
                    connection,
                    row["tenant_id"],
                    "order.promise_expired",
                    f"order/{order['id']}",
                    order["id"],
                    {"order_id": order["id"], "external_order_id": order["external_order_id"]},
                    "timer:promises",
                    now,
                )
    return len(due)


async def lose_claims(
    connection: asyncpg.Connection,
    item_id: int,
    warehouse_id: int,
    lost: int,
    actor: str,
    now: datetime,
) -> dict[int, int]:
    """Makes room under the promises for goods that are about to be booked as lost.

    Where less would be left than is promised, the youngest claims give way and their orders are
    told, in the transaction that books the loss. Answers how much of which fulfilment lines is
    promised no more.
    """
    availability = await promise.availability_for_update(connection, item_id, warehouse_id)
    if availability is None:
        return {}
    excess = availability["promised"] - (availability["sellable"] - lost)
    if excess <= 0:
        return {}
    freed = await promise.free_youngest(connection, availability["id"], excess)
    for row in freed:
        for fulfilment in await order_rows.fulfilments_of_order(connection, row["order_id"]):
            await orders.hold_and_tell(
                connection,
                fulfilment["id"],
                "stock_lost",
                f"{row['quantity']} promised unit(s) of an item turned out to be missing.",
                actor,
                now,
            )
    return {row["fulfilment_line_id"]: row["quantity"] for row in freed}
