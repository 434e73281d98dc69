"""Walks that nobody has begun are planned anew, whole, and what a picker has begun stays his."""

import asyncio
from datetime import datetime, time, timedelta

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    add_items,
    add_stock,
    an_item,
    differences,
    firm_order,
    planned_wave,
    rows,
    solve_first_come,
    stocked_shop,
    value,
)
from tests.wms.journey.desk import open_desk
from tests.wms.journey.people import (
    Handheld,
    holds_of,
    person,
    picker_at_bin,
    state_of,
    take_cart,
    told_of,
    walk,
)
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.journey.wave.replan import replan_wave
from wms.journey.wave.wave import release_wave
from wms.journey.wave.wave_plan import plan_wave
from wms.journey.wave.wave_timer import release_when_due
from wms.outbox.command import body_hash
from wms.picking import commands as picking
from wms.picking.release import Rule
from wms.picking.wave import Mode

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


async def test_an_urgent_order_joins_the_walks_that_nobody_has_begun_and_goes_first(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=20)
    early = [await firm_order(house, shop, ("MUG", n)) for n in (1, 2, 3)]
    old = await planned_wave(house, *early, release=True, mode=Mode.DISCRETE)
    picker, his = await at_cart(house, "Pia")
    hers = [order for order in early if order != his]
    fast = await urgent(house, await firm_order(house, shop, ("MUG", 4)))
    [new] = await release_when_due(house, RULE, 1, NOW)
    assert sorted(await asked(house, new)) == sorted([fast, *hers])
    # Until the new plan stands, the orders that were taken back wait as any others.
    assert [await state_of(house, order) for order in early] == [
        "released" if order == his else "open" for order in early
    ]
    await audit(house)
    await plan(house, [new])
    assert {await state_of(house, order) for order in [*early, fast]} == {"released"}
    assert (await told_of(house, hers[0]))[-2:] == ["order.open", "order.released"]
    [row] = await rows(house, "select * from wave where id = $1", new)
    assert (row["mode"], row["replans"], row["asked_by"]) == ("discrete", True, "timer:waves")
    assert row["reason"] == f"fulfilment order {fast} cannot wait"
    await audit(house)
    # Who asks next gets the urgent one, though the old wave was released before.
    _, next_order = await at_cart(house, "Paul")
    assert next_order == fast
    await take_cart(picker, "CART-01")
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, his) == "picked"
    assert await value(house, "select state from wave where id = $1", old) == "done"


async def test_the_wave_that_lost_walks_keeps_the_figures_of_the_others(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=20)
    orders = [await firm_order(house, shop, ("MUG", 1)) for _ in range(4)]
    wave = await planned_wave(house, *orders, release=True, mode=Mode.DISCRETE)
    [before] = await rows(house, "select * from wave where id = $1", wave)
    await at_cart(house, "Pia")
    await replan_wave(house, wave, "test", RULE, 1, NOW)
    [row] = await rows(house, "select * from wave where id = $1", wave)
    assert row["state"] == "released"
    assert row["distance_mm"] == before["distance_mm"] // 4
    assert row["baseline_mm"] == before["baseline_mm"] // 4


async def test_a_claim_that_comes_at_the_same_moment_wins(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=20)
    orders = [await firm_order(house, shop, ("MUG", 1)) for _ in range(3)]
    wave = await planned_wave(house, *orders, release=True, mode=Mode.DISCRETE)
    await person(house, "Pia")
    staff_id = await value(house, "select id from staff where name = 'Pia'")
    assert isinstance(staff_id, int)
    async with staff_transaction(house) as connection:
        warehouse_id = await connection.fetchval("select id from warehouse")
        claimed = await picking.claim_batch(connection, staff_id, warehouse_id, NOW)
        assert claimed is not None
        # The claim is not committed yet, and the re-plan does not wait for it.
        async with asyncio.timeout(5):
            new = await replan_wave(house, wave, "test", RULE, 1, NOW)
    kept = await value(
        house, "select fulfilment_order_id from batch_slot where batch_id = $1", claimed["id"]
    )
    assert sorted(await asked(house, new)) == [order for order in orders if order != kept]
    state = await value(house, "select state from pick_batch where id = $1", claimed["id"])
    assert state == "claimed"
    await plan(house, [new])
    await audit(house)


async def test_pickers_who_claim_while_walks_are_planned_anew_lose_nothing(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=50)
    orders = [await firm_order(house, shop, ("MUG", 1)) for _ in range(8)]
    wave = await planned_wave(house, *orders, release=True, mode=Mode.DISCRETE)
    pickers = [await person(house, f"P{n}") for n in range(4)]
    again, *_ = await asyncio.gather(
        replan_wave(house, wave, "test", RULE, 1, NOW), *(one.do("pick") for one in pickers)
    )
    await audit(house)
    await plan(house, [again])
    await audit(house)
    assert {await state_of(house, order) for order in orders} == {"released"}
    lost = await rows(
        house,
        "select 1 from pick_batch k where k.picker_id is not null and k.state <> 'claimed'",
    )
    assert lost == []


