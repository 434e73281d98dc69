"""A promise is a claim on what may be sold: all of it or nothing, and never more than there is."""

import asyncpg
import pytest

from tests.builders import add_items, add_shop, add_stock, an_item, availability, enter_house
from wms.database.pool import shop_transaction, staff_transaction
from wms.promise import commands as promise
from wms.promise.claim import Claim, Short
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers


async def _claim(pool: asyncpg.Pool, shop: Shop, *wanted: tuple[int, int]) -> Claim:
    async with shop_transaction(pool, shop.tenant_id) as connection:
        warehouse_id = await connection.fetchval("select id from warehouse")
        return await promise.claim(
            connection, warehouse_id, [item for item, _ in wanted], [n for _, n in wanted]
        )


async def _shop(pool: asyncpg.Pool) -> tuple[Shop, int, int]:
    """A shop with 10 mugs and 2 cups."""
    await enter_house(pool)
    shop = await add_shop(pool)
    items = await add_items(pool, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(pool, shop, "MUG", bin0=4, bin1=6)
    await add_stock(pool, shop, "CUP", bin2=2)
    return shop, items["MUG"], items["CUP"]


async def test_all_lines_are_promised_or_none(pool: asyncpg.Pool) -> None:
    shop, mug, cup = await _shop(pool)
    refused = await _claim(pool, shop, (mug, 5), (cup, 3))
    assert not refused.granted and refused.short == (Short(cup, 3, 2),)
    assert await availability(pool, shop, "MUG") == (10, 0)
    assert (await _claim(pool, shop, (mug, 5), (cup, 2))).granted
    assert await availability(pool, shop, "MUG") == (10, 5)
    assert await availability(pool, shop, "CUP") == (2, 2)


async def test_lines_of_one_item_are_added_up(pool: asyncpg.Pool) -> None:
    shop, mug, _ = await _shop(pool)
    assert (await _claim(pool, shop, (mug, 6), (mug, 5))).short == (Short(mug, 11, 10),)
    assert (await _claim(pool, shop, (mug, 6), (mug, 4))).granted
    assert await availability(pool, shop, "MUG") == (10, 10)


async def test_what_was_never_in_the_house_cannot_be_promised(pool: asyncpg.Pool) -> None:
    shop, _, _ = await _shop(pool)
    item = (await add_items(pool, shop, an_item("PAN")))["PAN"]
    assert (await _claim(pool, shop, (item, 1))).short == (Short(item, 1, 0),)


async def test_another_tenant_s_goods_cannot_be_claimed(pool: asyncpg.Pool) -> None:
    shop, mug, _ = await _shop(pool)
    thief = await add_shop(pool)
    assert (await _claim(pool, thief, (mug, 1))).short == (Short(mug, 1, 0),)
    assert await availability(pool, shop, "MUG") == (10, 0)


async def test_who_comes_later_has_a_later_admission(pool: asyncpg.Pool) -> None:
    shop, mug, cup = await _shop(pool)
    numbers = [
        (await _claim(pool, shop, (mug, 1))).admission,
        (await _claim(pool, shop, (cup, 1))).admission,
        (await _claim(pool, shop, (mug, 1))).admission,
    ]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("promised", [11, -1])
async def test_the_database_never_oversells(pool: asyncpg.Pool, promised: int) -> None:
    _, mug, _ = await _shop(pool)
    with pytest.raises(asyncpg.CheckViolationError, match="availability_never_oversold"):
        async with staff_transaction(pool) as connection:
            await connection.execute(
                "update availability set promised = $2 where item_id = $1", mug, promised
            )
