"""A dock: shipments announced by a shop, and what comes of them taken in by a planner."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import asyncpg

from tests.builders import NOW, new_order, rows, value
from wms.bins.place import Place, PlaceKind, Purpose
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.inbound.inbound import announce_inbound, close_inbound
from wms.journey.inbound.receipt import take_receipt
from wms.journey.order import intake
from wms.journey.request import Request, StaffRequest
from wms.outbox.command import Answer, body_hash
from wms.receiving.inbound import AnnouncedLine, ArrivedLine, Kind, NewInbound
from wms.tenants.shop import Shop
from wms.tenants.staff import Role, Staff

DOCKS = (
    Place("RECV-1", PlaceKind.RECEIVING),
    Place("RECV-2", PlaceKind.RECEIVING),
    Place("A-01-01-9", PlaceKind.BIN, "X", 1, 1, 9, 3_000, 900, 9, purpose=Purpose.CROSS_DOCK),
)
TOMORROW = NOW + timedelta(days=1)
PLANNER = Staff(1, "Rita", Role.PLANNER, 1, "HH-7", "menu", {}, NOW + timedelta(days=1))

_numbers = count(1)


async def open_dock(pool: asyncpg.Pool) -> None:
    """Gives the house two receiving places and a bin that goods only pass through."""
    async with staff_transaction(pool) as connection:
        await entry.enter_places(connection, "MAIN", list(DOCKS))


def an_asn(
    *lines: tuple[str, int], expected_at: datetime = TOMORROW, tolerance: int = 0
) -> NewInbound:
    """An ASN of these SKUs and quantities, under a reference of its own."""
    return NewInbound(
        Kind.ASN,
        tuple(AnnouncedLine(sku, quantity) for sku, quantity in lines),
        f"DN-{next(_numbers)}",
        tolerance_percent=tolerance,
        expected_at=expected_at,
    )


def blind() -> NewInbound:
    """Goods that come without a word."""
    return NewInbound(Kind.BLIND)


def a_return(order_id: int, *lines: tuple[str, int]) -> NewInbound:
    """Goods that a customer sends back."""
    return NewInbound(
        Kind.RETURN,
        tuple(AnnouncedLine(sku, quantity) for sku, quantity in lines),
        order_id=order_id,
    )


async def announced(pool: asyncpg.Pool, shop: Shop, new: NewInbound, now: datetime = NOW) -> int:
    """Announces a shipment; its number."""
    request = Request(shop, f"key {next(_numbers)}", "inbound", body_hash(repr(new)))
    answer = await announce_inbound(pool, request, new, now)
    inbound_id = answer.body["id"]
    assert isinstance(inbound_id, int)
    return inbound_id


async def received(
    pool: asyncpg.Pool,
    inbound_id: int,
    *lines: ArrivedLine,
    key: str | None = None,
    now: datetime = NOW,
) -> Answer:
    """Takes goods of a shipment in."""
    digest = body_hash([inbound_id, repr(lines)])
    request = StaffRequest(PLANNER, key or f"key {next(_numbers)}", "receipt", digest)
    return await take_receipt(pool, request, inbound_id, lines, now)


async def closed(pool: asyncpg.Pool, inbound_id: int, now: datetime = NOW) -> Answer:
    """Closes a shipment."""
    request = StaffRequest(PLANNER, f"key {next(_numbers)}", "close", body_hash([inbound_id]))
    return await close_inbound(pool, request, inbound_id, now)


async def wait_for(pool: asyncpg.Pool, shop: Shop, sku: str, quantity: int) -> Answer:
    """An order that takes goods on their way; the answer to it."""
    order = replace(new_order([(sku, quantity)], f"waits {next(_numbers)}"), backorder=True)
    request = Request(shop, f"key {next(_numbers)}", "orders", order.body_hash)
    return await intake.place_order(pool, request, order, timedelta(days=9), NOW)


async def stock_of(pool: asyncpg.Pool, sku: str) -> dict[tuple[str, str], int]:
    """How much of an item lies where and as what: by place and status."""
    found = await rows(
        pool,
        "select p.code, b.status, sum(b.on_hand)::bigint as quantity from balance b "
        "join item i on i.id = b.item_id join place p on p.id = b.place_id "
        "where i.sku = $1 and b.on_hand > 0 group by 1, 2",
        sku,
    )
    return {(row["code"], row["status"]): row["quantity"] for row in found}


async def coming(pool: asyncpg.Pool, sku: str) -> dict[str, int]:
    """What is on its way of an item, by the kind of its source."""
    found = await rows(
        pool,
        "select split_part(s.source, '/', 1) as source, sum(s.quantity)::bigint as quantity "
        "from supply s join availability a on a.id = s.availability_id "
        "join item i on i.id = a.item_id where i.sku = $1 and s.quantity > 0 group by 1",
        sku,
    )
    return {row["source"]: row["quantity"] for row in found}


async def told(pool: asyncpg.Pool, inbound_id: int) -> list[str]:
    """The events of a shipment, in their sequence."""
    found = await rows(
        pool, "select type from event where subject = $1 order by seq", f"inbound/{inbound_id}"
    )
    return [row["type"] for row in found]


async def dates_of(pool: asyncpg.Pool, order_id: object) -> list[datetime]:
    """When the goods are expected that an order waits for."""
    found = await rows(
        pool,
        "select p.expected_at from promise p join order_line l on l.id = p.order_line_id "
        "where l.order_id = $1 and p.supply = 'inbound' and p.state in ('open', 'firm')",
        order_id,
    )
    return [row["expected_at"] for row in found]


async def fulfilment_state(pool: asyncpg.Pool, order_id: object) -> object:
    """The state of an order's one fulfilment order."""
    return await value(pool, "select state from fulfilment_order where order_id = $1", order_id)
