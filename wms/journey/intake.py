"""Order in: accepted with a promise on every line, or refused with the reason."""

from datetime import datetime, timedelta

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import shop_transaction
from wms.error import Conflict, Refused, WmsError
from wms.journey.order_view import order_view
from wms.journey.request import Request, once
from wms.orders import commands as orders
from wms.orders.order import NewOrder
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.promise import commands as promise
from wms.promise.claim import Claim
from wms.tenants.shop import Shop


async def place_order(
    pool: asyncpg.Pool, request: Request, order: NewOrder, promise_lasts: timedelta, now: datetime
) -> Answer:
    """Accepts an order with a promise on all its lines, or says why not; once for each key.

    Raises:
        Conflict: `in_flight`, or `order_differs` where the shop's order number came before with
            another body.
        Refused: `unknown_item`, `not_available`, `idempotency_key_reused`.
    """
    try:
        async with shop_transaction(pool, request.shop.tenant_id) as connection:

            async def place() -> Answer:
                return await _place(connection, request.shop, order, now + promise_lasts, now)

            return await once(connection, request, place)
    except _OutOfStock as refused:
        # Demand that is refused is noted in a transaction that is not rolled back with the order.
        async with shop_transaction(pool, request.shop.tenant_id) as connection:
            await promise.note_refusal(
                connection, request.shop.tenant_id, order.external_order_id, refused.claim
            )
        raise refused.refusal from None


class _OutOfStock(Exception):
    """A claim that fell short, on its way out of the transaction."""

    def __init__(self, claim: Claim, refusal: WmsError) -> None:
        super().__init__(refusal.detail)
        self.claim = claim
        self.refusal = refusal


async def _place(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    promise_expires_at: datetime,
    now: datetime,
) -> Answer:
    known = await orders.find_order(
        connection, shop.tenant_id, shop.shop_id, order.external_order_id
    )
    if known is not None:
        if known["body_hash"] != order.body_hash:
            raise Conflict(
                "order_differs",
                f"Order {order.external_order_id} came before with another body.",
                "/external_order_id",
            )
        return Answer(200, await order_view(connection, shop, known["id"]))
    warehouse = await bins.the_warehouse(connection)
    item_ids = await orders.find_items(connection, shop.owner_id, order.lines)
    # A sandbox key tries the API out: its orders claim no goods and never reach floor or carrier.
    wanted = [] if shop.sandbox else [line.quantity for line in order.lines]
    claim = await promise.claim(connection, warehouse["id"], item_ids[: len(wanted)], wanted)
    if claim.admission is None:
        raise _OutOfStock(claim, _not_available(order, item_ids, claim))
    order_id, _ = await orders.write_order(
        connection, shop, order, item_ids, claim.admission, warehouse["id"], now
    )
    if not shop.sandbox:
        await promise.write_promises(
            connection, order_id, warehouse["id"], claim.admission, promise_expires_at
        )
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
    return Answer(201, await order_view(connection, shop, order_id))


def _not_available(order: NewOrder, item_ids: list[int], claim: Claim) -> WmsError:
    short = claim.short[0]
    number = item_ids.index(short.item_id)
    return Refused(
        "not_available",
        f"{len(claim.short)} item(s) fall short: of {order.lines[number].sku} {short.wanted} are "
        f"wanted and {short.available} can be promised. Nothing was promised.",
        f"/lines/{number}/quantity",
    )
