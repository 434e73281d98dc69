"""The cycle of counts: so many a day, once a day, and not what is asked for already."""

from datetime import timedelta

import asyncpg

from tests.builders import NOW, firm_order, rows, stocked_shop, value
from tests.wms.journey.people import person, picker_at_bin, walk
from wms.database.pool import staff_transaction
from wms.journey.goods.cycle import plan_counts


async def test_a_day_asks_for_so_many_and_the_next_for_the_rest(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    assert await plan_counts(house, 3, NOW) == 3
    assert await plan_counts(house, 3, NOW + timedelta(hours=1)) == 0
    assert await plan_counts(house, 3, NOW + timedelta(days=1)) == 1
    assert await plan_counts(house, 3, NOW + timedelta(days=2)) == 0
    assert await value(house, "select count(distinct place_id) from count_task") == 4
    found = await rows(house, "select tasks from count_plan order by day")
    assert [row["tasks"] for row in found] == [3, 1, 0]


async def test_what_is_picked_often_is_counted_often(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    await walk(await picker_at_bin(house, await firm_order(house, shop, ("MUG", 1))))
    async with staff_transaction(house) as connection:
        await connection.execute(
            "update place set counted_at = $1 where kind = 'bin'", NOW - timedelta(days=31)
        )
    assert await plan_counts(house, 9, NOW) == 1
    [task] = await rows(house, "select p.code, t.reason from count_task t "
        "join place p on p.id = t.place_id")  # fmt: skip
    assert (task["code"], task["reason"]) == ("A-01-01-1", "cycle")


async def test_a_count_of_the_cycle_shows_up_on_a_handheld(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    await plan_counts(house, 1, NOW)
    counter = await person(house, "Cora")
    assert {"code": "count", "label": "Count"} in (await counter.do("menu"))["actions"]
    assert (await counter.do("count"))["target"] == "A-01-01-1"


async def test_nothing_is_counted_in_a_zone_that_is_paused(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=10)
    await plan_counts(house, 1, NOW)
    async with staff_transaction(house) as connection:
        await connection.execute(
            "insert into floor_pause (warehouse_id, zone, reason, started_by, started_at) "
            "select id, 'A', 'alarm', 'test', $1 from warehouse",
            NOW,
        )
    counter = await person(house, "Cora")
    assert (await counter.do("count"))["step"] == "wait"
