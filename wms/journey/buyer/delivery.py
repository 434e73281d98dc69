"""What was sent of digital goods: looked at, sent again with the same code, and taken back."""

from datetime import datetime
from typing import Any

import asyncpg

from wms.database.pool import shop_transaction, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.digital import commands as digital
from wms.digital import queries as digital_rows
from wms.digital.digital import Event, State, after
from wms.error import Conflict, NotFound, Refused
from wms.journey.order.order_view import moment
from wms.journey.request import Request, once
from wms.notice import commands as notices
from wms.notice.notice import Kind, can_be_mailed, mail_address
from wms.orders import queries as order_rows
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


@again_on_deadlock
async def resend(
    pool: asyncpg.Pool, request: Request, delivery_id: int, email: str | None, now: datetime
) -> Answer:
    """Sends the same code again, to the order's address or to a mended one.

    A sample counts as sent, and nobody is mailed: the house writes to nobody for the sandbox.

    Raises:
        NotFound: `unknown_delivery`.
        Conflict: `wrong_state`, it is not delivered or was revoked; `in_flight`.
        Refused: `bad_mail_address`, `no_mail_address`, `idempotency_key_reused`.
    """
    shop = request.shop
    to = None if email is None else mail_address(email)
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            held = await _hold(connection, shop, delivery_id)
            if held["state"] != State.DELIVERED:
                raise Conflict("wrong_state", f"This delivery is {held['state']}.")
            order = await order_rows.any_order(connection, held["order_id"])
            assert order is not None, "a delivery is of an order"
            if not can_be_mailed(to or order["customer"].get("email")):
                raise Refused(
                    "no_mail_address", "The order has no mail address; name one.", "/email"
                )
            await digital.count_sent(connection, [delivery_id])
            if not held["sandbox"]:
                cause = f"resend/{delivery_id}/{held['sent_times'] + 1}"
                facts: dict[str, Any] = {"delivery_ids": [delivery_id]}
                await notices.queue(connection, order, Kind.DIGITAL, cause, facts, now, to=to)
            return Answer(202, await _view_of(connection, delivery_id))

        return await once(connection, request, act)


@again_on_deadlock
async def revoke(
    pool: asyncpg.Pool, request: Request, delivery_id: int, reason: str, now: datetime
) -> Answer:
    """Takes a code back: it is never given again, and the shop's other systems hear of it.

    Raises:
        NotFound: `unknown_delivery`.
        Conflict: `wrong_state`; `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    shop = request.shop
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            held = await _hold(connection, shop, delivery_id)
            if held["state"] == State.REVOKED:
                return Answer(200, await _view_of(connection, delivery_id))
            after(State(held["state"]), Event.REVOKE)
            await digital.revoke(connection, delivery_id, reason, now)
            await outbox.emit(
                connection,
                shop.tenant_id,
                "order.digital_revoked",
                f"order/{held['order_id']}",
                held["order_id"],
                {
                    "order_id": held["order_id"],
                    "external_order_id": held["external_order_id"],
                    "delivery_id": delivery_id,
                    "sku": held["sku"],
                    "name": held["name"],
                    "reason": reason,
                },
                shop.actor,
                now,
            )
            return Answer(200, await _view_of(connection, delivery_id))

        return await once(connection, request, act)


async def _hold(connection: asyncpg.Connection, shop: Shop, delivery_id: int) -> asyncpg.Record:
    held = await digital.lock_delivery(connection, delivery_id)
    if held is None or (held["tenant_id"], held["shop_id"]) != (shop.tenant_id, shop.shop_id):
        raise NotFound("unknown_delivery", f"This shop has no digital delivery {delivery_id}.")
    return held


async def deliveries_of_order(
    pool: asyncpg.Pool, shop: Shop, order_id: int
) -> list[dict[str, object]]:
    """The digital deliveries of a shop's order, without their codes.

    Raises:
        NotFound: `unknown_order`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        order = await order_rows.order_of_id(connection, shop.tenant_id, order_id)
        if order is None or order["shop_id"] != shop.shop_id:
            raise NotFound("unknown_order", f"This shop has no order {order_id}.")
        rows = await digital_rows.deliveries_of_order(connection, order_id)
    return [delivery_view(row) for row in rows]


async def find_delivery(pool: asyncpg.Pool, shop: Shop, delivery_id: int) -> dict[str, object]:
    """One digital delivery, without its code.

    Raises:
        NotFound: `unknown_delivery`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        row = await digital_rows.delivery_of_id(connection, delivery_id)
    if row is None or row["shop_id"] != shop.shop_id:
        raise NotFound("unknown_delivery", f"This shop has no digital delivery {delivery_id}.")
    return delivery_view(row)


async def _view_of(connection: asyncpg.Connection, delivery_id: int) -> dict[str, object]:
    row = await digital_rows.delivery_of_id(connection, delivery_id)
    assert row is not None, "deliveries stay"
    return delivery_view(row)


def delivery_view(row: asyncpg.Record) -> dict[str, object]:
    """A unit that a buyer has bought, and what became of it; its code is the buyer's."""
    return {
        "id": row["id"],
        "order_id": row["order_id"],
        "fulfilment_order_id": row["fulfilment_order_id"],
        "sku": row["sku"],
        "name": row["name"],
        "kind": row["digital"],
        "state": row["state"],
        "generated": row["generated"],
        "sent_times": row["sent_times"],
        "valid_until": moment(row["valid_until"]),
        "delivered_at": moment(row["delivered_at"]),
        "revoked_at": moment(row["revoked_at"]),
        "revoke_reason": row["revoke_reason"],
    }