async def test_an_order_with_a_part_on_a_begun_cart_stays_whole_where_it_is(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    await add_items(house, shop, an_item("CUP"), an_item("JUG"))
    await add_stock(house, shop, "CUP", bin2=9)
    await add_stock(house, shop, "JUG", bin3=9)
    await change(house, "update place set zone = 'B' where code = $1", BINS[2])
    await change(house, "update place set zone = 'C' where code = $1", BINS[3])
    both = await firm_order(house, shop, ("MUG", 1), ("CUP", 1))
    chained = await firm_order(house, shop, ("CUP", 1), ("JUG", 1))
    wave = await planned_wave(house, both, chained, release=True, mode=Mode.ZONE)
    await at_cart(house, "Pia")
    with pytest.raises(Conflict) as refusal:
        await replan_wave(house, wave, "test", RULE, 1, NOW)
    assert refusal.value.code == "wave_begun"
    alone = await firm_order(house, shop, ("JUG", 1))
    other = await planned_wave(house, alone, release=True, mode=Mode.ZONE)
    fast = await urgent(house, await firm_order(house, shop, ("JUG", 2)))
    [new] = await release_when_due(house, RULE, 1, NOW)
    assert sorted(await asked(house, new)) == sorted([alone, fast])
    assert await value(house, "select state from wave where id = $1", other) == "unreleased"
    await plan(house, [new])
    await audit(house)


async def fall_short(picker: Handheld, taken: int, left: int) -> None:
    """Takes fewer than are asked for at the bin shown, and counts what is left."""
    await picker.scan_all(picker.screen["target"], "MUG")
    await picker.scan(picker.screen["target"], taken)
    await picker.do("not_found")
    await picker.do("count", left)


async def test_what_a_short_pick_left_is_planned_with_the_walks_that_nobody_has_begun(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10, CUP=10)
    await add_stock(house, shop, "MUG", bin2=10)
    await change(house, "update place set zone = 'B' where code = $1", BINS[2])
    short = await firm_order(house, shop, ("MUG", 4))
    picker = await picker_at_bin(house, short)
    await change(
        house,
        "insert into floor_pause (warehouse_id, zone, reason, started_by, started_at) "
        "select id, 'B', 'spill', 'test', $1 from warehouse",
        NOW,
    )
    rest = await firm_order(house, shop, ("CUP", 2))
    await fall_short(picker, taken=1, left=0)
    await picker.scan_all("CONVEYOR")
    await planned_wave(house, rest, release=True)
    assert await state_of(house, short) == "picking"
    await change(house, "update floor_pause set ended_at = $1", NOW)
    [new] = await release_when_due(house, RULE, 1, LATER)
    assert sorted(await asked(house, new)) == sorted([short, rest])
    await plan(house, [new], LATER)
    assert await state_of(house, rest) == "released"
    query = (
        "select sum(t.quantity)::int from pick_task t join pick_batch k on k.id = t.batch_id "
        "where k.wave_id = $1"
    )
    assert await value(house, query, new) == 3 + 2
    await audit(house)


async def test_a_walk_that_a_short_pick_made_longer_is_planned_anew(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=6)
    first = await firm_order(house, shop, ("MUG", 3))
    second = await firm_order(house, shop, ("MUG", 3))
    await planned_wave(house, first, second, release=True, mode=Mode.DISCRETE)
    await add_stock(house, shop, "MUG", bin2=6)
    picker, his = await at_cart(house, "Pia")
    await take_cart(picker, "CART-01")
    assert await release_when_due(house, RULE, 1, NOW) == []
    await picker.scan_all(picker.screen["target"], "MUG")
    await picker.scan(picker.screen["target"], 1)
    # A pick that is parted makes no walk longer; only what is found elsewhere does.
    await audit(house)
    assert await release_when_due(house, RULE, 1, LATER) == []
    await picker.do("not_found")
    await picker.do("count", 0)
    [new] = await release_when_due(house, RULE, 1, LATER)
    [other] = {first, second} - {his}
    assert await asked(house, new) == [other]
    assert "short pick" in str(await value(house, "select reason from wave where id = $1", new))
    await plan(house, [new], LATER)
    await audit(house)
    assert await release_when_due(house, RULE, 1, LATER + timedelta(minutes=2)) == []


async def test_walks_that_did_not_grow_much_stay_as_they_are(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=6, CUP=20)
    ordered = [await firm_order(house, shop, ("MUG", 3)) for _ in range(2)]
    await planned_wave(house, *ordered, release=True, mode=Mode.DISCRETE)
    await add_stock(house, shop, "MUG", bin2=6)
    apart = await planned_wave(house, await firm_order(house, shop, ("CUP", 1)), release=True)
    picker, his = await at_cart(house, "Pia")
    await take_cart(picker, "CART-01")
    await fall_short(picker, taken=1, left=0)
    # As if the other walk had been planned with so many picks that one more is little.
    [other] = [order for order in ordered if order != his]
    copies = (
        "insert into pick_task (tenant_id, batch_id, slot_id, seq, fulfilment_line_id, balance_id, "
        "place_id, item_id, quantity, state) select t.tenant_id, t.batch_id, t.slot_id, 0, "
        "t.fulfilment_line_id, t.balance_id, t.place_id, t.item_id, 1, 'open' "
        "from pick_task t join batch_slot s on s.id = t.slot_id, generate_series(1, 10) "
        "where s.fulfilment_order_id = $1 and t.state = 'open'"
    )
    await change(house, copies, other)
    assert await release_when_due(house, RULE, 1, LATER) == []
    await change(house, "delete from pick_task where seq = 0")
    [new] = await release_when_due(house, RULE, 1, LATER)
    assert await asked(house, new) == [other]
    assert await value(house, "select state from wave where id = $1", apart) == "released"
    await plan(house, [new], LATER)
    await audit(house)


async def test_walks_are_planned_anew_once_in_a_while_and_never_twice_for_one_order(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=30)
    await planned_wave(house, await firm_order(house, shop, ("MUG", 1)), release=True)
    fast = await urgent(house, await firm_order(house, shop, ("MUG", 2)))
    [new] = await release_when_due(house, RULE, 1, NOW)
    assert await release_when_due(house, RULE, 1, NOW) == [], "it is being planned"
    await plan(house, [new])
    faster = await urgent(house, await firm_order(house, shop, ("MUG", 3)))
    [own] = await release_when_due(house, RULE, 1, NOW + timedelta(seconds=30))
    assert await asked(house, own) == [faster], "within a minute it goes by itself"
    await plan(house, [own])
    assert await release_when_due(house, RULE, 1, LATER) == [], "nobody waits"
    # One that no walk could fetch is no reason to disturb the others again and again.
    await change(
        house, "update wave set orders_asked = orders_asked || $1::bigint where id = $2", 999, new
    )
    stuck = await urgent(house, await firm_order(house, shop, ("MUG", 4)))
    [third] = await release_when_due(house, RULE, 1, LATER)
    assert fast in await asked(house, third)
    await change(house, "update place set blocked_out = true")
    await plan(house, [third], LATER)
    await change(house, "update place set blocked_out = false where code = $1", BINS[0])
    much_later = LATER + timedelta(minutes=5)
    assert stuck in await asked(house, third)
    later = await release_when_due(house, RULE, 1, much_later)
    assert all(
        not replans
        for replans in [
            await value(house, "select replans from wave where id = $1", wave) for wave in later
        ]
    )


async def test_an_urgent_order_goes_before_those_that_the_pickers_cannot_do_as_well(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=20)
    first = await firm_order(house, shop, ("MUG", 1))
    second = await firm_order(house, shop, ("MUG", 1))
    await planned_wave(house, first, second, release=True)
    await change(house, "update warehouse set pickers = 1, lines_per_picker_hour = 2")
    fast = await urgent(house, await firm_order(house, shop, ("MUG", 1)))
    [new] = await release_when_due(house, RULE, 1, NOW)
    await plan(house, [new])
    states = [await state_of(house, order) for order in (first, second, fast)]
    assert states == ["released", "open", "released"]
    [row] = await rows(house, "select left_out from wave where id = $1", new)
    assert [entry["order"] for entry in row["left_out"]] == [second]
    assert await holds_of(house, second) == []
    await audit(house)


async def test_a_planner_has_a_wave_planned_anew_once_under_one_key(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=20)
    orders = [await firm_order(house, shop, ("MUG", 1)) for _ in range(2)]
    wave = await planned_wave(house, *orders)
    desk = await open_desk(house)
    request = desk.request("wave/replan", wave)
    news = [
        await replan_wave(house, wave, desk.staff.actor, RULE, 1, NOW, request) for _ in range(2)
    ]
    assert len(set(news)) == 1
    await plan(house, news[:1])
    # What was planned only is planned only, and what was released is released again.
    assert await value(house, "select state from wave where id = $1", news[0]) == "planned"
    assert await value(house, "select state from wave where id = $1", wave) == "unreleased"
    await release_wave(house, news[0], "test", NOW)
    third = await replan_wave(house, news[0], "test", RULE, 1, NOW)
    await plan(house, [third])
    assert await value(house, "select state from wave where id = $1", third) == "released"
    await audit(house)
    with pytest.raises(Conflict) as refusal:
        await replan_wave(house, wave, "test", RULE, 1, NOW)
    assert refusal.value.code == "wrong_state"
    with pytest.raises(NotFound):
        await replan_wave(house, 999, "test", RULE, 1, NOW)
    assert body_hash([wave]) != body_hash([third])
