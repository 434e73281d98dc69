"""Digital goods: paid, they get their codes, are sent by mail and told by event, all at once."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.database.seal import Personal
from wms.digital import commands as digital
from wms.digital.digital import CONTENT
from wms.journey.buyer.vault import expire_codes
from wms.journey.order.order_view import moment
from wms.notice import commands as notices
from wms.notice.notice import Kind
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import Event as Move
from wms.orders.fulfilment import State as Fulfilment
from wms.outbox import commands as outbox
from wms.promise import commands as promise

ACTOR = "job:digital"
ASKING = "generate"
SHORT = "digital_short"


async def deliver(pool: asyncpg.Pool, fulfilment_order_id: int, now: datetime) -> bool:
    """Gives a firm fulfilment order its codes and sends them; False where nothing is to do yet.

    Claims are kept, the codes assigned, the mail queued and the shop told in one transaction. What
    a generator has to make is asked for first; any hold keeps everything back. An order of the
    sandbox gets samples, which its shop is told of and nobody is mailed.
    """
    sent = await _deliver(pool, fulfilment_order_id, now, short_is_held=False)
    if sent is None:
        # What is missing may just have run out, and somebody of a later rank goes without it.
        await expire_codes(pool, now)
        sent = await _deliver(pool, fulfilment_order_id, now, short_is_held=True)
    return bool(sent)


@again_on_deadlock
async def _deliver(
    pool: asyncpg.Pool, fulfilment_order_id: int, now: datetime, *, short_is_held: bool
) -> bool | None:
    """Whether it was sent; None where codes are missing that it is not held for."""
    async with staff_transaction(pool) as connection:
        row = await order_rows.fulfilment_of_id(connection, fulfilment_order_id)
        if row is None or not row["digital"]:
            return False
        order = await orders.order_for_update(connection, row["tenant_id"], row["order_id"])
        fulfilment = await orders.fulfilment_for_update(connection, fulfilment_order_id)
        assert order is not None and fulfilment is not None, "orders and their parts stay"
        if not await _may_go(connection, order, fulfilment):
            return False
        find = digital.find_samples if order["sandbox"] else digital.find_codes
        found = await find(connection, fulfilment_order_id, now)
        if found.short and not short_is_held:
            return None
        if found.short:
            reason = f"{found.short} promised code(s) are not in the vault."
            await orders.hold_and_tell(
                connection, fulfilment_order_id, SHORT, reason, ACTOR, now, owned_by="shop"
            )
            return False
        for delivery_id in found.asked:
            await _ask_generator(connection, delivery_id, now)
        if not found.complete:
            return False
        await _send(connection, order, fulfilment_order_id, found, now)
        await _hand_over(connection, order, fulfilment_order_id, found, now)
    return True


async def _may_go(
    connection: asyncpg.Connection, order: asyncpg.Record, fulfilment: asyncpg.Record
) -> bool:
    if fulfilment["state"] != Fulfilment.OPEN or fulfilment["firm_at"] is None:
        return False
    if order["state"] != "accepted":
        return False
    holds = await order_rows.holds_of_order(connection, order["id"])
    return not any(
        hold["fulfilment_order_id"] == fulfilment["id"] and hold["lifted_at"] is None
        for hold in holds
    )


async def _send(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    number: int,
    found: digital.Found,
    now: datetime,
) -> None:
    await orders.apply_fulfilment_event(connection, number, Move.DELIVER, ACTOR, now)
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.digital_delivered",
        f"order/{order['id']}",
        order["id"],
        {
            "order_id": order["id"],
            "external_order_id": order["external_order_id"],
            "fulfilment_order_id": number,
            "deliveries": [
                {
                    "delivery_id": unit.delivery_id,
                    "sku": unit.sku,
                    "kind": unit.kind,
                    "valid_until": moment(unit.valid_until),
                    CONTENT: Personal(unit.content),
                }
                for unit in found.units
            ],
        },
        ACTOR,
        now,
    )
    mailed: int | None = None
    if not order["sandbox"]:
        facts: dict[str, object] = {"delivery_ids": [unit.delivery_id for unit in found.units]}
        cause = f"fulfilment/{number}"
        mailed = await notices.queue(connection, order, Kind.DIGITAL, cause, facts, now)
    if mailed is None:
        # Nobody is written to: the shop shows the codes itself, as the event gave them.
        await orders.apply_fulfilment_event(connection, number, Move.CLOSE, ACTOR, now)


async def _hand_over(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    number: int,
    found: digital.Found,
    now: datetime,
) -> None:
    """Keeps the claims and gives their codes for them: what was promised leaves what is sold.

    It comes last: all buyers of an item wait for each other from here to the commit.
    """
    lines = await order_rows.lines_of_fulfilment(connection, number)
    for line in lines:
        await orders.add_picked(connection, line["id"], line["quantity"] - line["picked"])
        await orders.add_packed(connection, line["id"], line["quantity"] - line["packed"])
    if not order["sandbox"]:
        quantities = [line["quantity"] for line in lines]
        await promise.keep(connection, [line["id"] for line in lines], quantities)
    await digital.give_codes(connection, found, now)


async def _ask_generator(connection: asyncpg.Connection, delivery_id: int, now: datetime) -> None:
    await outbox.enqueue(
        connection, ASKING, f"delivery/{delivery_id}", {"delivery_id": delivery_id}, now
    )
