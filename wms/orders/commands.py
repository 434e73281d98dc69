"""What changes orders and fulfilment orders."""

from datetime import datetime, timedelta

import asyncpg

from wms.error import Conflict, NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.orders import store
from wms.orders.fulfilment import CLOCK, Event, State, after
from wms.orders.order import NewLine, NewOrder
from wms.outbox import commands as outbox
from wms.tenants.shop import Shop

HOLD_LASTS = timedelta(hours=4)


async def find_items(
    connection: asyncpg.Connection, owner_id: int, lines: tuple[NewLine, ...]
) -> list[int]:
    """The item of each line, SKUs matched in any case.

    Raises:
        Refused: `unknown_item`, pointing at the first line whose SKU the owner does not keep.
    """
    skus = [canonical_sku(line.sku) for line in lines]
    rows = await items.items_of_skus(connection, owner_id, list(set(skus)))
    by_sku: dict[str, int] = {row["sku"]: row["id"] for row in rows}
    for number, sku in enumerate(skus):
        if sku not in by_sku:
            raise Refused(
                "unknown_item",
                f"No item has the SKU {lines[number].sku!r}. Postage belongs into `shipping`.",
                f"/lines/{number}/sku",
            )
    return [by_sku[sku] for sku in skus]


async def write_order(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    item_ids: list[int],
    admission: int,
    warehouse_id: int,
    now: datetime,
) -> tuple[int, int]:
    """Writes an accepted order; the numbers of the order and of its fulfilment order.

    Raises:
        Conflict: `in_flight`, the same order was written meanwhile.
    """
    lines: list[dict[str, object]] = [
        {
            "line": number,
            "item_id": item_id,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor,
        }
        for number, (line, item_id) in enumerate(zip(order.lines, item_ids, strict=True), start=1)
    ]
    facts: dict[str, object] = {
        "tenant_id": shop.tenant_id,
        "shop_id": shop.shop_id,
        "owner_id": shop.owner_id,
        "external_order_id": order.external_order_id,
        "body_hash": order.body_hash,
        "admission": admission,
        "currency": order.currency,
        "total_minor": order.total_minor,
        "customer": order.customer,
        "ship_to": order.ship_to,
        "service": order.service,
        "sandbox": shop.sandbox,
        "placed_at": order.placed_at,
        "received_at": now,
    }
    try:
        row = await store.insert_order(connection, facts, lines, warehouse_id)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(
            "in_flight",
            f"Order {order.external_order_id} came twice at once; ask again.",
            "/external_order_id",
        ) from error
    return row["order_id"], row["fulfilment_order_id"]


async def apply_fulfilment_event(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    event: Event,
    actor: str,
    now: datetime,
    data: dict[str, object] | None = None,
) -> State:
    """Moves a fulfilment order on by its table of states, and tells of it.

    Raises:
        NotFound: there is no such fulfilment order.
        Conflict: `wrong_state`.
    """
    row = await store.fulfilment_for_update(connection, fulfilment_order_id)
    if row is None:
        raise NotFound("unknown_fulfilment_order", f"No fulfilment order {fulfilment_order_id}.")
    state = after(State(row["state"]), event)
    await store.set_fulfilment_state(connection, fulfilment_order_id, state, CLOCK.get(state), now)
    facts: dict[str, object] = {
        "order_id": row["order_id"],
        "external_order_id": row["external_order_id"],
        "was": row["state"],
    }
    await outbox.emit(
        connection,
        row["tenant_id"],
        f"order.{state}",
        f"order/{row['order_id']}",
        row["order_id"],
        facts | {"fulfilment_order_id": fulfilment_order_id} | (data or {}),
        actor,
        now,
    )
    return state


async def hold_and_tell(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    kind: str,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Keeps a fulfilment order back until somebody has looked, and tells the shop."""
    order = await store.fulfilment_summary(connection, fulfilment_order_id)
    await store.insert_hold(
        connection,
        order["tenant_id"],
        fulfilment_order_id,
        kind,
        reason,
        "supervisor",
        now + HOLD_LASTS,
    )
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.held",
        f"order/{order['order_id']}",
        order["order_id"],
        {
            "order_id": order["order_id"],
            "external_order_id": order["external_order_id"],
            "kind": kind,
            "reason": reason,
        },
        actor,
        now,
    )


find_order = store.find_order
lift_hold = store.lift_hold
order_for_update = store.order_for_update
add_payment = store.insert_payment
set_payment_state = store.set_payment_state
set_order_state = store.set_order_state
make_firm = store.make_firm
lock_fulfilments = store.lock_fulfilments
fulfilment_for_update = store.fulfilment_for_update
set_waybill_ready = store.set_waybill_ready
set_pickup_requested = store.set_pickup_requested
set_packing_places = store.set_packing_places
add_picked = store.add_picked
add_packed = store.add_packed
