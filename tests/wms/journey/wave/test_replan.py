"""Walks that nobody has begun are planned anew, whole, and what a picker has begun stays his."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    add_items,
    add_stock,
    an_item,
    firm_order,
    planned_wave,
    rows,
    stocked_shop,
    value,
)
from tests.patience import PATIENCE_S
from tests.wms.journey.desk import open_desk
from tests.wms.journey.people import (
    holds_of,
    person,
    state_of,
    take_cart,
    told_of,
    walk,
)
from tests.wms.journey.wave.replanning import (
    LATER,
    RULE,
    asked,
    at_cart,
    audit,
    change,
    plan,
    urgent,
)
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.journey.wave.replan import replan_wave
from wms.journey.wave.wave import release_wave
from wms.journey.wave.wave_timer import release_when_due
from wms.outbox.command import body_hash
from wms.picking import commands as picking
from wms.picking.wave import Mode


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
        async with asyncio.timeout(PATIENCE_S):
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
