"""Lift a hold: somebody has looked, and the order may go on."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, NotFound
from wms.journey.claim.lift import lift_and_tell
from wms.journey.claim.supply import ask_waybill, go_on_served
from wms.journey.order.payment import tell_firm
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import State
from wms.promise import commands as promise
from wms.promise import queries as promises


@again_on_deadlock
async def lift_hold(
    pool: asyncpg.Pool, order_id: int, hold_id: int, actor: str, now: datetime
) -> None:
    """Lifts a hold of an order, which its shop hears of; a lifted one stays lifted.

    What a paid order is promised no more is claimed again before it may go on.

    Raises:
        NotFound: `unknown_hold`.
        Conflict: `not_available`, goods that it lost its promise on are still missing, or are
            promised to it but not here yet.
    """
    async with staff_transaction(pool) as connection:
        holds = await order_rows.holds_of_order(connection, order_id)
        hold = next((row for row in holds if row["id"] == hold_id), None)
        if hold is None or hold["lifted_at"] is not None:
            raise NotFound("unknown_hold", f"Order {order_id} has no standing hold {hold_id}.")
        fulfilments = await order_rows.fulfilments_of_order(connection, order_id)
        # Claims come before the hold: supply that arrives now locks them in that order too.
        order = await orders.order_for_update(connection, fulfilments[0]["tenant_id"], order_id)
        assert order is not None, "a hold is of an order"
        if order["paid_at"] is not None:
            await _claim_missing(connection, order, fulfilments, actor, now)
        await lift_and_tell(connection, order_id, hold_id, actor, now)
        for fulfilment in fulfilments:
            if fulfilment["state"] == State.BACKORDERED:
                await go_on_served(connection, order_id, fulfilment["warehouse_id"], actor, now)
            if fulfilment["firm_at"] is not None and fulfilment["waybill_ready_at"] is None:
                # What kept it from its waybill, such as a carton that was missing, may be mended.
                await ask_waybill(connection, fulfilment["id"], now)


async def _claim_missing(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    fulfilments: list[asyncpg.Record],
    actor: str,
    now: datetime,
) -> None:
    for fulfilment in fulfilments:
        warehouse_id = fulfilment["warehouse_id"]
        waiting = fulfilment["state"] == State.BACKORDERED
        claim = await promise.claim_missing(
            connection, order["id"], warehouse_id, backorder=waiting
        )
        if claim is not None and claim.short:
            raise Conflict(
                "not_available",
                f"{len(claim.short)} item(s) of the order are promised no more, and too few are "
                "free to promise them again.",
            )
        if not waiting and await promises.waits_for_supply(connection, order["id"]):
            raise Conflict("not_available", "Goods of the order are on their way and not here yet.")
        if fulfilment["firm_at"] is None:
            await tell_firm(connection, order, actor, now)
