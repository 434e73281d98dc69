"""Forward bins are refilled from reserve before they run dry."""

import asyncio
from datetime import date

import asyncpg
import pytest

from tests.builders import differences, rows
from tests.wms.journey.people import person
from tests.wms.moving.yard import NOW, Yard, give_up_moves, open_yard
from wms.journey.goods.refill import plan_refills
from wms.stock.ledger import Goods


@pytest.fixture
async def yard(pool: asyncpg.Pool) -> Yard:
    await give_up_moves(pool)
    await rows(pool, "delete from refill_rule returning id")
    return await open_yard(pool)


async def moves_of(yard: Yard) -> list[tuple[str, str, int, int]]:
    """The moves that wait: from where to where, how much and how urgent."""
    found = await rows(
        yard.pool,
        "select f.code as source, g.code as target, t.quantity, t.urgency from move_task t "
        "join place f on f.id = t.from_place_id join place g on g.id = t.to_place_id "
        "where t.warehouse_id = $1 and t.state = 'open' and t.kind = 'refill' order by t.id",
        yard.warehouse_id,
    )
    return [(row["source"], row["target"], row["quantity"], row["urgency"]) for row in found]


async def test_a_bin_is_refilled_before_it_runs_dry_and_only_once(yard: Yard) -> None:
    cup = await yard.item("CUP")
    forward = await yard.place("FORWARD")
    reserve = await yard.place("RESERVE", purpose="reserve")
    await yard.rule(cup, forward, 5, 20)
    await yard.put(cup, forward, 4)
    await yard.put(cup, reserve, 100)
    one, two = await asyncio.gather(plan_refills(yard.pool, NOW), plan_refills(yard.pool, NOW))
    assert one + two == 1
    assert await plan_refills(yard.pool, NOW) == 0
    assert await moves_of(yard) == [("RESERVE", "FORWARD", 16, 50)]
    mia = await person(yard.pool, "Mia", yard.warehouse_id)
    await mia.do("move")
    await mia.scan_all("RESERVE", "CUP", "FORWARD")
    assert await yard.stock_at(forward) == (20, 0)
    assert await yard.stock_at(reserve) == (84, 0)
    assert await plan_refills(yard.pool, NOW) == 0
    assert await differences(yard.pool) == []


async def test_a_bin_at_its_least_is_left_alone(yard: Yard) -> None:
    cup = await yard.item("CUP")
    forward = await yard.place("FORWARD")
    await yard.rule(cup, forward, 5, 20)
    await yard.put(cup, forward, 5)
    await yard.put(cup, await yard.place("RESERVE", purpose="reserve"), 100)
    assert await plan_refills(yard.pool, NOW) == 0


async def test_what_expires_first_leaves_reserve_first_and_cases_stay_whole(yard: Yard) -> None:
    milk = await yard.item("MILK")
    await rows(
        yard.pool,
        "insert into item_packaging (tenant_id, item_id, level, factor) "
        "values ($1, $2, 'case', 6) returning factor",
        yard.tenant_id,
        milk,
    )
    forward = await yard.place("FORWARD")
    await yard.rule(milk, forward, 2, 20)
    for code, lot, day, quantity in (
        ("LATE", "L2", date(2011, 6, 1), 24),
        ("EARLY", "L1", date(2011, 1, 1), 7),
        ("GONE", "L0", date(2010, 11, 30), 24),
    ):
        place = await yard.place(code, purpose="reserve")
        await yard.put(milk, place, quantity, Goods(yard.owner_id, milk, lot, expires_on=day))
    assert await plan_refills(yard.pool, NOW) == 2
    assert await moves_of(yard) == [
        ("EARLY", "FORWARD", 7, 50),
        ("LATE", "FORWARD", 12, 50),
    ]


async def test_a_bin_gets_no_more_than_it_has_room_for(yard: Yard) -> None:
    cup = await yard.item("CUP")
    forward = await yard.place("FORWARD", units_max=8)
    await yard.rule(cup, forward, 5, 20)
    await yard.put(cup, forward, 3)
    await yard.put(cup, await yard.place("RESERVE", purpose="reserve"), 100)
    assert await plan_refills(yard.pool, NOW) == 1
    assert await moves_of(yard) == [("RESERVE", "FORWARD", 5, 50)]
