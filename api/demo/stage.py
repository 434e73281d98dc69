"""Sets the stage of a demo: an empty database, and everything entered through the users' doors."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from api.demo.option import OPTIONS
from api.row.carton import CARTONS, carton_from
from api.row.item import ITEMS, item_from
from api.row.place import PLACES, place_from
from api.row.stock import STOCK, stock_from
from api.table import read_table
from api.wiring import House
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.day import commands as day
from wms.day import queries as days
from wms.error import Conflict, NotFound
from wms.journey import entry
from wms.journey.order.suspect import set_suspicion
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.staff import Role

SHOP = "Demo Shop"
ACTOR = "demo"


@dataclass(frozen=True, slots=True)
class Keys:
    """The bearer keys that the simulated shop and carrier use."""

    shop: str
    carrier: str


@asynccontextmanager
async def only_demo(url: str) -> AsyncIterator[None]:
    """Keeps other demos off this database; its server lets go of it even when we are killed.

    Raises:
        Conflict: `demo_running`.
    """
    connection = await asyncpg.connect(url)
    try:
        if not await day.lock_demo(connection):
            raise Conflict(
                "demo_running",
                "Another demo is running in this database. Wait for its end, or give this one a "
                "database of its own: set STOWLINE_HOME to an empty folder.",
            )
        yield
    finally:
        await connection.close()


async def empty_database(url: str) -> None:
    """Leaves an up-to-date schema without a row, marked as a demo's.

    Raises:
        Conflict: `not_a_demo`, the database holds a warehouse that no demo made.
    """
    connection = await asyncpg.connect(url)
    try:
        if await days.purpose(connection) == "warehouse":
            raise Conflict(
                "not_a_demo",
                "This database holds a warehouse of yours; a demo empties its database. Give it "
                "another: set STOWLINE_HOME to an empty folder, or STOWLINE_DATABASE_URL.",
            )
        await day.empty(connection)
    finally:
        await connection.close()
    await upgrade(url)
    connection = await asyncpg.connect(url)
    try:
        await day.set_purpose(connection, "demo")
    finally:
        await connection.close()


async def enter_scenario(house: House, folder: Path) -> Keys:
    """Enters warehouse, places, cartons, items, opening stock, staff, devices and the carrier."""
    warehouse = _read(folder / "warehouse.json")
    carrier = _read(folder / "carrier.json")
    items = read_table(folder / "items.csv", ITEMS, item_from)
    places = read_table(folder / "places.csv", PLACES, place_from)
    stock = read_table(folder / "stock.csv", STOCK, stock_from)
    cartons = read_table(folder / "cartons.csv", CARTONS, carton_from)
    now = house.now()
    async with staff_transaction(house.pool) as connection:
        await entry.enter_warehouse(connection, warehouse)
        await entry.enter_places(connection, warehouse["code"], places)
        await entry.enter_cartons(connection, cartons)
        keys = Keys(
            await tenants.create_key(connection, SHOP, [], sandbox=False),
            await tenants.create_key(connection, carrier["code"], ["carrier"], sandbox=False),
        )
        await entry.enter_carrier(
            connection,
            carrier["code"],
            carrier["name"],
            carrier["url"],
            secrets.token_urlsafe(24),
        )
        for option in OPTIONS:
            await entry.enter_option(connection, option, warehouse["code"])
        shop = await tenant_rows.shop_of_key(connection, keys.shop)
        if shop is None:
            raise NotFound("unknown_shop", SHOP)
        await entry.enter_items(connection, shop, items)
        await entry.enter_stock(connection, shop, stock, "opening", ACTOR, now)
        for person in _read(folder / "staff.json"):
            await entry.enter_staff(
                connection, person["name"], Role(person["role"]), person["badge"], person["pin"]
            )
        for device in _read(folder / "devices.json"):
            await entry.enter_device(
                connection,
                entry.DeviceEntry(
                    device["site"],
                    device["area"],
                    device["class"],
                    device["name"],
                    device.get("address"),
                    device.get("config", {}),
                ),
            )
    # The shop gives away and sells off at any price, and says so as every shop may.
    await set_suspicion(house.pool, shop, {"price_percent": 0})
    return keys


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
