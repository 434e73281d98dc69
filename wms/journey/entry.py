"""What the house is told at its start: warehouse, places, items, opening stock, staff, devices.

Each is entered whole or not at all, through the same commands that later changes take.
"""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.bins.place import VIRTUAL, Place, PlaceKind
from wms.error import Conflict, NotFound, Refused
from wms.items import commands as items
from wms.items import queries as item_rows
from wms.items.item import Item, canonical_sku
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.packing import commands as packing
from wms.packing.carton import CartonType
from wms.shipping import commands as shipping
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.tenants import commands as tenants
from wms.tenants.shop import Shop
from wms.tenants.staff import Role

MAIN = "MAIN"


@dataclass(frozen=True, slots=True)
class OpeningStock:
    """A quantity of an item in a place."""

    sku: str
    place: str
    quantity: int
    lot: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device of a site; `address` is host:port where we connect to it."""

    site: str
    area: str
    device_class: str
    name: str
    address: str | None
    config: dict[str, object]


async def enter_stock(
    connection: asyncpg.Connection,
    shop: Shop,
    opening: list[OpeningStock],
    command_id: str,
    actor: str,
    now: datetime,
) -> None:
    """Books opening stock as one movement from the supplier; the same command id only once.

    Raises:
        Refused: `unknown_item`, `unknown_place`, `bad_quantity`, pointing at the row.
    """
    warehouse = await bin_rows.the_warehouse(connection)
    supplier = await bin_rows.place_of_kind(connection, warehouse["id"], "supplier")
    place_rows = await bin_rows.places_of_kind(connection, warehouse["id"], "bin")
    places = {row["code"]: row["id"] for row in place_rows}
    skus = sorted({canonical_sku(row.sku) for row in opening})
    known = await item_rows.items_of_skus(connection, shop.owner_id, skus)
    item_ids = {row["sku"]: row["id"] for row in known}
    lines: list[Line] = []
    for number, row in enumerate(opening):
        if canonical_sku(row.sku) not in item_ids:
            raise Refused("unknown_item", f"No item has the SKU {row.sku!r}.", f"/{number}/sku")
        if row.place not in places:
            raise Refused("unknown_place", f"There is no bin {row.place!r}.", f"/{number}/place")
        if row.quantity <= 0:
            raise Refused("bad_quantity", "A quantity is 1 or more.", f"/{number}/quantity")
        goods = Goods(
            shop.owner_id, item_ids[canonical_sku(row.sku)], row.lot, expires_on=row.expires_on
        )
        lines.append(Line(goods, row.quantity, supplier["id"], places[row.place]))
    await stock.post(
        connection,
        shop.tenant_id,
        "opening",
        lines,
        command_id=command_id,
        actor=actor,
        reason="opening stock",
        now=now,
    )


async def enter_stock_once(
    connection: asyncpg.Connection,
    shop: Shop,
    opening: list[OpeningStock],
    digest: str,
    actor: str,
    now: datetime,
) -> None:
    """Books an opening stock, unless the very same was booked before.

    Raises:
        Conflict: `booked_before`.
    """
    hashed = bytes.fromhex(digest)
    first = await outbox.first_answer(connection, shop.tenant_id, "opening", digest, hashed)
    if first is not None:
        raise Conflict("booked_before", "This very stock was booked before; nothing was changed.")
    await enter_stock(connection, shop, opening, digest, actor, now)
    await outbox.remember(
        connection,
        shop.tenant_id,
        "opening",
        digest,
        "opening",
        hashed,
        Answer(200, {"rows": len(opening)}),
        actor,
    )


async def warehouse_for(
    connection: asyncpg.Connection, code: str | None, places: list[Place]
) -> str:
    """The code of the warehouse that the places belong to.

    Where there is none yet, one is made, as large as its bins say, with the depot at aisle 0 and
    with the places that no goods lie in: supplier, customer and loss.

    Raises:
        NotFound: `unknown_warehouse`, that code is not known.
    """
    try:
        warehouse = await bin_rows.the_warehouse(connection, code)
    except NotFound:
        if code is not None:
            raise
        warehouse_id = await bins.enter_warehouse(connection, layout_of(places))
        missing = VIRTUAL - {place.kind for place in places}
        virtual = [Place(kind.upper(), kind) for kind in sorted(missing)]
        await bins.enter_places(connection, warehouse_id, virtual)
        return MAIN
    found: str = warehouse["code"]
    return found


def layout_of(places: list[Place]) -> dict[str, object]:
    """A warehouse of one block that holds these bins."""
    found = [place for place in places if place.kind is PlaceKind.BIN]
    aisles = 1 + max((place.aisle or 0 for place in found), default=0)
    deepest = max((place.y_mm or 0 for place in found), default=0)
    pitches = [place.x_mm // place.aisle for place in found if place.x_mm and place.aisle]
    return {
        "code": MAIN,
        "name": "Warehouse",
        "time_zone": "UTC",
        "aisles": aisles,
        "aisle_length_mm": deepest + 1_000,
        "aisle_pitch_mm": min(pitches, default=4_000),
        "depot_aisle": 0,
        "latitude": 0.0,
        "longitude": 0.0,
    }


async def enter_items(connection: asyncpg.Connection, shop: Shop, rows: list[Item]) -> None:
    """Enters a shop's items, or changes those that exist."""
    await items.enter_items(connection, shop.tenant_id, shop.owner_id, rows)


async def enter_places(
    connection: asyncpg.Connection, warehouse_code: str, rows: list[Place]
) -> None:
    """Enters a warehouse's places, or changes those that exist."""
    warehouse = await bin_rows.the_warehouse(connection, warehouse_code)
    await bins.enter_places(connection, warehouse["id"], rows)


async def enter_warehouse(connection: asyncpg.Connection, warehouse: dict[str, object]) -> int:
    """Enters a warehouse with the layout of its aisles, or changes it."""
    return await bins.enter_warehouse(connection, warehouse)


async def enter_cartons(connection: asyncpg.Connection, rows: list[CartonType]) -> None:
    """Enters the carton types of the house."""
    warehouse = await bin_rows.the_warehouse(connection)
    await packing.enter_cartons(connection, warehouse["id"], rows)


async def enter_carrier(
    connection: asyncpg.Connection, code: str, name: str, url: str, secret: str
) -> None:
    """Enters a carrier: where it is told of parcels, and with which secret."""
    await shipping.enter_carrier(connection, code, name, url, secret)


async def enter_device(connection: asyncpg.Connection, entry: DeviceEntry) -> None:
    """Enters a device of a site, or changes it."""
    await outbox.enter_device(
        connection,
        entry.site,
        entry.area,
        entry.device_class,
        entry.name,
        entry.address,
        entry.config,
    )


async def enter_staff(
    connection: asyncpg.Connection, name: str, role: Role, badge: str, pin: str
) -> None:
    """Enters one of the staff."""
    await tenants.add_staff(connection, name, role, badge, pin)
