"""What the command line enters and gives back: keys, staff and CSV files."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import asyncpg

from api.orders.place import place as place_order
from api.orders.sheet import SheetRefused, read_sheets
from api.orders.sheet_order import LineResult, place_sheets
from api.orders.sheet_routes import order_key
from api.row.carton import CARTONS, carton_from
from api.row.item import ITEMS, item_from, row_of_item
from api.row.place import PLACES, located_place_from, row_of_place
from api.row.stock import STOCK, row_of_stock, stock_from
from api.settings import Settings
from api.table import Row, TableError, read_lines, read_table, told_by_line, write_table
from api.wiring import House, open_house
from wms.bins import queries as bins
from wms.bins.place import Place
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.day import commands as day
from wms.error import NotFound
from wms.items import queries as item_rows
from wms.journey import entry
from wms.journey.goods import opening
from wms.journey.goods.opening import OpeningStock
from wms.journey.shop import key as keys
from wms.orders.order import NewOrder
from wms.outbox.command import Answer, body_hash
from wms.stock import queries as stock_rows
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.scope import CARRIER_SCOPE
from wms.tenants.shop import Limit, Shop
from wms.tenants.staff import Role

ACTOR = "command line"
PIN_DIGITS = 6
PAGE = 1_000


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[House, asyncpg.Connection]]:
    """The house over an up-to-date database, in one transaction of the staff."""
    assert settings.database_url is not None
    await upgrade(settings.database_url)
    async with (
        open_house(settings, "entering", 2) as house,
        staff_transaction(house.pool) as connection,
    ):
        yield house, connection


@asynccontextmanager
async def entering(settings: Settings) -> AsyncIterator[tuple[House, asyncpg.Connection]]:
    """The same, to enter something."""
    async with opened(settings) as (house, connection):
        # What a user enters is theirs: no demo may empty this database any more.
        await day.set_purpose(connection, "warehouse")
        yield house, connection


@dataclass(frozen=True, slots=True)
class ShopName:
    """A shop by its name, and by its tenant's where several tenants have one of that name."""

    name: str
    tenant: str | None = None


async def make_key(
    settings: Settings,
    shop: str,
    scopes: list[str],
    sandbox: bool,
    *,
    tenant: str | None = None,
    owner: str | None = None,
    channel: str | None = None,
    limit: Limit | None = None,
) -> str:
    """A new key of a shop; its text is shown only here."""
    async with entering(settings) as (house, connection):
        return await keys.enter_key(
            connection,
            shop,
            scopes,
            sandbox,
            tenant=tenant,
            owner=owner,
            channel=channel,
            limit=limit,
            by=ACTOR,
            now=house.now(),
        )


async def list_keys(
    settings: Settings, shop: str | None, tenant: str | None
) -> list[asyncpg.Record]:
    """All keys, or those of the shops of that name, without what would open anything."""
    async with opened(settings) as (_, connection):
        return await tenant_rows.all_keys(connection, shop, tenant)


async def revoke_key(settings: Settings, prefix: str) -> None:
    """Gives a key up, by what it begins with.

    Raises:
        NotFound: `key_not_found`.
    """
    async with entering(settings) as (house, connection):
        await keys.revoke_key(connection, prefix, ACTOR, house.now())


async def add_warehouse(settings: Settings, told: dict[str, object]) -> None:
    """Enters a warehouse by its code, or changes what is told of it.

    Raises:
        Refused: `bad_warehouse`, `bad_time_zone`.
    """
    async with entering(settings) as (_, connection):
        await entry.enter_warehouse(connection, told)


async def import_items(settings: Settings, shop: str | ShopName, path: Path) -> str:
    """Enters items from a CSV file.

    Raises:
        TableError: the file is wrong; nothing was taken.
    """
    rows = read_lines(path, ITEMS, item_from)
    async with entering(settings) as (_, connection):
        with told_by_line(path, [line for line, _ in rows]):
            await entry.enter_items(
                connection, await _shop(connection, shop), [item for _, item in rows]
            )
    return f"{len(rows)} items"


async def import_places(settings: Settings, warehouse: str | None, path: Path) -> str:
    """Enters places from a CSV file; without any warehouse, one is made to hold them.

    A row may name its warehouse; one that does not belongs to `warehouse`, or to the first.

    Raises:
        TableError: the file is wrong; nothing was taken.
    """
    rows = read_lines(path, PLACES, located_place_from)
    named: dict[str | None, list[tuple[int, Place]]] = {}
    for line, (code, place) in rows:
        named.setdefault(code or warehouse, []).append((line, place))
    entered: list[str] = []
    async with entering(settings) as (_, connection):
        for code, places in named.items():
            try:
                found = await entry.warehouse_for(connection, code)
            except NotFound as error:
                raise TableError(path, [f"line {places[0][0]}: {error.detail}"]) from error
            with told_by_line(path, [line for line, _ in places]):
                await entry.enter_places(connection, found, [place for _, place in places])
            entered.append(found)
    return f"{len(rows)} places in {', '.join(dict.fromkeys(entered))}"


