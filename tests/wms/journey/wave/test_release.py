"""What a wave takes and leaves: by rank, by capacity, by cut-off, and without false holds."""

from datetime import date, time, timedelta

import asyncpg
import pytest

from tests.builders import (
    BINS,
    LAYOUT,
    NOW,
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    differences,
    firm_order,
    planned_wave,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import holds_of, picker_at_bin, state_of, walk
from wms.bins.place import Place, PlaceKind
from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.journey import entry
from wms.journey.wave.wave import request_wave
from wms.journey.wave.wave_timer import release_when_due
from wms.picking.release import WAITS, Rule
from wms.picking.wave import Mode

NEVER = Rule(1_000, timedelta(days=1), timedelta(0))
AT_ONCE = Rule(1, timedelta(0), timedelta(0))


async def _change(house: asyncpg.Pool, statement: str, *arguments: object) -> None:
    async with staff_transaction(house) as connection:
        await connection.execute(statement, *arguments)


async def _wave(house: asyncpg.Pool, wave_id: int) -> asyncpg.Record:
    [row] = await rows(house, "select * from wave where id = $1", wave_id)
    return row


async def test_order_2_released_before_order_1_leaves_promise_1_and_gets_the_first_lot(
    house: asyncpg.Pool,
) -> None:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=5, bin1=5)
    await _change(
        house,
        "update balance b set expires_on = case p.code when $1 then $2::date else $3::date end "
        "from place p where p.id = b.place_id",
        BINS[1],
        date(2010, 12, 10),
        date(2011, 12, 10),
    )
    first = await firm_order(house, shop, ("MUG", 5))
    second = await firm_order(house, shop, ("MUG", 5))
    picker = await picker_at_bin(house, second)
    assert picker.screen["target"] == BINS[1]
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await availability(house, shop, "MUG") == (10, 10)
    assert await holds_of(house, first) == []
    await planned_wave(house, first, release=True)
    assert await state_of(house, first) == "released"
    place = (
        "select p.code from pick_task t join place p on p.id = t.place_id where t.state = 'open'"
    )
    assert await value(house, place) == BINS[0]
    assert await differences(house) == []


