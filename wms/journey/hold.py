"""Lift a hold: somebody has looked, and the order may go on."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.orders import commands as orders
from wms.outbox import commands as outbox


async def lift_hold(
    pool: asyncpg.Pool, order_id: int, hold_id: int, actor: str, now: datetime
) -> None:
    """Lifts a hold of an order, which its shop hears of; a lifted one stays lifted.

    Raises:
        NotFound: `unknown_hold`.
    """
    async with staff_transaction(pool) as connection:
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
