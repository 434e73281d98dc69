"""Orders that wait for a day: sold ahead or made, promised honestly, and opened in time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests import builders
from tests.builders import NOW
from wms.database.pool import shop_transaction, staff_transaction
from wms.error import Refused
from wms.journey import entry
from wms.journey.order.schedule import open_due
from wms.journey.order.waybill import prepare_waybills
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

DAY = NOW + timedelta(days=20)


async def a_shop(
    pool: asyncpg.Pool,
    stock: int,
    *,
    available_from: datetime | None = None,
    made_to_order_days: int | None = None,
) -> Shop:
    """A shop with one item TOY that waits for a day."""
    shop = await builders.stocked_shop(pool, TOY=stock)
    item = replace(
        builders.an_item("TOY"),
        available_from=available_from,
        made_to_order_days=made_to_order_days,
    )
    async with staff_transaction(pool) as connection:
        await entry.enter_items(connection, shop, [item])
    return shop


def part_of(order: Answer) -> dict[str, Any]:
    """The one fulfilment order of an order that was answered."""
    parts = order.body["fulfilment_orders"]
    assert isinstance(parts, list) and len(parts) == 1
    return dict(parts[0])


async def state_of(pool: asyncpg.Pool, fulfilment_order_id: int) -> str:
    async with staff_transaction(pool) as connection:
        state: str = await connection.fetchval(
            "select state from fulfilment_order where id = $1", fulfilment_order_id
        )
    return state


async def supply_of(pool: asyncpg.Pool, shop: Shop) -> list[tuple[str, int]]:
    async with shop_transaction(pool, shop.tenant_id) as connection:
        rows = await connection.fetch(
            "select source, quantity from supply where tenant_id = $1", shop.tenant_id
        )
    return [(row["source"], row["quantity"]) for row in rows]


async def test_goods_sold_ahead_are_promised_now_and_worked_on_from_their_day(
    pool: asyncpg.Pool,
) -> None:
    shop = await a_shop(pool, 5, available_from=DAY)
    order = await builders.buy(pool, shop, ("TOY", 2))
    fulfilment = part_of(order)
    assert (fulfilment["state"], fulfilment["due_at"]) == ("scheduled", DAY.isoformat())
    await builders.pay(pool, shop, order)
    number = builders.fulfilment_id_of(order)
    assert not await prepare_waybills(pool, number, NOW)
    await open_due(pool, DAY - timedelta(seconds=1))
    assert await state_of(pool, number) == "scheduled"
    assert await open_due(pool, DAY) == 1
    assert await state_of(pool, number) == "open"
    assert await prepare_waybills(pool, number, DAY)


async def test_no_more_is_sold_ahead_than_there_will_be(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, 3, available_from=DAY)
    await builders.buy(pool, shop, ("TOY", 3))
    with pytest.raises(Refused) as refusal:
        await builders.buy(pool, shop, ("TOY", 1))
    assert refusal.value.code == "not_available"


async def test_after_their_day_they_are_sold_as_any_other(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, 3, available_from=NOW - timedelta(days=1))
    order = await builders.buy(pool, shop, ("TOY", 3))
    fulfilment = part_of(order)
    assert (fulfilment["state"], fulfilment["due_at"]) == ("open", None)


async def test_what_is_made_to_order_is_announced_claimed_and_dated(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, 1, made_to_order_days=3)
    order = await builders.buy(pool, shop, ("TOY", 4), number="M-1")
    fulfilment = part_of(order)
    # From Wednesday, 1 December 2010: Thursday, Friday and Monday.
    assert fulfilment["state"] == "scheduled"
    assert fulfilment["due_at"] == "2010-12-06T00:00:00+00:00"
    assert order.body["expected_at"] == "2010-12-06T00:00:00+00:00"
    assert await supply_of(pool, shop) == [(f"made/{shop.shop_id}/M-1", 4)]
    async with staff_transaction(pool) as connection:
        row = await connection.fetchrow(
            "select inbound, backordered, promised from availability where tenant_id = $1",
            shop.tenant_id,
        )
    assert row is not None and tuple(row) == (4, 4, 0)


async def test_what_is_here_is_not_made(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, 4, made_to_order_days=3)
    order = await builders.buy(pool, shop, ("TOY", 4))
    fulfilment = part_of(order)
    assert fulfilment["state"] == "open"
    assert await supply_of(pool, shop) == []


async def test_an_order_that_is_refused_leaves_nothing_to_be_made(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, 0, made_to_order_days=3)
    await builders.add_items(pool, shop, builders.an_item("RARE"))
    with pytest.raises(Refused):
        await builders.buy(pool, shop, ("TOY", 1), ("RARE", 1))
    assert await supply_of(pool, shop) == []


async def test_what_was_made_opens_its_order_and_is_expected_no_more(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, 0, made_to_order_days=3)
    order = await builders.buy(pool, shop, ("TOY", 2))
    await builders.pay(pool, shop, order)
    number = builders.fulfilment_id_of(order)
    due = datetime.fromisoformat("2010-12-06T00:00:00+00:00")
    assert await open_due(pool, due) == 0
    late = await state_of(pool, number)
    assert late == "scheduled"
    async with staff_transaction(pool) as connection:
        event = await connection.fetchrow(
            "select data from event where tenant_id = $1 and type = 'order.expected'",
            shop.tenant_id,
        )
    assert event is not None and event["data"]["late"] is True
    await builders.add_stock(pool, shop, "TOY", bin0=2)
    assert await open_due(pool, due + timedelta(days=1)) == 1
    assert await state_of(pool, number) == "open"
    assert await supply_of(pool, shop) == []
