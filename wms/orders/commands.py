"""What changes orders and fulfilment orders."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from wms.error import Conflict, NotFound
from wms.items.item import canonical_sku
from wms.orders import intake_store, store
from wms.orders.fulfilment import CLOCK, Event, State, after, sources, target
from wms.orders.line import Line, Sold
from wms.orders.order import NewOrder
from wms.outbox import commands as outbox
from wms.promise.claim import Claim
from wms.promise.commands import claim_from
from wms.tenants.shop import Shop

HOLD_LASTS = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when an order comes in; `known` is the order of its number, with its hash."""

    warehouse_id: int
    warehouse: str
    channel: str
    items: list[Sold]
    known: tuple[int, bytes] | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The numbers of an order and its fulfilment order, and what was claimed for it."""

    order_id: int
    fulfilment_order_id: int
    claim: Claim


async def look_up(connection: asyncpg.Connection, shop: Shop, order: NewOrder) -> Facts:
    """What an order needs: its items, SKUs matched in any case, warehouse and channel.

    Raises:
        NotFound: `unknown_warehouse`, there is none yet.
    """
    skus = sorted({canonical_sku(line.sku) for line in order.lines})
    row = await intake_store.order_facts(
        connection, shop.tenant_id, shop.shop_id, shop.owner_id, order.external_order_id, skus
    )
    if row is None:
        raise NotFound("unknown_warehouse", "There is no warehouse yet.")
    known = None if row["order_id"] is None else (row["order_id"], row["body_hash"])
    items = [_sold(item) for item in row["items"] or ()]
    return Facts(row["warehouse_id"], row["warehouse"], row["channel"], items, known)


def _sold(item: dict[str, Any]) -> Sold:
    components = item["components"] or ()
    return Sold(
        item["item_id"],
        item["sku"],
        item["name"],
        item["kind"],
        item["unit"],
        item["scale"],
        item["needs_approval"] or any(part["needs_approval"] for part in components),
        item["packaging"] or {},
        tuple((part["item_id"], part["quantity"]) for part in components),
    )


async def accept(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: tuple[Line, ...],
    promise_expires_at: datetime,
    now: datetime,
) -> Accepted | Claim:
    """Claims all goods of an order and writes it; or what fell short, noted as refused demand.

    Raises:
        Conflict: `in_flight`, the same order was written meanwhile.
    """
    parts = [(line.number, part.item_id, part.quantity) for line in lines for part in line.parts]
    numbers, item_ids, quantities = (list(column) for column in zip(*parts, strict=True))
    arguments = (
        *(shop.tenant_id, shop.shop_id, shop.owner_id, facts.warehouse_id, facts.channel),
        *(order.external_order_id, order.body_hash, order.currency, order.total_minor),
        *(order.customer, order.ship_to, order.service, shop.sandbox, order.backorder),
        *(order.placed_at, now, promise_expires_at, shop.actor),
        *([_row(line) for line in lines], numbers, item_ids, quantities),
    )
    try:
        row = await intake_store.accept_order(connection, arguments)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(
            "in_flight",
            f"Order {order.external_order_id} came twice at once; ask again.",
            "/external_order_id",
        ) from error
    claim = claim_from(row)
    if not claim.granted:
        return claim
    return Accepted(row["o_order"], row["o_fulfilment"], claim)


def _row(line: Line) -> dict[str, object]:
    return {
        "line": line.number,
        "item_id": line.item.item_id,
        "quantity": line.quantity,
        "unit": line.unit,
        "factor": line.factor,
        "unit_price_minor": line.unit_price_minor,
        "shelf_life_min_days": line.shelf_life_min_days,
    }


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
    return await apply_to_fulfilments(connection, [fulfilment_order_id], event, actor, now, data)


async def apply_to_fulfilments(
    connection: asyncpg.Connection,
    fulfilment_order_ids: Collection[int],
    event: Event,
    actor: str,
    now: datetime,
    data: dict[str, object] | None = None,
) -> State:
    """Moves fulfilment orders on by their table of states, and tells of each; their new state.

    Raises:
        NotFound: one of them is none.
        Conflict: `wrong_state`, one of them is elsewhere. Nothing is changed then.
    """
    numbers, state = sorted(set(fulfilment_order_ids)), target(event)
    moved = await store.move_fulfilments(
        connection, numbers, sources(event), state, CLOCK.get(state), data or {}, actor, now
    )
    if moved < len(numbers):
        states = await store.fulfilment_states(connection, numbers)
        for number in numbers:
            if number not in states:
                raise NotFound("unknown_fulfilment_order", f"No fulfilment order {number}.")
            after(State(states[number]), event)
        raise AssertionError(f"{event}: the table of states has all of {states}")
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
