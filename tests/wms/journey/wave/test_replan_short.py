"""Walks that a short pick made longer, or left goods for, are planned anew."""

from datetime import timedelta

import asyncpg

from tests.builders import (
    BINS,
    NOW,
    add_stock,
    firm_order,
    planned_wave,
    stocked_shop,
    value,
)
from tests.wms.journey.people import (
    Handheld,
    picker_at_bin,
    state_of,
    take_cart,
)
from tests.wms.journey.wave.replanning import LATER, RULE, asked, at_cart, audit, change, plan
from wms.journey.wave.wave_timer import release_when_due
from wms.picking.wave import Mode


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
