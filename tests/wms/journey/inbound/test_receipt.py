"""Goods come in: booked as what they are, once, and never more than may come."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, date, datetime

import asyncpg
import pytest

from tests.builders import (
    NOW,
    add_items,
    add_shop,
    an_item,
    availability,
    differences,
    rows,
    value,
)
from tests.wms.journey.dockside import (
    an_asn,
    announced,
    blind,
    closed,
    coming,
    open_dock,
    received,
    stock_of,
    told,
)
from wms.error import Conflict, NotFound, Refused, WmsError
from wms.items.item import Packaging
from wms.receiving.inbound import ArrivedLine, Condition
from wms.tenants.shop import Shop

DAMAGED = Condition.DAMAGED


@pytest.fixture
async def shop(house: asyncpg.Pool) -> Shop:
    await open_dock(house)
    return await add_shop(house)


async def _refused(work: Awaitable[object]) -> tuple[str, str | None]:
    with pytest.raises(WmsError) as refusal:
        await work
    return refusal.value.code, refusal.value.pointer


async def _event(pool: asyncpg.Pool, kind: str) -> dict[str, object]:
    data = await value(pool, "select data from event where type = $1 order by seq desc", kind)
    assert isinstance(data, dict)
    return data


async def test_over_under_and_damaged_are_booked_and_told(house: asyncpg.Pool, shop: Shop) -> None:
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    asn = await announced(house, shop, an_asn(("MUG", 40), ("CUP", 10), tolerance=5))
    answer = await received(
        house, asn, ArrivedLine("mug", 39), ArrivedLine("MUG", 3, condition=DAMAGED),
        ArrivedLine("CUP", 6),
    )  # fmt: skip
    mug = {"sku": "MUG", "expected": 40, "received": 42, "over": 2, "under": 0}
    cup = {"sku": "CUP", "expected": 10, "received": 6, "over": 0, "under": 4}
    expected = [mug | {"damaged": 3, "held": 0}, cup | {"damaged": 0, "held": 0}]
    assert answer.body["differences"] == expected
    assert (await _event(house, "inbound.received"))["differences"] == expected
    assert await stock_of(house, "MUG") == {("RECV-1", "available"): 39, ("RECV-1", "damaged"): 3}
    assert await availability(house, shop, "MUG") == (39, 0)
    assert await coming(house, "CUP") == {"inbound": 4}
    done = await closed(house, asn)
    assert done.body["state"] == "closed"
    assert (await _event(house, "inbound.closed"))["differences"] == expected
    assert await coming(house, "CUP") == {}
    assert await told(house, asn) == ["inbound.announced", "inbound.received", "inbound.closed"]
    assert await differences(house) == []


async def test_more_than_the_tolerance_is_refused_and_changes_nothing(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, an_item("MUG"))
    asn = await announced(house, shop, an_asn(("MUG", 40), tolerance=5))
    await received(house, asn, ArrivedLine("MUG", 41))
    over = received(house, asn, ArrivedLine("MUG", 1), ArrivedLine("MUG", 1))
    assert await _refused(over) == ("over_receipt", "/lines/0/quantity")
    assert await stock_of(house, "MUG") == {("RECV-1", "available"): 41}
    assert await value(house, "select received from inbound_line") == 41
    await received(house, asn, ArrivedLine("MUG", 1))


async def test_a_receipt_repeated_five_times_books_once(house: asyncpg.Pool, shop: Shop) -> None:
    await add_items(house, shop, an_item("MUG"))
    asn = await announced(house, shop, an_asn(("MUG", 40)))
    answers = [await received(house, asn, ArrivedLine("MUG", 7), key="same") for _ in range(5)]
    assert [answer.replayed for answer in answers] == [False, True, True, True, True]
    assert all(answer.body == answers[0].body for answer in answers)
    assert await stock_of(house, "MUG") == {("RECV-1", "available"): 7}
    assert await value(house, "select count(*) from receipt") == 1
    again = received(house, asn, ArrivedLine("MUG", 8), key="same")
    assert await _refused(again) == ("idempotency_key_reused", None)


async def test_lot_and_last_day_are_captured_where_the_item_tracks_them(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, replace(an_item("TEA"), track_lot=True, track_expiry=True))
    asn = await announced(house, shop, an_asn(("TEA", 40)))
    last_day = date(2011, 6, 30)
    for line, field in (
        (ArrivedLine("TEA", 4, expires_on=last_day), "lot"),
        (ArrivedLine("TEA", 4, lot="L7"), "expires_on"),
    ):
        code = "lot_missing" if field == "lot" else "expiry_missing"
        assert await _refused(received(house, asn, line)) == (code, f"/lines/0/{field}")
    assert await value(house, "select count(*) from movement") == 0
    await received(house, asn, ArrivedLine("TEA", 4, lot="L7", expires_on=last_day))
    [row] = await rows(house, "select lot, expires_on, on_hand from balance")
    assert tuple(row) == ("L7", last_day, 4)


async def test_what_has_expired_on_arrival_is_held_and_told(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, replace(an_item("TEA"), track_expiry=True))
    asn = await announced(house, shop, an_asn(("TEA", 9)))
    # In London the first of December has begun when it has not in UTC.
    late = datetime(2011, 6, 30, 23, 30, tzinfo=UTC)
    answer = await received(
        house, asn, ArrivedLine("TEA", 4, expires_on=date(2011, 6, 30)),
        ArrivedLine("TEA", 5, expires_on=date(2011, 7, 1)), now=late,
    )  # fmt: skip
    receipt = answer.body["receipt"]
    assert isinstance(receipt, dict)
    assert [(line["status"], line["quantity"]) for line in receipt["lines"]] == [
        ("hold", 4),
        ("available", 5),
    ]
    assert answer.body["differences"] == [
        {"sku": "TEA", "expected": 9, "received": 9, "over": 0, "under": 0, "damaged": 0, "held": 4}
    ]
    assert await availability(house, shop, "TEA") == (5, 0)


async def test_every_piece_with_a_serial_is_named_once_and_never_twice_in_the_house(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, replace(an_item("SAW"), track_serial=True))
    shipment = await announced(house, shop, blind())
    for serials, code, pointer in (
        ((), "serial_missing", "/lines/0/serial"),
        (("S1",), "serial_quantity", "/lines/0/serials"),
        (("S1", "S1"), "serial_twice", "/lines/0/serials/1"),
    ):
        line = ArrivedLine("SAW", 2, serials=serials)
        assert await _refused(received(house, shipment, line)) == (code, pointer)
    await received(house, shipment, ArrivedLine("SAW", 2, serials=("S1", "S2")))
    again = received(house, shipment, ArrivedLine("SAW", 2, serials=("S3", "S2")))
    assert await _refused(again) == ("serial_elsewhere", "/lines/0/serials/1")
    assert await stock_of(house, "SAW") == {("RECV-1", "available"): 2}
    assert await differences(house) == []


async def test_goods_that_nobody_announced_are_received_blind(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    asn = await announced(house, shop, an_asn(("MUG", 4)))
    strange = received(house, asn, ArrivedLine("MUG", 1), ArrivedLine("CUP", 1))
    assert await _refused(strange) == ("not_announced", "/lines/1/sku")
    shipment = await announced(house, shop, blind())
    await received(house, shipment, ArrivedLine("CUP", 3, place="RECV-2"))
    answer = await received(house, shipment, ArrivedLine("MUG", 2))
    lines = answer.body["lines"]
    assert isinstance(lines, list)
    assert [(line["sku"], line["expected"], line["received"]) for line in lines] == [
        ("CUP", 0, 3),
        ("MUG", 0, 2),
    ]
    assert await stock_of(house, "CUP") == {("RECV-2", "available"): 3}


async def test_a_case_and_a_decimal_are_received_in_their_units(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(
        house, shop, replace(an_item("MUG"), packagings=(Packaging("case", 12),)),
        replace(an_item("ROPE"), unit="m", scale=2),
    )  # fmt: skip
    shipment = await announced(house, shop, blind())
    answer = await received(
        house, shipment, ArrivedLine("MUG", 2, "case"), ArrivedLine("ROPE", "33.6")
    )
    lines = answer.body["lines"]
    assert isinstance(lines, list)
    assert [line["received"] for line in lines] == [24, "33.60"]
    for line, pointer in (
        (ArrivedLine("ROPE", "1.234"), "/lines/0/quantity"),
        (ArrivedLine("MUG", 1, "pallet"), "/lines/0/unit"),
    ):
        assert await _refused(received(house, shipment, line)) == ("wrong_unit", pointer)


async def test_a_pallet_gets_its_label_and_stays_where_it_stands(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, an_item("MUG"))
    shipment = await announced(house, shop, blind())
    await received(house, shipment, ArrivedLine("MUG", 5, unit_code="LPN-7"))
    await received(house, shipment, ArrivedLine("MUG", 2, unit_code="LPN-7"))
    assert await value(house, "select count(*) from handling_unit where code = 'LPN-7'") == 1
    elsewhere = ArrivedLine("MUG", 1, place="RECV-2", unit_code="LPN-7")
    assert await _refused(received(house, shipment, elsewhere)) == (
        "unit_elsewhere",
        "/lines/0/handling_unit",
    )
    wrong = ArrivedLine("MUG", 1, unit_code="340123450000000018")
    assert await _refused(received(house, shipment, wrong)) == (
        "bad_unit_code",
        "/lines/0/handling_unit",
    )
    assert await differences(house) == []


async def test_wrong_receipts_are_refused_and_change_nothing(
    house: asyncpg.Pool, shop: Shop
) -> None:
    other = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_items(house, other, an_item("FOREIGN"))
    shipment = await announced(house, shop, blind())
    for line, code, pointer in (
        (ArrivedLine("NONE", 1), "unknown_item", "/lines/1/sku"),
        (ArrivedLine("FOREIGN", 1), "unknown_item", "/lines/1/sku"),
        (ArrivedLine("MUG", 0), "bad_quantity", "/lines/1/quantity"),
        (ArrivedLine("MUG", -3), "bad_quantity", "/lines/1/quantity"),
        (ArrivedLine("MUG", 10**13), "bad_quantity", "/lines/1/quantity"),
        (ArrivedLine("MUG", "0.5"), "wrong_unit", "/lines/1/quantity"),
        (ArrivedLine("MUG", 1, place="A-01-01-1"), "unknown_place", "/lines/1/place"),
        (ArrivedLine("MUG", 1, place="NOWHERE"), "unknown_place", "/lines/1/place"),
        (ArrivedLine("MUG", 1, lot="L" * 200), "text_too_long", "/lines/1/lot"),
    ):
        work = received(house, shipment, ArrivedLine("MUG", 1), line)
        assert await _refused(work) == (code, pointer)
    assert await _refused(received(house, shipment)) == ("lines_missing", "/lines")
    with pytest.raises(NotFound):
        await received(house, 4242, ArrivedLine("MUG", 1))
    await closed(house, shipment)
    with pytest.raises(Conflict, match="closed cannot receive"):
        await received(house, shipment, ArrivedLine("MUG", 1))
    assert await value(house, "select count(*) from movement") == 0
    assert await value(house, "select count(*) from receipt") == 0


async def test_what_came_is_to_go_into_storage(house: asyncpg.Pool, shop: Shop) -> None:
    await add_items(house, shop, an_item("MUG"))
    shipment = await announced(house, shop, blind())
    answer = await received(house, shipment, ArrivedLine("MUG", 6))
    receipt = answer.body["receipt"]
    assert isinstance(receipt, dict)
    tasks = await rows(house, "select id, kind, quantity, reason from move_task order by id")
    assert receipt["move_tasks"] == [task["id"] for task in tasks]
    assert sum(task["quantity"] for task in tasks) == 6
    assert {(task["kind"], task["reason"]) for task in tasks} == {("putaway", f"IN-{shipment}")}


async def test_a_house_without_a_dock_says_so(house: asyncpg.Pool) -> None:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    shipment = await announced(house, shop, blind())
    with pytest.raises(Refused) as refusal:
        await received(house, shipment, ArrivedLine("MUG", 1), now=NOW)
    assert refusal.value.code == "unknown_place"


async def test_receipts_of_one_asn_at_once_never_take_in_more_than_may_come(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    asn = await announced(house, shop, an_asn(("MUG", 5), ("CUP", 5)))
    skus = ("MUG", "CUP")
    came = await asyncio.gather(
        *(
            received(house, asn, *(ArrivedLine(sku, 1) for sku in skus[:: 1 - 2 * (n % 2)]))
            for n in range(8)
        ),
        return_exceptions=True,
    )
    refused = [each for each in came if isinstance(each, BaseException)]
    assert [each.code for each in refused if isinstance(each, Refused)] == ["over_receipt"] * 3
    assert len(refused) == 3
    for sku in skus:
        assert await stock_of(house, sku) == {("RECV-1", "available"): 5}
        assert await coming(house, sku) == {}
    assert await differences(house) == []


async def test_receipts_of_several_shipments_at_once_all_get_through(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    shipments = [await announced(house, shop, blind()) for _ in range(6)]
    skus = ("MUG", "CUP")
    await asyncio.gather(
        *(
            received(house, each, *(ArrivedLine(sku, 2) for sku in skus[:: 1 - 2 * (each % 2)]))
            for each in shipments
        )
    )
    for sku in skus:
        assert await stock_of(house, sku) == {("RECV-1", "available"): 12}
    assert await value(house, "select sum(quantity) from move_task") == 24
    assert await differences(house) == []
