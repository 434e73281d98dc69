"""A second warehouse beside the builders' own, and orders that either may ship."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg

from tests.builders import (
    CARTONS,
    LAYOUT,
    NOW,
    PLACES,
    PROMISE_LASTS,
    add_items,
    add_shop,
    an_item,
    new_order,
)
from tests.wms.journey.people import Handheld, person
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.claim.supply import announce_supply
from wms.journey.entry import OpeningStock
from wms.journey.order import intake
from wms.journey.request import Request
from wms.orders.order import Fulfilment, NewOrder
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

# The builders' order goes to Leeds, to which their warehouse in the Midlands is nearer.
FAR = {"code": "SOUTH", "name": "South", "latitude": 50.8, "longitude": -0.1}
BIN = "A-01-01-1"


async def enter_south(pool: asyncpg.Pool) -> int:
    """A second warehouse with places and cartons of its own; its number."""
    async with staff_transaction(pool) as connection:
        number = await entry.enter_warehouse(connection, LAYOUT | FAR)
        await entry.enter_places(connection, "SOUTH", list(PLACES))
        await entry.enter_cartons(connection, list(CARTONS), "SOUTH")
    return number


async def shop_of_two(pool: asyncpg.Pool, **stock: tuple[int, int]) -> Shop:
    """A shop with so much of each item in MAIN and in SOUTH: `MUG=(3, 5)`."""
    await enter_south(pool)
    shop = await add_shop(pool)
    await add_items(pool, shop, *(an_item(sku) for sku in stock))
    for index, warehouse in enumerate(("MAIN", "SOUTH")):
        rows = [OpeningStock(sku, BIN, both[index]) for sku, both in stock.items() if both[index]]
        if rows:
            async with staff_transaction(pool) as connection:
                await entry.enter_stock(connection, shop, rows, "", "test", NOW, warehouse)
    return shop


async def expect(
    pool: asyncpg.Pool, shop: Shop, sku: str, warehouse: str, quantity: int, days: int = 3
) -> None:
    """So much of an item is on its way to a warehouse."""
    async with staff_transaction(pool) as connection:
        item_id = await connection.fetchval(
            "select id from item where owner_id = $1 and sku = $2", shop.owner_id, sku
        )
        warehouse_id = await connection.fetchval(
            "select id from warehouse where code = $1", warehouse
        )
        await announce_supply(
            connection,
            tenant_id=shop.tenant_id,
            owner_id=shop.owner_id,
            item_id=item_id,
            warehouse_id=warehouse_id,
            source=f"ASN {sku} {warehouse}",
            expected_at=NOW + timedelta(days=days),
            quantity=quantity,
            actor="test",
            now=NOW,
        )


def an_order(
    number: str,
    *lines: tuple[str, int],
    fulfilment: Fulfilment = Fulfilment.SHIP_TOGETHER,
    backorder: bool = False,
) -> NewOrder:
    """An order to Leeds as a shop wishes it."""
    order = new_order(list(lines), number)
    digest = body_hash([number, lines, fulfilment, backorder])
    return replace(order, fulfilment=fulfilment, backorder=backorder, body_hash=digest)


async def place(pool: asyncpg.Pool, shop: Shop, order: NewOrder, key: str | None = None) -> Answer:
    """What the house answers to an order."""
    request = Request(shop, key or f"key {order.external_order_id}", "orders", order.body_hash)
    return await intake.place_order(pool, request, order, PROMISE_LASTS, NOW)


async def promised(pool: asyncpg.Pool, shop: Shop) -> dict[tuple[str, str], tuple[int, int, int]]:
    """By item and warehouse what may be sold, what is promised of it, and what waits."""
    async with staff_transaction(pool) as connection:
        rows = await connection.fetch(
            """
            select i.sku, w.code, a.sellable, a.promised, a.backordered
            from availability a join item i on i.id = a.item_id
            join warehouse w on w.id = a.warehouse_id where a.tenant_id = $1
            """,
            shop.tenant_id,
        )
    return {
        (row["sku"], row["code"]): (row["sellable"], row["promised"], row["backordered"])
        for row in rows
    }


async def at_work(pool: asyncpg.Pool, name: str, warehouse: str, task: str) -> Handheld:
    """Somebody who has signed in at a warehouse and chosen what to do."""
    handheld = await person(pool, name)
    await handheld.scan_all(warehouse)
    await handheld.do(task)
    return handheld


def parts(answer: Answer) -> list[tuple[str, str, list[tuple[int, object]]]]:
    """Warehouse, state and lines of each fulfilment order of an answer."""
    found = answer.body["fulfilment_orders"]
    assert isinstance(found, list)
    return [
        (part["warehouse"], part["state"], [(x["line"], x["quantity"]) for x in part["lines"]])
        for part in found
    ]


def part_ids(answer: Answer) -> list[int]:
    """The numbers of the fulfilment orders of an answer."""
    found = answer.body["fulfilment_orders"]
    assert isinstance(found, list)
    return [part["id"] for part in found]


def sources(answer: Answer) -> list[str]:
    """Why each fulfilment order of an answer ships from where it does."""
    found = answer.body["fulfilment_orders"]
    assert isinstance(found, list)
    return [part["source"] for part in found]


async def waits_for_day(pool: asyncpg.Pool, shop: Shop, sku: str, **changed: Any) -> None:
    """Sells an item ahead of its day, or has it made."""
    async with staff_transaction(pool) as connection:
        await entry.enter_items(connection, shop, [replace(an_item(sku), **changed)])