async def import_stock(
    settings: Settings, shop: str | ShopName, path: Path, warehouse: str | None = None
) -> str:
    """Books opening stock from a CSV file; a file that was booked before is refused.

    Raises:
        TableError: the file is wrong; nothing was taken.
        Conflict: `booked_before`.
    """
    rows = read_lines(path, STOCK, stock_from)
    stock = [row for _, row in rows]
    async with entering(settings) as (house, connection):
        seller, now = await _shop(connection, shop), house.now()
        _, faults = await opening.read_stock(connection, seller, stock, now, warehouse)
        if faults:
            raise TableError(path, [f"line {rows[n][0]}: {fault.detail}" for n, fault in faults])
        units = await opening.enter_stock_once(
            connection, seller, stock, _digest(stock, warehouse), ACTOR, now, warehouse
        )
    return f"{len(stock)} balances, {units:f} units"


async def import_orders(
    settings: Settings, shop: str | ShopName, path: Path, *, sandbox: bool = False
) -> list[LineResult]:
    """Places the orders of a CSV file, each for itself; what came of each line.

    Raises:
        TableError: the file cannot be read; nothing was taken.
    """
    try:
        sheets = read_sheets(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, SheetRefused) as error:
        raise TableError(path, [str(error)]) from error
    async with entering(settings) as (_, connection):
        seller = replace(await _shop(connection, shop), sandbox=sandbox)
    async with open_house(settings, "entering", 2) as house:
        key = f"{ACTOR} {house.now().isoformat()}"

        async def one(number: str, order: NewOrder) -> Answer:
            return await place_order(house, seller, order_key(key, number, order), order)

        return (await place_sheets(sheets, one))[0]


def _digest(stock: list[OpeningStock], warehouse: str | None) -> str:
    """What tells one opening stock from another; what is not said does not count."""
    told: list[object] = []
    for row in stock:
        extra = {"serial": row.serial, "unit": row.unit}
        extra |= {"status": row.status} if row.status != "available" else {}
        more = [extra] if any(extra.values()) else []
        told.append([row.sku, row.place, row.quantity, row.lot, *more])
    return body_hash([*told, *([{"warehouse": warehouse}] if warehouse else [])]).hex()


async def export_items(settings: Settings, shop: str | ShopName, out: TextIO) -> int:
    """Writes a shop's items as `import_items` reads them; answers how many."""
    async with opened(settings) as (_, connection):
        owner_id = (await _shop(connection, shop)).owner_id
        rows: list[Row] = []
        after = 0
        while page := await item_rows.items_after(connection, owner_id, after, PAGE):
            rows += [row_of_item(item) for item in await item_rows.described(connection, page)]
            after = page[-1]["id"]
    return write_table(out, ITEMS, rows)


async def export_places(settings: Settings, warehouse: str | None, out: TextIO) -> int:
    """Writes the places of a warehouse, or of all, as `import_places` reads them."""
    async with opened(settings) as (_, connection):
        only = None
        if warehouse is not None:
            only = (await bins.the_warehouse(connection, warehouse))["id"]
        rows: list[Row] = []
        after = 0
        while page := await bins.places_after(connection, after, PAGE, only):
            rows += [row_of_place(dict(place)) for place in page]
            after = page[-1]["id"]
    return write_table(out, PLACES, rows)


async def export_stock(
    settings: Settings, shop: str | ShopName, warehouse: str | None, out: TextIO
) -> int:
    """Writes what lies of a shop's goods in bins and on docks, as `import_stock` reads it."""
    async with opened(settings) as (_, connection):
        owner_id = (await _shop(connection, shop)).owner_id
        house = await bins.the_warehouse(connection, warehouse)
        rows = await stock_rows.lying_stock(connection, owner_id, house["id"])
    return write_table(out, STOCK, (row_of_stock(dict(row)) for row in rows))


async def import_cartons(settings: Settings, path: Path, warehouse: str | None = None) -> str:
    """Enters carton types from a CSV file.

    Raises:
        TableError: the file is wrong; nothing was taken.
    """
    cartons = read_table(path, CARTONS, carton_from)
    async with entering(settings) as (_, connection):
        await entry.enter_cartons(connection, cartons, warehouse)
    return f"{len(cartons)} cartons"


async def add_staff(settings: Settings, name: str, role: Role, badge: str) -> str:
    """Enters one of the staff, or gives the badge to another; the new PIN is shown only here."""
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    async with entering(settings) as (_, connection):
        await entry.enter_staff(connection, name, role, badge, pin)
    return pin


async def add_carrier(settings: Settings, code: str, name: str, url: str) -> tuple[str, str]:
    """Enters a carrier: the secret that we send it, and the key that it sends us."""
    secret = secrets.token_urlsafe(24)
    async with entering(settings) as (_, connection):
        await entry.enter_carrier(connection, code, name, url, secret)
        key = await tenants.create_key(connection, code, [CARRIER_SCOPE], False, made_by=ACTOR)
    return secret, key


async def _shop(connection: asyncpg.Connection, shop: str | ShopName) -> Shop:
    named = ShopName(shop) if isinstance(shop, str) else shop
    found = await tenant_rows.shop_of_name(connection, named.name, named.tenant)
    if found is None:
        raise NotFound(
            "unknown_shop", f"There is no shop {named.name!r}; `stowline key create` makes one."
        )
    return found
