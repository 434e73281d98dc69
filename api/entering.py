"""What the command line enters: keys and CSV files."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from api.auth import CARRIER_SCOPE
from api.settings import Settings
from api.table import (
    CARTONS,
    ITEMS,
    PLACES,
    STOCK,
    carton_from,
    item_from,
    place_from,
    read_table,
    stock_from,
)
from api.wiring import House, open_house
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.day import commands as day
from wms.error import NotFound, Refused
from wms.journey import entry
from wms.outbox.command import body_hash
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop
from wms.tenants.staff import Role

ACTOR = "command line"
PIN_DIGITS = 6
DEVICE_CLASSES = ("scanner", "sorter", "printer")


@asynccontextmanager
async def _entering(settings: Settings) -> AsyncIterator[tuple[House, asyncpg.Connection]]:
    assert settings.database_url is not None
    await upgrade(settings.database_url)
    async with (
        open_house(settings, "entering", 2) as house,
        staff_transaction(house.pool) as connection,
    ):
        # What a user enters is theirs: no demo may empty this database any more.
        await day.set_purpose(connection, "warehouse")
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


async def import_cartons(settings: Settings, path: Path) -> str:
    """Enters carton types from a CSV file.

    Raises:
        TableError: the file is wrong; nothing was taken.
    """
    cartons = read_table(path, CARTONS, carton_from)
    async with _entering(settings) as (_, connection):
        await entry.enter_cartons(connection, cartons)
    return f"{len(cartons)} cartons"


async def add_staff(settings: Settings, name: str, role: Role, badge: str) -> str:
    """Enters one of the staff, or gives the badge to another; the new PIN is shown only here."""
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    async with _entering(settings) as (_, connection):
        await entry.enter_staff(connection, name, role, badge, pin)
    return pin


async def add_carrier(settings: Settings, code: str, name: str, url: str) -> tuple[str, str]:
    """Enters a carrier: the secret that we send it, and the key that it sends us."""
    secret = secrets.token_urlsafe(24)
    async with _entering(settings) as (_, connection):
        await entry.enter_carrier(connection, code, name, url, secret)
        key = await tenants.create_key(connection, code, [CARRIER_SCOPE], sandbox=False)
    return secret, key


def device_entry(
    site: str, area: str, kind: str, name: str, address: str | None, config: list[str]
) -> entry.DeviceEntry:
    """A device as the command line describes it; whole numbers in its settings are numbers.

    Raises:
        Refused: `bad_device`, a setting is not NAME=VALUE or the class is unknown.
    """
    if kind not in DEVICE_CLASSES:
        raise Refused("bad_device", f"{kind!r} is none of {', '.join(DEVICE_CLASSES)}.")
    values: dict[str, object] = {}
    for pair in config:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise Refused("bad_device", f"{pair!r} is not NAME=VALUE.")
        values[key] = int(value) if value.isdecimal() else value
    return entry.DeviceEntry(site, area, kind, name, address, values)


async def add_device(settings: Settings, device: entry.DeviceEntry) -> None:
    """Enters a device of a site, or changes it; a gateway takes it up at its next start."""
    async with _entering(settings) as (_, connection):
        await entry.enter_device(connection, device)


async def _shop(connection: asyncpg.Connection, name: str) -> Shop:
    shop = await tenant_rows.shop_of_name(connection, name)
    if shop is None:
        raise NotFound(
            "unknown_shop", f"There is no shop {name!r}; `stowline key create` makes one."
        )
    return shop
