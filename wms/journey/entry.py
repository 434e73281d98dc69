"""What the house is told at its start: warehouse, places, items, opening stock, staff, devices.

Each is entered whole or not at all, through the same commands that later changes take.
"""

from typing import Any

import asyncpg

from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.bins.place import Place
from wms.bins.warehouse import Warehouse
from wms.equipment import device
from wms.error import NotFound
from wms.items import commands as items
from wms.items.item import Item
from wms.journey.device import register
from wms.journey.goods import opening
from wms.packing import commands as packing
from wms.packing.carton import CartonType
from wms.quote import commands as quotes
from wms.shipping import commands as shipping
from wms.tenants import commands as tenants
from wms.tenants.shop import Shop
from wms.tenants.staff import Role

MAIN = "MAIN"

OpeningStock = opening.OpeningStock
enter_stock = opening.enter_stock
enter_stock_once = opening.enter_stock_once
DeviceEntry = device.DeviceEntry
enter_device = register.enter_device
enter_option = quotes.enter_option


async def warehouse_for(connection: asyncpg.Connection, code: str | None) -> str:
    """The code of the warehouse that is meant; where there is none at all, one is made.

    Raises:
        NotFound: `unknown_warehouse`, that code is not known.
    """
    try:
        warehouse = await bin_rows.the_warehouse(connection, code)
    except NotFound:
        if code is not None:
            raise
        await bins.enter_warehouse(connection, Warehouse(MAIN, "Warehouse"))
        return MAIN
    found: str = warehouse["code"]
    return found


async def enter_items(connection: asyncpg.Connection, shop: Shop, rows: list[Item]) -> None:
    """Enters a shop's items, or changes those that exist."""
    await items.enter_items(connection, shop.tenant_id, shop.owner_id, rows)


async def enter_places(
    connection: asyncpg.Connection, warehouse_code: str, rows: list[Place]
) -> None:
    """Enters a warehouse's places, or changes those that exist."""
    warehouse = await bin_rows.the_warehouse(connection, warehouse_code)
    await bins.enter_places(connection, warehouse["id"], rows)


async def enter_warehouse(connection: asyncpg.Connection, warehouse: dict[str, Any]) -> int:
    """Enters a warehouse, or changes it: only what is said of it; answers its number.

    Raises:
        Refused: `bad_warehouse`, `bad_time_zone`.
    """
    found = await bin_rows.warehouse_of_code(connection, str(warehouse["code"]))
    known = {} if found is None else {name: found[name] for name in Warehouse.__slots__}
    return await bins.enter_warehouse(connection, Warehouse(**(known | warehouse)))


async def enter_cartons(
    connection: asyncpg.Connection, rows: list[CartonType], warehouse_code: str | None = None
) -> None:
    """Enters the carton types of a warehouse, by default of the first."""
    warehouse = await bin_rows.the_warehouse(connection, warehouse_code)
    await packing.enter_cartons(connection, warehouse["id"], rows)


async def enter_carrier(
    connection: asyncpg.Connection, code: str, name: str, url: str, secret: str
) -> None:
    """Enters a carrier: where it is told of parcels, and with which secret."""
    await shipping.enter_carrier(connection, code, name, url, secret)


async def enter_staff(
    connection: asyncpg.Connection, name: str, role: Role, badge: str, pin: str
) -> None:
    """Enters one of the staff."""
    await tenants.add_staff(connection, name, role, badge, pin)
