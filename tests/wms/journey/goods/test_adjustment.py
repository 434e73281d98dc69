"""Stock put right by a planner: once for each command, with claims that give way, or refused."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    PRICE_MINOR,
    PROMISE_LASTS,
    add_items,
    add_shop,
    an_item,
    availability,
    buy,
    differences,
    fulfilment_id_of,
    new_order,
    pay,
    rows,
    stocked_shop,
)
from tests.wms.journey.desk import open_desk
from tests.wms.journey.people import holds_of
from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused, WmsError
from wms.journey.order.intake import place_order
from wms.journey.request import Request
from wms.orders.order import NewLine
from wms.stock.commands import reserve_one
from wms.stock.queries import free_bins
from wms.tenants.shop import Shop

BIN = BINS[0]


async def _moved(pool: asyncpg.Pool, shop: Shop) -> list[tuple[str, int]]:
    found = await rows(
        pool,
        "select m.kind, l.quantity from movement m join movement_line l on l.movement_id = m.id "
        "where l.owner_id = $1 and m.kind <> 'opening' order by m.id",
        shop.owner_id,
    )
    return [tuple(row) for row in found]


async def test_one_command_id_five_times_also_after_a_time_out_is_one_movement_and_one_answer(
    pool: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(pool, MUG=10)
    desk = await open_desk(pool)
    # Whoever waited for the first answers gave up, each a little further in the middle of it.
    for wait_s in (0.001, 0.004, 0.008):
        given_up = asyncio.create_task(desk.adjust(shop, "MUG", BIN, change=-2, key="once"))
        await asyncio.sleep(wait_s)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
    answers = [await desk.adjust(shop, "MUG", BIN, change=-2, key="once") for _ in range(5)]
    assert all(answer.body == answers[0].body for answer in answers)
    assert [answer.status for answer in answers] == [201] * 5
    assert all(answer.replayed for answer in answers[1:])
    assert answers[0].body["on_hand"] == 8
    assert await _moved(pool, shop) == [("adjustment", 2)]
    with pytest.raises(Refused) as refusal:
        await desk.adjust(shop, "MUG", BIN, change=-3, key="once")
    assert refusal.value.code == "idempotency_key_reused"
    assert await differences(pool) == []


async def test_five_at_once_under_one_command_id_are_one_movement(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=10)
    desk = await open_desk(pool)
    answers = await asyncio.gather(
        *(desk.adjust(shop, "MUG", BIN, change=5, key="at once") for _ in range(5)),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {error.code for error in refused if isinstance(error, WmsError)} <= {"in_flight"}
    assert all(isinstance(error, Conflict) for error in refused)
    assert await _moved(pool, shop) == [("adjustment", 5)]
    assert await availability(pool, shop, "MUG") == (15, 0)


async def test_what_is_lost_frees_the_youngest_claim_and_tells_its_order(
    pool: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(pool, MUG=10)
    desk = await open_desk(pool)
    older, younger = [await buy(pool, shop, ("MUG", 5)) for _ in range(2)]
    for order in (older, younger):
        await pay(pool, shop, order)
    answer = await desk.adjust(shop, "MUG", BIN, change=-1)
    assert (answer.body["on_hand"], answer.body["promises_freed"]) == (9, 1)
    assert await holds_of(pool, fulfilment_id_of(older)) == []
    assert await holds_of(pool, fulfilment_id_of(younger)) == ["stock_lost"]
    assert (await availability(pool, shop, "MUG"))[0] == 9
    assert await differences(pool) == []


async def test_another_status_is_not_for_sale_and_comes_back(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=10)
    desk = await open_desk(pool)
    answer = await desk.adjust(shop, "MUG", BIN, quantity=4, to_status="damaged")
    assert answer.body["on_hand"] == 6
    assert await availability(pool, shop, "MUG") == (6, 0)
    await desk.adjust(shop, "MUG", BIN, quantity=1, status="damaged", to_status="available")
    await desk.adjust(shop, "MUG", BIN, change=-3, status="damaged")
    assert await availability(pool, shop, "MUG") == (7, 0)
    assert await _moved(pool, shop) == [("status", 4), ("status", 1), ("adjustment", 3)]
    assert await differences(pool) == []


async def test_a_scaled_unit_is_exact_3140_less_3106_40_leaves_33_60_to_the_last_bit(
    pool: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(pool)
    desk = await open_desk(pool)
    await add_items(pool, shop, replace(an_item("ROPE"), unit="m", scale=2))
    assert (await desk.adjust(shop, "ROPE", BIN, change="3140")).body["on_hand"] == "3140.00"
    left = await desk.adjust(shop, "ROPE", BIN, change="-3106.40")
    assert left.body["on_hand"] == "33.60"
    held = await desk.adjust(shop, "ROPE", BIN, quantity="33.60", to_status="hold")
    assert held.body["on_hand"] == "0.00"
    await desk.adjust(shop, "ROPE", BIN, quantity="33.60", status="hold", to_status="available")
    order = replace(
        new_order([("ROPE", 1)], "rope"), lines=(NewLine("ROPE", "33.60", PRICE_MINOR),)
    )
    request = Request(shop, "rope", "order", order.body_hash)
    assert (await place_order(pool, request, order, PROMISE_LASTS, NOW)).status == 201
    assert await availability(pool, shop, "ROPE") == (3360, 3360)
    async with staff_transaction(pool) as connection:
        house = await connection.fetchval("select id from warehouse")
        item_id = await connection.fetchval("select id from item where sku = 'ROPE'")
        [bin] = await free_bins(connection, house, [item_id], NOW)
        assert bin["free"] == 3360
        await reserve_one(connection, shop.tenant_id, bin["balance_id"], 1, 3360)
        assert await free_bins(connection, house, [item_id], NOW) == []
    for finer in ("0.001", "1e3", "abc"):
        with pytest.raises(Refused) as refusal:
            await desk.adjust(shop, "ROPE", BIN, change=finer)
        assert (refusal.value.code, refusal.value.pointer) == ("wrong_unit", "/change")
    assert await differences(pool) == []


@pytest.mark.parametrize(
    ("words", "code", "pointer"),
    [
        ({"sku": "NONE", "change": 1}, "unknown_item", "/sku"),
        ({"place": "NOWHERE", "change": 1}, "unknown_place", "/place"),
        ({"place": "SUPPLIER", "change": 1}, "no_storage", "/place"),
        ({"handling_unit": "LPN-0", "change": 1}, "unknown_unit", "/handling_unit"),
        ({"change": 0}, "bad_quantity", "/change"),
        ({"change": 10**13}, "bad_quantity", "/change"),
        ({"change": "1.5"}, "wrong_unit", "/change"),
        ({"change": 1, "unit": "case"}, "wrong_unit", "/unit"),
        ({"change": 1, "quantity": 1, "to_status": "hold"}, "bad_adjustment", "/change"),
        ({"quantity": 1}, "bad_adjustment", "/to_status"),
        ({"quantity": 1, "to_status": "available"}, "bad_adjustment", "/to_status"),
        ({"change": -11}, "not_enough_stock", None),
        ({"change": -1, "lot": "L9"}, "not_enough_stock", None),
        ({"change": 1, "expires_on": date(2010, 11, 30)}, "expired", "/expires_on"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    pool: asyncpg.Pool, words: dict[str, Any], code: str, pointer: str | None
) -> None:
    shop = await stocked_shop(pool, MUG=10)
    desk = await open_desk(pool)
    named: dict[str, Any] = {"sku": "MUG", "place": BIN} | words
    with pytest.raises(WmsError) as refusal:
        await desk.adjust(shop, **named)
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)
    assert await _moved(pool, shop) == []
    assert await availability(pool, shop, "MUG") == (10, 0)


async def test_goods_of_a_shop_that_is_not_there_are_nobody_s(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=10)
    other = await add_shop(pool)
    desk = await open_desk(pool)
    for stranger in (replace(shop, name="nobody"), other):
        with pytest.raises(Refused) as refusal:
            await desk.adjust(stranger, "MUG", BIN, change=1)
        assert refusal.value.code in ("unknown_shop", "unknown_item")
    assert await _moved(pool, shop) == []


async def test_tracked_goods_say_what_they_are(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool)
    desk = await open_desk(pool)
    await add_items(
        pool,
        shop,
        replace(an_item("MILK"), track_lot=True, track_expiry=True),
        replace(an_item("PHONE"), track_serial=True),
    )
    asked: list[tuple[str, dict[str, Any], str]] = [
        ("MILK", {"change": 2}, "lot_missing"),
        ("MILK", {"change": 2, "lot": "L1"}, "expiry_missing"),
        ("PHONE", {"change": 1}, "serial_missing"),
        ("PHONE", {"change": 2, "serial": "S1"}, "serial_quantity"),
    ]
    for sku, words, code in asked:
        with pytest.raises(Refused) as refusal:
            await desk.adjust(shop, sku, BIN, **words)
        assert refusal.value.code == code
    await desk.adjust(shop, "MILK", BIN, change=2, lot="L1", expires_on=date(2010, 12, 24))
    # The lot's last day is known by now.
    more = await desk.adjust(shop, "MILK", BIN, change=3, lot="L1")
    assert more.body["on_hand"] == 5
    await desk.adjust(shop, "PHONE", BIN, change=1, serial="S1")
    with pytest.raises(Conflict) as taken:
        await desk.adjust(shop, "PHONE", BINS[1], change=1, serial="S1")
    assert taken.value.code == "serial_elsewhere"
    assert await differences(pool) == []
