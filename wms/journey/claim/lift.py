"""The end of a hold, which its shop hears of."""

from datetime import datetime

import asyncpg

from wms.error import NotFound
from wms.orders import commands as orders
from wms.outbox import commands as outbox


async def lift_and_tell(
    connection: asyncpg.Connection, order_id: int, hold_id: int, actor: str, now: datetime
) -> None:
    """Lifts a standing hold of an order and tells its shop.

    Raises:
        NotFound: `unknown_hold`, there is none, or it was lifted before.
    """
    row = await orders.lift_hold(connection, order_id, hold_id, now)
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
            "kind": row["kind"],
        },
        actor,
        now,
    )
