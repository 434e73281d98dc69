"""Lift a hold: somebody has looked, and the order may go on."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.journey.payment import tell_firm
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.outbox import commands as outbox
from wms.promise import commands as promise


async def lift_hold(
    pool: asyncpg.Pool, order_id: int, hold_id: int, actor: str, now: datetime
) -> None:
    """Lifts a hold of an order, which its shop hears of; a lifted one stays lifted.

    What a paid order is promised no more is claimed again before it may go on.

    Raises:
        NotFound: `unknown_hold`.
        Conflict: `not_available`, goods that it lost its promise on are still missing.
    """
    async with staff_transaction(pool) as connection:
        row = await orders.lift_hold(connection, order_id, hold_id, now)
        if row is None:
            raise NotFound("unknown_hold", f"Order {order_id} has no standing hold {hold_id}.")
        await _claim_missing(connection, row["tenant_id"], order_id, actor, now)
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


async def _claim_missing(
    connection: asyncpg.Connection, tenant_id: int, order_id: int, actor: str, now: datetime
) -> None:
    order = await orders.order_for_update(connection, tenant_id, order_id)
    if order is None or order["paid_at"] is None:
        return
    for fulfilment in await order_rows.fulfilments_of_order(connection, order_id):
        claim = await promise.claim_missing(connection, order_id, fulfilment["warehouse_id"])
        if claim is not None and claim.short:
            raise Conflict(
                "not_available",
                f"{len(claim.short)} item(s) of the order are promised no more, and too few are "
                "free to promise them again.",
            )
        if fulfilment["firm_at"] is None:
            await tell_firm(connection, order, actor, now)
