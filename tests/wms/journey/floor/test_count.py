"""Counts: blind, as of a moment, and looked at by somebody else where they are worth much."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    add_staff,
    buy,
    differences,
    firm_order,
    place_ids,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import Handheld, holds_of, person, pick_one, picker_at_bin, verdict
from wms.counting import commands as counting
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.journey.floor.handheld import take_input
from wms.journey.floor.screen import Input
from wms.journey.goods.review import approve_count, reject_count
from wms.journey.request import StaffRequest
from wms.outbox.command import Answer, body_hash
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Goods, Line
from wms.tenants import queries as tenant_rows
from wms.tenants.staff import Role

TEN = NOW.replace(hour=10, minute=0)


async def price(house: asyncpg.Pool, minor: int = 100) -> None:
    """Gives every item a value, so that small variances need no second look."""
    async with staff_transaction(house) as connection:
        await connection.execute("update item set cost_minor = $1", minor)


async def ask(
    house: asyncpg.Pool, *, bin: int = 0, item_id: int | None = None, not_by: int | None = None
) -> int:
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        return await counting.ask_count(
            connection, None, places[BINS[bin]], item_id, "test", not_by, NOW
        )


async def counter_at_bin(house: asyncpg.Pool, name: str = "Cora") -> Handheld:
    """Somebody who has scanned the place that they are to count."""
    counter = await person(house, name)
    await counter.do("count")
    await counter.scan_all(counter.screen["target"])
    return counter


async def on_hand(house: asyncpg.Pool, bin: int = 0) -> object:
    return await value(
        house,
        "select sum(on_hand) from balance b join place p on p.id = b.place_id where p.code = $1",
        BINS[bin],
    )


async def reviewer(house: asyncpg.Pool, kind: str, name: str = "Petra") -> StaffRequest:
    token = await add_staff(house, name, Role.PLANNER)
    async with staff_transaction(house) as connection:
        staff = await tenant_rows.staff_of_token(connection, token, NOW)
    assert staff is not None
    return StaffRequest(staff, f"key {name} {kind}", kind, body_hash([kind]))


async def take(house: asyncpg.Pool, quantity: int, at: datetime) -> None:
    """Takes goods out of the first bin at a moment, as a pick does."""
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        [balance] = await connection.fetch(
            "select * from balance where place_id = $1 and on_hand > 0", places[BINS[0]]
        )
        await stock.post(
            connection,
            balance["tenant_id"],
            "pick",
            [Line(goods_from(balance), quantity, places[BINS[0]], places["CART-01"])],
            command_id=f"pick at {at}",
            actor="test",
            now=at,
        )


async def count_at(
    house: asyncpg.Pool, at: datetime, quantity: int, sku: str = "MUG", name: str = "Cora"
) -> None:
    """A whole count of the first bin, all of it at one moment."""
    token = await add_staff(house, name)
    for number, given in enumerate(
        (
            Input("1", action="count"),
            Input("2", code=BINS[0]),
            Input("3", code=sku, quantity=quantity),
            Input("4", action="finish"),
        )
    ):
        screen = await take_input(house, token, given, at)
        if number:
            shown = screen["verdict"]
            assert isinstance(shown, dict)
            assert shown["ok"], (given, screen)


async def test_a_count_that_is_right_changes_nothing(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    task_id = await ask(house)
    counter = await counter_at_bin(house)
    await counter.scan("MUG", 10)
    screen = await counter.do("finish")
    assert verdict(screen) == "ok"
    assert await value(house, "select state from count_task where id = $1", task_id) == "posted"
    assert await value(house, "select count(*) from movement where kind = 'count'") == 0


async def test_count_8_at_10_00_pick_2_at_10_05_post_at_10_10_leaves_6(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    await price(house, 1_000_000)
    task_id = await ask(house)
    await count_at(house, TEN, 8)
    assert await value(house, "select state from count_task where id = $1", task_id) == "review"
    await take(house, 2, TEN + timedelta(minutes=5))
    request = await reviewer(house, "counts/approve")
    answer = await approve_count(house, request, task_id, TEN + timedelta(minutes=10))
    assert answer.body["state"] == "posted"
    assert await on_hand(house) == 6
    assert not await differences(house)


async def test_a_pick_before_the_count_that_is_recorded_after_it_falsifies_nothing(
    house: asyncpg.Pool,
) -> None:
    await stocked_shop(house, MUG=10)
    await price(house, 1_000_000)
    task_id = await ask(house)
    await count_at(house, TEN, 8)
    await take(house, 2, TEN - timedelta(minutes=5))
    request = await reviewer(house, "counts/approve")
    await approve_count(house, request, task_id, TEN + timedelta(minutes=10))
    assert await on_hand(house) == 8
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


async def test_a_variance_above_the_threshold_waits_for_a_planner(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    await price(house, 2_501)
    task_id = await ask(house)
    await count_at(house, TEN, 8)
    assert await value(house, "select value_minor from count_task") == 5_002
    assert await on_hand(house) == 10
    request = await reviewer(house, "counts/approve")
    first = await approve_count(house, request, task_id, TEN)
    assert await on_hand(house) == 8
    again = await approve_count(house, request, task_id, TEN)
    assert again == Answer(200, first.body, replayed=True)
    assert await on_hand(house) == 8


async def test_a_variance_up_to_the_threshold_is_posted_at_once(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    await price(house, 2_500)
    await ask(house)
    await count_at(house, TEN, 12)
    assert await on_hand(house) == 12
    assert await value(house, "select sellable from availability") == 12
    assert await value(house, "select counted_at from place where code = $1", BINS[0]) == TEN
    [event] = await rows(house, "select data from event where type = 'stock.counted'")
    assert event["data"]["change"] == 2
    assert not await differences(house)


async def test_nobody_approves_their_own_count(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    task_id = await ask(house)
    await count_at(house, TEN, 8)
    request = await reviewer(house, "counts/approve")
    async with staff_transaction(house) as connection:
        await connection.execute("update count_task set holder_id = $1", request.staff.staff_id)
    with pytest.raises(Conflict, match="Somebody else"):
        await approve_count(house, request, task_id, TEN)
    assert await on_hand(house) == 10


async def test_a_rejected_count_is_done_again_by_another_person(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    task_id = await ask(house)
    await count_at(house, TEN, 8, name="First")
    answer = await reject_count(house, await reviewer(house, "counts/reject"), task_id, TEN)
    assert answer.body["state"] == "void"
    assert await on_hand(house) == 10
    holder = await value(house, "select holder_id from count_task where id = $1", task_id)
    [task] = await rows(house, "select * from count_task where recount_of = $1", task_id)
    assert task["not_by"] == [holder]
    async with staff_transaction(house) as connection:
        assert isinstance(holder, int)
        warehouse_id = await connection.fetchval("select id from warehouse")
        assert await counting.claim_count(connection, holder, warehouse_id, TEN) is None
    second = await counter_at_bin(house, "Second")
    assert second.screen["step"] == "item"
    with pytest.raises(Conflict, match="waits for no review"):
        await reject_count(house, await reviewer(house, "counts/reject", "Paul"), task_id, TEN)


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


async def test_goods_that_left_since_are_not_lost_twice(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    task_id = await ask(house)
    await count_at(house, TEN, 6)
    await take(house, 9, TEN + timedelta(minutes=5))
    await approve_count(house, await reviewer(house, "counts/approve"), task_id, TEN)
    assert await on_hand(house) == 0
    [line] = await rows(house, "select applied, unapplied, note from count_line")
    assert (line["applied"], line["unapplied"]) == (-1, 3)
    assert await value(house, "select reason from count_task where state = 'open'") == line["note"]
    assert not await differences(house)


async def test_a_count_that_finds_less_than_is_promised_tells_the_youngest(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    await price(house)
    first = await firm_order(house, shop, ("MUG", 6))
    second = await firm_order(house, shop, ("MUG", 4))
    await ask(house)
    await count_at(house, TEN, 6)
    assert await holds_of(house, first) == []
    assert await holds_of(house, second) != []
    assert not await differences(house)


async def test_a_count_between_a_picker_s_scans_leaves_the_pick_as_it_is(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    await price(house)
    order = await firm_order(house, shop, ("MUG", 6))
    picker = await picker_at_bin(house, order)
    await ask(house)
    await count_at(house, NOW, 8)
    await pick_one(picker)
    assert await on_hand(house) == 2
    assert not await differences(house)


async def test_held_goods_stay_held_and_what_is_missing_was_for_sale(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    await price(house)
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        [balance] = await connection.fetch("select * from balance")
        line = Line(goods_from(balance), 4, places[BINS[0]], places[BINS[0]], to_status="hold")
        await stock.post(
            connection, balance["tenant_id"], "status", [line],
            command_id="hold", actor="test", now=NOW,
        )  # fmt: skip
    await ask(house)
    await count_at(house, TEN, 9)
    found = await rows(house, "select status, on_hand from balance order by status")
    assert [tuple(row) for row in found] == [("available", 5), ("hold", 4)]


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


async def test_an_unknown_count_is_refused(house: asyncpg.Pool) -> None:
    with pytest.raises(NotFound):
        await approve_count(house, await reviewer(house, "counts/approve"), 12345, NOW)


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
