"""Goods on their way in: announced, cancelled, and closed with what differed."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import shop_transaction, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound, Refused
from wms.journey.inbound.arriving import expect_lines
from wms.journey.inbound.inbound_line import expected_lines
from wms.journey.inbound.inbound_view import difference_view, inbound_view
from wms.journey.inbound.returning import lock_returned_order, refuse_more_than_shipped
from wms.journey.inbound.transferred import end_transfer, refuse_sent
from wms.journey.request import Request, StaffRequest, once
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.receiving import commands as receiving
from wms.receiving import queries as inbounds
from wms.receiving.inbound import (
    Event,
    Kind,
    NewInbound,
    State,
    supply_at,
)
from wms.replenishment import commands as purchases
from wms.replenishment import queries as suppliers
from wms.replenishment.purchase import Event as PurchaseEvent
from wms.tenants.shop import Shop


@again_on_deadlock
async def announce_inbound(
    pool: asyncpg.Pool, request: Request, new: NewInbound, now: datetime
) -> Answer:
    """Announces a shipment: orders may be promised from an ASN's lines; once for each key.

    Raises:
        NotFound: `unknown_order`, `unknown_warehouse`.
        Conflict: `reference_taken`, `in_flight`.
        Refused: `sandbox_key`, `lines_missing`, `lines_not_wanted`, `date_missing`,
            `order_missing`, `unknown_supplier`, `unknown_item`, `item_twice`, `wrong_unit`,
            `bad_quantity`, `bundle_has_no_stock`, `not_shipped`, `more_than_shipped`,
            `idempotency_key_reused`.
    """
    shop = request.shop
    _refuse_unfit(shop, new)
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def announce() -> Answer:
            warehouse = await _warehouse(connection, new)
            facts: dict[str, object] = {
                "tenant_id": shop.tenant_id,
                "owner_id": shop.owner_id,
                "warehouse_id": warehouse["id"],
                "supplier_id": await _supplier_id(connection, shop, new.supplier),
            }
            inbound_id = await enter_announced(connection, facts, new, shop.actor, now)
            return Answer(201, await inbound_view(connection, inbound_id))

        return await once(connection, request, announce)


async def _warehouse(connection: asyncpg.Connection, new: NewInbound) -> asyncpg.Record:
    """Where a shipment comes to; a return where its order left from, if nobody says otherwise."""
    if new.warehouse is None and new.order_id is not None:
        left = await inbounds.shipped_from(connection, new.order_id)
        if left is not None:
            return left
    return await bins.the_warehouse(connection, new.warehouse)


def _refuse_unfit(shop: Shop, new: NewInbound) -> None:
    if shop.sandbox:
        raise Refused("sandbox_key", "A sandbox key brings no goods to the floor.")
    if new.kind is Kind.ASN and not new.lines:
        raise Refused("lines_missing", "An ASN says what comes.", "/lines")
    if new.kind is Kind.BLIND and new.lines:
        raise Refused("lines_not_wanted", "Goods that are announced are an ASN.", "/lines")
    if new.kind is Kind.ASN and new.expected_at is None:
        raise Refused("date_missing", "An ASN says when it comes.", "/expected_at")
    if (new.kind is Kind.RETURN) != (new.order_id is not None):
        raise Refused("order_missing", "A return, and only that, names its order.", "/order_id")


async def _supplier_id(connection: asyncpg.Connection, shop: Shop, code: str | None) -> int | None:
    if code is None:
        return None
    row = await suppliers.supplier_of_code(connection, shop.owner_id, code)
    if row is None:
        raise Refused("unknown_supplier", f"There is no supplier {code!r}.", "/supplier")
    supplier_id: int = row["id"]
    return supplier_id


async def enter_announced(
    connection: asyncpg.Connection,
    facts: dict[str, object],
    new: NewInbound,
    actor: str,
    now: datetime,
) -> int:
    """Writes a shipment with its lines, and lets orders be promised from them; its number.

    `facts` has tenant_id, owner_id, warehouse_id and supplier_id, and purchase_order_id or
    transfer_id where one is behind it.

    Raises:
        NotFound: `unknown_order`.
        Conflict: `reference_taken`, `announced_before`.
        Refused: as `announce_inbound`.
    """
    tenant_id, owner_id = facts["tenant_id"], facts["owner_id"]
    assert isinstance(tenant_id, int) and isinstance(owner_id, int)
    lines = await expected_lines(connection, owner_id, new)
    if new.order_id is not None:
        await lock_returned_order(connection, tenant_id, owner_id, new.order_id)
        wanted = {
            line.item_id: (line.expected, f"/lines/{number}") for number, line in enumerate(lines)
        }
        await refuse_more_than_shipped(connection, new.order_id, wanted)
    dated = None if new.expected_at is None else supply_at(new.expected_at, now)
    written = (
        {"purchase_order_id": None, "transfer_id": None} | facts | _facts_of(new, dated, actor, now)
    )
    inbound_id = await receiving.enter_inbound(connection, written, lines)
    shipment = await receiving.inbound_for_update(connection, inbound_id)
    await expect_lines(connection, shipment, State.ANNOUNCED, dated, actor, now)
    await tell_inbound(connection, shipment, "inbound.announced", {}, actor, now)
    return inbound_id


def _facts_of(
    new: NewInbound, dated: datetime | None, actor: str, now: datetime
) -> dict[str, object]:
    return {
        "kind": new.kind,
        "reference": new.reference,
        "order_id": new.order_id,
        "tolerance_percent": new.tolerance_percent,
        "expected_at": new.expected_at,
        "supply_at": dated,
        "made_by": actor,
        "made_at": now,
    }


@again_on_deadlock
async def cancel_inbound(
    pool: asyncpg.Pool, request: Request, inbound_id: int, now: datetime
) -> Answer:
    """Takes an announcement back of which nothing has come; who waited for it is told.

    Raises:
        NotFound: `unknown_inbound`.
        Conflict: `wrong_state`, also of goods that have left another warehouse.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def cancel() -> Answer:
            shipment = await inbound_of_shop(connection, shop, inbound_id)
            refuse_sent(shipment)
            await cancel_announced(connection, shipment, shop.actor, now)
            if shipment["purchase_order_id"] is not None:
                await purchases.apply_purchase_event(
                    connection, shipment["purchase_order_id"], PurchaseEvent.CANCEL, now
                )
            return Answer(200, await inbound_view(connection, inbound_id))

        return await once(connection, request, cancel)


