"""A house for a sorter's benchmark: picked totes on a conveyor, each with its lane."""

from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from wms.bins.place import Place, PlaceKind
from wms.database.pool import staff_transaction
from wms.items.item import Item
from wms.journey import entry
from wms.journey.entry import DeviceEntry
from wms.sorting import commands as sorting
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop

SITE, AREA = "main", "sort"
SORTER, SCANNER = "SORT-01", "SCN-01"
_STEP = 500
_UNITS = 3


@dataclass(frozen=True, slots=True)
class Conveyor:
    """Where totes stand before the sorter and behind its lanes, by the numbers of their rows."""

    shop: Shop
    item_id: int
    warehouse_id: int
    supplier_id: int
    conveyor_id: int
    packing_ids: tuple[int, ...]


def tote_code(number: int) -> str:
    """The label of the tote of that number, from 1."""
    return f"T-{number:05d}"


def tote_lane(code: str, lanes: int) -> int:
    """The lane that a tote's order is packed behind."""
    return int(code.removeprefix("T-")) % lanes + 1


async def enter_conveyor(
    pool: asyncpg.Pool, lanes: int, plc_port: int, config: dict[str, object]
) -> Conveyor:
    """Enters warehouse, item, packing places, sorter and scanner; `config` is the sorter's."""
    async with staff_transaction(pool) as connection:
        code = await entry.warehouse_for(connection, None)
        packing = [Place(f"PACK-{n:02d}", PlaceKind.PACKING, lane=n) for n in range(1, lanes + 1)]
        conveyor = Place("CONVEYOR", PlaceKind.CONVEYOR)
        await entry.enter_places(connection, code, [conveyor, *packing])
        key = await tenants.create_key(connection, "benchmark", [], sandbox=False)
        shop = await tenant_rows.shop_of_key(connection, key)
        assert shop is not None
        await entry.enter_items(connection, shop, [Item("CUP", "Cup", 80, 80, 90, 200)])
        address = f"127.0.0.1:{plc_port}"
        for device in (
            DeviceEntry(SITE, AREA, "sorter", SORTER, address, config),
            DeviceEntry(SITE, AREA, "scanner", SCANNER, None, {"sorter": SORTER}),
        ):
            await entry.enter_device(connection, device)
        places = await connection.fetch("select id, kind, warehouse_id from place order by id")
        item_id = await connection.fetchval("select id from item where sku = 'CUP'")
    of_kind = {row["kind"]: row["id"] for row in places}
    return Conveyor(
        shop,
        item_id,
        places[0]["warehouse_id"],
        of_kind["supplier"],
        of_kind["conveyor"],
        tuple(row["id"] for row in places if row["kind"] == "packing"),
    )


async def add_totes(pool: asyncpg.Pool, house: Conveyor, first: int, count: int) -> None:
    """Puts that many totes on the conveyor, each a picked order of its own with its lane."""
    for start in range(first, first + count, _STEP):
        numbers = range(start, min(start + _STEP, first + count))
        async with staff_transaction(pool) as connection:
            await _add_totes(connection, house, numbers)


_ORDERS = """
insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash, state,
    currency, total_minor, customer, ship_to, placed_at, received_at)
select $1, $2, $3, 'sorted ' || n, '', 'accepted', 'EUR', 0, '{}', '{}', $5, $5
from unnest($4::int[]) n order by n returning id
"""
_FULFILMENT = """
insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, packing_place_id)
select $1, o, $2, 'picked', p from unnest($3::bigint[], $4::bigint[]) with ordinality t(o, p, i)
order by i returning id
"""
_TOTES = """
insert into handling_unit (warehouse_id, code, kind, place_id, fulfilment_order_id)
select $1, c, 'tote', $2, f from unnest($3::text[], $4::bigint[]) with ordinality t(c, f, i)
order by i returning id
"""


async def _add_totes(connection: asyncpg.Connection, house: Conveyor, numbers: range) -> None:
    shop, now = house.shop, datetime.now(UTC)
    tenant_id, owner_id = shop.tenant_id, shop.owner_id
    rows = await connection.fetch(_ORDERS, tenant_id, shop.shop_id, owner_id, list(numbers), now)
    codes = [tote_code(number) for number in numbers]
    lanes = [tote_lane(code, len(house.packing_ids)) for code in codes]
    places = [house.packing_ids[lane - 1] for lane in lanes]
    orders = [row["id"] for row in rows]
    rows = await connection.fetch(_FULFILMENT, tenant_id, house.warehouse_id, orders, places)
    fulfilments = [row["id"] for row in rows]
    rows = await connection.fetch(_TOTES, house.warehouse_id, house.conveyor_id, codes, fulfilments)
    totes = [row["id"] for row in rows]
    goods = Goods(owner_id, house.item_id)
    lines = [Line(goods, _UNITS, house.supplier_id, house.conveyor_id, 0, tote) for tote in totes]
    await stock.post(
        connection, tenant_id, "receive", lines, command_id="", actor="benchmark", now=now
    )
    for tote, fulfilment, place, lane in zip(totes, fulfilments, places, lanes, strict=True):
        await sorting.expect_tote(connection, tote, fulfilment, tenant_id, place, lane)


@dataclass(frozen=True, slots=True)
class Books:
    """What the database says became of the totes."""

    scans: int
    sorter_events: int
    diverted: int
    movements: int
    moved_totes: int
    orders_sorted: int


async def read_books(pool: asyncpg.Pool) -> Books:
    """Counts what was kept and what was booked."""
    async with staff_transaction(pool) as connection:
        row = await connection.fetchrow(
            """
            select
                (select count(*) from device_inbox where device like '%/scanner/%') as scans,
                (select count(*) from device_inbox where device like '%/sorter/%' and seq > 0)
                    as sorter_events,
                (select count(*) from sort_route where state = 'diverted') as diverted,
                (select count(*) from movement where kind = 'sort') as movements,
                (select count(distinct l.from_unit_id) from movement m join movement_line l
                    on l.movement_id = m.id where m.kind = 'sort') as moved_totes,
                (select count(*) from fulfilment_order where state = 'sorted') as orders_sorted
            """
        )
    assert row is not None
    return Books(*row)
