"""Opening stock: what lies in the house before the house keeps books of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import asyncpg

from wms.bins import queries as bins
from wms.bins.place import PlaceKind
from wms.error import Conflict, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import smallest_units
from wms.journey.claim.supply import supply_waiting
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.tenants.shop import Shop

STATUSES = ("available", "quarantine", "damaged", "hold")
HOLDS_GOODS = (PlaceKind.BIN, PlaceKind.RECEIVING)


@dataclass(frozen=True, slots=True)
class OpeningStock:
    """A quantity of an item in a place, in the item's own unit or in one of its packagings."""

    sku: str
    place: str
    quantity: int | str
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""
    status: str = "available"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """What the rows of an opening stock are read against."""

    owner_id: int
    supplier_id: int
    item_of: dict[str, asyncpg.Record]
    packaging_of: dict[int, dict[str, int]]
    place_of: dict[str, asyncpg.Record]
    days_left: dict[date, int]

    def line(self, row: OpeningStock) -> Line:
        """The row as a line of the ledger.

        Raises:
            Refused: `unknown_item`, `unknown_place`, `bad_status`, `wrong_unit`, `bad_quantity`,
                `expired`, or what the item's tracking wants, pointing at the field.
        """
        item = self.item_of.get(canonical_sku(row.sku))
        if item is None:
            raise Refused("unknown_item", f"No item has the SKU {row.sku!r}.", "/sku")
        place = self.place_of.get(row.place)
        if place is None or place["kind"] not in HOLDS_GOODS:
            raise Refused("unknown_place", f"There is no bin {row.place!r}.", "/place")
        if row.status not in STATUSES:
            raise Refused("bad_status", f"{row.status!r} is none of {STATUSES}.", "/status")
        quantity, _ = smallest_units(
            row.quantity,
            row.unit,
            item_unit=item["unit"],
            scale=item["scale"],
            packaging=self.packaging_of[item["id"]],
        )
        items.tracking_of(item).check(quantity, row.lot, row.serial, row.expires_on)
        expired = row.expires_on is not None and self.days_left[row.expires_on] < 0
        if expired and row.status == "available":
            raise Refused(
                "expired", f"{row.sku} expired on {row.expires_on}: it is not available.",
                "/expires_on",
            )  # fmt: skip
        goods = Goods(self.owner_id, item["id"], row.lot, row.serial, row.status, row.expires_on)
        return Line(goods, quantity, self.supplier_id, place["id"])


async def read_stock(
    connection: asyncpg.Connection,
    shop: Shop,
    opening: Sequence[OpeningStock],
    now: datetime,
    warehouse: str | None = None,
) -> tuple[list[Line], list[tuple[int, Refused]]]:
    """The rows as lines of the ledger, and the refusals of those that cannot be, by number.

    Raises:
        NotFound: `unknown_warehouse`.
    """
    books = await _books(connection, shop, opening, now, warehouse)
    lines: list[Line] = []
    faults: list[tuple[int, Refused]] = []
    serials: set[tuple[int, str]] = set()
    for number, row in enumerate(opening):
        try:
            line = books.line(row)
        except Refused as fault:
            faults.append((number, fault))
            continue
        serial = (line.goods.item_id, row.serial)
        if row.serial and serial in serials:
            twice = Refused("serial_twice", f"{row.serial} stands there twice.", "/serial")
            faults.append((number, twice))
        serials.add(serial)
        lines.append(line)
    return lines, faults


async def enter_stock(
    connection: asyncpg.Connection,
    shop: Shop,
    opening: Sequence[OpeningStock],
    command_id: str,
    actor: str,
    now: datetime,
    warehouse: str | None = None,
) -> Decimal:
    """Books opening stock as one movement from the supplier; answers how many whole units.

    Raises:
        Refused: the first row that cannot be, as `Books.line` says, pointing at it.
        Conflict: `serial_elsewhere`, a serial number lies in the house already.
    """
    lines, faults = await read_stock(connection, shop, opening, now, warehouse)
    for number, fault in faults:
        raise Refused(fault.code, fault.detail, f"/{number}{fault.pointer}")
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
    item_ids = sorted({line.goods.item_id for line in lines})
    house = await bins.the_warehouse(connection, warehouse)
    await supply_waiting(connection, item_ids, house["id"], actor, now)
    known = await items.items_of_ids(connection, item_ids)
    scales = {row["id"]: row["scale"] for row in known}
    return sum(
        (Decimal(line.quantity).scaleb(-scales[line.goods.item_id]) for line in lines), Decimal(0)
    )


async def enter_stock_once(
    connection: asyncpg.Connection,
    shop: Shop,
    opening: Sequence[OpeningStock],
    digest: str,
    actor: str,
    now: datetime,
    warehouse: str | None = None,
) -> Decimal:
    """Books an opening stock, unless the very same was booked before.

    Raises:
        Conflict: `booked_before`.
    """
    hashed = bytes.fromhex(digest)
    first = await outbox.first_answer(connection, shop.tenant_id, "opening", digest, hashed)
    if first is not None:
        raise Conflict("booked_before", "This very stock was booked before; nothing was changed.")
    units = await enter_stock(connection, shop, opening, digest, actor, now, warehouse)
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
    return units


async def _books(
    connection: asyncpg.Connection,
    shop: Shop,
    opening: Sequence[OpeningStock],
    now: datetime,
    warehouse: str | None,
) -> Books:
    house = await bins.the_warehouse(connection, warehouse)
    supplier = await bins.place_of_kind(connection, house["id"], PlaceKind.SUPPLIER)
    codes = sorted({row.place for row in opening})
    place_rows = await bins.places_of_codes(connection, house["id"], codes)
    skus = sorted({canonical_sku(row.sku) for row in opening})
    item_rows = await items.items_of_skus(connection, shop.owner_id, skus)
    dates = {row.expires_on for row in opening if row.expires_on is not None}
    dates -= {date.min, date.max}
    return Books(
        shop.owner_id,
        supplier["id"],
        {row["sku"]: row for row in item_rows},
        await items.factors_of(connection, [row["id"] for row in item_rows]),
        {row["code"]: row for row in place_rows},
        await bins.days_left(connection, house["id"], dates, now),
    )
