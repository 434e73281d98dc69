"""Order in: accepted with a promise on every line, or refused with the reason."""

from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import shop_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, Refused
from wms.journey.order.order_view import accepted_view, order_view
from wms.journey.request import Request, once
from wms.orders import commands as orders
from wms.orders.line import Line, not_available, read_lines
from wms.orders.order import NewOrder
from wms.outbox.command import Answer
from wms.promise.claim import Claim
from wms.tenants.shop import Shop


@again_on_deadlock
async def place_order(
    pool: asyncpg.Pool, request: Request, order: NewOrder, promise_lasts: timedelta, now: datetime
) -> Answer:
    """Accepts an order with a promise on all its lines, or says why not; once for each key.

    A refusal is an answer as well: it is kept with the demand that it turned away, and given
    again for the same key.

    Raises:
        Conflict: `in_flight`, or `order_differs` where the shop's order number came before with
            another body.
        Refused: `unknown_item`, `wrong_unit`, `bad_quantity`, `empty_bundle`, `amount_too_large`,
            `not_available`, `idempotency_key_reused`.
    """
    async with shop_transaction(pool, request.shop.tenant_id) as connection:

        async def place() -> Answer:
            return await _place(connection, request.shop, order, now + promise_lasts, now)

        answer = await once(connection, request, place)
    return answer.given()


async def _place(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    promise_expires_at: datetime,
    now: datetime,
) -> Answer:
    facts = await orders.look_up(connection, shop, order)
    if facts.known is not None:
        return await _known(connection, shop, order, *facts.known)
    try:
        order.refuse_huge_total()
        lines = read_lines(order.lines, facts.items)
    except Refused as refusal:
        return Answer.refused(refusal)
    accepted = await orders.accept(connection, shop, order, facts, lines, promise_expires_at, now)
    if isinstance(accepted, Claim):
        short = {row.item_id: (row.wanted, row.available) for row in accepted.short}
        return Answer.refused(not_available(lines, short))
    held = await _hold_for_approval(
        connection, accepted.fulfilment_order_id, lines, shop.actor, now
    )
    if held or accepted.claim.backordered:
        return Answer(201, await order_view(connection, shop, accepted.order_id))
    expires_at = None if shop.sandbox else promise_expires_at
    return Answer(201, accepted_view(shop, order, facts, lines, accepted, expires_at, now))


async def _known(
    connection: asyncpg.Connection, shop: Shop, order: NewOrder, order_id: int, body_hash: bytes
) -> Answer:
    if body_hash != order.body_hash:
        raise Conflict(
            "order_differs",
            f"Order {order.external_order_id} came before with another body.",
            "/external_order_id",
        )
    return Answer(200, await order_view(connection, shop, order_id))


async def _hold_for_approval(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    lines: tuple[Line, ...],
    actor: str,
    now: datetime,
) -> bool:
    skus = sorted({line.item.sku for line in lines if line.item.needs_approval})
    if skus:
        reason = f"Somebody has to approve: {', '.join(skus)}."[:500]
        await orders.hold_and_tell(connection, fulfilment_order_id, "approval", reason, actor, now)
    return bool(skus)
