"""Counts are as of a moment, and looked at by somebody else where they are worth much."""

from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    differences,
    firm_order,
    place_ids,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.floor.counter import (
    TEN,
    ask,
    count_at,
    counter_at_bin,
    on_hand,
    price,
    reviewer,
    take,
)
from tests.wms.journey.people import holds_of, pick_one, picker_at_bin
from wms.counting import commands as counting
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.journey.goods.review import approve_count, reject_count
from wms.outbox.command import Answer
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line


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


async def test_an_unknown_count_is_refused(house: asyncpg.Pool) -> None:
    with pytest.raises(NotFound):
        await approve_count(house, await reviewer(house, "counts/approve"), 12345, NOW)
