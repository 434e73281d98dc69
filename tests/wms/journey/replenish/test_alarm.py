"""The alarm below safety stock: once when it begins, once when it ends."""

import asyncio
from datetime import timedelta

import asyncpg

from tests.builders import NOW, add_stock, buy, rows, value
from tests.wms.journey.replenish.season import DAYS, leave, run, sell, seller
from wms.database.pool import shop_transaction, staff_transaction
from wms.journey.replenish.alarm import raise_alarms, watch_stock
from wms.outbox import endpoint_commands as endpoints
from wms.tenants.shop import Shop

LUMPY = (0, 9, 1, 0, 14, 0, 2) * (DAYS // 7)


async def held(house: asyncpg.Pool) -> Shop:
    """A shop's item with a safety stock of some, and enough of it."""
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *LUMPY)
    await run(house)
    async with staff_transaction(house) as connection:
        await connection.execute(
            "update stock_policy set safety_stock = 20, reorder_point = greatest(20, "
            "reorder_point), order_up_to = greatest(40, order_up_to)"
        )
    return shop


async def told(house: asyncpg.Pool) -> list[str]:
    found = await rows(house, "select type, data from event where type like 'stock.%' order by seq")
    return [row["type"] for row in found]


async def test_a_sale_that_takes_the_stock_below_it_is_told_once(house: asyncpg.Pool) -> None:
    shop = await held(house)
    async with shop_transaction(house, shop.tenant_id) as connection:
        await endpoints.add_endpoint(
            connection, shop.tenant_id, shop.shop_id, "https://shop.example/hook", ["*"]
        )
    await leave(house, shop, "MUG", 25)
    assert await watch_stock(house, NOW) == 0
    await buy(house, shop, ("MUG", 6))
    assert await watch_stock(house, NOW) == 1
    assert await watch_stock(house, NOW + timedelta(minutes=1)) == 0
    [event] = await rows(house, "select * from event where type = 'stock.below_safety'")
    assert event["data"]["sku"] == "MUG"
    assert (event["data"]["free"], event["data"]["safety_stock"]) == (19, 20)
    hooks = "select count(*) from outbox where payload ->> 'type' = 'stock.below_safety'"
    assert await value(house, hooks) == 1


async def test_it_ends_when_goods_are_there_again(house: asyncpg.Pool) -> None:
    shop = await held(house)
    await leave(house, shop, "MUG", 5)
    await watch_stock(house, NOW)
    await add_stock(house, shop, "MUG", bin1=50)
    assert await watch_stock(house, NOW) == 1
    assert await told(house) == ["stock.below_safety", "stock.recovered"]
    assert await value(house, "select below_since from stock_policy") is None


async def test_what_was_never_forecast_raises_no_alarm(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await leave(house, shop, "MUG", 0)
    assert await watch_stock(house, NOW) == 0


async def test_it_is_told_again_when_the_stock_falls_again(house: asyncpg.Pool) -> None:
    shop = await held(house)
    for _ in range(2):
        await leave(house, shop, "MUG", 5)
        assert await watch_stock(house, NOW) == 1
        await add_stock(house, shop, "MUG", bin0=50)
        assert await watch_stock(house, NOW) == 1
    assert await told(house) == ["stock.below_safety", "stock.recovered"] * 2


async def test_two_who_look_at_once_tell_it_once(house: asyncpg.Pool) -> None:
    shop = await held(house)
    await leave(house, shop, "MUG", 5)
    async with staff_transaction(house) as connection:
        assert await raise_alarms(connection, NOW) == 1
        # The other neither waits for the first nor tells it as well.
        assert await watch_stock(house, NOW) == 0
    assert await watch_stock(house, NOW) == 0
    assert await told(house) == ["stock.below_safety"]
    await add_stock(house, shop, "MUG", bin0=50)
    found = await asyncio.gather(*(watch_stock(house, NOW) for _ in range(4)))
    assert sorted(found) == [0, 0, 0, 1]
    assert await told(house) == ["stock.below_safety", "stock.recovered"]
