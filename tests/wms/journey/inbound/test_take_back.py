"""A receipt that was a mistake is taken back with all that hung on it."""

import asyncio

import asyncpg
import pytest

from tests.builders import (
    NOW,
    add_items,
    add_shop,
    an_item,
    availability,
    differences,
    pay,
    rows,
    value,
)
from tests.wms.journey.desk import Desk, open_desk
from tests.wms.journey.dockside import (
    an_asn,
    announced,
    blind,
    closed,
    coming,
    fulfilment_state,
    open_dock,
    received,
    stock_of,
    told,
    wait_for,
)
from wms.error import Conflict, WmsError
from wms.journey.inbound.quality import end_inspection
from wms.journey.reversal import reverse_movement
from wms.outbox.command import Answer
from wms.receiving.inbound import ArrivedLine, Condition
from wms.tenants.shop import Shop


@pytest.fixture
async def shop(house: asyncpg.Pool) -> Shop:
    await open_dock(house)
    return await add_shop(house)


async def _movement(pool: asyncpg.Pool) -> int:
    movement_id = await value(pool, "select max(movement_id) from receipt")
    assert isinstance(movement_id, int)
    return movement_id


async def _undo(desk: Desk, movement_id: int) -> Answer:
    request = desk.request("reversal", movement_id)
    return await reverse_movement(desk.pool, movement_id, request, "another pallet", NOW)


async def _tally(pool: asyncpg.Pool, inbound_id: int) -> list[tuple[int, ...]]:
    found = await rows(
        pool,
        "select received, damaged, held, sampled from inbound_line where inbound_id = $1 "
        "order by line",
        inbound_id,
    )
    return [tuple(row) for row in found]


async def _sampled_asn(pool: asyncpg.Pool, shop: Shop) -> int:
    """An ASN of 40 mugs of which 36 good ones came, 4 of them as a sample, and 2 damaged."""
    await add_items(pool, shop, an_item("MUG"))
    await rows(pool, "update item set quality_percent = 10 where sku = 'MUG' returning id")
    asn = await announced(pool, shop, an_asn(("MUG", 40)))
    damaged = ArrivedLine("MUG", 2, condition=Condition.DAMAGED)
    await received(pool, asn, ArrivedLine("MUG", 36), damaged)
    return asn


async def test_a_receipt_taken_back_leaves_its_shipment_as_announced(
    house: asyncpg.Pool, shop: Shop
) -> None:
    asn, desk = await _sampled_asn(house, shop), await open_desk(house)
    assert await _tally(house, asn) == [(38, 2, 0, 4)]
    assert await coming(house, "MUG") == {"inbound": 2, "inspection": 4}
    await _undo(desk, await _movement(house))
    assert await _tally(house, asn) == [(0, 0, 0, 0)]
    assert await coming(house, "MUG") == {"inbound": 40}
    assert await stock_of(house, "MUG") == {}
    assert await availability(house, shop, "MUG") == (0, 0)
    [inspection] = await rows(house, "select state, decided_by, reason from inspection")
    assert tuple(inspection) == ("void", desk.staff.actor, "another pallet")
    assert await value(house, "select count(*) from move_task where state = 'open'") == 0
    assert (await told(house, asn))[-1] == "inbound.receipt_reversed"
    assert await differences(house) == []
    # What came after all is received as if nothing had been.
    await received(house, asn, ArrivedLine("MUG", 40))
    assert await _tally(house, asn) == [(40, 0, 0, 4)]
    assert await differences(house) == []


async def test_who_got_the_goods_waits_for_the_shipment_again(
    house: asyncpg.Pool, shop: Shop
) -> None:
    desk = await open_desk(house)
    await add_items(house, shop, an_item("MUG"))
    asn = await announced(house, shop, an_asn(("MUG", 5)))
    order = await wait_for(house, shop, "MUG", 5)
    await pay(house, shop, order)
    await received(house, asn, ArrivedLine("MUG", 5))
    assert await fulfilment_state(house, order.body["id"]) == "open"
    assert await availability(house, shop, "MUG") == (5, 5)
    await _undo(desk, await _movement(house))
    assert await availability(house, shop, "MUG") == (0, 0)
    assert await coming(house, "MUG") == {"inbound": 5}
    [promised] = await rows(
        house, "select supply, quantity from promise where state in ('open', 'firm')"
    )
    assert tuple(promised) == ("inbound", 5)
    await received(house, asn, ArrivedLine("MUG", 5))
    assert await availability(house, shop, "MUG") == (5, 5)
    assert await value(house, "select count(*) from hold where lifted_at is null") == 0
    assert await differences(house) == []


async def test_a_blind_receipt_can_be_taken_back_too(house: asyncpg.Pool, shop: Shop) -> None:
    desk = await open_desk(house)
    await add_items(house, shop, an_item("MUG"))
    shipment = await announced(house, shop, blind())
    await received(house, shipment, ArrivedLine("MUG", 7))
    await _undo(desk, await _movement(house))
    assert await _tally(house, shipment) == [(0, 0, 0, 0)]
    assert await stock_of(house, "MUG") == {}


async def test_a_shipment_that_has_ended_keeps_its_receipts(
    house: asyncpg.Pool, shop: Shop
) -> None:
    asn, desk = await _sampled_asn(house, shop), await open_desk(house)
    await closed(house, asn)
    with pytest.raises(Conflict) as refusal:
        await _undo(desk, await _movement(house))
    assert refusal.value.code == "wrong_state"
    assert await _tally(house, asn) == [(38, 2, 0, 4)]
    assert await differences(house) == []


async def test_a_receipt_whose_sample_was_decided_stays(house: asyncpg.Pool, shop: Shop) -> None:
    asn, desk = await _sampled_asn(house, shop), await open_desk(house)
    inspection_id = await value(house, "select id from inspection")
    assert isinstance(inspection_id, int)
    request = desk.request("inspection", inspection_id)
    await end_inspection(house, request, inspection_id, passed=True, reason="", now=NOW)
    with pytest.raises(Conflict) as refusal:
        await _undo(desk, await _movement(house))
    assert refusal.value.code == "wrong_state"
    assert await _tally(house, asn) == [(38, 2, 0, 4)]


async def test_of_three_that_take_one_receipt_back_one_does(
    house: asyncpg.Pool, shop: Shop
) -> None:
    asn, desk = await _sampled_asn(house, shop), await open_desk(house)
    movement_id = await _movement(house)
    answers = await asyncio.gather(
        *(_undo(desk, movement_id) for _ in range(3)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, WmsError)]
    assert [error.code for error in refused] == ["reversed_before"] * 2
    assert await _tally(house, asn) == [(0, 0, 0, 0)]
    assert await differences(house) == []
