"""Holds that a shop or one of the staff sets: whose they are, and what they take back."""

from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest

from routing.effort import Effort
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem
from tests.builders import (
    NOW,
    buy,
    differences,
    firm_order,
    fulfilment_id_of,
    order_id_of,
    planned_wave,
    planner,
    rows,
    solve_first_come,
    stocked_shop,
    value,
)
from tests.wms.journey.order.two import an_order, part_ids, place, shop_of_two
from tests.wms.journey.people import pick_one, picker_at_bin
from wms.error import Conflict, NotFound, Refused
from wms.journey.order.hold import lift_hold
from wms.journey.order.hold_place import place_hold
from wms.journey.request import Request, StaffRequest
from wms.journey.wave.wave import release_wave, request_wave
from wms.journey.wave.wave_plan import plan_wave
from wms.tenants.shop import Shop
from wms.tenants.staff import Role


async def hold(
    house: asyncpg.Pool,
    by: Shop | None,
    order_id: int,
    *,
    part: int | None = None,
    until: datetime | None = None,
    key: str = "k",
) -> list[int]:
    """Holds an order for a shop, or for a planner; the numbers of the holds."""
    request = (
        StaffRequest(planner(), key, "hold", key.encode())
        if by is None
        else Request(by, key, "hold", key.encode())
    )
    answer = await place_hold(
        house, request, order_id, "requested", "Wait for the buyer.", until, part, NOW
    )
    holds = answer.body["holds"]
    assert isinstance(holds, list)
    return [row["id"] for row in holds]


async def order_of(house: asyncpg.Pool, number: int) -> int:
    found = await value(house, "select order_id from fulfilment_order where id = $1", number)
    assert isinstance(found, int)
    return found


async def state(house: asyncpg.Pool, number: int) -> object:
    return await value(house, "select state from fulfilment_order where id = $1", number)


