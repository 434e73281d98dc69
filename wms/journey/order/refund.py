"""Money that went back, and what that means for goods: stopped, held, or gone already."""

from datetime import datetime

import asyncpg

from wms.journey.order.order_view import money
from wms.journey.order.stop import stop_order
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.cancellation import SENT, WAYS_BACK
from wms.orders.edit import GONE, WAY_BACK
from wms.orders.fulfilment import OVER
from wms.orders.hold import PAYMENT_FAILED, REFUNDED
from wms.orders.payment import PaymentState, Standing
from wms.outbox import commands as outbox
from wms.tenants.shop import Shop

REASON = "All of it was given back."


async def refunded(
    connection: asyncpg.Connection,
    shop: Shop,
    order: asyncpg.Record,
    amount_minor: int,
    after: Standing,
    now: datetime,
) -> None:
    """Follows money that was given back; the shop is told what became of the goods.

    A part of it changes nothing about them. All of it stops what is in the house yet, in a packed
    parcel too: labels are void, goods go back. Where one of several parcels has left the others
    are held. What has left comes back as a return.
    """
    came_of: dict[str, object] = {"outcome": "kept"}
    if after.state == PaymentState.REFUNDED:
        came_of = await _stop(connection, order, shop.actor, now)
    data: dict[str, object] = {
        "order_id": order["id"],
        "external_order_id": order["external_order_id"],
        "amount": money(amount_minor, order["currency"]),
        "refunded": money(after.refunded_minor, order["currency"]),
        "payment_state": after.state.value,
    }
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.refunded",
        f"order/{order['id']}",
        order["id"],
        data | came_of,
        shop.actor,
        now,
    )


async def _stop(
    connection: asyncpg.Connection, order: asyncpg.Record, actor: str, now: datetime
) -> dict[str, object]:
    if order["state"] == "cancelled":
        return {"outcome": "noted"}
    stopped = await stop_order(connection, order, REASON, actor, now)
    for number in stopped.parted:
        reason = f"{REASON} Other parcels of it have left."
        await orders.hold_and_tell(connection, number, REFUNDED, reason, actor, now)
    left = stopped.gone or stopped.parted or stopped.sent
    came_of: dict[str, object] = {"outcome": "noted"}
    if stopped.parted:
        came_of = {"outcome": "held"}
    elif stopped.ended:
        came_of = {"outcome": "stopped" if left else "cancelled"}
    if stopped.gone or stopped.parted:
        came_of["way_back"] = WAY_BACK
    elif stopped.sent:
        came_of["way_back"] = WAYS_BACK[SENT]["detail"]
    return came_of


async def _ships(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    found = await order_rows.fulfilments_of_order(connection, order_id)
    return [row for row in found if row["state"] not in OVER]


async def bounced(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    amount_minor: int,
    actor: str,
    now: datetime,
) -> None:
    """Holds what has not left of an order whose money went back without the shop's doing."""
    ships = await _ships(connection, order["id"])
    for row in ships:
        if row["state"] not in GONE:
            await orders.hold_and_tell(
                connection,
                row["id"],
                PAYMENT_FAILED,
                "The payment failed after it had come.",
                actor,
                now,
            )
    data: dict[str, object] = {
        "order_id": order["id"],
        "external_order_id": order["external_order_id"],
        "amount": money(amount_minor, order["currency"]),
        "was_paid": True,
    }
    if any(row["state"] in GONE for row in ships):
        data["way_back"] = WAY_BACK
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.payment_failed",
        f"order/{order['id']}",
        order["id"],
        data,
        actor,
        now,
    )
