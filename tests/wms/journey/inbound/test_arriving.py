"""Who waits for goods on their way: served when they come, told when they come late or short."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    buy,
    differences,
    firm_order,
    order_id_of,
    pay,
    rows,
    value,
)
from tests.wms.journey.desk import open_desk
from tests.wms.journey.dockside import (
    PLANNER,
    TOMORROW,
    an_asn,
    announced,
    blind,
    closed,
    coming,
    dates_of,
    fulfilment_state,
    open_dock,
    received,
    told,
    wait_for,
)
from tests.wms.journey.people import holds_of
from wms.error import Conflict, Refused
from wms.journey.inbound.inbound import announce_inbound, cancel_inbound
from wms.journey.inbound.inbound_date import push_overdue, redate_inbound
from wms.journey.inbound.quality import end_inspection
from wms.journey.order.cancel import cancel_order
from wms.journey.request import Request, StaffRequest
from wms.outbox.command import Answer
from wms.receiving.inbound import LATE_BY, ArrivedLine, Condition
from wms.tenants.shop import Shop


@pytest.fixture
async def shop(house: asyncpg.Pool) -> Shop:
    await open_dock(house)
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    return shop


async def _held(pool: asyncpg.Pool, order: Answer) -> list[str]:
    fulfilments = order.body["fulfilment_orders"]
    assert isinstance(fulfilments, list)
    return await holds_of(pool, fulfilments[0]["id"])


async def _decide(pool: asyncpg.Pool, inspection_id: object, *, passed: bool, key: str) -> Answer:
    assert isinstance(inspection_id, int)
    request = StaffRequest(PLANNER, key, "inspection", b"same")
    return await end_inspection(
        pool, request, inspection_id, passed=passed, reason="looked", now=NOW
    )


async def test_who_waits_is_served_by_the_receipt_and_its_goods_go_through(
    house: asyncpg.Pool, shop: Shop
) -> None:
    asn = await announced(house, shop, an_asn(("MUG", 40)))
    order = await wait_for(house, shop, "MUG", 7)
    await pay(house, shop, order)
    assert await fulfilment_state(house, order_id_of(order)) == "backordered"
    assert await dates_of(house, order_id_of(order)) == [TOMORROW]
    await received(house, asn, ArrivedLine("MUG", 10))
    assert await fulfilment_state(house, order_id_of(order)) == "open"
    assert await availability(house, shop, "MUG") == (10, 7)
    assert await coming(house, "MUG") == {"inbound": 30}
    moves = await rows(
        house, "select kind, sum(quantity)::bigint as quantity from move_task group by kind"
    )
    assert {row["kind"]: row["quantity"] for row in moves} == {"cross_dock": 7, "putaway": 3}
    assert await differences(house) == []


async def test_what_a_bin_covers_is_not_sent_through(house: asyncpg.Pool, shop: Shop) -> None:
    await add_stock(house, shop, "MUG", bin0=5)
    await firm_order(house, shop, ("MUG", 5))
    shipment = await announced(house, shop, blind())
    await received(house, shipment, ArrivedLine("MUG", 4))
    assert {row["kind"] for row in await rows(house, "select kind from move_task")} == {"putaway"}


async def test_an_asn_that_comes_late_moves_the_dates_of_those_who_wait(
    house: asyncpg.Pool, shop: Shop
) -> None:
    asn = await announced(house, shop, an_asn(("MUG", 10)))
    order = await wait_for(house, shop, "MUG", 7)
    later = TOMORROW + timedelta(days=3)
    view = await redate_inbound(house, shop, asn, later, NOW)
    assert view["expected_at"] == later.isoformat()
    assert await dates_of(house, order_id_of(order)) == [later]
    assert await push_overdue(house, NOW) == 0
    overdue = later + timedelta(hours=1)
    assert await push_overdue(house, overdue) == 1
    assert await dates_of(house, order_id_of(order)) == [overdue + LATE_BY]
    assert await push_overdue(house, overdue) == 0
    assert await told(house, asn) == ["inbound.announced", "inbound.redated", "inbound.overdue"]
    # The supplier's word stays as it was.
    assert await value(house, "select expected_at from inbound_shipment") == later
    await received(house, asn, ArrivedLine("MUG", 10), now=overdue)
    assert await fulfilment_state(house, order_id_of(order)) == "open"


async def test_an_asn_that_comes_short_takes_the_promise_of_the_youngest_only(
    house: asyncpg.Pool, shop: Shop
) -> None:
    asn = await announced(house, shop, an_asn(("MUG", 10)))
    first = await wait_for(house, shop, "MUG", 6)
    second = await wait_for(house, shop, "MUG", 4)
    await received(house, asn, ArrivedLine("MUG", 7))
    assert await fulfilment_state(house, order_id_of(first)) == "open"
    assert await fulfilment_state(house, order_id_of(second)) == "backordered"
    assert await _held(house, second) == []
    await closed(house, asn)
    assert await _held(house, first) == []
    assert await _held(house, second) == ["supply_lost"]
    assert await coming(house, "MUG") == {}
    assert await differences(house) == []


async def test_damaged_goods_serve_nobody(house: asyncpg.Pool, shop: Shop) -> None:
    asn = await announced(house, shop, an_asn(("MUG", 6)))
    order = await wait_for(house, shop, "MUG", 6)
    await received(house, asn, ArrivedLine("MUG", 6, condition=Condition.DAMAGED))
    assert await fulfilment_state(house, order_id_of(order)) == "backordered"
    assert await _held(house, order) == ["supply_lost"]


async def test_two_announcements_of_one_item_are_two_supplies(
    house: asyncpg.Pool, shop: Shop
) -> None:
    later = TOMORROW + timedelta(days=7)
    first = await announced(house, shop, an_asn(("MUG", 5)))
    second = await announced(house, shop, an_asn(("MUG", 5), expected_at=later))
    orders = [await wait_for(house, shop, "MUG", 5) for _ in range(2)]
    dates = [await dates_of(house, order_id_of(order)) for order in orders]
    assert dates == [[TOMORROW], [later]]
    await received(house, second, ArrivedLine("MUG", 5))
    assert await fulfilment_state(house, order_id_of(orders[0])) == "open"
    assert await dates_of(house, order_id_of(orders[1])) == [TOMORROW]
    await received(house, first, ArrivedLine("MUG", 5))
    assert await fulfilment_state(house, order_id_of(orders[1])) == "open"


async def test_an_announcement_is_taken_back_once_and_only_before_it_came(
    house: asyncpg.Pool, shop: Shop
) -> None:
    asn = await announced(house, shop, an_asn(("MUG", 5)))
    order = await wait_for(house, shop, "MUG", 5)
    answers = [
        await cancel_inbound(house, Request(shop, "cancel", "cancel", b"same"), asn, NOW)
        for _ in range(2)
    ]
    assert answers[0].body == answers[1].body
    assert answers[0].body["state"] == "cancelled"
    assert await _held(house, order) == ["supply_lost"]
    assert await told(house, asn) == ["inbound.announced", "inbound.cancelled"]
    begun = await announced(house, shop, an_asn(("MUG", 5)))
    await received(house, begun, ArrivedLine("MUG", 1))
    for late in (asn, begun):
        with pytest.raises(Conflict) as refusal:
            await cancel_inbound(house, Request(shop, f"{late}", "cancel", b""), late, NOW)
        assert refusal.value.code == "wrong_state"


async def _look_at(pool: asyncpg.Pool, percent: int) -> None:
    """How many of a hundred mugs are looked at."""
    await rows(pool, "update item set quality_percent = $1 where sku = 'MUG' returning 1", percent)


async def test_a_sample_is_kept_back_and_who_waits_for_it_waits_on(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await _look_at(house, 20)
    asn = await announced(house, shop, an_asn(("MUG", 9)))
    first = await wait_for(house, shop, "MUG", 7)
    second = await wait_for(house, shop, "MUG", 2)
    answer = await received(house, asn, ArrivedLine("MUG", 9))
    inspections = answer.body["inspections"]
    assert isinstance(inspections, list)
    assert [(each["quantity"], each["state"]) for each in inspections] == [(2, "open")]
    assert await availability(house, shop, "MUG") == (7, 7)
    assert await coming(house, "MUG") == {"inspection": 2}
    await closed(house, asn)
    assert await fulfilment_state(house, order_id_of(first)) == "open"
    assert await fulfilment_state(house, order_id_of(second)) == "backordered"
    assert await _held(house, second) == []
    passed = [await _decide(house, inspections[0]["id"], passed=True, key="pass") for _ in range(3)]
    assert passed[0].body == passed[2].body
    assert passed[0].body["state"] == "passed"
    assert await fulfilment_state(house, order_id_of(second)) == "open"
    assert await availability(house, shop, "MUG") == (9, 9)
    assert await coming(house, "MUG") == {}
    assert await value(house, "select sum(quantity) from move_task") == 9
    with pytest.raises(Conflict) as refusal:
        await _decide(house, inspections[0]["id"], passed=False, key="fail")
    assert refusal.value.code == "decided_before"
    assert await differences(house) == []


async def test_a_sample_that_fails_is_damaged_and_who_waited_for_it_is_told(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await _look_at(house, 100)
    asn = await announced(house, shop, an_asn(("MUG", 3)))
    order = await wait_for(house, shop, "MUG", 3)
    answer = await received(house, asn, ArrivedLine("MUG", 3))
    inspections = answer.body["inspections"]
    assert isinstance(inspections, list)
    failed = await _decide(house, inspections[0]["id"], passed=False, key="fail")
    assert (failed.body["state"], failed.body["reason"]) == ("failed", "looked")
    assert await _held(house, order) == ["supply_lost"]
    [row] = await rows(house, "select status, on_hand from balance where on_hand > 0")
    assert tuple(row) == ("damaged", 3)
    assert await told(house, asn) == ["inbound.announced", "inbound.received", "inspection.failed"]
    assert await differences(house) == []


async def test_an_announcement_says_what_and_when_and_changes_nothing_where_it_is_wrong(
    house: asyncpg.Pool, shop: Shop
) -> None:
    other = await add_shop(house)
    await add_items(house, other, an_item("FOREIGN"))
    good = an_asn(("MUG", 5))
    for lines, code, pointer in (
        ((), "lines_missing", "/lines"),
        ((("MUG", 1), ("NONE", 1)), "unknown_item", "/lines/1/sku"),
        ((("FOREIGN", 1),), "unknown_item", "/lines/0/sku"),
        ((("MUG", 1), ("mug", 1)), "item_twice", "/lines/1/sku"),
        ((("MUG", 0),), "bad_quantity", "/lines/0/quantity"),
        ((("MUG", -1),), "bad_quantity", "/lines/0/quantity"),
        ((("MUG", 10**14),), "bad_quantity", "/lines/0/quantity"),
    ):
        request = Request(shop, f"{lines}", "inbound", b"")
        with pytest.raises(Refused) as refusal:
            await announce_inbound(house, request, an_asn(*lines), NOW)
        assert (refusal.value.code, refusal.value.pointer) == (code, pointer)
    assert await value(house, "select count(*) from supply") == 0
    await announce_inbound(house, Request(shop, "1", "inbound", b"1"), good, NOW)
    with pytest.raises(Conflict) as taken:
        await announce_inbound(house, Request(shop, "2", "inbound", b"2"), good, NOW)
    assert (taken.value.code, taken.value.pointer) == ("reference_taken", "/reference")
    assert await value(house, "select count(*) from inbound_shipment") == 1


async def test_a_sandbox_key_announces_nothing(house: asyncpg.Pool) -> None:
    sandbox = await add_shop(house, sandbox=True)
    with pytest.raises(Refused) as refusal:
        await announced(house, sandbox, blind())
    assert refusal.value.code == "sandbox_key"


async def test_what_a_freed_claim_held_beyond_the_loss_goes_to_who_waits(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=10)
    await announced(house, shop, an_asn(("MUG", 4)))
    for quantity in (4, 6):
        await pay(house, shop, await buy(house, shop, ("MUG", quantity)))
    waiting = await wait_for(house, shop, "MUG", 4)
    await pay(house, shop, waiting)
    assert await fulfilment_state(house, waiting.body["id"]) == "backordered"
    desk = await open_desk(house)
    # Two are lost: the younger order's six are freed, and four of them are still here.
    await desk.adjust(shop, "MUG", BINS[0], change=-2)
    assert await fulfilment_state(house, waiting.body["id"]) == "open"
    assert await availability(house, shop, "MUG") == (8, 8)
    assert await differences(house) == []


async def test_a_cancellation_and_the_receipt_it_waits_for_both_get_through(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, an_item("MUG"))
    for _ in range(5):
        asn = await announced(house, shop, an_asn(("MUG", 3)))
        order_id = order_id_of(await wait_for(house, shop, "MUG", 3))
        request = Request(shop, f"cancel {order_id}", "cancellation", b"")
        answer, _ = await asyncio.gather(
            cancel_order(house, request, order_id, "", NOW),
            received(house, asn, ArrivedLine("MUG", 3)),
        )
        assert answer.body["state"] == "done"
        assert await fulfilment_state(house, order_id) == "cancelled"
    assert await availability(house, shop, "MUG") == (15, 0)
    assert await differences(house) == []
