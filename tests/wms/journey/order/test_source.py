"""Orders over two warehouses: where they ship from, and what becomes of what is not there."""

import asyncio
import random

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PRICE_MINOR,
    PROMISE_LASTS,
    differences,
    order_id_of,
    pay,
    planned_wave,
    rows,
    solve_first_come,
    value,
)
from tests.wms.journey.order.two import (
    BIN,
    an_order,
    expect,
    part_ids,
    parts,
    place,
    promised,
    shop_of_two,
    sources,
)
from tests.wms.promise.scene import unsound
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.journey import entry
from wms.journey.claim.claim import expire_promises
from wms.journey.claim.supply import supply_waiting
from wms.journey.entry import OpeningStock
from wms.journey.order.cancel import cancel_order
from wms.journey.order.order_view import order_view
from wms.journey.order.source import name_sources
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.journey.wave.wave import request_wave
from wms.journey.wave.wave_plan import plan_wave
from wms.orders import queries as orders
from wms.orders.order import Fulfilment
from wms.outbox.command import Answer

KILL, AVAILABLE = Fulfilment.FILL_OR_KILL, Fulfilment.FILL_AVAILABLE


async def test_the_nearest_warehouse_that_has_all_ships(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5), CUP=(1, 5))
    near = await place(house, shop, an_order("1", ("MUG", 2), ("CUP", 1)))
    assert parts(near) == [("MAIN", "open", [(1, 2), (2, 1)])]
    assert sources(near) == ["MAIN is nearest and has all"]
    far = await place(house, shop, an_order("2", ("MUG", 2), ("CUP", 3)))
    assert parts(far) == [("SOUTH", "open", [(1, 2), (2, 3)])]
    assert sources(far) == ["SOUTH is the nearest that has all"]
    assert await promised(house, shop) == {
        ("MUG", "MAIN"): (5, 2, 0),
        ("CUP", "MAIN"): (1, 1, 0),
        ("MUG", "SOUTH"): (5, 2, 0),
        ("CUP", "SOUTH"): (5, 3, 0),
    }


async def test_where_none_has_all_each_part_ships_from_its_own(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 0), CUP=(1, 3))
    order = await place(house, shop, an_order("1", ("MUG", 2), ("CUP", 4)))
    assert parts(order) == [("MAIN", "open", [(1, 2), (2, 1)]), ("SOUTH", "open", [(2, 3)])]
    why = "MAIN and SOUTH together have all, in the fewest parcels"
    assert sources(order) == [why, why]
    [told] = await rows(house, "select data from event where type = 'order.accepted'")
    assert [source["reason"] for source in told["data"]["sources"]] == [why, why]
    # The line that came apart is still one line of the order, promised as a whole.
    lines = order.body["lines"]
    assert isinstance(lines, list)
    assert [(line["quantity"], line["promise"]) for line in lines] == [(2, "open"), (4, "open")]


async def test_what_both_together_lack_is_refused_and_noted(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(2, 2))
    with pytest.raises(Refused) as refusal:
        await place(house, shop, an_order("1", ("MUG", 5)))
    assert refusal.value.code == "not_available"
    assert "5 each are wanted and 4 can be promised" in refusal.value.detail
    [noted] = await rows(house, "select quantity, available, admission from refused_demand")
    assert (noted["quantity"], noted["available"]) == (5, 4) and noted["admission"] > 0
    assert {row[1] for row in (await promised(house, shop)).values()} == {0}


async def test_only_warehouses_that_a_shop_names_ship_for_it(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5))
    await name_sources(house, shop, ["SOUTH"])
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    assert parts(order) == [("SOUTH", "open", [(1, 2)])]
    assert sources(order) == ["SOUTH is the only one that ships for the shop"]
    with pytest.raises(Refused) as refusal:
        await name_sources(house, shop, ["SOUTH", "NOWHERE"])
    assert (refusal.value.code, refusal.value.pointer) == ("unknown_warehouse", "/warehouses/1")
    await name_sources(house, shop, [])
    assert parts(await place(house, shop, an_order("2", ("MUG", 2))))[0][0] == "MAIN"


