"""What the command line enters: keys and CSV files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from api.settings import Settings
from api.table import (
    ITEMS,
    PLACES,
    STOCK,
    item_from,
    place_from,
    read_table,
    stock_from,
)
from api.wiring import House, open_house
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.journey import entry
from wms.outbox.command import body_hash
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop

ACTOR = "command line"


@asynccontextmanager
async def _entering(settings: Settings) -> AsyncIterator[tuple[House, asyncpg.Connection]]:
    assert settings.database_url is not None
    await upgrade(settings.database_url)
    async with (
        open_house(settings, "entering", 2) as house,
        staff_transaction(house.pool) as connection,
    ):
        yield house, connection


async def make_key(settings: Settings, shop: str, scopes: list[str], sandbox: bool) -> str:
    """A new key of a shop; its text is shown only here."""
    async with _entering(settings) as (_, connection):
        return await tenants.create_key(connection, shop, scopes, sandbox)


async def import_items(settings: Settings, shop: str, path: Path) -> str:
    """Enters items from a CSV file.

    Raises:
        TableError: the file is wrong; nothing was taken.
    """
    items = read_table(path, ITEMS, item_from)
    async with _entering(settings) as (_, connection):
        await entry.enter_items(connection, await _shop(connection, shop), items)
    return f"{len(items)} items"


async def import_places(settings: Settings, warehouse: str | None, path: Path) -> str:
    """Enters places from a CSV file; without any warehouse, one is made to hold them.

    Raises:
        TableError: the file is wrong; nothing was taken.
    """
    places = read_table(path, PLACES, place_from)
    async with _entering(settings) as (_, connection):
        code = await entry.warehouse_for(connection, warehouse, places)
        await entry.enter_places(connection, code, places)
    return f"{len(places)} places in {code}"


async def import_stock(settings: Settings, shop: str, path: Path) -> str:
    """Books opening stock from a CSV file; a file that was booked before is refused.

    Raises:
        TableError: the file is wrong; nothing was taken.
        Conflict: `booked_before`.
    """
    opening = read_table(path, STOCK, stock_from)
    digest = body_hash([[row.sku, row.place, row.quantity, row.lot] for row in opening]).hex()
    async with _entering(settings) as (house, connection):
        await entry.enter_stock_once(
            connection, await _shop(connection, shop), opening, digest, ACTOR, house.now()
        )
    return f"{len(opening)} balances, {sum(row.quantity for row in opening)} units"


async def _shop(connection: asyncpg.Connection, name: str) -> Shop:
    shop = await tenant_rows.shop_of_name(connection, name)
    if shop is None:
        raise NotFound(
            "unknown_shop", f"There is no shop {name!r}; `stowline key create` makes one."
        )
    return shop
