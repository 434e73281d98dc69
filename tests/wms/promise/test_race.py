"""Many buyers for few goods: as many as there is win, in the order of arrival, and no one more."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.builders import availability, rows, stocked_shop
from tests.key import KEYSET
from tests.wms.promise.scene import Claimed, Line, claim_order, unsound
from wms.database.pool import open_pool, shop_transaction, staff_transaction
from wms.promise import commands as promise
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers

WORKERS = 24


@pytest.fixture
async def crowd(database: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool with a connection for each of many workers."""
    async with await open_pool(
        database, application="crowd", size_max=WORKERS, keyset=KEYSET
    ) as crowd:
        yield crowd


async def _item(pool: asyncpg.Pool, shop: Shop, sku: str) -> int:
    found = await rows(pool, "select id from item where owner_id = $1 and sku = $2",
                       shop.owner_id, sku)  # fmt: skip
    item_id: int = found[0]["id"]
    return item_id


async def _order(crowd: asyncpg.Pool, shop: Shop, *lines: Line) -> Claimed:
    async with shop_transaction(crowd, shop.tenant_id) as connection:
        return await claim_order(connection, shop, *lines)


async def _race(crowd: asyncpg.Pool, shop: Shop, orders: list[list[Line]]) -> list[Claimed]:
    return list(await asyncio.gather(*(_order(crowd, shop, *lines) for lines in orders)))


async def test_20_workers_reserve_1_of_10_and_exactly_10_succeed(crowd: asyncpg.Pool) -> None:
    shop = await stocked_shop(crowd, MUG=10)
    mug = await _item(crowd, shop, "MUG")
    claimed = await _race(crowd, shop, [[[(mug, 1)]]] * 20)
    assert sum(one.claim.granted for one in claimed) == 10
    assert await availability(crowd, shop, "MUG") == (10, 10)


async def test_24_buyers_of_1_of_10_leave_10_orders_and_no_orphan(crowd: asyncpg.Pool) -> None:
    shop = await stocked_shop(crowd, MUG=10)
    mug = await _item(crowd, shop, "MUG")
    claimed = await _race(crowd, shop, [[[(mug, 1)]]] * 24)
    assert sum(one.claim.granted for one in claimed) == 10
    found = await rows(
        crowd,
        "select count(distinct o.id) as orders, count(p.id) as promises from shop_order o "
        "left join order_line l on l.order_id = o.id left join promise p on p.order_line_id = l.id "
        "where o.shop_id = $1",
        shop.shop_id,
    )
    assert (found[0]["orders"], found[0]["promises"]) == (10, 10)


async def test_no_loser_s_admission_precedes_a_winner_s(crowd: asyncpg.Pool) -> None:
    shop = await stocked_shop(crowd, MUG=7)
    mug = await _item(crowd, shop, "MUG")
    claimed = await _race(crowd, shop, [[[(mug, 1)]]] * WORKERS)
    won = [one.claim.admission for one in claimed if one.claim.granted]
    lost = [one.claim.admission for one in claimed if not one.claim.granted]
    assert len(won) == 7 and max(won) < min(lost)
    assert len({*won, *lost}) == WORKERS


async def test_two_lines_that_share_a_component_never_get_2_of_1(crowd: asyncpg.Pool) -> None:
    shop = await stocked_shop(crowd, LID=1, JAR=5, POT=5)
    lid, jar, pot = [await _item(crowd, shop, sku) for sku in ("LID", "JAR", "POT")]
    # A jar with its lid and a pot with its lid, and there is one lid.
    refused = await _order(crowd, shop, [(jar, 1), (lid, 1)], [(pot, 1), (lid, 1)])
    assert [(s.item_id, s.wanted, s.available) for s in refused.claim.short] == [(lid, 2, 1)]
    assert await availability(crowd, shop, "JAR") == (5, 0)
    alone = await _race(crowd, shop, [[[(jar, 1), (lid, 1)]], [[(pot, 1), (lid, 1)]]])
    assert sum(one.claim.granted for one in alone) == 1
    assert await availability(crowd, shop, "LID") == (1, 1)


async def test_two_packs_of_8_with_15_units_are_one_pack(crowd: asyncpg.Pool) -> None:
    shop = await stocked_shop(crowd, MUG=15)
    mug = await _item(crowd, shop, "MUG")
    claimed = await _race(crowd, shop, [[[(mug, 8)]], [[(mug, 8)]]])
    assert sum(one.claim.granted for one in claimed) == 1
    refused = next(one.claim for one in claimed if not one.claim.granted)
    assert [(s.wanted, s.available) for s in refused.short] == [(8, 7)]
    assert await availability(crowd, shop, "MUG") == (15, 8)


async def test_orders_over_the_same_items_in_any_order_never_deadlock(crowd: asyncpg.Pool) -> None:
    shop = await stocked_shop(crowd, A=200, B=200, C=200, D=200, E=200)
    items = [await _item(crowd, shop, sku) for sku in "ABCDE"]
    rng = random.Random(7)
    orders: list[list[Line]] = [
        [[(item, 1)] for item in rng.sample(items, len(items))] for _ in range(60)
    ]
    claimed = await _race(crowd, shop, orders)
    assert all(one.claim.granted for one in claimed)
    assert await availability(crowd, shop, "C") == (200, 60)


async def test_frees_and_claims_at_once_never_oversell(crowd: asyncpg.Pool) -> None:
    shop = await stocked_shop(crowd, MUG=5)
    mug = await _item(crowd, shop, "MUG")
    first = await _race(crowd, shop, [[[(mug, 1)]]] * 5)

    async def free(order_id: int) -> None:
        async with shop_transaction(crowd, shop.tenant_id) as connection:
            await promise.free_order(connection, order_id, "freed")

    freed = [free(one.order_id) for one in first[:3] if one.order_id is not None]
    racing = asyncio.ensure_future(_race(crowd, shop, [[[(mug, 1)]]] * 10))
    await asyncio.gather(*freed)
    won = sum(one.claim.granted for one in await racing)
    assert 0 <= won <= 3
    assert await availability(crowd, shop, "MUG") == (5, 2 + won)
    async with staff_transaction(crowd) as connection:
        assert await unsound(connection) == []
