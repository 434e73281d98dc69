"""Returns come in by the same door, and never more than were handed over."""

import asyncio

import asyncpg
import pytest

from tests.builders import (
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    differences,
    firm_order,
    value,
)
from tests.wms.journey.dockside import (
    a_return,
    announced,
    closed,
    open_dock,
    received,
    stock_of,
    told,
)
from tests.wms.journey.people import loader_at_dock, packed_order, sorted_order, sscc_of
from wms.error import NotFound, Refused, WmsError
from wms.receiving.inbound import ArrivedLine, Condition
from wms.tenants.shop import Shop

# What stays in the bin that the order was picked from.
LEFT = {("A-01-01-1", "available"): 5}


async def _shipped(pool: asyncpg.Pool, quantity: int) -> tuple[Shop, int]:
    """An order of that many mugs that has left the house, five are left; its shop and number."""
    await open_dock(pool)
    shop = await add_shop(pool)
    await add_items(pool, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(pool, shop, "MUG", bin0=quantity + 5)
    fulfilment_order_id = await firm_order(pool, shop, ("MUG", quantity))
    await sorted_order(pool, fulfilment_order_id)
    await packed_order(pool, fulfilment_order_id)
    loader = await loader_at_dock(pool)
    await loader.scan_all(f"]C100{await sscc_of(pool, fulfilment_order_id)}")
    await loader.do("close")
    order_id = await value(
        pool, "select order_id from fulfilment_order where id = $1", fulfilment_order_id
    )
    assert isinstance(order_id, int)
    return shop, order_id


async def test_a_return_never_exceeds_what_was_shipped(house: asyncpg.Pool) -> None:
    shop, order_id = await _shipped(house, 3)
    with pytest.raises(Refused) as refusal:
        await announced(house, shop, a_return(order_id, ("MUG", 4)))
    assert (refusal.value.code, refusal.value.pointer) == (
        "more_than_shipped",
        "/lines/0/quantity",
    )
    back = await announced(house, shop, a_return(order_id, ("MUG", 3)))
    await received(
        house, back, ArrivedLine("MUG", 1), ArrivedLine("MUG", 1, condition=Condition.DAMAGED)
    )
    assert await stock_of(house, "MUG") == LEFT | {
        ("RECV-1", "available"): 1,
        ("RECV-1", "damaged"): 1,
    }
    assert await availability(house, shop, "MUG") == (6, 0)
    for line, code, pointer in (
        (ArrivedLine("MUG", 2), "more_than_shipped", "/lines/0/quantity"),
        (ArrivedLine("CUP", 1), "not_shipped", "/lines/0/sku"),
    ):
        with pytest.raises(Refused) as refusal:
            await received(house, back, line)
        assert (refusal.value.code, refusal.value.pointer) == (code, pointer)
    await closed(house, back)
    assert await told(house, back) == ["inbound.announced", "inbound.received", "inbound.closed"]
    kinds = await value(house, "select kind from movement order by id desc limit 1")
    assert kinds == "return"
    assert await differences(house) == []


async def test_two_returns_of_one_order_at_once_bring_back_no_more_than_left(
    house: asyncpg.Pool,
) -> None:
    shop, order_id = await _shipped(house, 3)
    returns = [await announced(house, shop, a_return(order_id)) for _ in range(4)]
    came = await asyncio.gather(
        *(received(house, each, ArrivedLine("MUG", 1)) for each in returns), return_exceptions=True
    )
    refused = [each for each in came if isinstance(each, WmsError)]
    assert [each.code for each in refused] == ["more_than_shipped"]
    assert await stock_of(house, "MUG") == LEFT | {("RECV-1", "available"): 3}
    assert await differences(house) == []


async def test_nothing_comes_back_of_what_has_not_left(house: asyncpg.Pool) -> None:
    await open_dock(house)
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=3)
    fulfilment_order_id = await firm_order(house, shop, ("MUG", 3))
    order_id = await value(
        house, "select order_id from fulfilment_order where id = $1", fulfilment_order_id
    )
    assert isinstance(order_id, int)
    with pytest.raises(Refused) as refusal:
        await announced(house, shop, a_return(order_id, ("MUG", 1)))
    assert refusal.value.code == "not_shipped"


async def test_a_return_names_an_order_of_its_own_shop(house: asyncpg.Pool) -> None:
    await open_dock(house)
    _, order_id = await _shipped(house, 1)
    other = await add_shop(house)
    for number in (order_id, 4242):
        with pytest.raises(NotFound) as refusal:
            await announced(house, other, a_return(number))
        assert refusal.value.code == "unknown_order"
