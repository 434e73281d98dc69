"""Cancel an order: what it held returns exactly, and what was picked for it goes back.

All of an order is cancelled, or nothing: where a part of it cannot be, the answer says which, why,
and what can be done instead. A line alone is taken out by an edit.
"""

from datetime import datetime

import asyncpg

from wms.database.pool import shop_transaction, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound
from wms.journey.claim.supply import supply_waiting
from wms.journey.goods.put_back import REASON, put_back
from wms.journey.order.balance import advise_refund
from wms.journey.order.lock import lock_goods, lock_parts
from wms.journey.order.order_view import moment
from wms.journey.order.void import void_waybills
from wms.journey.request import Request, once
from wms.journey.wave.walk_end import end_idle_walks
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.cancellation import WAYS_BACK, refusal_of
from wms.orders.fulfilment import OVER, Event, State
from wms.outbox.command import Answer
from wms.packing import commands as packing
from wms.packing import queries as packing_rows
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.promise import commands as promise
from wms.tenants.shop import Shop


@again_on_deadlock
async def cancel_order(
    pool: asyncpg.Pool, request: Request, order_id: int, reason: str, now: datetime
) -> Answer:
    """Cancels an order that is not sorted yet, or says why not; a second time changes nothing.

    Raises:
        NotFound: `unknown_order`.
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    # Reservations and balances are the house's own, so the house acts for the shop.
    async with staff_transaction(pool) as connection:

        async def cancel() -> Answer:
            return await _cancel(connection, request.shop, order_id, reason, request.actor, now)

        return await once(connection, request, cancel)


async def cancellation_view(
    pool: asyncpg.Pool, shop: Shop, order_id: int, request_id: int
) -> dict[str, object]:
    """What came of a shop's wish to cancel one of its orders.

    Raises:
        NotFound: `unknown_order`, `unknown_cancellation`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        order = await order_rows.order_of_id(connection, shop.tenant_id, order_id)
        if order is None or order["shop_id"] != shop.shop_id:
            raise NotFound("unknown_order", f"This shop has no order {order_id}.")
        row = await picking_rows.cancellation_of_id(connection, order_id, request_id)
        if row is None:
            raise NotFound(
                "unknown_cancellation", f"Order {order_id} has no cancellation {request_id}."
            )
        return _view(row, order["state"])


async def cancel_within(
    connection: asyncpg.Connection,
    shop: Shop,
    order_id: int,
    reason: str,
    now: datetime,
    actor: str | None = None,
) -> Answer:
    """Cancels an order in its caller's transaction, which is the staff's; what came of it.

    `actor` None is the shop itself.
    """
    return await _cancel(connection, shop, order_id, reason, actor or shop.actor, now)


async def _cancel(
    connection: asyncpg.Connection,
    shop: Shop,
    order_id: int,
    reason: str,
    actor: str,
    now: datetime,
) -> Answer:
    order = await orders.order_for_update(connection, shop.tenant_id, order_id)
    if order is None or order["shop_id"] != shop.shop_id:
        raise NotFound("unknown_order", f"This shop has no order {order_id}.")
    done = await picking_rows.cancellation_done(connection, order_id)
    if done is not None:
        return Answer(200, _view(done, order["state"]))
    parts = await lock_parts(connection, order_id)
    fulfilments = [row for row in parts if row["state"] not in OVER]
    refusal = refusal_of(
        order["state"],
        {row["id"]: State(row["state"]) for row in fulfilments},
        {row["id"] for row in fulfilments if row["digital"]},
    )
    if refusal is None:
        await lock_goods(connection, order, parts)
        for fulfilment in fulfilments:
            await end_fulfilment(connection, order_id, fulfilment, Event.CANCEL, actor, now)
        await orders.set_order_state(connection, order_id, "cancelled")
        await promise.free_order(connection, order_id, "freed")
        for fulfilment in fulfilments:
            await give_to_others(connection, fulfilment, actor, now)
        await advise_refund(connection, order, "cancelled", actor, now)
    row = await picking.note_cancellation(
        connection,
        shop.tenant_id,
        order_id,
        "done" if refusal is None else "refused",
        reason,
        None if refusal is None else refusal.sentence,
        actor,
        now,
        None if refusal is None else refusal.code,
        [] if refusal is None else refusal.blocked(),
    )
    return Answer(201, _view(row, order["state"] if refusal else "cancelled"))


async def end_fulfilment(
    connection: asyncpg.Connection,
    order_id: int,
    fulfilment: asyncpg.Record,
    event: Event,
    actor: str,
    now: datetime,
) -> None:
    """Takes a fulfilment order off its walks, voids its papers and sends its goods back."""
    await picking.void_open_tasks(connection, fulfilment["id"])
    await picking.leave_wave(connection, [fulfilment["id"]])
    await orders.apply_fulfilment_event(connection, fulfilment["id"], event, actor, now)
    await void_waybills(connection, fulfilment["id"], REASON, actor, now)
    for parcel in await packing_rows.parcels_of_fulfilment(connection, fulfilment["id"]):
        await packing.set_parcel_state(connection, parcel["id"], "void", now)
    for hold in await order_rows.holds_of_order(connection, order_id):
        if hold["fulfilment_order_id"] == fulfilment["id"] and hold["lifted_at"] is None:
            await orders.lift_hold(connection, order_id, hold["id"], now)
    await put_back(connection, fulfilment["id"], fulfilment["warehouse_id"], now)


async def give_to_others(
    connection: asyncpg.Connection, fulfilment: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Ends walks that have nothing left to pick, and lets those who wait have the goods."""
    await end_idle_walks(connection, fulfilment["warehouse_id"], actor, now)
    lines = await order_rows.lines_of_fulfilment(connection, fulfilment["id"])
    item_ids = sorted({line["item_id"] for line in lines})
    await supply_waiting(connection, item_ids, fulfilment["warehouse_id"], actor, now)


def _view(row: asyncpg.Record, order_state: str) -> dict[str, object]:
    return {
        "id": row["id"],
        "order_id": row["order_id"],
        "state": row["state"],
        "reason": row["reason"],
        "code": row["code"],
        "refusal": row["refusal"],
        "blocked": row["blocked"],
        "way_back": WAYS_BACK.get(row["code"]),
        "order_state": order_state,
        "asked_at": moment(row["asked_at"]),
    }
