"""Orders that wait for goods on their way: dated, served in turn, and told when it goes wrong."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

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
    new_order,
    order_id_of,
    pay,
    planned_wave,
    planner,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import holds_of, picker_at_bin, state_of, told_of
from tests.wms.promise.scene import unsound
from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused
from wms.journey.claim.claim import expire_promises
from wms.journey.claim.policy import put_policy
from wms.journey.claim.supply import announce_supply
from wms.journey.order import intake
from wms.journey.order.hold import lift_hold
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.outbox.command import Answer
from wms.picking import queries as picking_rows
from wms.tenants.shop import Shop

DAY = timedelta(days=1)
LATE = NOW + PROMISE_LASTS + timedelta(seconds=1)

_numbers = count(1)


async def announce(
    house: asyncpg.Pool, shop: Shop, sku: str, quantity: int, days: int = 2, source: str = "ASN 1"
) -> None:
    """Says how much a shipment will still bring."""
    async with staff_transaction(house) as connection:
        item_id = await connection.fetchval(
            "select id from item where owner_id = $1 and sku = $2", shop.owner_id, sku
        )
        await announce_supply(
            connection, tenant_id=shop.tenant_id, owner_id=shop.owner_id, item_id=item_id,
            warehouse_id=await connection.fetchval("select id from warehouse"), source=source,
            expected_at=NOW + days * DAY, quantity=quantity, actor="test", now=NOW,
        )  # fmt: skip
        assert await unsound(connection) == []


async def order_ahead(
    house: asyncpg.Pool, shop: Shop, *lines: tuple[str, int], now: datetime = NOW
) -> Answer:
    """An order that takes goods on their way."""
    number = f"ahead {next(_numbers)}"
    order = replace(new_order(list(lines), number), backorder=True)
    request = Request(shop, number, "orders", order.body_hash)
    return await intake.place_order(house, request, order, PROMISE_LASTS, now)


async def _lift(house: asyncpg.Pool, order: Answer) -> None:
    for row in await rows(
        house,
        "select h.id from hold h join fulfilment_order f on f.id = h.fulfilment_order_id "
        "where f.order_id = $1 and h.lifted_at is null",
        order_id_of(order),
    ):
        await lift_hold(house, order_id_of(order), row["id"], planner(), NOW)


async def _releasable(house: asyncpg.Pool, fulfilment_order_id: int) -> list[int]:
    async with staff_transaction(house) as connection:
        warehouse_id = await connection.fetchval("select id from warehouse")
        found = await picking_rows.releasable(connection, warehouse_id, [fulfilment_order_id], 10)
    return [row["id"] for row in found]


async def test_an_order_waits_for_its_goods_and_goes_on_when_they_come(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=2)
    await announce(house, shop, "MUG", 5)
    order = await order_ahead(house, shop, ("MUG", 5))
    waiting = fulfilment_id_of(order)
    assert await state_of(house, waiting) == "backordered"
    await pay(house, shop, order)
    assert await prepare_waybills(house, waiting, NOW)
    assert await _releasable(house, waiting) == []
    await add_stock(house, shop, "MUG", bin1=3)
    assert await state_of(house, waiting) == "open"
    assert "order.open" in await told_of(house, waiting)
    assert await availability(house, shop, "MUG") == (5, 5)
    assert await _releasable(house, waiting) == [waiting]
    await planned_wave(house, waiting, release=True)
    assert await state_of(house, waiting) == "released"


async def test_who_asks_for_no_wait_is_refused(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=2)
    await announce(house, shop, "MUG", 5)
    with pytest.raises(Refused) as refusal:
        await buy(house, shop, ("MUG", 3))
    assert refusal.value.code == "not_available"


async def test_supply_that_will_not_come_holds_the_order_and_tells_it(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=0)
    await announce(house, shop, "MUG", 5)
    order = await order_ahead(house, shop, ("MUG", 4))
    await pay(house, shop, order)
    waiting = fulfilment_id_of(order)
    await announce(house, shop, "MUG", 3)
    assert await holds_of(house, waiting) == ["supply_lost"]
    assert (await told_of(house, waiting))[-1] == "order.held"
    with pytest.raises(Conflict) as refusal:
        await _lift(house, order)
    assert refusal.value.code == "not_available"
    # More is announced: somebody lifts the hold, and the order waits again.
    await announce(house, shop, "MUG", 2, source="ASN 2", days=4)
    await _lift(house, order)
    assert await holds_of(house, waiting) == []
    assert await state_of(house, waiting) == "backordered"
    await add_stock(house, shop, "MUG", bin0=4)
    assert await state_of(house, waiting) == "open"
    assert await differences(house) == []


async def test_a_held_order_whose_goods_are_here_goes_on_when_lifted(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=0)
    await announce(house, shop, "MUG", 4)
    order = await order_ahead(house, shop, ("MUG", 4))
    await pay(house, shop, order)
    await announce(house, shop, "MUG", 0)
    await add_stock(house, shop, "MUG", bin0=4)
    assert await state_of(house, fulfilment_id_of(order)) == "backordered"
    await _lift(house, order)
    assert await state_of(house, fulfilment_id_of(order)) == "open"
    assert await availability(house, shop, "MUG") == (4, 4)


async def test_an_order_hears_of_its_new_date(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=0)
    await announce(house, shop, "MUG", 4)
    order = await order_ahead(house, shop, ("MUG", 4))
    await announce(house, shop, "MUG", 4, days=6)
    found = await rows(
        house,
        "select data from event where order_id = $1 and type = 'order.expected'",
        order_id_of(order),
    )
    assert [row["data"]["expected_at"] for row in found] == [(NOW + 6 * DAY).isoformat()]


async def test_unpaid_backorders_expire_as_promises_do(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=0)
    await announce(house, shop, "MUG", 4)
    unpaid = await order_ahead(house, shop, ("MUG", 4))
    with pytest.raises(Refused):
        await order_ahead(house, shop, ("MUG", 1))
    await expire_promises(house, LATE)
    assert (await told_of(house, fulfilment_id_of(unpaid)))[-1] == "order.promise_expired"
    again = await order_ahead(house, shop, ("MUG", 4), now=LATE)
    assert await state_of(house, fulfilment_id_of(again)) == "backordered"


async def test_what_an_expired_promise_held_goes_to_who_waits(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=3)
    await buy(house, shop, ("MUG", 3))
    await announce(house, shop, "MUG", 4)
    order = await order_ahead(house, shop, ("MUG", 2))
    await pay(house, shop, order)
    await expire_promises(house, LATE)
    assert await state_of(house, fulfilment_id_of(order)) == "open"
    assert await availability(house, shop, "MUG") == (3, 2)


async def test_a_paid_order_that_loses_its_goods_waits_for_those_on_their_way(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    older = await firm_order(house, shop, ("MUG", 5))
    younger = await firm_order(house, shop, ("MUG", 5))
    await announce(house, shop, "MUG", 6)
    picker = await picker_at_bin(house, older)
    await picker.scan_all(picker.screen["target"])
    await picker.scan_all("MUG")
    await picker.scan(picker.screen["target"], 2)
    await picker.do("not_found")
    # Of ten mugs four are there, which the older order keeps.
    await picker.do("count", 2)
    assert await holds_of(house, younger) == ["short"]
    found = await rows(
        house,
        "select p.supply, p.state, p.quantity, p.expected_at from promise p "
        "join fulfilment_line l on l.order_line_id = p.order_line_id "
        "where l.fulfilment_order_id = $1 and p.state = 'firm'",
        younger,
    )
    assert [tuple(row) for row in found] == [("inbound", "firm", 5, NOW + 2 * DAY)]
    hold = await value(house, "select id from hold where fulfilment_order_id = $1", younger)
    order_id = await value(house, "select order_id from fulfilment_order where id = $1", younger)
    assert isinstance(hold, int) and isinstance(order_id, int)
    with pytest.raises(Conflict):
        await lift_hold(house, order_id, hold, planner(), NOW)
    await add_stock(house, shop, "MUG", bin2=6)
    assert await holds_of(house, younger) == []
    assert (await told_of(house, younger))[-1] == "order.hold_lifted"
    assert await differences(house) == []
    async with staff_transaction(house) as connection:
        assert await unsound(connection) == []


async def test_a_policy_that_sets_stock_free_serves_who_waits(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    await put_policy(house, shop, "mug", None, 4, {}, NOW)
    await announce(house, shop, "MUG", 9)
    order = await order_ahead(house, shop, ("MUG", 3))
    assert await state_of(house, fulfilment_id_of(order)) == "backordered"
    await put_policy(house, shop, "mug", "MAIN", 2, {}, NOW)
    assert await state_of(house, fulfilment_id_of(order)) == "open"
    assert await availability(house, shop, "MUG") == (5, 3)


async def test_who_waits_is_served_before_who_comes(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=0)
    await announce(house, shop, "MUG", 9)
    orders = [await order_ahead(house, shop, ("MUG", 3)) for _ in range(3)]
    await add_stock(house, shop, "MUG", bin0=7)
    states = [await state_of(house, fulfilment_id_of(order)) for order in orders]
    assert states == ["open", "open", "backordered"]
    with pytest.raises(Refused):
        await buy(house, shop, ("MUG", 1))
