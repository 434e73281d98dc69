"""A hold is lifted by somebody who has looked, and never past goods that belong to others."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PROMISE_LASTS,
    add_stock,
    availability,
    buy,
    differences,
    firm_order,
    fulfilment_id_of,
    order_id_of,
    pay,
    planned_wave,
    planner,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.order.racing import kept
from tests.wms.journey.order.test_hold_place import hold
from tests.wms.journey.people import (
    holds_of,
    loader_at_dock,
    packed_order,
    picker_at_bin,
    sorted_order,
    sscc_of,
    state_of,
    told_of,
    wait_for_lock,
)
from wms.error import Conflict, NotFound
from wms.journey.claim.claim import expire_promises
from wms.journey.order.hold import lift_hold
from wms.journey.order.waybill import prepare_waybills


async def _lift(house: asyncpg.Pool, fulfilment_order_id: int) -> None:
    held = await rows(
        house,
        "select f.order_id, h.id from hold h join fulfilment_order f "
        "on f.id = h.fulfilment_order_id where f.id = $1 and h.lifted_at is null",
        fulfilment_order_id,
    )
    for row in held:
        await lift_hold(house, row["order_id"], row["id"], planner(), NOW)


async def test_a_lost_claim_is_made_again_before_the_order_goes_on(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    older = await firm_order(house, shop, ("MUG", 5))
    younger = await firm_order(house, shop, ("MUG", 5))
    picker = await picker_at_bin(house, older)
    await picker.scan_all(picker.screen["target"])
    # Of ten mugs four are there, and the older order keeps them.
    await picker.scan_all("MUG")
    await picker.scan(picker.screen["target"], 2)
    await picker.do("not_found")
    await picker.do("count", 2)
    assert await holds_of(house, younger) == ["stock_lost"]
    assert await availability(house, shop, "MUG") == (4, 4)
    with pytest.raises(Conflict) as refusal:
        await _lift(house, younger)
    assert refusal.value.code == "not_available"
    assert await holds_of(house, younger) == ["stock_lost"]
    await add_stock(house, shop, "MUG", bin1=20)
    await _lift(house, younger)
    assert await holds_of(house, younger) == []
    assert (await told_of(house, younger))[-1] == "order.hold_lifted"
    assert await differences(house) == []
    await planned_wave(house, younger, release=True)
    assert await state_of(house, younger) == "released"


async def test_an_order_that_was_held_leaves_with_its_promise_kept(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 4))
    late = NOW + PROMISE_LASTS + timedelta(seconds=1)
    await expire_promises(house, late)
    other = await buy(house, shop, ("MUG", 3), now=late)
    await pay(house, shop, order, now=late)
    held = fulfilment_id_of(order)
    assert await holds_of(house, held) == ["paid_too_late"]
    with pytest.raises(Conflict):
        await _lift(house, held)
    await add_stock(house, shop, "MUG", bin0=2)
    await _lift(house, held)
    assert await availability(house, shop, "MUG") == (7, 7)
    assert await prepare_waybills(house, held, NOW)
    await sorted_order(house, held)
    await packed_order(house, held)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, held)}")
    await loader.do("close")
    assert await state_of(house, held) == "handed_over"
    assert await availability(house, shop, "MUG") == (3, 3)
    assert await value(
        house, "select state from promise p join order_line l on l.id = p.order_line_id "
        "where l.order_id = $1", order_id_of(other),
    ) == "open"  # fmt: skip
    assert await differences(house) == []


async def test_a_hold_is_lifted_once(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    with pytest.raises(NotFound):
        await lift_hold(house, order_id_of(order), 99, planner(), NOW)


async def test_of_two_holds_lifted_at_once_the_last_claims_what_was_lost(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 4))
    number, order_id = fulfilment_id_of(order), order_id_of(order)
    late = NOW + PROMISE_LASTS + timedelta(seconds=1)
    await expire_promises(house, late)
    await buy(house, shop, ("MUG", 3), now=late)
    await pay(house, shop, order, now=late)
    await hold(house, shop, order_id, key="shop")
    await add_stock(house, shop, "MUG", bin0=2)
    [first, second] = [row["id"] for row in await rows(house, "select id from hold order by id")]
    async with kept(house, "shop_order"):
        lifts = asyncio.gather(
            lift_hold(house, order_id, first, planner(), late),
            lift_hold(house, order_id, second, shop, late),
        )
        await wait_for_lock(house, 2)
    await lifts
    assert await holds_of(house, number) == []
    assert await value(house, "select firm_at from fulfilment_order where id = $1", number)
    assert await availability(house, shop, "MUG") == (7, 7)
