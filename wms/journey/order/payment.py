"""Payment: what the shop's gateway says, and how a paid order becomes firm."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound, Refused
from wms.journey.claim.lift import ask_waybill, lift_and_tell
from wms.journey.claim.supply import ask_delivery
from wms.journey.order.balance import advise_refund, amounts_wanted, note_paid, note_refunded
from wms.journey.order.late import claim_late
from wms.journey.order.order_view import order_view
from wms.journey.order.refund import bounced, refunded
from wms.journey.order.suspect import hold_foreign_payer
from wms.journey.request import Request, once
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.hold import PAYMENT_FAILED
from wms.orders.order import NewPayment
from wms.orders.payment import IN_HAND, PaymentState, Standing, Told, refunds_minor, standing
from wms.orders.suspicion import SUSPICION, Suspicion
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.promise import commands as promise
from wms.tenants.shop import Shop

GIVES_BACK = (PaymentState.REFUNDED, PaymentState.PARTIALLY_REFUNDED)


@again_on_deadlock
async def take_payment(
    pool: asyncpg.Pool,
    request: Request,
    order_id: int,
    payment: NewPayment,
    now: datetime,
    *,
    suspicion: Suspicion = SUSPICION,
) -> Answer:
    """Writes down what the payment gateway said; a full payment makes the order firm.

    Messages may come in any order and as often as they like: each counts once, by the moment at
    which it happened at the gateway. A refusal changes nothing, and is given again for the same
    key.

    A promise that expired before the money came is claimed anew; where the goods are gone the
    order is put on hold, and its shop is told the day on which more comes, or to give the money
    back. Money that went back in full stops what has not left the house.

    Raises:
        NotFound: `unknown_order`.
        Refused: `wrong_amount`, `wrong_currency`, `refund_too_large`.
    """
    # A refund may cancel: reservations and balances are the house's own, so it acts for the shop.
    async with staff_transaction(pool) as connection:

        async def take() -> Answer:
            try:
                await _take(connection, request.shop, order_id, payment, suspicion, now)
            except Refused as refusal:
                return Answer.refused(refusal)
            return Answer(200, await order_view(connection, request.shop, order_id))

        answer = await once(connection, request, take)
    return answer.given()


async def _take(
    connection: asyncpg.Connection,
    shop: Shop,
    order_id: int,
    payment: NewPayment,
    suspicion: Suspicion,
    now: datetime,
) -> None:
    order = await orders.order_for_update(connection, shop.tenant_id, order_id)
    if order is None or order["shop_id"] != shop.shop_id:
        raise NotFound("unknown_order", f"This shop has no order {order_id}.")
    rows = await order_rows.payments_of_order(connection, order_id)
    told = [Told(row["state"], row["amount_minor"], row["reference"], row["at"]) for row in rows]
    new = Told(payment.state, payment.amount_minor, payment.reference, payment.at)
    if payment.currency != order["currency"]:
        raise Refused("wrong_currency", f"The order is in {order['currency']}.", "/amount")
    if new in told:
        return
    _check_amount(order, told, new)
    await orders.add_payment(
        connection,
        shop.tenant_id,
        order_id,
        payment.state,
        payment.amount_minor,
        payment.currency,
        payment.reference,
        payment.at,
        payment.country,
        now,
    )
    before = standing(told, order["paid_minor"])
    if new.state == PaymentState.PAID:
        await note_paid(connection, order, payment.amount_minor, shop.actor, now)
    elif new.state in GIVES_BACK:
        await note_refunded(connection, order, payment.amount_minor)
    current = await order_rows.order_of_id(connection, shop.tenant_id, order_id)
    assert current is not None, "orders stay"
    after = standing([*told, new], current["paid_minor"])
    first = order["paid_at"] is None and after.state in (*IN_HAND, PaymentState.REFUNDED)
    await orders.set_payment(
        connection, order_id, after.state, after.refunded_minor, now if first else None
    )
    await _follow(connection, shop, order, payment, before, after, suspicion, now)
    if order["state"] == "cancelled" and new.state == PaymentState.PAID:
        await advise_refund(connection, current, "cancelled", shop.actor, now)


def _check_amount(order: asyncpg.Record, told: list[Told], new: Told) -> None:
    if new.state == PaymentState.PAID and new.amount_minor not in amounts_wanted(order):
        raise Refused(
            "wrong_amount",
            f"The order comes to {order['total_minor']} in minor units.",
            "/amount/amount_minor",
        )
    if new.state in GIVES_BACK:
        most = (order["paid_minor"] or order["total_minor"]) - refunds_minor(told)
        if not 0 < new.amount_minor <= most:
            raise Refused(
                "refund_too_large" if new.amount_minor else "wrong_amount",
                f"Of what was paid {most} in minor units is left to give back.",
                "/amount/amount_minor",
            )


async def _follow(
    connection: asyncpg.Connection,
    shop: Shop,
    order: asyncpg.Record,
    payment: NewPayment,
    before: Standing,
    after: Standing,
    suspicion: Suspicion,
    now: datetime,
) -> None:
    """What becomes of an order whose payment stands otherwise than before; its shop is told."""
    if payment.state in GIVES_BACK:
        await refunded(connection, shop, order, payment.amount_minor, after, now)
        return
    if after.state == before.state:
        return
    if after.state == PaymentState.REFUNDED:
        # It was given back before it was told that it had come.
        await refunded(connection, shop, order, after.refunded_minor, after, now)
        return
    if after.state in IN_HAND:
        # Money that comes in for a cancelled order is noted, and claims nothing again.
        if order["paid_at"] is None and order["state"] != "cancelled":
            await hold_foreign_payer(connection, order, payment.country, suspicion, shop.actor, now)
            await _become_firm(connection, shop, order, now)
        elif before.state not in (*IN_HAND, PaymentState.REFUNDED):
            await _paid_after_all(connection, order, shop.actor, now)
    elif before.state in (*IN_HAND, PaymentState.REFUNDED):
        await bounced(connection, order, payment.amount_minor, shop.actor, now)
    else:
        await outbox.emit(
            connection,
            order["tenant_id"],
            f"order.payment_{after.state}",
            f"order/{order['id']}",
            order["id"],
            {"order_id": order["id"], "external_order_id": order["external_order_id"]},
            shop.actor,
            now,
        )


async def _become_firm(
    connection: asyncpg.Connection, shop: Shop, order: asyncpg.Record, now: datetime
) -> None:
    claimed = order["sandbox"] or await promise.make_firm(connection, order["id"], now)
    if claimed or await claim_late(connection, shop, order, now):
        await tell_firm(connection, order, shop.actor, now)


async def tell_firm(
    connection: asyncpg.Connection, order: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Makes a paid order, all of which is promised, firm: its waybills and codes are asked for.

    One of the sandbox gets no waybill, and samples of codes.
    """
    for part in await orders.make_firm(connection, order["id"], now):
        if part["digital"]:
            await ask_delivery(connection, part["id"], now)
        elif not order["sandbox"]:
            await ask_waybill(connection, part["id"], now)
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


async def _paid_after_all(
    connection: asyncpg.Connection, order: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Lets an order go on whose money had gone back and came again."""
    for hold in await order_rows.holds_of_order(connection, order["id"]):
        if hold["kind"] == PAYMENT_FAILED and hold["lifted_at"] is None:
            await lift_and_tell(connection, order["id"], hold["id"], actor, now)
