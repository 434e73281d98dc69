"""A wave is planned, then reserved; it can be taken back until somebody begins it."""

import asyncpg
import pytest

from routing.effort import Effort
from routing.pick.batch.baseline import first_come
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem
from tests.builders import (
    BINS,
    NOW,
    add_items,
    add_shop,
    add_stock,
    an_item,
    buy,
    differences,
    firm_order,
    fulfilment_id_of,
    pay,
    planned_wave,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import holds_of, person, state_of, told_of
from tests.wms.stock.shelf import Shelf, post
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.journey.wave.wave import release_wave, request_wave, unrelease_wave
from wms.journey.wave.wave_plan import plan_wave
from wms.tenants.shop import Shop


async def _wave_state(house: asyncpg.Pool, wave_id: int) -> object:
    return await value(house, "select state from wave where id = $1", wave_id)


async def _reserved(house: asyncpg.Pool) -> object:
    return await value(house, "select coalesce(sum(reserved), 0)::int from balance")


async def _lose(
    house: asyncpg.Pool, shop: Shop, sku: str, quantity: int, place: str = BINS[0]
) -> None:
    async with staff_transaction(house) as connection:
        items = await connection.fetch(
            "select id, sku from item where owner_id = $1", shop.owner_id
        )
        places = await connection.fetch("select id, code from place")
        shelf = Shelf(
            shop,
            {row["sku"]: row["id"] for row in items},
            {row["code"]: row["id"] for row in places},
        )
        await post(connection, shelf, "count", shelf.line(sku, quantity, place, "LOSS"))


async def test_a_plan_reserves_nothing_and_its_release_does(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10, CUP=10)
    order = await firm_order(house, shop, ("MUG", 4), ("CUP", 1))
    wave = await planned_wave(house, order)
    assert (await _wave_state(house, wave), await _reserved(house)) == ("planned", 0)
    assert await state_of(house, order) == "open"
    await release_wave(house, wave, "test", NOW)
    assert (await _wave_state(house, wave), await _reserved(house)) == ("released", 5)
    assert await state_of(house, order) == "released"
    assert await value(house, "select packing_place_id is not null from fulfilment_order")
    with pytest.raises(Conflict) as refusal:
        await release_wave(house, wave, "test", NOW)
    assert refusal.value.code == "wrong_state"
    assert await differences(house) == []


async def test_every_plan_says_what_it_walks_and_what_first_come_would(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    await add_items(house, shop, an_item("CUP"))
    await add_stock(house, shop, "CUP", bin3=5)
    wave = await planned_wave(house, await firm_order(house, shop, ("MUG", 1), ("CUP", 1)))
    [row] = await rows(house, "select * from wave where id = $1", wave)
    [cart] = await rows(house, "select * from pick_batch where wave_id = $1", wave)
    assert 0 < row["distance_mm"] <= row["baseline_mm"]
    assert cart["distance_mm"] == row["distance_mm"]
    assert cart["path"][0] == cart["path"][-1] == [0, 0]


async def test_a_stale_plan_is_refused_and_reserves_nothing(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10, CUP=10)
    order = await firm_order(house, shop, ("MUG", 4), ("CUP", 9))
    wave = await planned_wave(house, order)
    # The promise is covered from another bin, but the plan's own bin holds too little now.
    await add_stock(house, shop, "CUP", bin1=10)
    await _lose(house, shop, "CUP", 2)
    with pytest.raises(Conflict) as refusal:
        await release_wave(house, wave, "test", NOW)
    assert refusal.value.code == "plan_stale"
    assert (await _wave_state(house, wave), await _reserved(house)) == ("planned", 0)
    assert await state_of(house, order) == "open"
    await unrelease_wave(house, wave, "test", NOW)
    again = await planned_wave(house, order, release=True)
    assert await _wave_state(house, again) == "released"


@pytest.mark.parametrize(("changes", "tries"), [(1, 2), (2, 3), (3, 3)])
async def test_a_plan_that_the_stock_overtakes_is_made_again_at_once_with_less_thought(
    house: asyncpg.Pool, changes: int, tries: int
) -> None:
    shop = await stocked_shop(house, MUG=10, CUP=10)
    order = await firm_order(house, shop, ("MUG", 4), ("CUP", 9))
    thought: list[Effort] = []

    async def solve(problem: BatchProblem, effort: Effort) -> BatchPlan:
        thought.append(effort)
        if len(thought) <= changes:
            # All cups go from the bin that the plan knows, and there are others elsewhere.
            await add_stock(house, shop, "CUP", **{f"bin{len(thought)}": 10})
            await _lose(house, shop, "CUP", 10, BINS[len(thought) - 1])
        return first_come(problem)

    wave = await request_wave(house, "test", [order], release_when_planned=True, seed=1, now=NOW)
    if changes < 3:
        await plan_wave(house, wave, solve, NOW)
        assert await _wave_state(house, wave) == "released"
    else:
        with pytest.raises(Conflict) as refusal:
            await plan_wave(house, wave, solve, NOW)
        assert refusal.value.code == "plan_stale"
        assert (await _wave_state(house, wave), await _reserved(house)) == ("requested", 0)
    assert len(thought) == tries
    steps = [effort.iterations or 0 for effort in thought]
    assert steps == sorted(steps, reverse=True) and len(set(steps)) == tries
    assert await differences(house) == []


async def test_an_order_is_in_one_wave_at_a_time(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 4))
    await planned_wave(house, order)
    second = await planned_wave(house, order)
    assert await _wave_state(house, second) == "refused"


async def test_unrelease_gives_back_exactly_what_was_reserved(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    other = await firm_order(house, shop, ("MUG", 3))
    await planned_wave(house, other, release=True)
    order = await firm_order(house, shop, ("MUG", 4))
    wave = await planned_wave(house, order, release=True)
    assert await _reserved(house) == 7
    await unrelease_wave(house, wave, "test", NOW)
    assert (await _wave_state(house, wave), await _reserved(house)) == ("unreleased", 3)
    assert await value(house, "select sum(quantity)::int from reservation") == 3
    assert [await state_of(house, one) for one in (order, other)] == ["open", "released"]
    assert (await told_of(house, order))[-2:] == ["order.released", "order.open"]
    assert await differences(house) == []
    again = await planned_wave(house, order, release=True)
    assert (await _wave_state(house, again), await _reserved(house)) == ("released", 7)


async def test_a_wave_that_somebody_has_begun_cannot_be_taken_back(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 4))
    wave = await planned_wave(house, order, release=True)
    await (await person(house, "Pia")).do("pick")
    with pytest.raises(Conflict) as refusal:
        await unrelease_wave(house, wave, "test", NOW)
    assert refusal.value.code == "wave_begun"
    assert (await _wave_state(house, wave), await _reserved(house)) == ("released", 4)


async def test_an_order_that_no_bin_covers_is_left_out_with_its_reason(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10, CUP=10)
    good = await firm_order(house, shop, ("MUG", 4))
    bad = await firm_order(house, shop, ("MUG", 1), ("CUP", 4))
    async with staff_transaction(house) as connection:
        await connection.execute("update place set blocked_out = true where code = $1", BINS[1])
        await connection.execute(
            "update balance b set place_id = p.id from place p, item i "
            "where p.code = $1 and i.id = b.item_id and i.sku = 'CUP'",
            BINS[1],
        )
    wave = await planned_wave(house, good, bad, release=True)
    [row] = await rows(house, "select left_out from wave where id = $1", wave)
    assert [entry["order"] for entry in row["left_out"]] == [bad]
    assert "in no bin" in row["left_out"][0]["reason"]
    assert await holds_of(house, bad) == ["left_out"]
    assert [await state_of(house, one) for one in (good, bad)] == ["released", "open"]
    assert await _reserved(house) == 4


async def test_what_is_not_firm_waits(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    unpaid = fulfilment_id_of(await buy(house, shop, ("MUG", 1)))
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    without_waybill = fulfilment_id_of(order)
    wave = await planned_wave(house, unpaid, without_waybill)
    assert await _wave_state(house, wave) == "refused"


async def test_orders_of_a_sandbox_key_never_reach_the_floor(house: asyncpg.Pool) -> None:
    shop = await add_shop(house, sandbox=True)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    wave = await planned_wave(house, fulfilment_id_of(order), release=True)
    assert await _wave_state(house, wave) == "refused"


async def test_a_wave_that_does_not_exist_is_not_found(house: asyncpg.Pool) -> None:
    for change in (release_wave, unrelease_wave):
        with pytest.raises(NotFound):
            await change(house, 99, "test", NOW)
