"""The walk of a cart: what is left for later, looked at, paused, and taken for several at once."""

from datetime import date, timedelta

import asyncpg
from asyncpg.connection import LoggedQuery

from tests.builders import (
    BINS,
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
    value,
)
from tests.wms.journey.people import (
    Handheld,
    person,
    pick_one,
    picker_at_bin,
    sku_shown,
    sort_all,
    state_of,
    take_cart,
    verdict,
    walk,
)
from wms.database.pool import staff_transaction
from wms.journey.wave.wave import unrelease_wave
from wms.picking.wave import Mode
from wms.tenants.shop import Shop


async def _shop(house: asyncpg.Pool) -> Shop:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(house, shop, "MUG", bin0=10)
    await add_stock(house, shop, "CUP", bin2=10)
    return shop


async def _change(house: asyncpg.Pool, statement: str, *arguments: object) -> None:
    async with staff_transaction(house) as connection:
        await connection.execute(statement, *arguments)


async def test_a_scan_on_a_walk_looks_for_its_task_once_and_for_the_next_only_when_it_is_done(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house)
    picker = await picker_at_bin(
        house, await firm_order(house, shop, ("MUG", 1), ("CUP", 1), ("CUP", 2))
    )
    asked: list[str] = []

    def note(query: LoggedQuery) -> None:
        asked.append(query.query)

    connections = [await house.acquire() for _ in range(house.get_max_size())]
    for connection in connections:
        connection.add_query_logger(note)
        await house.release(connection)
    looked = []
    for code in (picker.screen["target"], sku_shown(picker.screen), "NO-TOTE", "the tote"):
        await picker.scan(picker.screen["target"] if code == "the tote" else code)
        looked.append(sum("with next" in query for query in asked))
        asked.clear()
    assert verdict(picker.screen) == "ok"
    assert looked == [1, 1, 1, 2]


async def test_a_bin_that_is_skipped_comes_again_at_the_end(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 1), ("CUP", 1))
    picker = await picker_at_bin(house, order)
    assert sku_shown(picker.screen) == "MUG"
    screen = await picker.do("skip")
    assert (verdict(screen), sku_shown(screen)) == ("ok", "CUP")
    await pick_one(picker)
    assert sku_shown(picker.screen) == "MUG"
    assert verdict(await picker.do("skip")) == "last_one"
    await picker.scan_all(BINS[0])
    assert verdict(await picker.do("skip")) == "unknown_action"
    await picker.scan_all("MUG")
    await picker.scan_all(picker.screen["target"])
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"


async def _emptied(house: asyncpg.Pool) -> tuple[Shop, Handheld]:
    """A picker who has just taken all that the books know of in a bin."""
    shop = await _shop(house)
    picker = await picker_at_bin(house, await firm_order(house, shop, ("MUG", 10), ("CUP", 1)))
    await picker.scan_all(BINS[0], "MUG")
    await picker.scan_all(picker.screen["target"])
    assert (picker.screen["step"], picker.screen["target"]) == ("empty", BINS[0])
    return shop, picker


async def test_a_bin_that_should_be_empty_is_looked_at(house: asyncpg.Pool) -> None:
    shop, picker = await _emptied(house)
    assert verdict(await picker.scan(BINS[0])) == "count_missing"
    screen = await picker.do("empty")
    assert (verdict(screen), sku_shown(screen)) == ("ok", "CUP")
    await pick_one(picker)
    # Cups are left, so nobody asks.
    assert picker.screen["step"] == "drop"
    assert await availability(house, shop, "MUG") == (10, 10)
    assert await differences(house) == []


async def test_what_is_found_in_an_empty_bin_is_booked(house: asyncpg.Pool) -> None:
    shop, picker = await _emptied(house)
    screen = await picker.do("count", 3)
    assert verdict(screen) == "ok"
    assert await availability(house, shop, "MUG") == (13, 10)
    [line] = await rows(
        house,
        "select l.quantity, p.kind from movement_line l join movement m on m.id = l.movement_id "
        "join place p on p.id = l.from_place_id where m.kind = 'count'",
    )
    assert tuple(line) == (3, "loss")
    assert await value(house, "select count(*) from count_task where state = 'open'") == 1
    assert await differences(house) == []


async def test_a_paused_zone_is_passed_over_and_the_walk_goes_on_at_the_same_step(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house)
    await _change(house, "update place set zone = 'B' where code = $1", BINS[2])
    picker = await picker_at_bin(house, await firm_order(house, shop, ("MUG", 1), ("CUP", 1)))
    await picker.scan_all(BINS[0])
    assert (picker.screen["step"], sku_shown(picker.screen)) == ("item", "MUG")
    await _change(
        house,
        "insert into floor_pause (warehouse_id, zone, reason, started_by, started_at) "
        "select id, 'A', 'spill', 'test', $1 from warehouse",
        NOW,
    )
    # Zone A waits; the cups are elsewhere.
    screen = await picker.do("pick")
    assert (screen["step"], sku_shown(screen)) == ("bin", "CUP")
    await pick_one(picker)
    assert (picker.screen["step"], picker.screen["target"]) == ("paused", "ZONE A")
    assert picker.screen["lines"] == ["spill"]
    assert picker.screen["idle"]
    assert (await picker.scan("MUG"))["step"] == "paused"
    assert (await picker.do("refresh"))["step"] == "paused"
    await _change(house, "update floor_pause set ended_at = $1, ended_by = 'test'", NOW)
    screen = await picker.do("refresh")
    assert (screen["step"], sku_shown(screen)) == ("item", "MUG")
    await picker.scan_all("MUG")
    await picker.scan_all(picker.screen["target"])
    await picker.scan_all("CONVEYOR")
    assert await differences(house) == []


