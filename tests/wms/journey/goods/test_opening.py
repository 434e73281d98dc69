"""Opening stock honours units, tracking and expiry, and is refused by the row."""

from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest

from tests.builders import BINS, NOW, add_items, add_shop, an_item, differences, enter_house, rows
from wms.database.pool import staff_transaction
from wms.error import Refused, WmsError
from wms.items.item import Component, ItemKind, Packaging
from wms.journey.goods.opening import OpeningStock, enter_stock, read_stock
from wms.tenants.shop import Shop

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
BIN = BINS[0]


@pytest.fixture
async def shop(pool: asyncpg.Pool) -> Shop:
    """A shop with an item of each kind."""
    await enter_house(pool)
    shop = await add_shop(pool)
    await add_items(
        pool,
        shop,
        replace(an_item("MUG"), packagings=(Packaging("inner", 6), Packaging("case", 24))),
        replace(an_item("ROPE"), scale=2, unit="m"),
        replace(an_item("MILK"), track_lot=True, track_expiry=True),
        replace(an_item("DRILL"), track_serial=True),
        replace(an_item("DUO"), kind=ItemKind.BUNDLE, components=(Component("MUG", 2),)),
    )
    return shop


async def book(pool: asyncpg.Pool, shop: Shop, *opening: OpeningStock) -> str:
    async with staff_transaction(pool) as connection:
        return f"{await enter_stock(connection, shop, opening, '', 'test', NOW):f}"


@pytest.mark.both_servers
async def test_stock_is_booked_in_the_unit_it_is_said_in(pool: asyncpg.Pool, shop: Shop) -> None:
    units = await book(
        pool,
        shop,
        OpeningStock("mug", BIN, 2, unit="case"),
        OpeningStock("MUG", BIN, 1),
        OpeningStock("ROPE", BIN, "33.60"),
        OpeningStock("MILK", BIN, 5, "L1", TODAY),
        OpeningStock("MILK", BIN, 3, "L0", YESTERDAY, status="hold"),
        OpeningStock("DRILL", BIN, 1, serial="S-1"),
    )
    assert units == "91.60"
    found = await rows(
        pool,
        "select i.sku, b.lot, b.serial, b.status, b.on_hand from balance b"
        " join item i on i.id = b.item_id where b.owner_id = $1 order by 1, 2",
        shop.owner_id,
    )
    assert [tuple(row) for row in found] == [
        ("DRILL", "", "S-1", "available", 1),
        ("MILK", "L0", "", "hold", 3),
        ("MILK", "L1", "", "available", 5),
        ("MUG", "", "", "available", 49),
        ("ROPE", "", "", "available", 3_360),
    ]
    assert await differences(pool) == []


@pytest.mark.parametrize(
    ("row", "code", "pointer"),
    [
        (OpeningStock("NONE", BIN, 1), "unknown_item", "/sku"),
        (OpeningStock("MUG", "A-99", 1), "unknown_place", "/place"),
        (OpeningStock("MUG", "CART-01", 1), "unknown_place", "/place"),
        (OpeningStock("MUG", "SUPPLIER", 1), "unknown_place", "/place"),
        (OpeningStock("MUG", BIN, 0), "bad_quantity", "/quantity"),
        (OpeningStock("MUG", BIN, -1), "bad_quantity", "/quantity"),
        (OpeningStock("MUG", BIN, 10**13), "bad_quantity", "/quantity"),
        (OpeningStock("MUG", BIN, "1.5"), "wrong_unit", "/quantity"),
        (OpeningStock("MUG", BIN, 1, unit="pallet"), "wrong_unit", "/unit"),
        (OpeningStock("ROPE", BIN, "1.001"), "wrong_unit", "/quantity"),
        (OpeningStock("MUG", BIN, 1, status="lost"), "bad_status", "/status"),
        (OpeningStock("MILK", BIN, 1, "", TODAY), "lot_missing", "/lot"),
        (OpeningStock("MILK", BIN, 1, "L1"), "expiry_missing", "/expires_on"),
        (OpeningStock("MILK", BIN, 1, "L1", YESTERDAY), "expired", "/expires_on"),
        (OpeningStock("MILK", BIN, 1, "L1", date.min), "bad_date", "/expires_on"),
        (OpeningStock("MILK", BIN, 1, "L1", date.max), "bad_date", "/expires_on"),
        (OpeningStock("DRILL", BIN, 1), "serial_missing", "/serial"),
        (OpeningStock("DRILL", BIN, 2, serial="S"), "serial_quantity", "/quantity"),
        (OpeningStock("MUG", BIN, 1, lot="L" * 81), "text_too_long", "/lot"),
        (OpeningStock("DUO", BIN, 1), "bundle_has_no_stock", "/sku"),
    ],
)
async def test_a_row_that_cannot_be_is_refused_and_nothing_is_booked(
    pool: asyncpg.Pool, shop: Shop, row: OpeningStock, code: str, pointer: str
) -> None:
    with pytest.raises(Refused) as refusal:
        await book(pool, shop, OpeningStock("MUG", BIN, 1), row)
    assert (refusal.value.code, refusal.value.pointer) == (code, f"/1{pointer}")
    assert await rows(pool, "select 1 from balance where owner_id = $1", shop.owner_id) == []


async def test_every_wrong_row_is_told_at_once(pool: asyncpg.Pool, shop: Shop) -> None:
    opening = [
        OpeningStock("NONE", BIN, 1),
        OpeningStock("DRILL", BIN, 1, serial="S-1"),
        OpeningStock("DRILL", BINS[1], 1, serial="S-1"),
        OpeningStock("MUG", "A-99", 1),
    ]
    async with staff_transaction(pool) as connection:
        _, faults = await read_stock(connection, shop, opening, NOW)
    assert [(number, fault.code) for number, fault in faults] == [
        (0, "unknown_item"),
        (2, "serial_twice"),
        (3, "unknown_place"),
    ]


async def test_a_serial_number_lies_in_one_place(pool: asyncpg.Pool, shop: Shop) -> None:
    await book(pool, shop, OpeningStock("DRILL", BIN, 1, serial="S-1"))
    with pytest.raises(WmsError) as refusal:
        await book(pool, shop, OpeningStock("DRILL", BINS[1], 1, serial="S-1"))
    assert refusal.value.code == "serial_elsewhere"


async def test_an_owner_has_no_goods_of_another_s(pool: asyncpg.Pool, shop: Shop) -> None:
    with pytest.raises(Refused) as refusal:
        await book(pool, await add_shop(pool), OpeningStock("MUG", BIN, 1))
    assert refusal.value.code == "unknown_item"
