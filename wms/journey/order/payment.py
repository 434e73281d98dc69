"""Payment: what the shop's gateway says, and how a paid order becomes firm."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import shop_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound, Refused
from wms.journey.claim.supply import WAITS_FOR_GOODS, ask_waybill, go_on_served
from wms.journey.order.order_view import order_view
from wms.journey.request import Request, once
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import State
from wms.orders.order import NewPayment
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.promise import commands as promise
from wms.promise.claim import Claim
from wms.tenants.shop import Shop


@again_on_deadlock
async def take_payment(
    pool: asyncpg.Pool, request: Request, order_id: int, payment: NewPayment, now: datetime
) -> Answer:
    """Writes down what the payment gateway said; a full payment makes the order firm.

    A refusal changes nothing, and is given again for the same key.

    A promise that expired before the money came is claimed anew; where the goods are gone the
    order is put on hold with a reason, and the shop hears of it.

    Raises:
        NotFound: `unknown_order`.
        Refused: `wrong_amount`, `wrong_currency`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def take() -> Answer:
            try:
                await _take(connection, shop, order_id, payment, now)
            except Refused as refusal:
                return Answer.refused(refusal)
            return Answer(200, await order_view(connection, shop, order_id))

        answer = await once(connection, request, take)
    return answer.given()


async def _take(
    connection: asyncpg.Connection, shop: Shop, order_id: int, payment: NewPayment, now: datetime
) -> None:
    order = await orders.order_for_update(connection, shop.tenant_id, order_id)
    if order is None or order["shop_id"] != shop.shop_id:
        raise NotFound("unknown_order", f"This shop has no order {order_id}.")
    if payment.currency != order["currency"]:
        raise Refused("wrong_currency", f"The order is in {order['currency']}.", "/amount")
    if payment.state == "paid" and payment.amount_minor != order["total_minor"]:
        raise Refused(
            "wrong_amount",
            f"The order comes to {order['total_minor']} in minor units.",
            "/amount/amount_minor",
        )
    await orders.add_payment(
        connection,
        shop.tenant_id,
        order_id,
        payment.state,
        payment.amount_minor,
        payment.currency,
        payment.reference,
        payment.at,
    )
    paid = payment.state == "paid"
    await orders.set_payment_state(connection, order_id, payment.state, now if paid else None)
    # Money that comes in for a cancelled order is noted, and claims nothing again.
    if paid and order["paid_at"] is None and order["state"] != "cancelled":
        await _become_firm(connection, shop, order, now)


async def _become_firm(
    connection: asyncpg.Connection, shop: Shop, order: asyncpg.Record, now: datetime
) -> None:
    if order["sandbox"] or await promise.make_firm(connection, order["id"], now):
        await tell_firm(connection, order, shop.actor, now)
    else:
        await _claim_again(connection, shop, order, now)


async def tell_firm(
    connection: asyncpg.Connection, order: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Makes a paid order, all of which is promised, firm: its waybills are asked for."""
    for fulfilment_order_id in await orders.make_firm(connection, order["id"], now):
        if not order["sandbox"]:
            await ask_waybill(connection, fulfilment_order_id, now)
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.paid",
        f"order/{order['id']}",
        order["id"],
        {"order_id": order["id"], "external_order_id": order["external_order_id"]},
        actor,
        now,
    )


async def _claim_again(
    connection: asyncpg.Connection, shop: Shop, order: asyncpg.Record, now: datetime
) -> None:
    """Claims what a promise expired on: from stock, or from what is on its way where that will do.

    Where neither reaches, the order is held.
    """
    warehouse = await bins.the_warehouse(connection)
    parts = await order_rows.parts_of_order(connection, order["id"])
    claim = await promise.claim(
        connection,
        warehouse["id"],
        [part["item_id"] for part in parts],
        [part["quantity"] for part in parts],
        order["channel"],
        order["backorder"],
    )
    if claim.granted:
        await promise.write_promises(connection, order["id"], warehouse["id"], claim, None)
        await orders.set_order_state(connection, order["id"], "accepted")
        await tell_firm(connection, order, shop.actor, now)
        await _wait_as_claimed(connection, order["id"], claim, shop.actor, now)
        return
    await promise.note_refusal(
        connection, shop.tenant_id, order["external_order_id"], claim, order["channel"]
    )
    for fulfilment in await order_rows.fulfilments_of_order(connection, order["id"]):
        await orders.hold_and_tell(
            connection,
            fulfilment["id"],
            "paid_too_late",
            "Paid after the promise had expired, and the goods are gone.",
            shop.actor,
            now,
        )


async def _wait_as_claimed(
    connection: asyncpg.Connection, order_id: int, claim: Claim, actor: str, now: datetime
) -> None:
    """Lets an order that was claimed again wait for goods on their way, or wait no more."""
    for fulfilment in await order_rows.fulfilments_of_order(connection, order_id):
        if fulfilment["state"] == State.BACKORDERED:
            await go_on_served(connection, order_id, fulfilment["warehouse_id"], actor, now)
        elif claim.backordered:
            expected_at = max(row.expected_at for row in claim.backordered)
            await orders.hold_and_tell(
                connection,
                fulfilment["id"],
                WAITS_FOR_GOODS,
                f"Goods are on their way and expected at {expected_at.isoformat()}.",
                actor,
                now,
            )