async def cancel_announced(
    connection: asyncpg.Connection, shipment: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Cancels a locked shipment, whose goods nobody may wait for any more.

    Raises:
        Conflict: `wrong_state`, some of it has come, or it has ended.
    """
    state = await receiving.apply_inbound_event(connection, shipment, Event.CANCEL, now)
    await expect_lines(connection, shipment, state, shipment["supply_at"], actor, now)
    await tell_inbound(connection, shipment, "inbound.cancelled", {}, actor, now)


async def inbound_of_shop(
    connection: asyncpg.Connection, shop: Shop, inbound_id: int
) -> asyncpg.Record:
    """A shipment of the shop's owner, locked until the transaction ends.

    Raises:
        NotFound: `unknown_inbound`.
    """
    shipment = await receiving.inbound_for_update(connection, inbound_id)
    if shipment["owner_id"] != shop.owner_id:
        raise NotFound("unknown_inbound", f"There is no inbound shipment {inbound_id}.")
    return shipment


@again_on_deadlock
async def close_inbound(
    pool: asyncpg.Pool, request: StaffRequest, inbound_id: int, now: datetime
) -> Answer:
    """Closes a shipment: no more of it comes; the shop is told what differed.

    Raises:
        NotFound: `unknown_inbound`.
        Conflict: `wrong_state`.
    """
    async with staff_transaction(pool) as connection:

        async def close() -> Answer:
            await close_received(connection, inbound_id, request.actor, now)
            return Answer(200, await inbound_view(connection, inbound_id))

        return await once(connection, request, close)


async def close_received(
    connection: asyncpg.Connection, inbound_id: int, actor: str, now: datetime
) -> None:
    """Closes a shipment, frees who waited for what did not come, and tells what differed.

    Raises:
        NotFound: `unknown_inbound`.
        Conflict: `wrong_state`.
    """
    shipment = await receiving.inbound_for_update(connection, inbound_id)
    state = await receiving.apply_inbound_event(connection, shipment, Event.CLOSE, now)
    await expect_lines(connection, shipment, state, shipment["supply_at"], actor, now)
    differences = inbounds.differences_of(await inbounds.lines_of(connection, inbound_id))
    if shipment["purchase_order_id"] is not None:
        short = any(each.under for each in differences)
        event = PurchaseEvent.CLOSE if short else PurchaseEvent.RECEIVE
        await purchases.apply_purchase_event(connection, shipment["purchase_order_id"], event, now)
    await end_transfer(connection, shipment, actor, now)
    facts: dict[str, object] = {"differences": [difference_view(each) for each in differences]}
    await tell_inbound(connection, shipment, "inbound.closed", facts, actor, now)


async def tell_inbound(
    connection: asyncpg.Connection,
    shipment: asyncpg.Record,
    event_type: str,
    facts: dict[str, object],
    actor: str,
    now: datetime,
) -> None:
    """Tells the owner's shops what became of a shipment."""
    await outbox.emit(
        connection,
        shipment["tenant_id"],
        event_type,
        f"inbound/{shipment['id']}",
        shipment["order_id"],
        {
            "inbound_id": shipment["id"],
            "kind": shipment["kind"],
            "reference": shipment["reference"],
        }
        | facts,
        actor,
        now,
    )
