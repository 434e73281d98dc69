"""Money that comes after an order's promise expired: claimed anew, dated, or to be given back."""

from datetime import datetime

import asyncpg

from wms.journey.claim.insert import leave_out_missing
from wms.journey.claim.supply import WAITS_FOR_GOODS, go_on_served
from wms.journey.order.admit import over_limit_late
from wms.journey.order.balance import advise_refund
from wms.journey.order.order_view import money
from wms.journey.order.source import claim_again
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import OVER, State
from wms.orders.hold import GOODS_LATE, PAID_TOO_LATE, REFUND_OR_WAIT
from wms.outbox import commands as outbox
from wms.promise import commands as promise
from wms.promise.claim import Claim
from wms.tenants.shop import Shop

GOODS_GONE = "Paid after the promise had expired, and the goods are gone."
OVER_LIMIT = "Paid after the promise had expired, and the buyer has bought as many meanwhile."


async def claim_late(
    connection: asyncpg.Connection, shop: Shop, order: asyncpg.Record, now: datetime
) -> bool:
    """Claims what a promise expired on: from stock, or of goods on their way; whether it goes on.

    Goods on their way are claimed where the order says that they will do. Where it does not, they
    are claimed as an offer: the order is held, and its shop is told the day and decides. Where
    neither reaches for all of it, the shop is told what to give back.
    """
    if await over_limit_late(connection, order):
        return await _give_back(connection, shop, order, "buyer_limit", OVER_LIMIT, now)
    await leave_out_missing(connection, order, shop.actor, now)
    claim = await claim_again(connection, order)
    if isinstance(claim, dict):
        await orders.set_order_state(connection, order["id"], "accepted")
        await _wait_as_claimed(connection, order["id"], claim, shop.actor, now)
        return True
    offer = await claim_again(connection, order, wait=True)
    if isinstance(offer, dict):
        await orders.set_order_state(connection, order["id"], "accepted")
        await _wait_as_claimed(connection, order["id"], offer, shop.actor, now)
        await _offer(connection, order, offer, shop.actor, now)
        return False
    await promise.note_refusal(
        connection, shop.tenant_id, order["external_order_id"], claim, order["channel"]
    )
    return await _give_back(connection, shop, order, "goods_gone", GOODS_GONE, now)


async def _give_back(
    connection: asyncpg.Connection,
    shop: Shop,
    order: asyncpg.Record,
    why: str,
    reason: str,
    now: datetime,
) -> bool:
    """Holds what cannot be shipped and tells the shop what to give back; it does not go on."""
    for fulfilment in await _to_ship(connection, order["id"]):
        await orders.hold_and_tell(
            connection, fulfilment["id"], PAID_TOO_LATE, reason, shop.actor, now
        )
    paid = await orders.order_for_update(connection, order["tenant_id"], order["id"])
    assert paid is not None, "orders stay"
    await advise_refund(connection, paid, why, shop.actor, now)
    return False


async def _to_ship(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    found = await order_rows.fulfilments_of_order(connection, order_id)
    return [row for row in found if row["state"] not in OVER]


async def _offer(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    claims: dict[int, Claim],
    actor: str,
    now: datetime,
) -> None:
    """Asks the shop whether its buyer waits: it lifts the hold, or gives the money back."""
    expected_at = max(row.expected_at for claim in claims.values() for row in claim.backordered)
    paid = await orders.order_for_update(connection, order["tenant_id"], order["id"])
    assert paid is not None, "orders stay"
    reason = f"Paid when the goods were gone; more is expected at {expected_at.isoformat()}."
    for number in claims:
        await orders.hold_and_tell(connection, number, REFUND_OR_WAIT, reason, actor, now)
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.refund_or_wait",
        f"order/{order['id']}",
        order["id"],
        {
            "order_id": order["id"],
            "external_order_id": order["external_order_id"],
            "expected_at": expected_at.isoformat(),
            "amount": money(paid["paid_minor"], order["currency"]),
            "reason": reason,
        },
        actor,
        now,
    )


async def _wait_as_claimed(
    connection: asyncpg.Connection,
    order_id: int,
    claims: dict[int, Claim],
    actor: str,
    now: datetime,
) -> None:
    """Lets an order that was claimed again wait for goods on their way, or wait no more."""
    for fulfilment in await order_rows.fulfilments_of_order(connection, order_id):
        claim = claims.get(fulfilment["id"])
        if claim is None:
            continue
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
                lasts=expected_at - now + GOODS_LATE if expected_at > now else GOODS_LATE,
            )
