"""A gift that is not where the books have it: the order that was paid goes on without."""

from typing import Any

import asyncpg
import pytest

from tests.builders import (
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    differences,
    firm_order,
    planned_wave,
    rows,
    value,
)
from tests.wms.journey.order.editing import order_of, sound
from tests.wms.journey.people import (
    Handheld,
    holds_of,
    packed_order,
    pick_one,
    picker_at_bin,
    sku_shown,
    sort_all,
    state_of,
    verdict,
    walk,
)
from wms.bins.place import Place, PlaceKind
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.order.insert import put_insert_rule
from wms.orders.insert import InsertKind, InsertRule
from wms.tenants.shop import Shop

RULE = InsertRule("TEA", InsertKind.GIFT, "TEA", 3)


@pytest.fixture
async def shop(house: asyncpg.Pool) -> Shop:
    """A shop that adds three teas to each order."""
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("TEA"))
    await add_stock(house, shop, "MUG", bin0=20)
    await add_stock(house, shop, "TEA", bin1=3)
    await put_insert_rule(house, shop, RULE)
    return shop


async def _short(picker: Handheld, taken: int, left: int) -> dict[str, Any]:
    """Goes to the teas, takes so many and says how many are left."""
    while sku_shown(picker.screen) != "TEA":
        await pick_one(picker)
    await picker.scan_all(picker.screen["target"], "TEA")
    await picker.scan(picker.screen["target"], taken)
    await picker.do("not_found")
    return await picker.do("count", left)


async def _gifts(house: asyncpg.Pool, order: int) -> tuple[int, int]:
    """How many gifts the fulfilment order has yet, and how many are in its parcels."""
    here = await value(
        house,
        "select coalesce(sum(f.quantity), 0)::bigint from fulfilment_line f "
        "join item i on i.id = f.item_id and i.sku = 'TEA' where f.fulfilment_order_id = $1",
        order,
    )
    boxed = await value(
        house,
        "select coalesce(sum(x.quantity), 0)::bigint from parcel_line x "
        "join parcel p on p.id = x.parcel_id and p.state <> 'void' "
        "join fulfilment_line f on f.id = x.fulfilment_line_id "
        "join item i on i.id = f.item_id and i.sku = 'TEA' where p.fulfilment_order_id = $1",
        order,
    )
    assert isinstance(here, int) and isinstance(boxed, int)
    return here, boxed


async def _told(house: asyncpg.Pool, order: int) -> list[tuple[str, str]]:
    found = await rows(
        house,
        "select data from event where order_id = $1 and type = 'order.inserts_changed' "
        "order by seq",
        await order_of(house, order),
    )
    return [(one["sku"], one["reason"]) for row in found for one in row["data"]["removed"]]


@pytest.mark.parametrize("taken", [0, 2])
async def test_a_gift_that_a_picker_does_not_find_holds_nothing_and_its_order_is_packed(
    house: asyncpg.Pool, shop: Shop, taken: int
) -> None:
    order = await firm_order(house, shop, ("MUG", 2))
    assert await _gifts(house, order) == (3, 3)
    picker = await picker_at_bin(house, order)
    await _short(picker, taken, 0)
    assert await holds_of(house, order) == []
    assert await _gifts(house, order) == (taken, taken)
    assert await _told(house, order) == [("TEA", "not in stock")]
    assert await availability(house, shop, "TEA") == (taken, taken)
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    await sort_all(house)
    assert await state_of(house, order) == "sorted"
    await packed_order(house, order)
    assert await state_of(house, order) == "packed"
    await sound(house)
    assert await differences(house) == []


async def test_a_gift_that_stands_on_the_dock_is_not_walked_for_nor_waited_for(
    house: asyncpg.Pool, shop: Shop
) -> None:
    async with staff_transaction(house) as connection:
        await entry.enter_places(connection, "MAIN", [Place("DOCK-IN", PlaceKind.RECEIVING)])
    order = await firm_order(house, shop, ("MUG", 2))
    async with staff_transaction(house) as connection:
        await connection.execute(
            "update balance b set place_id = p.id from place p where p.code = 'DOCK-IN' "
            "and b.item_id = (select id from item where sku = 'TEA')"
        )
    await planned_wave(house, order, release=True)
    assert await state_of(house, order) == "released"
    assert await holds_of(house, order) == []
    assert await _gifts(house, order) == (0, 0)
    assert await _told(house, order) == [("TEA", "not in stock")]
    assert await availability(house, shop, "TEA") == (3, 0)


async def test_a_parcel_that_would_hold_nothing_but_a_lost_gift_is_not_sent(
    house: asyncpg.Pool, shop: Shop
) -> None:
    big = InsertRule("BOX", InsertKind.GIFT, "BOX", 1)
    await add_items(house, shop, an_item("BOX", 180, 4_000))
    await add_stock(house, shop, "BOX", bin2=5)
    await put_insert_rule(house, shop, big)
    order = await firm_order(house, shop, ("MUG", 20))
    parcels = "select count(*) from parcel where fulfilment_order_id = $1 and state <> 'void'"
    before = await value(house, parcels, order)
    picker = await picker_at_bin(house, order)
    while sku_shown(picker.screen) != "BOX":
        await pick_one(picker)
    await picker.scan_all(picker.screen["target"])
    await picker.do("short")
    await picker.do("not_found")
    assert verdict(await picker.do("count", 0)) == "short_unsolved"
    after = await value(house, parcels, order)
    assert isinstance(before, int) and isinstance(after, int)
    standing = (
        "select count(*) from waybill w join parcel p on p.id = w.parcel_id "
        "where p.fulfilment_order_id = $1 and w.state = 'made'"
    )
    assert await value(house, standing, order) == after
    assert await holds_of(house, order) == []
    empty = (
        "select count(*) from parcel p where p.fulfilment_order_id = $1 and p.state <> 'void' "
        "and not exists (select 1 from parcel_line l where l.parcel_id = p.id)"
    )
    assert await value(house, empty, order) == 0
    await sound(house)
