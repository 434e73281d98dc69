"""Walks that are planned anew: what leads to it, and what must be true of them ever after."""

from datetime import datetime, time, timedelta

import asyncpg

from tests.builders import (
    NOW,
    differences,
    rows,
    solve_first_come,
    value,
)
from tests.wms.journey.people import (
    Handheld,
    person,
)
from wms.database.pool import staff_transaction
from wms.journey.wave.wave_plan import plan_wave
from wms.picking.release import Rule

# The warehouse's clocks show 8:26.
CUT_OFF = time(9, 0)
RULE = Rule(1_000, timedelta(days=1), timedelta(hours=1))
LATER = NOW + timedelta(minutes=2)


async def change(house: asyncpg.Pool, statement: str, *arguments: object) -> None:
    async with staff_transaction(house) as connection:
        await connection.execute(statement, *arguments)


async def urgent(house: asyncpg.Pool, fulfilment_order_id: int) -> int:
    """The same order, whose carrier comes soon, unlike the others'."""
    await change(
        house,
        "with fast as (insert into carrier (code, name, url, secret, cut_off) "
        "values ('FAST', 'Fast', 'http://127.0.0.1:1', 'x', $2) "
        "on conflict (code) do update set cut_off = excluded.cut_off returning id) "
        "update waybill w set carrier_id = (select id from fast) from parcel p "
        "where p.id = w.parcel_id and p.fulfilment_order_id = $1",
        fulfilment_order_id,
        CUT_OFF,
    )
    return fulfilment_order_id


async def audit(house: asyncpg.Pool) -> None:
    """Every order is whole and on walks of one wave; what is reserved is what they will take."""
    assert await differences(house) == []
    reserved = await rows(
        house,
        "select b.id, b.reserved, coalesce(sum(r.quantity), 0)::bigint as told from balance b "
        "left join reservation r on r.balance_id = b.id group by b.id",
    )
    assert [row for row in reserved if row["reserved"] != row["told"]] == []
    wild = await rows(
        house,
        "select r.id from reservation r left join pick_task t on t.reservation_id = r.id "
        "and t.state = 'open' and t.quantity = r.quantity where t.id is null",
    )
    assert wild == []
    parted = await rows(
        house,
        "select l.id from wave_order o join wave w on w.id = o.wave_id and w.state = 'released' "
        "join fulfilment_order f on f.id = o.fulfilment_order_id and f.state = 'released' "
        "join fulfilment_line l on l.fulfilment_order_id = f.id "
        "where o.standing and l.quantity <> (select coalesce(sum(t.quantity), 0) "
        "  from pick_task t join pick_batch k on k.id = t.batch_id "
        "  where t.fulfilment_line_id = l.id and k.wave_id = w.id and t.state = 'open')",
    )
    assert parted == []
    homeless = await rows(
        house,
        "select f.id from fulfilment_order f where (f.state = 'released') <> exists ("
        "  select 1 from wave_order o join wave w on w.id = o.wave_id and w.state = 'released' "
        "  where o.fulfilment_order_id = f.id and o.standing) and f.state in ('open', 'released')",
    )
    assert homeless == []


async def plan(house: asyncpg.Pool, waves: list[int], now: datetime = NOW) -> None:
    for wave in waves:
        await plan_wave(house, wave, solve_first_come, now)


async def asked(house: asyncpg.Pool, wave: int) -> list[int]:
    found = await value(house, "select orders_asked from wave where id = $1", wave)
    assert isinstance(found, list)
    return found


async def at_cart(house: asyncpg.Pool, name: str) -> tuple[Handheld, int]:
    """A picker who has claimed a walk and stands at no cart yet, and the order of the walk."""
    picker = await person(house, name)
    await picker.do("pick")
    order = await value(
        house,
        "select s.fulfilment_order_id from pick_batch k join staff p on p.id = k.picker_id "
        "join batch_slot s on s.batch_id = k.id where p.name = $1 and k.state = 'claimed'",
        name,
    )
    assert isinstance(order, int)
    return picker, order