async def test_buyers_at_once_over_two_warehouses_get_all_and_no_more(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(7, 6), CUP=(6, 7))
    rng = random.Random(3)

    async def buy(number: int) -> bool:
        lines = [("MUG", 1), ("CUP", 1)]
        rng.shuffle(lines)
        try:
            return (await place(house, shop, an_order(f"{number}", *lines))).status == 201
        except Refused:
            return False

    won = await asyncio.gather(*(buy(number) for number in range(24)))
    assert sum(won) == 13
    assert {(on, left) for on, left, _ in (await promised(house, shop)).values()} == {
        (7, 7),
        (6, 6),
    }
    last = await value(house, "select max(admission) from shop_order")
    first = await value(house, "select min(admission) from refused_demand")
    assert isinstance(last, int) and isinstance(first, int) and last < first
    async with staff_transaction(house) as connection:
        assert await unsound(connection) == []


async def test_an_order_of_two_parts_is_paid_and_waved_in_each_warehouse(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(5, 0), CUP=(0, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2), ("CUP", 1)))
    numbers = part_ids(order)
    await pay(house, shop, order)
    asked = await rows(house, "select subject from job where kind = 'waybill' order by subject")
    assert [row["subject"] for row in asked] == [f"fulfilment/{number}" for number in numbers]
    for number in numbers:
        assert await prepare_waybills(house, number, NOW)
    for warehouse, number in zip(("MAIN", "SOUTH"), numbers, strict=True):
        wave = await request_wave(
            house, "test", None, release_when_planned=True, seed=1, now=NOW, warehouse=warehouse
        )
        await plan_wave(house, wave, solve_first_come, NOW)
        taken = "select fulfilment_order_id from wave_order where wave_id = $1"
        assert [row["fulfilment_order_id"] for row in await rows(house, taken, wave)] == [number]
    states = await rows(house, "select state from fulfilment_order order by id")
    assert [row["state"] for row in states] == ["released", "released"]
    async with staff_transaction(house) as connection:
        view = await order_view(connection, shop, order_id_of(order))
        [listed] = await orders.orders_after(connection, shop.tenant_id, shop.shop_id, 0, 10)
    parcels = view["parcels"]
    assert isinstance(parcels, list) and len(parcels) == 2
    assert listed["fulfilment_state"] == "released"
    assert await differences(house) == []


async def test_a_list_shows_an_order_of_two_parts_once_and_as_far_as_its_last(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(5, 0), CUP=(0, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2), ("CUP", 1)))
    first = part_ids(order)[0]
    await pay(house, shop, order)
    await prepare_waybills(house, first, NOW)
    await planned_wave(house, first, release=True)
    async with staff_transaction(house) as connection:
        listed = await orders.orders_after(connection, shop.tenant_id, shop.shop_id, 0, 10)
    assert [row["fulfilment_state"] for row in listed] == ["open"]


async def test_a_promise_of_two_parts_expires_and_is_claimed_again_as_one(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(2, 0), CUP=(0, 2))
    order = await place(house, shop, an_order("1", ("MUG", 2), ("CUP", 2)))
    later = NOW + 2 * PROMISE_LASTS
    assert await expire_promises(house, later) == 1
    assert {left for _, left, _ in (await promised(house, shop)).values()} == {0}
    answer = await pay(house, shop, order, now=later)
    lines = answer.body["lines"]
    assert isinstance(lines, list) and {line["promise"] for line in lines} == {"firm"}
    async with staff_transaction(house) as connection:
        assert await unsound(connection) == []


async def test_money_that_comes_when_one_part_is_gone_claims_none_and_holds_both(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(2, 0), CUP=(0, 2))
    order = await place(house, shop, an_order("1", ("MUG", 2), ("CUP", 2)))
    later = NOW + 2 * PROMISE_LASTS
    await expire_promises(house, later)
    await place(house, shop, an_order("2", ("CUP", 1)))
    answer = await pay(house, shop, order, now=later)
    holds = answer.body["holds"]
    assert isinstance(holds, list)
    assert {hold["fulfilment_order_id"] for hold in holds} == set(part_ids(order))
    assert {sku: row[1] for (sku, _), row in (await promised(house, shop)).items()} == {
        "MUG": 0,
        "CUP": 1,
    }


async def test_fill_or_kill_has_all_from_stock_or_is_refused(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 0))
    await expect(house, shop, "MUG", "MAIN", 10)
    with pytest.raises(Refused) as refusal:
        await place(house, shop, an_order("1", ("MUG", 4), fulfilment=KILL))
    assert refusal.value.code == "not_available"
    order = await place(house, shop, an_order("2", ("MUG", 3), fulfilment=KILL))
    assert parts(order) == [("MAIN", "open", [(1, 3)])]


async def test_fill_or_kill_and_backorder_contradict_each_other(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 0))
    with pytest.raises(Refused) as refusal:
        await place(house, shop, an_order("1", ("MUG", 1), fulfilment=KILL, backorder=True))
    assert (refusal.value.code, refusal.value.pointer) == ("contradictory_wish", "/backorder")


