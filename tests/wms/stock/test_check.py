"""The checker compares ledger and books, and names every row in which they differ."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from tests.builders import BINS, buy, differences, stocked_shop
from tests.patience import PATIENCE_S
from tests.wms.stock.shelf import Undone, new_shelf, post
from wms.database.pool import staff_transaction
from wms.stock.queries import check_ledger, rebuilt_balances
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers
A, B = BINS[:2]

BY_HAND = {
    "balance": "update balance set on_hand = on_hand + 1 where owner_id = $1",
    "reserved": "update balance set reserved = 1 where owner_id = $1",
    "sellable": "update availability set sellable = sellable + 1 where owner_id = $1",
    "promised": "update availability set promised = promised - 1 where owner_id = $1",
    "inbound": "update availability set inbound = inbound + 1 where owner_id = $1",
    "backordered": "update availability set inbound = 1, backordered = 1 where owner_id = $1",
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
    # A balance that is wrong is not what may be sold either, nor is a backorder without supply.
    assert set(found) <= {kind} | {"balance": {"sellable"}, "backordered": {"inbound"}}.get(
        kind, set()
    )
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


async def test_a_move_and_its_reservation_are_compared(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receipt", shelf.line("MUG", 5, "SUPPLIER", A))
    with pytest.raises(Undone):
        async with staff_transaction(pool) as connection:
            task_id = await connection.fetchval(
                "insert into move_task (tenant_id, owner_id, warehouse_id, kind, item_id, "
                "from_place_id, to_place_id, quantity, made_at) "
                "select $1, $2, w.id, 'putaway', $3, $4, $5, 3, now() from warehouse w "
                "where w.code = 'MAIN' returning id",
                shelf.shop.tenant_id,
                shelf.shop.owner_id,
                shelf.items["MUG"],
                shelf.places[A],
                shelf.places[B],
            )
            [found] = await check_ledger(connection)
            assert (found.kind, found.books, found.ledger) == ("move", 3, 0)
            await connection.execute(
                "with b as (update balance set reserved = 3 where owner_id = $1 returning id) "
                "insert into reservation (tenant_id, balance_id, move_task_id, quantity) "
                "select $2, b.id, $3, 3 from b",
                shelf.shop.owner_id,
                shelf.shop.tenant_id,
                task_id,
            )
            assert await check_ledger(connection) == []
            await connection.execute(
                "update move_task set state = 'void', done_at = now() where id = $1", task_id
            )
            [left] = await check_ledger(connection)
            assert (left.kind, left.books, left.ledger) == ("move", 0, 3)
            raise Undone


async def test_what_a_channel_s_orders_hold_is_compared(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool)
    with pytest.raises(Undone):
        async with staff_transaction(pool) as connection:
            await connection.execute(
                "insert into channel_allocation (tenant_id, item_id, warehouse_id, channel, "
                "quantity, promised) select tenant_id, item_id, warehouse_id, 'web', 5, 2 "
                "from availability where owner_id = $1",
                shop.owner_id,
            )
            [found] = await check_ledger(connection)
            assert (found.kind, found.books, found.ledger) == ("channel", 2, 0)
            await connection.execute("update promise set channel = 'web', kept = 2")
            assert "channel" not in {one.kind for one in await check_ledger(connection)}
            raise Undone


async def test_balances_rebuilt_from_the_movements_are_the_table(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG", "MILK")
    milk = shelf.line("MILK", 6, "SUPPLIER", A)
    lot = replace(milk, goods=replace(milk.goods, lot="L1"))
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receipt", shelf.line("MUG", 9, "SUPPLIER", A), lot, milk)
        await post(
            connection, shelf, "move", shelf.line("MUG", 4, A, B), shelf.line("MILK", 6, A, B)
        )
        spoilt = replace(lot, quantity=2, from_place_id=shelf.places[A], to_status="damaged")
        await post(connection, shelf, "status", spoilt)
        await post(connection, shelf, "count", shelf.line("MUG", 1, B, "LOSS"))
        table = await connection.fetch(
            "select owner_id, item_id, place_id, handling_unit_id, lot, serial, status, on_hand "
            "from balance where on_hand > 0 order by 1, 2, 3, 4, 5, 6, 7"
        )
        assert [tuple(row) for row in await rebuilt_balances(connection)] == [
            tuple(row) for row in table
        ]
        assert len([row for row in table if row["owner_id"] == shelf.shop.owner_id]) == 5


async def test_it_runs_while_the_house_works_and_waits_for_nobody(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receipt", shelf.line("MUG", 500, "SUPPLIER", A))
    working = True

    async def write(source: str, target: str) -> int:
        posted = 0
        while working:
            async with staff_transaction(pool) as connection:
                await post(connection, shelf, "move", shelf.line("MUG", 1, source, target))
                await post(connection, shelf, "receipt", shelf.line("MUG", 1, "SUPPLIER", source))
            posted += 1
        return posted

    async with asyncio.timeout(PATIENCE_S):
        writers = [asyncio.create_task(write(*ends)) for ends in ((A, B), (A, BINS[2]))]
        async with staff_transaction(pool) as held:
            # A posting that is not committed yet holds its locks the whole time.
            await post(held, shelf, "move", shelf.line("MUG", 1, A, BINS[3]))
            buyer = asyncio.create_task(buy(pool, shelf.shop, ("MUG", 1)))
            for _ in range(5):
                assert await differences(pool) == []
        for _ in range(5):
            assert await differences(pool) == []
        working = False
        posted = await asyncio.gather(*writers)
        assert (await buyer).status == 201
    assert min(posted) > 0
    assert await differences(pool) == []
