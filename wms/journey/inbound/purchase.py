"""Purchase orders: priced and checked when they are made; sent, they become ASNs.

Sending one announces its shipment at once, expected after the longest lead time of its lines
unless the supplier named a day.
"""

from datetime import datetime, timedelta

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import shop_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import format_quantity, smallest_units
from wms.journey.inbound.inbound import cancel_announced, enter_announced
from wms.journey.inbound.inbound_line import items_by_sku
from wms.journey.order.order_view import moment, money
from wms.journey.request import Request, once
from wms.outbox.command import Answer
from wms.receiving import commands as receiving
from wms.receiving import queries as inbounds
from wms.receiving.inbound import AnnouncedLine, Kind, NewInbound
from wms.replenishment import commands as replenishment
from wms.replenishment import queries as suppliers
from wms.replenishment.purchase import (
    Event,
    NewPurchase,
    PriceBreak,
    PricedLine,
    State,
    WantedLine,
    after,
    amount_of,
    nearest_allowed,
    price_for,
)
from wms.tenants.shop import Shop


async def make_purchase(
    pool: asyncpg.Pool, request: Request, new: NewPurchase, now: datetime
) -> Answer:
    """Makes a purchase order as a draft, each line at the price of its quantity.

    Raises:
        NotFound: `unknown_supplier`, `unknown_warehouse`.
        Refused: `unknown_item`, `item_twice`, `not_sold`, `not_allowed_quantity` with the nearest
            that is, `wrong_unit`, `bad_quantity`, `idempotency_key_reused`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def make() -> Answer:
            purchase_order_id = await enter_purchase(connection, shop, new, shop.actor, now)
            return Answer(201, await purchase_view(connection, shop, purchase_order_id))

        return await once(connection, request, make)


async def enter_purchase(
    connection: asyncpg.Connection, shop: Shop, new: NewPurchase, actor: str, now: datetime
) -> int:
    """Writes a draft of a shop's; its number.

    Raises:
        NotFound, Refused: as `make_purchase`.
    """
    supplier = await suppliers.the_supplier(connection, shop.owner_id, new.supplier)
    warehouse = await bins.the_warehouse(connection, new.warehouse)
    lines = await _priced(connection, shop, supplier["id"], new.lines)
    facts: dict[str, object] = {
        "tenant_id": shop.tenant_id,
        "owner_id": shop.owner_id,
        "shop_id": shop.shop_id,
        "supplier_id": supplier["id"],
        "warehouse_id": warehouse["id"],
        "reference": new.reference,
        "currency": supplier["currency"],
        "made_by": actor,
        "made_at": now,
    }
    return await replenishment.enter_purchase(connection, facts, lines)


async def _priced(
    connection: asyncpg.Connection, shop: Shop, supplier_id: int, wanted: tuple[WantedLine, ...]
) -> list[PricedLine]:
    found = await items_by_sku(connection, shop.owner_id, [line.sku for line in wanted])
    item_ids = [row["id"] for row in found.values()]
    factors = await items.factors_of(connection, item_ids)
    rows = await suppliers.supplier_items(connection, supplier_id, item_ids)
    sold = {row["item_id"]: row for row in rows}
    lines: list[PricedLine] = []
    for number, line in enumerate(wanted):
        item = found[canonical_sku(line.sku)]
        pointer = f"/lines/{number}"
        if any(each.item_id == item["id"] for each in lines):
            raise Refused("item_twice", f"{item['sku']} stands there twice.", f"{pointer}/sku")
        if item["id"] not in sold:
            raise Refused(
                "not_sold", f"This supplier does not sell {item['sku']}.", f"{pointer}/sku"
            )
        quantity, _ = smallest_units(
            line.quantity,
            line.unit,
            item_unit=item["unit"],
            scale=item["scale"],
            packaging=factors[item["id"]],
            pointer=pointer,
        )
        lines.append(_line(sold[item["id"]], quantity, f"{pointer}/quantity"))
    return lines


def _line(sold: asyncpg.Record, quantity: int, pointer: str) -> PricedLine:
    nearest = nearest_allowed(quantity, sold["minimum"], sold["multiple"])
    if nearest != quantity:
        said = [
            format_quantity(each, sold["scale"])
            for each in (quantity, sold["minimum"], sold["multiple"], nearest)
        ]
        raise Refused(
            "not_allowed_quantity",
            f"{said[0]} of {sold['sku']} cannot be ordered: at least {said[1]}, in multiples of "
            f"{said[2]}. The nearest is {said[3]}.",
            pointer,
        )
    prices = tuple(PriceBreak(**each) for each in sold["prices"])
    price = price_for(quantity, prices)
    return PricedLine(sold["item_id"], quantity, price, amount_of(quantity, sold["scale"], price))


@again_on_deadlock
async def send_purchase(
    pool: asyncpg.Pool,
    request: Request,
    purchase_order_id: int,
    expected_at: datetime | None,
    now: datetime,
) -> Answer:
    """Sends a draft, whose goods are announced by the same stroke.

    Raises:
        NotFound: `unknown_purchase_order`.
        Conflict: `wrong_state`, `reference_taken`.
        Refused: `sandbox_key`.
    """
    shop = request.shop
    if shop.sandbox:
        raise Refused("sandbox_key", "A sandbox key brings no goods to the floor.")
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def send() -> Answer:
            purchase = await _of_shop(connection, shop, purchase_order_id)
            await send_draft(connection, shop, purchase, expected_at, shop.actor, now)
            return Answer(200, await purchase_view(connection, shop, purchase_order_id))

        return await once(connection, request, send)


async def send_draft(
    connection: asyncpg.Connection,
    shop: Shop,
    purchase: asyncpg.Record,
    expected_at: datetime | None,
    actor: str,
    now: datetime,
) -> None:
    """Sends a locked draft of a shop's, and announces its goods.

    Raises:
        Conflict: as `send_purchase`.
    """
    await replenishment.apply_purchase_event(connection, purchase["id"], Event.SEND, now)
    lines = await suppliers.lines_of_purchase(connection, purchase["id"])
    longest = timedelta(days=max(line["lead_time_days"] for line in lines))
    dated = now + longest if expected_at is None else expected_at
    await replenishment.set_expected(connection, purchase["id"], dated)
    new = NewInbound(
        Kind.ASN,
        tuple(
            AnnouncedLine(line["sku"], format_quantity(line["quantity"], line["scale"]))
            for line in lines
        ),
        reference=purchase["reference"] or f"PO-{purchase['id']}",
        tolerance_percent=purchase["tolerance_percent"],
        expected_at=dated,
    )
    facts: dict[str, object] = {
        "tenant_id": shop.tenant_id,
        "owner_id": shop.owner_id,
        "warehouse_id": purchase["warehouse_id"],
        "supplier_id": purchase["supplier_id"],
        "purchase_order_id": purchase["id"],
    }
    await enter_announced(connection, facts, new, actor, now)


@again_on_deadlock
async def cancel_purchase(
    pool: asyncpg.Pool, request: Request, purchase_order_id: int, now: datetime
) -> Answer:
    """Cancels a purchase order, and its announcement where it was sent and nothing has come.

    Raises:
        NotFound: `unknown_purchase_order`.
        Conflict: `wrong_state`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def cancel() -> Answer:
            # The shipment first, as whoever closes one locks them.
            shipment = await inbounds.inbound_of_purchase(connection, purchase_order_id)
            if shipment is not None:
                shipment = await receiving.inbound_for_update(connection, shipment["id"])
            purchase = await _of_shop(connection, shop, purchase_order_id)
            after(State(purchase["state"]), Event.CANCEL)
            if shipment is not None:
                await cancel_announced(connection, shipment, shop.actor, now)
            await replenishment.apply_purchase_event(
                connection, purchase_order_id, Event.CANCEL, now
            )
            return Answer(200, await purchase_view(connection, shop, purchase_order_id))

        return await once(connection, request, cancel)