async def test_goods_that_are_in_the_house_but_in_no_bin_are_waited_for_without_a_hold(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    async with staff_transaction(house) as connection:
        await entry.enter_places(connection, "MAIN", [Place("DOCK-IN", PlaceKind.RECEIVING)])
    order = await firm_order(house, shop, ("MUG", 4))
    # The mugs stand on the dock and have not been put away yet.
    await _change(
        house,
        "update balance b set place_id = p.id from place p where p.code = 'DOCK-IN' "
        "and b.item_id = (select id from item where sku = 'MUG' and owner_id = $1)",
        shop.owner_id,
    )
    wave = await _wave(house, await planned_wave(house, order, release=True))
    assert wave["state"] == "refused"
    assert [entry["order"] for entry in wave["left_out"]] == [order]
    assert await holds_of(house, order) == []
    # The timer leaves the order alone for a while, and then asks again.
    assert await release_when_due(house, AT_ONCE, 1, NOW) == []
    assert await release_when_due(house, AT_ONCE, 1, NOW + WAITS) != []


async def test_goods_that_last_too_short_are_nowhere_for_this_customer(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    await _change(house, "update balance set expires_on = $1", date(2010, 12, 5))
    picky = await firm_order(house, shop, ("MUG", 2))
    easy = await firm_order(house, shop, ("MUG", 2))
    await _change(
        house,
        "update order_line l set shelf_life_min_days = 7 from fulfilment_line f "
        "where f.order_line_id = l.id and f.fulfilment_order_id = $1",
        picky,
    )
    await planned_wave(house, picky, easy, release=True)
    assert [await state_of(house, order) for order in (picky, easy)] == ["open", "released"]
    assert await holds_of(house, picky) == ["left_out"]


async def test_a_paused_zone_is_waited_for(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    await _change(
        house,
        "insert into floor_pause (warehouse_id, zone, reason, started_by, started_at) "
        "select id, 'A', 'spill', 'test', $1 from warehouse",
        NOW,
    )
    await planned_wave(house, order, release=True)
    assert (await state_of(house, order), await holds_of(house, order)) == ("open", [])


async def test_who_ranks_first_is_walked_for_first(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    await _change(house, "update warehouse set pickers = 1, lines_per_picker_hour = 1")
    early = await firm_order(house, shop, ("MUG", 1))
    express = await firm_order(house, shop, ("MUG", 1))
    await _change(
        house,
        "update shop_order o set rank_at = $1 from fulfilment_order f "
        "where f.order_id = o.id and f.id = $2",
        NOW - timedelta(hours=4),
        express,
    )
    wave = await _wave(house, await planned_wave(house, release=True))
    assert [await state_of(house, order) for order in (early, express)] == ["open", "released"]
    [left_out] = wave["left_out"]
    assert left_out["order"] == early
    assert "0 more line(s)" in left_out["reason"]
    assert await holds_of(house, early) == []
    # With all the work that they can do before the pickers, no further wave is asked for.
    assert await release_when_due(house, AT_ONCE, 1, NOW + WAITS) == []
    await _change(house, "update warehouse set pickers = 2")
    assert len(await release_when_due(house, AT_ONCE, 1, NOW + WAITS)) == 1


async def test_orders_go_at_once_when_their_carrier_s_cut_off_is_near(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 1))
    assert await release_when_due(house, NEVER, 1, NOW) == []
    # The warehouse's clocks show 8:26, too.
    await _change(house, "update carrier set cut_off = $1", time(9, 0))
    rule = Rule(1_000, timedelta(days=1), timedelta(minutes=30))
    assert await release_when_due(house, rule, 1, NOW) == []
    [wave_id] = await release_when_due(house, rule, 1, NOW + timedelta(minutes=4))
    assert (await _wave(house, wave_id))["orders_asked"] == [order]


async def test_every_warehouse_has_waves_of_its_own(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    async with staff_transaction(house) as connection:
        other = await entry.enter_warehouse(connection, LAYOUT | {"code": "EAST", "name": "East"})
    here = await firm_order(house, shop, ("MUG", 1))
    there = await firm_order(house, shop, ("MUG", 1))
    await _change(
        house, "update fulfilment_order set warehouse_id = $1 where id = $2", other, there
    )
    waves = await release_when_due(house, AT_ONCE, 1, NOW)
    asked = [(await _wave(house, wave))["warehouse_id"] for wave in waves]
    assert len(asked) == 2
    assert asked[1] == other
    assert await state_of(house, here) == "open"
    asked_for = await request_wave(
        house, "test", None, release_when_planned=False, seed=1, now=NOW, warehouse="EAST"
    )
    assert (await _wave(house, asked_for))["warehouse_id"] == other
    with pytest.raises(NotFound):
        await request_wave(
            house, "test", None, release_when_planned=False, seed=1, now=NOW, warehouse="WEST"
        )


async def test_the_totes_of_a_zone_wave_meet_at_one_packing_place(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    await add_items(house, shop, an_item("CUP"))
    await add_stock(house, shop, "CUP", bin2=5)
    await _change(house, "update place set zone = 'B' where code = $1", BINS[2])
    order = await firm_order(house, shop, ("MUG", 1), ("CUP", 1))
    wave = await planned_wave(house, order, release=True, mode=Mode.ZONE)
    zones = await rows(
        house,
        "select k.number, array_agg(distinct p.zone) as zones from pick_batch k "
        "join pick_task t on t.batch_id = k.id join place p on p.id = t.place_id "
        "where k.wave_id = $1 group by 1 order by 1",
        wave,
    )
    assert sorted(row["zones"] for row in zones) == [["A"], ["B"]]
    assert await value(house, "select mode from wave where id = $1", wave) == "zone"
    assert await state_of(house, order) == "released"
