"""Goods that are made or sold ahead, over two warehouses: where, how much, and what waits."""

from dataclasses import replace
from datetime import timedelta

import asyncpg

from tests.builders import NOW, rows
from tests.wms.journey.order.two import an_order, parts, place, shop_of_two, waits_for_day
from wms.orders.order import Fulfilment

AVAILABLE = Fulfilment.FILL_AVAILABLE
DAY = NOW + timedelta(days=20)


async def test_an_order_that_fills_ships_what_is_there_before_what_is_made(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, CUP=(5, 0), TOY=(2, 0))
    await waits_for_day(house, shop, "TOY", made_to_order_days=3)
    order = await place(house, shop, an_order("1", ("CUP", 1), ("TOY", 5), fulfilment=AVAILABLE))
    assert parts(order) == [("MAIN", "open", [(1, 1), (2, 2)]), ("MAIN", "scheduled", [(2, 3)])]
    made = await rows(house, "select quantity from supply where source like 'made/%'")
    assert [row["quantity"] for row in made] == [3]


async def test_what_ships_together_waits_together_wherever_it_is(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, CUP=(5, 0), TOY=(0, 5))
    await waits_for_day(house, shop, "TOY", available_from=DAY)
    order = await place(house, shop, an_order("1", ("CUP", 1), ("TOY", 1)))
    assert parts(order) == [("MAIN", "scheduled", [(1, 1)]), ("SOUTH", "scheduled", [(2, 1)])]


async def test_what_is_made_to_order_is_made_where_the_buyer_is_nearest(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, TOY=(0, 0))
    await waits_for_day(house, shop, "TOY", made_to_order_days=3)
    near = await place(house, shop, an_order("1", ("TOY", 1)))
    assert parts(near) == [("MAIN", "scheduled", [(1, 1)])]
    # Brighton is nearer to the south.
    brighton = dict(an_order("2").ship_to) | {"latitude": 50.8, "longitude": -0.1}
    other = replace(an_order("2", ("TOY", 1)), ship_to=brighton)
    south = await place(house, shop, other)
    assert parts(south) == [("SOUTH", "scheduled", [(1, 1)])]


async def test_what_is_made_to_order_is_made_where_the_rest_of_the_order_is(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, TOY=(0, 0), CUP=(0, 5))
    await waits_for_day(house, shop, "TOY", made_to_order_days=3)
    order = await place(house, shop, an_order("1", ("TOY", 1), ("CUP", 1)))
    assert parts(order) == [("SOUTH", "scheduled", [(1, 1), (2, 1)])]


async def test_stock_of_two_warehouses_is_not_made_again(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, TOY=(2, 2))
    await waits_for_day(house, shop, "TOY", made_to_order_days=3)
    order = await place(house, shop, an_order("1", ("TOY", 4)))
    assert parts(order) == [("MAIN", "open", [(1, 2)]), ("SOUTH", "open", [(1, 2)])]
    assert await rows(house, "select 1 from supply where source like 'made/%'") == []
