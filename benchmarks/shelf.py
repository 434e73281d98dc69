"""A house for a benchmark: one warehouse with bins, one shop, its items and their stock."""

import sys
from dataclasses import replace
from datetime import UTC, datetime

import asyncpg

from benchmarks.growth import grow
from wms.bins.place import Place, PlaceKind
from wms.database.pool import staff_transaction
from wms.items.item import Component, Item, ItemKind
from wms.journey import entry
from wms.journey.entry import OpeningStock
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop

LARGE = "`large`: beside a million balances, ten million ledger lines, 100,000 open reservations"
AISLES = 20
SIDE_MM = 2_000


async def stock_house(pool: asyncpg.Pool, items: int, bins_each: int, quantity: int) -> str:
    """Enters it all: so many items, each in so many bins of that quantity; the shop's key."""
    bins = [_bin(number) for number in range(items * bins_each)]
    names = [sku(number) for number in range(items)]
    async with staff_transaction(pool) as connection:
        code = await entry.warehouse_for(connection, None)
        await entry.enter_places(connection, code, bins)
        key = await tenants.create_key(connection, "benchmark", [], sandbox=False)
        shop = await tenant_rows.shop_of_key(connection, key)
        assert shop is not None
        await entry.enter_items(connection, shop, [_item(name) for name in names])
    opening = [
        OpeningStock(name, bins[number * bins_each + side].code, quantity)
        for number, name in enumerate(names)
        for side in range(bins_each)
    ]
    for start in range(0, len(opening), 5_000):
        await _open(pool, shop, opening[start : start + 5_000])
    return key


async def add_item(pool: asyncpg.Pool, shop: Shop, name: str, quantity: int) -> None:
    """One more item with that much stock in the first bin."""
    async with staff_transaction(pool) as connection:
        await entry.enter_items(connection, shop, [_item(name)])
    await _open(pool, shop, [OpeningStock(name, _bin(0).code, quantity)])


async def add_bundle(pool: asyncpg.Pool, shop: Shop, name: str, components: list[str]) -> None:
    """A bundle of one each of these items."""
    parts = tuple(Component(component, 1) for component in components)
    bundle = replace(_item(name), kind=ItemKind.BUNDLE, components=parts)
    async with staff_transaction(pool) as connection:
        await entry.enter_items(connection, shop, [bundle])


async def grow_large(url: str) -> None:
    """Fills the tables around the house to the size of years of work."""
    print("years of work …", file=sys.stderr)
    await grow(url, 1_000_000, 10_000_000, 100_000)


def sku(number: int) -> str:
    """The SKU of the item of that number, from 0."""
    return f"ITEM-{number:06d}"


async def _open(pool: asyncpg.Pool, shop: Shop, opening: list[OpeningStock]) -> None:
    async with staff_transaction(pool) as connection:
        await entry.enter_stock(connection, shop, opening, "", "benchmark", datetime.now(UTC))


def _item(name: str) -> Item:
    return Item(name, f"Benchmark's {name}", 50, 50, 50, 100)


def _bin(number: int) -> Place:
    bay, aisle = divmod(number, AISLES)
    return Place(
        f"B-{number:07d}", PlaceKind.BIN, "A", aisle, bay, 1, 3_000 * aisle, SIDE_MM * bay, number
    )
