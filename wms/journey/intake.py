"""Order in, accept and promise, payment, expiry: everything up to the moment an order is firm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import shop_transaction, staff_transaction
from wms.error import Conflict, NotFound, Refused, WmsError
from wms.journey.order_view import order_view
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.order import NewOrder, NewPayment
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.promise import commands as promise
from wms.promise import queries as promises
from wms.promise.claim import Claim
from wms.tenants.shop import Shop

EXPIRED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Request:
    """A shop's POST as it can be repeated: its key, and a hash of what it asked."""

    shop: Shop
    key: str
    kind: str
    body_hash: bytes

    @property
    def scope(self) -> str:
        return f"shop/{self.shop.shop_id}/{self.kind}"


async def place_order(
    pool: asyncpg.Pool, request: Request, order: NewOrder, promise_lasts: timedelta, now: datetime
) -> Answer:
    """Accepts an order with a promise on all its lines, or says why not; once for each key.

    Raises:
        Conflict: `in_flight`, or `order_differs` where the shop's order number came before with
            another body.
        Refused: `unknown_item`, `not_available`, `idempotency_key_reused`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:
        first = await outbox.first_answer(
            connection, shop.tenant_id, request.scope, request.key, request.body_hash
        )
        if first is not None:
            return first
        known = await orders.find_order(
            connection, shop.tenant_id, shop.shop_id, order.external_order_id
        )
        if known is not None:
            return await _known_order(connection, request, known, order)
        warehouse = await bins.the_warehouse(connection)
        item_ids = await orders.find_items(connection, shop.owner_id, order.lines)
        claim = await promise.claim(
            connection, warehouse["id"], item_ids, [line.quantity for line in order.lines]
        )
        if claim.admission is not None:
            order_id = await _accept(
                connection,
                shop,
                order,
                item_ids,
                claim.admission,
                warehouse["id"],
                now + promise_lasts,
                now,
            )
            answer = Answer(201, await order_view(connection, shop, order_id))
            await _remember(connection, request, answer)
            return answer
        await promise.note_refusal(connection, shop.tenant_id, order.external_order_id, claim)
    # Refused outside the transaction, so that the demand noted above is committed.
    raise _not_available(order, item_ids, claim)


async def _accept(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    item_ids: list[int],
    admission: int,
    warehouse_id: int,
    promise_expires_at: datetime,
    now: datetime,
) -> int:
    order_id, _ = await orders.write_order(
        connection, shop, order, item_ids, admission, warehouse_id, now
    )
    await promise.write_promises(connection, order_id, warehouse_id, admission, promise_expires_at)
    await outbox.emit(
        connection,
        shop.tenant_id,
        "order.accepted",
        f"order/{order_id}",
        order_id,
        {"order_id": order_id, "external_order_id": order.external_order_id},
        shop.actor,
        now,
    )
    return order_id


async def _known_order(
    connection: asyncpg.Connection, request: Request, known: asyncpg.Record, order: NewOrder
) -> Answer:
    if known["body_hash"] != order.body_hash:
        raise Conflict(
            "order_differs",
            f"Order {order.external_order_id} came before with another body.",
            "/external_order_id",
        )
    view = await order_view(connection, request.shop, known["id"])
    answer = Answer(200, view)
    await _remember(connection, request, answer)
    return answer


async def _remember(connection: asyncpg.Connection, request: Request, answer: Answer) -> None:
    await outbox.remember(
        connection,
        request.shop.tenant_id,
        request.scope,
        request.key,
        request.kind,
        request.body_hash,
        answer,
        request.shop.actor,
    )


def _not_available(order: NewOrder, item_ids: list[int], claim: Claim) -> WmsError:
    short = claim.short[0]
    number = item_ids.index(short.item_id)
    return Refused(
        "not_available",
        f"{len(claim.short)} item(s) fall short: of {order.lines[number].sku} {short.wanted} are "
        f"wanted and {short.available} can be promised. Nothing was promised.",
        f"/lines/{number}/quantity",
    )


async def take_payment(
    pool: asyncpg.Pool, request: Request, order_id: int, payment: NewPayment, now: datetime
) -> Answer:
    """Writes down what the payment gateway said; a full payment makes the order firm.

    A promise that expired before the money came is claimed anew; where the goods are gone the
    order is put on hold with a reason, and the shop hears of it.

    Raises:
        NotFound: `unknown_order`.
        Refused: `wrong_amount`, `wrong_currency`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:
        first = await outbox.first_answer(
            connection, shop.tenant_id, request.scope, request.key, request.body_hash
        )
        if first is not None:
            return first
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
        if paid and order["paid_at"] is None:
            await _become_firm(connection, shop, order, now)
        answer = Answer(200, await order_view(connection, shop, order_id))
        await _remember(connection, request, answer)
        return answer


async def _become_firm(
    connection: asyncpg.Connection, shop: Shop, order: asyncpg.Record, now: datetime
) -> None:
    order_id = order["id"]
    if await promise.make_firm(connection, order_id, now) == 0:
        await _claim_again(connection, shop, order, now)
        return
    await tell_firm(connection, order, shop.actor, now)


async def tell_firm(
    connection: asyncpg.Connection, order: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Makes a paid order, all of which is promised, firm: its waybills are asked for."""
    for fulfilment_order_id in await orders.make_firm(connection, order["id"], now):
        await outbox.enqueue(
            connection,
            "waybill",
            f"fulfilment/{fulfilment_order_id}",
            {"fulfilment_order_id": fulfilment_order_id},
            now,
        )
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
    warehouse = await bins.the_warehouse(connection)
    lines = await order_rows.lines_of_order(connection, order["id"])
    claim = await promise.claim(
        connection,
        warehouse["id"],
        [line["item_id"] for line in lines],
        [line["quantity"] for line in lines],
    )
    if claim.admission is not None:
        await promise.write_promises(
            connection, order["id"], warehouse["id"], claim.admission, None
        )
        await orders.set_order_state(connection, order["id"], "accepted")
        await tell_firm(connection, order, shop.actor, now)
        return
    await promise.note_refusal(connection, shop.tenant_id, order["external_order_id"], claim)
    for fulfilment in await order_rows.fulfilments_of_order(connection, order["id"]):
        await orders.hold_and_tell(
            connection,
            fulfilment["id"],
            "paid_too_late",
            "Paid after the promise had expired, and the goods are gone.",
            shop.actor,
            now,
        )


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