async def test_fill_available_ships_what_is_there_and_dates_the_rest(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 1))
    await expect(house, shop, "MUG", "SOUTH", 10)
    order = await place(house, shop, an_order("1", ("MUG", 6), fulfilment=AVAILABLE))
    assert parts(order) == [
        ("MAIN", "open", [(1, 3)]),
        ("SOUTH", "open", [(1, 1)]),
        ("SOUTH", "backordered", [(1, 2)]),
    ]
    assert order.body["expected_at"] is not None
    assert await promised(house, shop) == {
        ("MUG", "MAIN"): (3, 3, 0),
        ("MUG", "SOUTH"): (1, 1, 2),
    }


async def test_what_is_neither_there_nor_on_its_way_is_cancelled_with_its_amount(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(3, 1), CUP=(0, 0))
    order = await place(house, shop, an_order("1", ("MUG", 6), ("CUP", 2), fulfilment=AVAILABLE))
    assert parts(order) == [("MAIN", "open", [(1, 3)]), ("SOUTH", "open", [(1, 1)])]
    lines = order.body["lines"]
    assert isinstance(lines, list)
    assert [line["cancelled"] for line in lines] == [2, 2]
    [told] = await rows(house, "select data from event where type = 'order.lines_cancelled'")
    gone = told["data"]["lines"]
    assert [(x["sku"], x["quantity"]) for x in gone] == [("MUG", 2), ("CUP", 2)]
    assert {x["amount"]["amount_minor"] for x in gone} == {510}
    with pytest.raises(Refused):
        await place(house, shop, an_order("2", ("CUP", 2), fulfilment=AVAILABLE))


async def test_what_never_ships_need_not_be_paid(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 0))
    order = await place(house, shop, an_order("1", ("MUG", 5), fulfilment=AVAILABLE))
    assert minor(order, "total") == 5 * PRICE_MINOR
    assert minor(order, "current_total") == 3 * PRICE_MINOR
    with pytest.raises(Refused) as refusal:
        await pay(house, shop, order, amount_minor=4 * PRICE_MINOR)
    assert refusal.value.code == "wrong_amount"
    paid = await pay(house, shop, order, amount_minor=3 * PRICE_MINOR)
    assert paid.body["payment_state"] == "paid"
    # The whole of it given back is what was paid.
    back = await pay(house, shop, order, state="refunded", amount_minor=3 * PRICE_MINOR)
    assert back.body["payment_state"] == "refunded"
    assert (back.body["state"], minor(back, "current_total")) == ("cancelled", 0)


def minor(order: Answer, name: str) -> int:
    """An amount of an order that was answered."""
    amount = order.body[name]
    assert isinstance(amount, dict)
    return int(amount["amount_minor"])


async def test_the_waiting_rest_goes_on_by_itself_when_its_goods_come(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 0))
    await expect(house, shop, "MUG", "MAIN", 2)
    order = await place(house, shop, an_order("1", ("MUG", 5), fulfilment=AVAILABLE))
    await pay(house, shop, order)
    here, waits = part_ids(order)
    assert await prepare_waybills(house, here, NOW)
    # What is on its way to a shelf already serves who waits for it.
    async with staff_transaction(house) as connection:
        await entry.enter_stock(
            connection, shop, [OpeningStock("MUG", BIN, 2)], "", "test", NOW, "MAIN"
        )
        item = await connection.fetchval("select id from item")
        main = await connection.fetchval("select id from warehouse where code = 'MAIN'")
        await supply_waiting(connection, [item], main, "test", NOW)
    states = await rows(house, "select id, state from fulfilment_order order by id")
    assert [(row["id"], row["state"]) for row in states] == [(here, "open"), (waits, "open")]


async def test_an_order_of_two_parts_is_cancelled_whole(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(2, 0), CUP=(0, 2))
    order = await place(house, shop, an_order("1", ("MUG", 2), ("CUP", 2)))
    await pay(house, shop, order)
    for number in part_ids(order):
        assert await prepare_waybills(house, number, NOW)
    request = Request(shop, "cancel", "cancellation", b"1")
    answer = await cancel_order(house, request, order_id_of(order), "too late", NOW)
    assert answer.body["state"] == "done"
    assert {left for _, left, _ in (await promised(house, shop)).values()} == {0}
    standing = "select count(*) from waybill where state = 'made'"
    assert await value(house, standing) == 0
