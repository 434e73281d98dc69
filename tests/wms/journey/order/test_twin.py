"""The same order twice at once for the last goods: one, and neither hears that none is left."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from tests.builders import add_items, add_shop, add_stock, an_item, value
from tests.wms.journey.order.racing import kept
from tests.wms.journey.order.two import an_order, place, shop_of_two
from tests.wms.journey.people import wait_for_lock
from wms.database.pool import staff_transaction
from wms.error import Conflict
from wms.orders.order import Fulfilment, NewOrder
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


async def one_warehouse(house: asyncpg.Pool) -> Shop:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=2)
    return shop


async def twins(house: asyncpg.Pool, shop: Shop, order: NewOrder) -> list[Answer | BaseException]:
    """What two of the same order are answered that want the same goods at the same moment."""
    async with kept(house, "availability"):
        first = asyncio.create_task(place(house, shop, order, "first"))
        await wait_for_lock(house, 1)
        second = asyncio.create_task(place(house, shop, order, "second"))
        await wait_for_lock(house, 2)
    return list(await asyncio.gather(first, second, return_exceptions=True))


async def _one_order(
    house: asyncpg.Pool, shop: Shop, order: NewOrder, came: list[Answer | BaseException]
) -> None:
    assert [type(one) for one in came].count(Answer) == 1
    [other] = [one for one in came if not isinstance(one, Answer)]
    assert isinstance(other, Conflict)
    assert (other.code, other.pointer) == ("in_flight", "/external_order_id")
    for key in ("first", "second", "third"):
        assert (await place(house, shop, order, key)).status in (200, 201)
    assert await value(house, "select count(*) from shop_order") == 1
    assert await value(house, "select promised from availability where promised > 0") == 2
    assert await value(house, "select count(*) from refused_demand") == 0


@pytest.mark.parametrize("wish", [Fulfilment.SHIP_TOGETHER, Fulfilment.FILL_AVAILABLE])
async def test_of_the_last_goods_in_one_warehouse(house: asyncpg.Pool, wish: Fulfilment) -> None:
    shop = await one_warehouse(house)
    order = an_order("1", ("MUG", 2), fulfilment=wish)
    await _one_order(house, shop, order, await twins(house, shop, order))


async def test_of_the_last_goods_of_two_warehouses(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(2, 0))
    order = an_order("1", ("MUG", 2))
    await _one_order(house, shop, order, await twins(house, shop, order))


async def test_of_all_that_one_buyer_may_have(house: asyncpg.Pool) -> None:
    shop = await one_warehouse(house)
    async with staff_transaction(house) as connection:
        await connection.execute("update item set limit_per_buyer = 2")
    buyer: dict[str, object] = {"name": "Ada", "email": "ada@example.com"}
    order = replace(an_order("1", ("MUG", 2)), customer=buyer)
    await _one_order(house, shop, order, await twins(house, shop, order))