async def test_two_holds_one_released_still_held(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    number = await firm_order(house, shop, ("MUG", 1))
    order_id = await order_of(house, number)
    [first] = await hold(house, shop, order_id, key="1")
    [second] = await hold(house, None, order_id, key="2")
    await lift_hold(house, order_id, first, shop, NOW)
    wave = await planned_wave(house, number, release=True)
    assert await value(house, "select state from wave where id = $1", wave) == "refused"
    assert await state(house, number) == "open"
    await lift_hold(house, order_id, second, planner(), NOW)
    await planned_wave(house, number, release=True)
    assert await state(house, number) == "released"


async def test_a_hold_has_an_owner_a_time_and_who_set_it(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order_id = order_id_of(await buy(house, shop, ("MUG", 1)))
    tomorrow = NOW + timedelta(days=1)
    [number] = await hold(house, shop, order_id, until=tomorrow)
    [row] = await rows(house, "select * from hold where id = $1", number)
    assert (row["owned_by"], row["until"], row["made_by"]) == ("shop", tomorrow, shop.actor)
    await lift_hold(house, order_id, number, shop, NOW)
    [row] = await rows(house, "select * from hold where id = $1", number)
    assert (row["lifted_at"], row["lifted_by"]) == (NOW, shop.actor)
    [told] = await rows(house, "select data from event where type = 'order.held'")
    assert told["data"]["hold_id"] == number and told["data"]["until"] == tomorrow.isoformat()


@pytest.mark.parametrize("days", [-1, 0, 91])
async def test_a_hold_ends_in_the_future_that_one_can_see(house: asyncpg.Pool, days: int) -> None:
    shop = await stocked_shop(house, MUG=5)
    order_id = order_id_of(await buy(house, shop, ("MUG", 1)))
    with pytest.raises(Refused) as refusal:
        await hold(house, shop, order_id, until=NOW + timedelta(days=days))
    assert (refusal.value.code, refusal.value.pointer) == ("bad_until", "/until")


async def test_each_lifts_its_own_holds_and_a_supervisor_any(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    other = await stocked_shop(house, CUP=5)
    order_id = order_id_of(await buy(house, shop, ("MUG", 1)))
    [of_shop] = await hold(house, shop, order_id, key="1")
    [of_planner] = await hold(house, None, order_id, key="2")
    with pytest.raises(Conflict) as refusal:
        await lift_hold(house, order_id, of_planner, shop, NOW)
    assert refusal.value.code == "hold_of_others"
    with pytest.raises(Conflict) as refusal:
        await lift_hold(house, order_id, of_shop, planner(), NOW)
    assert refusal.value.code == "hold_of_others"
    with pytest.raises(NotFound):
        await lift_hold(house, order_id, of_shop, other, NOW)
    with pytest.raises(NotFound):
        await hold(house, other, order_id, key="3")
    await lift_hold(house, order_id, of_shop, replace(planner(), role=Role.SUPERVISOR), NOW)
    await lift_hold(house, order_id, of_planner, planner(), NOW)


async def test_what_is_released_and_not_begun_is_taken_back_by_a_hold(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    mine = await firm_order(house, shop, ("MUG", 1))
    others = await firm_order(house, shop, ("MUG", 2))
    await planned_wave(house, mine, others, release=True)
    await hold(house, shop, await order_of(house, mine))
    assert (await state(house, mine), await state(house, others)) == ("open", "released")
    reserved = "select coalesce(sum(reserved), 0)::int from balance"
    assert await value(house, reserved) == 2
    assert await differences(house) == []


async def test_a_cart_that_a_picker_has_taken_goes_on_without_the_held_order(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    mine = await firm_order(house, shop, ("MUG", 1))
    others = await firm_order(house, shop, ("MUG", 2))
    picker = await picker_at_bin(house, mine, others)
    await hold(house, shop, await order_of(house, mine))
    assert await state(house, mine) == "open"
    while picker.screen["step"] in ("bin", "put"):
        await picker.do("refresh")
        await pick_one(picker)
    assert await state(house, others) == "picking"
    assert await value(house, "select sum(picked)::int from fulfilment_line") == 2
    assert await differences(house) == []


async def test_what_somebody_has_begun_is_not_held_any_more(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    number = await firm_order(house, shop, ("MUG", 1))
    picker = await picker_at_bin(house, number)
    await pick_one(picker)
    with pytest.raises(Conflict) as refusal:
        await hold(house, shop, await order_of(house, number))
    assert refusal.value.code == "wrong_state" and "picking already" in refusal.value.detail
    assert await value(house, "select count(*) from hold") == 0


async def test_a_planned_wave_is_released_without_what_was_held_meanwhile(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    mine = await firm_order(house, shop, ("MUG", 1))
    others = await firm_order(house, shop, ("MUG", 2))
    wave = await planned_wave(house, mine, others)
    await hold(house, shop, await order_of(house, mine))
    await release_wave(house, wave, "test", NOW)
    assert (await state(house, mine), await state(house, others)) == ("open", "released")


async def test_a_hold_is_set_once_for_each_key(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    order_id = order_id_of(order)
    assert await hold(house, shop, order_id) == await hold(house, shop, order_id)
    with pytest.raises(NotFound):
        await hold(house, shop, order_id, part=fulfilment_id_of(order) + 1, key="2")


async def test_an_order_of_two_parts_is_held_whole_or_in_one_part(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 0), CUP=(0, 5))
    order = await place(house, shop, an_order("1", ("MUG", 1), ("CUP", 1)))
    first, second = part_ids(order)
    assert len(await hold(house, shop, order_id_of(order), part=second, key="1")) == 1
    held = "select fulfilment_order_id from hold order by id"
    assert [row["fulfilment_order_id"] for row in await rows(house, held)] == [second]
    assert len(await hold(house, shop, order_id_of(order), key="2")) == 2
    assert [row["fulfilment_order_id"] for row in await rows(house, held)] == [
        second,
        first,
        second,
    ]


async def test_what_is_held_while_its_walk_is_planned_is_not_released(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    mine = await firm_order(house, shop, ("MUG", 1))
    others = await firm_order(house, shop, ("MUG", 2))
    order_id = await order_of(house, mine)
    wave = await request_wave(house, "test", None, release_when_planned=True, seed=1, now=NOW)

    async def solve(problem: BatchProblem, effort: Effort) -> BatchPlan:
        # The key is the same each time, so the hold is set while the first plan is made.
        await hold(house, shop, order_id)
        return await solve_first_come(problem, effort)

    await plan_wave(house, wave, solve, NOW)
    assert (await state(house, mine), await state(house, others)) == ("open", "released")