async def _of_shop(
    connection: asyncpg.Connection, shop: Shop, purchase_order_id: int
) -> asyncpg.Record:
    row = await replenishment.purchase_for_update(connection, purchase_order_id)
    if row["owner_id"] != shop.owner_id:
        raise NotFound("unknown_purchase_order", f"There is no purchase order {purchase_order_id}.")
    return row


async def purchase_view(
    connection: asyncpg.Connection, shop: Shop, purchase_order_id: int
) -> dict[str, object]:
    """A purchase order of the shop's owner with its lines.

    Raises:
        NotFound: `unknown_purchase_order`.
    """
    row = await suppliers.purchase_of_id(connection, purchase_order_id)
    if row is None or row["owner_id"] != shop.owner_id:
        raise NotFound("unknown_purchase_order", f"There is no purchase order {purchase_order_id}.")
    lines = await suppliers.lines_of_purchase(connection, purchase_order_id)
    return purchase_summary(row) | {
        "lines": [
            {
                "line": line["line"],
                "sku": line["sku"],
                "name": line["name"],
                "unit": line["unit"],
                "quantity": format_quantity(line["quantity"], line["scale"]),
                "price": money(line["price_minor"], row["currency"]),
                "amount": money(line["amount_minor"], row["currency"]),
            }
            for line in lines
        ]
    }


def purchase_summary(row: asyncpg.Record) -> dict[str, object]:
    """A purchase order as a list shows it."""
    return {
        "id": row["id"],
        "state": row["state"],
        "supplier": row["supplier"],
        "warehouse": row["warehouse"],
        "reference": row["reference"],
        "total": money(row["total_minor"], row["currency"]),
        "inbound_id": row["inbound_id"],
        "made_at": moment(row["made_at"]),
        "sent_at": moment(row["sent_at"]),
        "expected_at": moment(row["expected_at"]),
    }
