"""Counts at the handheld: blind, whole, and by one person at a time."""

from datetime import timedelta

import asyncpg

from tests.builders import (
    BINS,
    NOW,
    add_staff,
    buy,
    differences,
    place_ids,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.floor.counter import (
    ask,
    counter_at_bin,
    on_hand,
    price,
)
from tests.wms.journey.people import person, verdict
from wms.counting import commands as counting
from wms.database.pool import staff_transaction
from wms.journey.floor.handheld import take_input
from wms.journey.floor.screen import Input
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.tenants import queries as tenant_rows


async def test_a_count_that_is_right_changes_nothing(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    task_id = await ask(house)
    counter = await counter_at_bin(house)
    await counter.scan("MUG", 10)
    screen = await counter.do("finish")
    assert verdict(screen) == "ok"
    assert await value(house, "select state from count_task where id = $1", task_id) == "posted"
    assert await value(house, "select count(*) from movement where kind = 'count'") == 0


async def test_a_counter_never_sees_what_the_books_say(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=7341)
    await price(house)
    await ask(house)
    counter = await person(house, "Cora")
    screens = [await counter.do("count"), await counter.scan_all(BINS[0])]
    screens += [await counter.scan_all("MUG"), await counter.do("counted", 12)]
    screens += [await counter.do("finish")]
    assert screens[3]["facts"] == [{"label": "MUG", "value": "12 pcs"}]
    assert not [screen for screen in screens if "7341" in str(screen) or "7329" in str(screen)]
    assert await on_hand(house) == 7341


async def test_goods_not_on_the_books_are_counted_too(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10, CUP=0)
    await price(house)
    await ask(house)
    counter = await counter_at_bin(house)
    await counter.scan_all("MUG")
    await counter.do("counted", 10)
    await counter.scan_all("CUP")
    await counter.do("counted", 3)
    assert verdict(await counter.scan("NOBODY-KNOWS")) == "unknown_goods"
    await counter.do("finish")
    assert await on_hand(house) == 13
    order = await buy(house, shop, ("CUP", 3))
    assert order.status == 201


async def test_what_nobody_found_is_missing(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10, CUP=4)
    await price(house)
    await ask(house)
    counter = await counter_at_bin(house)
    await counter.scan("MUG", 10)
    await counter.do("finish")
    assert await on_hand(house) == 10
    assert not await differences(house)


async def test_what_came_while_a_place_was_looked_through_is_not_missing(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10, CUP=0)
    await price(house)
    await ask(house)
    token = await add_staff(house, "Cora")
    for number, given in enumerate(
        (Input("1", action="count"), Input("2", code=BINS[0]), Input("3", code="MUG", quantity=10))
    ):
        await take_input(house, token, given, NOW + timedelta(minutes=number))
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        [item] = await connection.fetch("select * from item where sku = 'CUP'")
        received = Line(Goods(shop.owner_id, item["id"]), 5, places["SUPPLIER"], places[BINS[0]])
        await stock.post(
            connection, shop.tenant_id, "receipt", [received],
            command_id="r", actor="test", now=NOW + timedelta(minutes=5),
        )  # fmt: skip
    await take_input(house, token, Input("4", action="finish"), NOW + timedelta(minutes=10))
    assert await on_hand(house) == 15


async def test_an_empty_place_says_so_in_one_press(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=3)
    await price(house)
    await ask(house)
    counter = await counter_at_bin(house)
    assert verdict(await counter.do("finish")) == "unknown_action"
    assert verdict(await counter.do("empty")) == "ok"
    assert await on_hand(house) == 0
    assert await value(house, "select sellable from availability") == 0


async def test_a_count_of_one_item_leaves_the_others_alone(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10, CUP=4)
    await price(house)
    item_id = await value(house, "select id from item where sku = 'CUP'")
    assert isinstance(item_id, int)
    await ask(house, item_id=item_id)
    counter = await counter_at_bin(house)
    assert verdict(await counter.scan("MUG", 3)) == "wrong_item"
    await counter.scan("CUP", 3)
    await counter.do("finish")
    found = await rows(
        house, "select on_hand from balance b join item i on i.id = b.item_id order by i.sku"
    )
    assert [row["on_hand"] for row in found] == [3, 10]


async def test_a_lot_asks_for_its_day_and_a_number_of_pieces_adds_up(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MILK=0)
    await price(house)
    async with staff_transaction(house) as connection:
        await connection.execute("update item set track_lot = true, track_expiry = true")
    await ask(house)
    counter = await counter_at_bin(house)
    assert (await counter.scan_all("MILK"))["step"] == "lot"
    assert (await counter.scan_all("L7"))["step"] == "expiry"
    assert verdict(await counter.scan("SOON")) == "not_a_date"
    assert (await counter.scan_all("2031-05-01"))["step"] == "quantity"
    assert verdict(await counter.do("counted", -1)) == "count_missing"
    await counter.do("counted", 3)
    for code in ("MILK", "L7", "2031-05-01"):
        await counter.scan_all(code)
    await counter.do("more", 4)
    await counter.do("finish")
    [balance] = await rows(house, "select lot, expires_on, on_hand from balance where on_hand > 0")
    assert (balance["lot"], str(balance["expires_on"]), balance["on_hand"]) == (
        "L7",
        "2031-05-01",
        7,
    )


async def test_a_serial_that_the_books_have_elsewhere_is_not_gained_twice(
    house: asyncpg.Pool,
) -> None:
    await stocked_shop(house, CAM=0)
    await price(house)
    async with staff_transaction(house) as connection:
        await connection.execute("update item set track_serial = true")
    for bin in (0, 1):
        task_id = await ask(house, bin=bin)
        counter = await counter_at_bin(house, f"Cora {bin}")
        await counter.scan_all("CAM", "S-1")
        await counter.do("next_item")
        await counter.do("finish")
        assert await value(house, "select state from count_task where id = $1", task_id) == "posted"
    assert await value(house, "select sum(on_hand) from balance where serial = 'S-1'") == 1
    assert await value(
        house, "select count(*) from count_task t join place p on p.id = t.place_id "
        "where t.state <> 'posted' and p.code = $1", BINS[0],
    ) == 1  # fmt: skip


async def test_the_same_count_is_asked_for_once(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=1)
    assert await ask(house) == await ask(house)
    token = await add_staff(house, "Pia")
    async with staff_transaction(house) as connection:
        staff = await tenant_rows.staff_of_token(connection, token, NOW)
    assert staff is not None
    assert await ask(house, not_by=staff.staff_id) == await ask(house)
    assert await value(house, "select not_by from count_task") == [staff.staff_id]


async def test_a_lapsed_claim_is_begun_anew_by_another(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    await price(house)
    await ask(house)
    first = await counter_at_bin(house, "First")
    await first.scan("MUG", 2)
    second = await person(house, "Second")
    assert (await second.do("count"))["step"] == "wait"
    async with staff_transaction(house) as connection:
        await connection.execute(
            "update count_task set claimed_until = $1", NOW - timedelta(seconds=1)
        )
    assert (await second.do("refresh"))["step"] == "place"
    await second.scan_all(BINS[0])
    await second.scan("MUG", 10)
    await second.do("finish")
    assert await on_hand(house) == 10


async def test_what_somebody_asked_for_is_counted_before_the_cycle(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        await counting.ask_count(
            connection, None, places[BINS[0]], None, "cycle", None, NOW, asked_by="timer:counts"
        )
        await counting.ask_count(
            connection, None, places[BINS[1]], None, "looks odd", None, NOW, asked_by="staff:Petra"
        )
    counter = await person(house, "Cora")
    assert (await counter.do("count"))["target"] == BINS[1]
