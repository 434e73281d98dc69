"""The end of a hold, which its shop hears of."""

from datetime import datetime

import asyncpg

from wms.error import NotFound
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.outbox import commands as outbox


async def lift_and_tell(
    connection: asyncpg.Connection, order_id: int, hold_id: int, actor: str, now: datetime
) -> None:
    """Lifts a standing hold of an order and tells its shop; after the last comes its waybill.

    Raises:
        NotFound: `unknown_hold`, there is none, or it was lifted before.
    """
    row = await orders.lift_hold(connection, order_id, hold_id, now, actor)
    if row is None:
        raise NotFound("unknown_hold", f"Order {order_id} has no standing hold {hold_id}.")
    await outbox.emit(
        connection,
        row["tenant_id"],
        "order.hold_lifted",
        f"order/{order_id}",
        order_id,
        {
            "order_id": order_id,
            "external_order_id": row["external_order_id"],
            "fulfilment_order_id": row["fulfilment_order_id"],
            "hold_id": hold_id,
            "kind": row["kind"],
        },
        actor,
        now,
    )
    fulfilment = await order_rows.fulfilment_summary(connection, row["fulfilment_order_id"])
    if not fulfilment["held"] and fulfilment["firm_at"] and not fulfilment["waybill_ready_at"]:
        await ask_waybill(connection, row["fulfilment_order_id"], now)


async def ask_waybill(
    connection: asyncpg.Connection, fulfilment_order_id: int, now: datetime
) -> None:
    """Asks the jobs role for the waybills of a fulfilment order that is firm."""
    await outbox.enqueue(
        connection,
        "waybill",
        f"fulfilment/{fulfilment_order_id}",
        {"fulfilment_order_id": fulfilment_order_id},
        now,
    )
