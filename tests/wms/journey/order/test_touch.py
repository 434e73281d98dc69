"""A clean order needs no decision of a human, and every decision that one needed is counted."""

import asyncpg

from tests.builders import (
    NOW,
    firm_order,
    planned_wave,
    planner,
    rows,
    solve_first_come,
    stocked_shop,
    value,
)
from tests.wms.journey.people import (
    loader_at_dock,
    packed_order,
    print_labels,
    sorted_order,
    sscc_of,
    state_of,
)
from wms.database.pool import shop_transaction, staff_transaction
from wms.day.queries import day_summary
from wms.journey.label.verdict import reprint_label
from wms.journey.order.hold import lift_hold
from wms.journey.order.order_view import order_view
from wms.journey.request import StaffRequest
from wms.journey.wave.wave import request_wave
from wms.journey.wave.wave_plan import plan_wave
from wms.orders import commands as orders
from wms.tenants.shop import Shop


async def _touches(house: asyncpg.Pool, shop: Shop, fulfilment_order_id: int) -> object:
    """As the shop reads it, which is as the day's summary counts it."""
    number = await value(
        house, "select order_id from fulfilment_order where id = $1", fulfilment_order_id
    )
    assert isinstance(number, int)
    async with shop_transaction(house, shop.tenant_id) as connection:
        view = await order_view(connection, shop, number)
    async with staff_transaction(house) as connection:
        assert (await day_summary(connection)).human_touches == view["human_touches"]
    return view["human_touches"]


async def test_an_order_that_was_picked_packed_and_loaded_by_people_needed_none_to_decide(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, order)
    await packed_order(house, order)
    await print_labels(house)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, order)}")
    await loader.do("close")
    assert await state_of(house, order) == "handed_over"
    assert await value(house, "select count(*) from event where actor like 'staff:%'") != 0
    assert await _touches(house, shop, order) == 0


async def test_a_hold_that_somebody_lifted_is_one(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    async with staff_transaction(house) as connection:
        hold = await orders.hold_and_tell(connection, order, "no_carton", "Why.", "job:x", NOW)
    assert await _touches(house, shop, order) == 0
    number = await value(house, "select order_id from fulfilment_order where id = $1", order)
    assert isinstance(number, int)
    await lift_hold(house, number, hold, planner(), NOW)
    assert await _touches(house, shop, order) == 1


async def test_a_wave_that_somebody_asked_for_is_one_and_a_timer_s_is_none(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    by_itself, by_hand = [await firm_order(house, shop, ("MUG", 1)) for _ in range(2)]
    await planned_wave(house, by_itself, release=True)
    assert await _touches(house, shop, by_itself) == 0
    wave = await request_wave(
        house, planner().actor, [by_hand], release_when_planned=True, seed=1, now=NOW
    )
    await plan_wave(house, wave, solve_first_come, NOW)
    assert await state_of(house, by_hand) == "released"
    assert (
        await value(
            house,
            "select count(*) from human_touch t join fulfilment_order f on f.order_id = t.order_id "
            "where f.id = $1",
            by_hand,
        )
        == 1
    )


async def test_a_label_that_somebody_printed_again_is_one(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, order)
    await packed_order(house, order)
    await print_labels(house)
    [label] = await rows(house, "select id from label_job")
    request = StaffRequest(planner(), "again", "label/reprint", b"")
    await reprint_label(house, request, label["id"], "torn", None, NOW)
    assert await _touches(house, shop, order) == 1
