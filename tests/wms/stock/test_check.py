"""The checker compares ledger and books, and names every row in which they differ."""

import asyncpg
import pytest

from tests.builders import BINS, buy, differences, stocked_shop
from tests.wms.stock.shelf import Undone
from wms.database.pool import staff_transaction
from wms.stock.queries import check_ledger
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers

BY_HAND = {
    "balance": "update balance set on_hand = on_hand + 1 where owner_id = $1",
    "reserved": "update balance set reserved = 1 where owner_id = $1",
    "sellable": "update availability set sellable = sellable + 1 where owner_id = $1",
    "promised": "update availability set promised = promised - 1 where owner_id = $1",
}


async def _shop(pool: asyncpg.Pool) -> Shop:
    shop = await stocked_shop(pool, MUG=10)
    await buy(pool, shop, ("MUG", 4))
    return shop


async def test_right_books_have_no_difference(pool: asyncpg.Pool) -> None:
    await _shop(pool)
    assert await differences(pool) == []


@pytest.mark.parametrize("kind", BY_HAND)
async def test_a_row_that_is_changed_by_hand_is_found_and_named(
    pool: asyncpg.Pool, kind: str
) -> None:
    shop = await _shop(pool)
    table = "balance" if kind in ("balance", "reserved") else "availability"
    with pytest.raises(Undone):
        async with staff_transaction(pool) as connection:
            await connection.execute(BY_HAND[kind], shop.owner_id)
            found = {one.kind: one for one in await check_ledger(connection)}
            row = await connection.fetchval(
                f"select id from {table} where owner_id = $1", shop.owner_id
            )
            raise Undone
    assert kind in found
    # A balance that is wrong is not what may be sold either.
    assert set(found) <= {kind, "sellable"}
    assert f" {row})" in found[kind].where and "MUG" in found[kind].where
    assert abs(found[kind].books - found[kind].ledger) == 1
    assert kind in str(found[kind])


async def test_a_balance_row_that_is_gone_is_found(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=10)
    with pytest.raises(Undone):
        async with staff_transaction(pool) as connection:
            await connection.execute("delete from balance where owner_id = $1", shop.owner_id)
            found = await check_ledger(connection)
            assert [(one.kind, one.books, one.ledger) for one in found] == [
                ("balance", 0, 10),
                ("sellable", 10, 0),
            ]
            assert BINS[0] in found[0].where
            raise Undone