async def test_nobody_gets_a_walk_while_the_whole_warehouse_is_paused(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    await planned_wave(house, await firm_order(house, shop, ("MUG", 1)), release=True)
    await _change(
        house,
        "insert into floor_pause (warehouse_id, zone, reason, started_by, started_at) "
        "select id, '', 'alarm', 'test', $1 from warehouse",
        NOW,
    )
    picker = await person(house, "Pia")
    assert (await picker.do("pick"))["step"] == "wait"
    await _change(house, "update floor_pause set ended_at = $1, ended_by = 'test'", NOW)
    assert (await picker.do("pick"))["step"] == "cart"


async def test_one_visit_to_a_bin_takes_for_all_orders_of_a_batch_wave(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house)
    orders = [await firm_order(house, shop, ("MUG", n)) for n in (2, 3)]
    await planned_wave(house, *orders, release=True, mode=Mode.BATCH)
    picker = await person(house, "Pia")
    await picker.do("pick")
    await take_cart(picker, "CART-01")
    await picker.scan_all(BINS[0], "MUG")
    first = picker.screen["target"]
    assert picker.screen["ask"]["quantity"] == 2
    await picker.scan_all(first)
    # The mugs are at hand: the next tote is asked for at once, with its own quantity.
    assert (picker.screen["step"], picker.screen["ask"]["quantity"]) == ("put", 3)
    assert picker.screen["target"] != first
    assert verdict(await picker.scan(first)) == "wrong_tote"
    await picker.scan_all(picker.screen["target"])
    await picker.scan_all("CONVEYOR")
    assert [await state_of(house, order) for order in orders] == ["picked"] * 2
    assert await differences(house) == []


async def test_in_a_cluster_wave_every_pick_begins_at_its_bin(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    orders = [await firm_order(house, shop, ("MUG", n)) for n in (2, 3)]
    picker = await picker_at_bin(house, *orders)
    await pick_one(picker)
    assert (picker.screen["step"], picker.screen["target"]) == ("bin", BINS[0])


async def test_a_claim_runs_out_and_its_totes_are_free(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 1))
    bulky = await firm_order(house, shop, ("CUP", 1))
    await planned_wave(house, order, bulky, release=True)
    first = await person(house, "Pia")
    await first.do("pick")
    await first.scan_all("CART-01", "T-80001")
    assert first.screen["step"] == "tote"
    other = await person(house, "Otto")
    assert (await other.do("pick"))["step"] == "wait"
    await _change(house, "update pick_batch set claimed_until = $1", NOW - timedelta(seconds=1))
    assert (await other.do("pick"))["step"] == "cart"
    assert (await first.do("pick"))["step"] == "wait"
    assert await value(house, "select count(*) from sort_route") == 0
    await other.scan_all("CART-01", "T-80001")
    await take_cart_on(other)
    await walk(other)
    await other.scan_all("CONVEYOR")
    await sort_all(house)
    assert [await state_of(house, one) for one in (order, bulky)] == ["sorted"] * 2


async def take_cart_on(picker: Handheld) -> None:
    """Scans totes until every slot has one."""
    number = 80002
    while picker.screen["step"] == "tote":
        await picker.scan_all(f"T-{number}")
        number += 1


async def test_a_wave_whose_claim_ran_out_can_be_taken_back(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 1), ("CUP", 1))
    wave = await planned_wave(house, order, release=True)
    picker = await person(house, "Pia")
    await picker.do("pick")
    await picker.scan_all("CART-01", "T-80009")
    await _change(house, "update pick_batch set claimed_until = $1, state = 'claimed'", NOW)
    await unrelease_wave(house, wave, "test", NOW + timedelta(seconds=1))
    assert await state_of(house, order) == "open"
    assert await value(house, "select coalesce(sum(reserved), 0)::int from balance") == 0
    assert await value(house, "select count(*) from sort_route") == 0
    assert (await picker.do("pick"))["step"] == "wait"


async def test_goods_that_expire_on_the_way_are_not_picked(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    await add_stock(house, shop, "MUG", bin1=10)
    await _change(
        house,
        "update balance b set expires_on = $1 from place p where p.id = b.place_id and p.code = $2",
        date(2010, 12, 1),
        BINS[0],
    )
    order = await firm_order(house, shop, ("MUG", 4))
    picker = await picker_at_bin(house, order)
    # Today is their last day, by the calendar of the warehouse: they are picked.
    assert picker.screen["target"] == BINS[0]
    await picker.scan_all(BINS[0])
    await _change(
        house, "update balance set expires_on = $1 where expires_on is not null", date(2010, 11, 30)
    )
    screen = await picker.scan("MUG")
    assert verdict(screen) == "expired"
    assert (screen["step"], screen["target"]) == ("bin", BINS[1])
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"
    held = await rows(house, "select on_hand from balance where status = 'hold'")
    assert [row["on_hand"] for row in held] == [10]
    assert await differences(house) == []


async def test_goods_that_expire_while_others_are_picked_are_fetched_elsewhere_at_their_bin(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house)
    await add_stock(house, shop, "CUP", bin3=10)
    order = await firm_order(house, shop, ("MUG", 2), ("CUP", 2))
    picker = await picker_at_bin(house, order)
    await picker.scan_all(BINS[0], "MUG")
    await _change(
        house,
        "update balance b set expires_on = $1 from place p where p.id = b.place_id and p.code = $2",
        date(2010, 11, 30),
        BINS[2],
    )
    # What was put into the tote is booked first; no other goods are locked after it.
    screen = await picker.scan(picker.screen["target"])
    assert (verdict(screen), screen["target"]) == ("ok", BINS[2])
    screen = await picker.scan(BINS[2])
    assert (verdict(screen), screen["step"], screen["target"]) == ("expired", "bin", BINS[3])
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"
    assert await differences(house) == []
