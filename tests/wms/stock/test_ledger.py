"""The double-entry ledger: what changes stock is a movement, and the database guards it."""

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    add_stock,
    availability,
    buy,
    differences,
    rows,
    stocked_shop,
)
from tests.patience import PATIENCE_S
from tests.wms.stock.shelf import new_shelf, on_hand, post
from wms.bins import commands as bins
from wms.database.pool import shop_transaction, staff_transaction
from wms.error import Conflict
from wms.stock import commands as stock
from wms.stock.ledger import Line

pytestmark = pytest.mark.both_servers
A, B = BINS[:2]


async def test_a_movement_changes_ledger_and_balances_together(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receive", shelf.line("MUG", 7, "SUPPLIER", A))
        number = await post(connection, shelf, "move", shelf.line("MUG", 3, A, B))
        line = await connection.fetchrow(
            "select quantity, from_place_id, to_place_id from movement_line where movement_id = $1",
            number,
        )
        assert tuple(line or ()) == (3, shelf.places[A], shelf.places[B])
        assert await on_hand(connection, shelf) == {("MUG", A): 4, ("MUG", B): 3}
    assert await differences(pool) == []


async def test_nothing_leaves_a_place_that_holds_none(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG", "CUP")
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receive", shelf.line("MUG", 2, "SUPPLIER", A))
    for line in (shelf.line("MUG", 3, A, B), shelf.line("CUP", 1, A, B)):
        with pytest.raises(Conflict) as refusal:
            async with staff_transaction(pool) as connection:
                await post(connection, shelf, "move", shelf.line("MUG", 1, A, B), line)
        assert refusal.value.code == "not_enough_stock"
    async with staff_transaction(pool) as connection:
        assert await on_hand(connection, shelf) == {("MUG", A): 2}
        lines = "select count(*) from movement_line where owner_id = $1"
        assert await connection.fetchval(lines, shelf.shop.owner_id) == 1


async def test_what_is_promised_cannot_leave_by_another_way(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    await add_stock(pool, shelf.shop, "MUG", bin0=5)
    await buy(pool, shelf.shop, ("MUG", 4))
    with pytest.raises(Conflict, match="availability_never_oversold"):
        async with staff_transaction(pool) as connection:
            await post(connection, shelf, "count", shelf.line("MUG", 2, A, "LOSS"))
    assert await availability(pool, shelf.shop, "MUG") == (5, 4)


async def test_the_database_keeps_reserved_within_on_hand(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5)
    for reserved in (6, -1):
        with pytest.raises(asyncpg.CheckViolationError, match="reserved_within_on_hand"):
            async with staff_transaction(pool) as connection:
                await connection.execute(
                    "update balance set reserved = $2 where owner_id = $1", shop.owner_id, reserved
                )


async def test_what_is_reserved_cannot_be_taken_for_another(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receive", shelf.line("MUG", 5, "SUPPLIER", A))
        await connection.execute(
            "update balance set reserved = 4 where owner_id = $1", shelf.shop.owner_id
        )
        with pytest.raises(Conflict, match="reserved_within_on_hand"):
            async with connection.transaction():
                await post(connection, shelf, "move", shelf.line("MUG", 2, A, B))
        await post(connection, shelf, "pick", shelf.line("MUG", 4, A, "CART-01", unreserve=4))
        reserved = "select sum(reserved)::int from balance where owner_id = $1"
        assert await connection.fetchval(reserved, shelf.shop.owner_id) == 0


async def test_a_virtual_place_has_no_balance(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receive", shelf.line("MUG", 5, "SUPPLIER", A))
        await post(connection, shelf, "count", shelf.line("MUG", 2, A, "LOSS"))
        await post(connection, shelf, "hand_over", shelf.line("MUG", 1, A, "CUSTOMER"))
        assert await on_hand(connection, shelf) == {("MUG", A): 2}
        virtual = "select count(*) from balance b join place p on p.id = b.place_id where virtual"
        assert await connection.fetchval(virtual) == 0
    assert await availability(pool, shelf.shop, "MUG") == (2, 0)


async def test_a_lot_is_a_balance_of_its_own(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    line = shelf.line("MUG", 2, "SUPPLIER", A)
    async with staff_transaction(pool) as connection:
        for lot in ("", "L1", "L1"):
            await post(
                connection, shelf, "receive", replace(line, goods=replace(line.goods, lot=lot))
            )
    found = await rows(
        pool,
        "select lot, on_hand from balance where owner_id = $1 order by lot",
        shelf.shop.owner_id,
    )
    assert [tuple(row) for row in found] == [("", 2), ("L1", 4)]
    assert await differences(pool) == []


async def test_units_of_several_tenants_move_in_a_movement_each(pool: asyncpg.Pool) -> None:
    shelves = [await new_shelf(pool, "MUG") for _ in range(2)]
    async with staff_transaction(pool) as connection:
        units = []
        for number, shelf in enumerate(shelves, start=1):
            house = await connection.fetchval("select id from warehouse")
            tote = await bins.enter_unit(
                connection,
                house,
                f"T-{shelf.shop.shop_id:05d}",
                "tote",
                shelf.places["CART-01"],
                None,
            )
            line = shelf.line("MUG", number, "SUPPLIER", "CART-01")
            await post(connection, shelf, "receive", replace(line, to_unit_id=tote))
            units.append(tote)
        await stock.move_units(
            connection,
            units,
            shelves[0].places["CONVEYOR"],
            kind="drop",
            command_id="one scan",
            actor="test",
            device="",
            now=NOW,
        )
    for number, shelf in enumerate(shelves, start=1):
        async with shop_transaction(pool, shelf.shop.tenant_id) as connection:
            assert await on_hand(connection, shelf) == {("MUG", "CONVEYOR"): number}
    drops = "select tenant_id from movement where kind = 'drop' and command_id = 'one scan'"
    moved = {row["tenant_id"] for row in await rows(pool, drops)}
    assert moved >= {shelf.shop.tenant_id for shelf in shelves}
    assert await differences(pool) == []


@pytest.mark.parametrize("table", ["movement", "movement_line", "event"])
@pytest.mark.parametrize("change", ["update {} set tenant_id = 1", "delete from {}"])
async def test_nobody_changes_what_was_written_down(
    pool: asyncpg.Pool, table: str, change: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with staff_transaction(pool) as connection:
            await connection.execute(change.format(table))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with shop_transaction(pool, 1) as connection:
            await connection.execute(change.format(table))


async def test_a_partition_is_no_way_around_the_ledger_s_rights(pool: asyncpg.Pool) -> None:
    await stocked_shop(pool, MUG=1)
    async with staff_transaction(pool) as connection:
        partitions = await connection.fetch(
            "select inhrelid::regclass::text as name from pg_inherits h "
            "join pg_class c on c.oid = h.inhparent where c.relname like 'movement%' "
            "and c.relkind = 'p'"
        )
    assert len(partitions) >= 48
    for statement in ("delete from {}", "update {} set tenant_id = 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with staff_transaction(pool) as connection:
                await connection.execute(statement.format(partitions[0]["name"]))


async def test_postings_in_opposite_order_do_not_wait_in_a_ring(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG", "CUP")
    async with staff_transaction(pool) as connection:
        for sku in ("MUG", "CUP"):
            await post(connection, shelf, "receive", shelf.line(sku, 50, "SUPPLIER", A))
            await post(connection, shelf, "receive", shelf.line(sku, 50, "SUPPLIER", B))
    there = [shelf.line("MUG", 1, A, B), shelf.line("CUP", 1, A, B)]
    gone = [shelf.line("CUP", 1, B, "LOSS"), shelf.line("MUG", 1, A, "LOSS")]
    found = [shelf.line("MUG", 1, "LOSS", B), shelf.line("CUP", 1, "LOSS", A)]

    async def work(kind: str, lines: list[Line]) -> None:
        async with staff_transaction(pool) as connection:
            await post(connection, shelf, kind, *lines)

    orders = [there, there[::-1], gone, gone[::-1], found, found[::-1]]
    await asyncio.gather(*(work("move", list(lines)) for lines in orders * 6))
    assert await differences(pool) == []


async def test_a_gain_and_a_loss_in_opposite_order_do_not_wait_in_a_ring(
    pool: asyncpg.Pool,
) -> None:
    shelf = await new_shelf(pool, "MUG", "CUP")
    async with staff_transaction(pool) as connection:
        for sku in ("MUG", "CUP"):
            for bin in BINS:
                await post(connection, shelf, "receive", shelf.line(sku, 90, "SUPPLIER", bin))

    async def trade(gained: str, lost: str, bin: str, loss_bin: str) -> None:
        for _ in range(8):
            async with staff_transaction(pool) as connection:
                await post(
                    connection,
                    shelf,
                    "count",
                    shelf.line(gained, 1, "LOSS", bin),
                    shelf.line(lost, 1, loss_bin, "LOSS"),
                )

    await asyncio.gather(
        trade("MUG", "CUP", BINS[0], BINS[0]),
        trade("CUP", "MUG", BINS[1], BINS[1]),
        trade("MUG", "CUP", BINS[2], BINS[2]),
        trade("CUP", "MUG", BINS[3], BINS[3]),
    )
    assert await differences(pool) == []


def _as(line: Line, **words: Any) -> Line:
    """The line with goods of another lot, serial or status."""
    return replace(line, goods=replace(line.goods, **words))


async def test_a_change_of_status_is_a_movement_where_the_goods_lie(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receipt", shelf.line("MUG", 5, "SUPPLIER", A))
        line = replace(shelf.line("MUG", 2, A, A), to_status="quarantine")
        await post(connection, shelf, "status", line)
    assert await availability(pool, shelf.shop, "MUG") == (3, 0)
    async with staff_transaction(pool) as connection:
        back = replace(_as(line, status="quarantine"), to_status="available", quantity=1)
        await post(connection, shelf, "status", back)
        # Goods that neither go anywhere nor change are no movement.
        with pytest.raises(Conflict, match="movement_line_moves"):
            async with connection.transaction():
                await post(connection, shelf, "status", shelf.line("MUG", 1, A, A))
    assert await availability(pool, shelf.shop, "MUG") == (4, 0)
    assert await differences(pool) == []


async def test_a_serial_number_is_of_one_piece_in_one_place(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "PHONE", "CUP")
    one = _as(shelf.line("PHONE", 1, "SUPPLIER", A), serial="S1")
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receipt", one)
    for again in (one, _as(shelf.line("PHONE", 1, "SUPPLIER", B), serial="S1")):
        with pytest.raises(Conflict) as refusal:
            async with staff_transaction(pool) as connection:
                await post(connection, shelf, "receipt", again)
        assert refusal.value.code == "serial_elsewhere"
    async with staff_transaction(pool) as connection:
        # It moves, changes its status, leaves the house and comes back; another item's is another.
        await post(connection, shelf, "move", _as(shelf.line("PHONE", 1, A, B), serial="S1"))
        held = _as(shelf.line("PHONE", 1, B, B), serial="S1")
        await post(connection, shelf, "status", replace(held, to_status="hold"))
        await post(
            connection,
            shelf,
            "hand_over",
            _as(shelf.line("PHONE", 1, B, "CUSTOMER"), serial="S1", status="hold"),
        )
        await post(connection, shelf, "receipt", one)
        await post(
            connection, shelf, "receipt", _as(shelf.line("CUP", 1, "SUPPLIER", A), serial="S1")
        )
    assert await differences(pool) == []


async def test_of_two_that_receive_one_serial_at_once_one_does_and_the_other_hears_it(
    pool: asyncpg.Pool,
) -> None:
    shelf = await new_shelf(pool, "PHONE")

    async def receive(place: str) -> str:
        try:
            async with staff_transaction(pool) as connection:
                line = _as(shelf.line("PHONE", 1, "SUPPLIER", place), serial="S1")
                await post(connection, shelf, "receipt", line)
        except Conflict as refusal:
            return refusal.code
        return "received"

    async with asyncio.timeout(PATIENCE_S):
        said = await asyncio.gather(receive(A), receive(B))
    assert sorted(said) == ["received", "serial_elsewhere"]
    assert await availability(pool, shelf.shop, "PHONE") == (1, 0)


async def test_of_two_that_reserve_one_serial_at_once_one_does_and_the_other_hears_it(
    pool: asyncpg.Pool,
) -> None:
    shelf = await new_shelf(pool, "PHONE")
    async with staff_transaction(pool) as connection:
        await post(
            connection, shelf, "receipt", _as(shelf.line("PHONE", 1, "SUPPLIER", A), serial="S1")
        )
        balance_id = await connection.fetchval(
            "select id from balance where owner_id = $1", shelf.shop.owner_id
        )

    async def reserve(line_id: int) -> str:
        try:
            async with staff_transaction(pool) as connection:
                await stock.reserve_one(connection, shelf.shop.tenant_id, balance_id, line_id, 1)
        except Conflict as refusal:
            return refusal.code
        return "reserved"

    async with asyncio.timeout(PATIENCE_S):
        said = await asyncio.gather(*(reserve(number) for number in range(1, 3)))
    assert sorted(said) == ["not_enough_stock", "reserved"]


async def test_the_ledger_s_months_are_made_by_the_house_while_others_post(
    pool: asyncpg.Pool,
) -> None:
    shelf = await new_shelf(pool, "MUG")
    months = "select count(*) from pg_inherits where inhparent = 'movement'::regclass"
    async with staff_transaction(pool) as writer:
        await post(writer, shelf, "receipt", shelf.line("MUG", 1, "SUPPLIER", A))
        assert await stock.extend_ledger(writer) >= stock.MONTHS_AHEAD_MIN
        before = await writer.fetchval(months)
        await writer.execute("select make_ledger_partitions(current_date, 40)")
        assert await writer.fetchval(months) > before
    hidden = await rows(
        pool,
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
        "where i.inhparent in ('movement'::regclass, 'movement_line'::regclass) "
        "and not (c.relrowsecurity and c.relforcerowsecurity)",
    )
    assert hidden == []
    async with shop_transaction(pool, shelf.shop.tenant_id) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("select make_ledger_partitions(current_date, 1)")
