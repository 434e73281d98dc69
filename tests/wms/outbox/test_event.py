"""A reader of events with a cursor misses none, whoever commits first."""

import asyncio

import asyncpg
import pytest

from tests.builders import NOW, add_shop, buy, stocked_shop, value
from wms.database.pool import shop_transaction, staff_transaction
from wms.error import Conflict, Refused
from wms.outbox import commands as outbox
from wms.outbox import queries as outbox_rows
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers

Cursor = tuple[int, int]
START: Cursor = (0, 0)


async def _emit(connection: asyncpg.Connection, shop: Shop, kind: str) -> None:
    await outbox.emit(connection, shop.tenant_id, kind, "house", None, {}, "test", NOW)


async def _read(
    pool: asyncpg.Pool, shop: Shop, after: Cursor = START, limit: int = 100
) -> tuple[list[str], Cursor]:
    async with shop_transaction(pool, shop.tenant_id) as connection:
        found = await outbox_rows.events_after(
            connection, shop.tenant_id, shop.shop_id, after, limit
        )
    cursor = (found[-1]["xid"], found[-1]["seq"]) if found else after
    return [row["type"] for row in found], cursor


async def _settle(pool: asyncpg.Pool) -> None:
    """Until no transaction runs that is older than an event; another database may have one."""
    query = (
        "select exists (select 1 from event where xid >= pg_snapshot_xmin(pg_current_snapshot()))"
    )
    async with asyncio.timeout(60):
        while await value(pool, query):
            await asyncio.sleep(0.02)


async def test_a_cursor_does_not_pass_an_older_running_transaction(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    async with staff_transaction(pool) as slow:
        await _emit(slow, shop, "slow")
        async with staff_transaction(pool) as quick:
            await _emit(quick, shop, "quick")
        seen, cursor = await _read(pool, shop)
        assert seen == []
    await _settle(pool)
    assert (await _read(pool, shop, cursor))[0] == ["slow", "quick"]


async def test_a_number_drawn_early_and_committed_late_is_not_missed(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    seen: list[str] = []
    async with staff_transaction(pool) as older:
        # The older transaction has its own number before the younger, and its event's after.
        await older.execute("select pg_current_xact_id()")
        async with staff_transaction(pool) as younger:
            await _emit(younger, shop, "younger")
        types, cursor = await _read(pool, shop)
        seen += types
        await _emit(older, shop, "older")
        types, cursor = await _read(pool, shop, cursor)
        seen += types
    await _settle(pool)
    seen += (await _read(pool, shop, cursor))[0]
    assert sorted(seen) == ["older", "younger"]


async def test_a_page_ends_where_the_next_begins(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    for number in range(5):
        async with staff_transaction(pool) as connection:
            await _emit(connection, shop, str(number))
            await _emit(connection, shop, f"{number}b")
    await _settle(pool)
    seen: list[str] = []
    cursor = START
    while True:
        page, cursor = await _read(pool, shop, cursor, 3)
        seen += page
        if not page:
            break
    assert seen == [text for number in range(5) for text in (str(number), f"{number}b")]


async def test_a_shop_reads_its_own_events_only(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=1)
    await buy(pool, shop, ("MUG", 1))
    await _settle(pool)
    assert (await _read(pool, shop))[0] == ["order.accepted"]
    assert (await _read(pool, await add_shop(pool)))[0] == []


async def test_what_was_undone_was_never_told(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    with pytest.raises(ZeroDivisionError):
        async with staff_transaction(pool) as connection:
            await _emit(connection, shop, "undone")
            raise ZeroDivisionError
    await _settle(pool)
    assert (await _read(pool, shop))[0] == []


async def test_a_command_is_answered_once_and_held_until_its_end(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    tenant, asked = shop.tenant_id, body_hash({"a": 1})
    async with shop_transaction(pool, tenant) as connection:
        assert await outbox.first_answer(connection, tenant, "s", "k", asked) is None
        async with shop_transaction(pool, tenant) as other:
            with pytest.raises(Conflict) as refusal:
                await outbox.first_answer(other, tenant, "s", "k", asked)
            assert refusal.value.code == "in_flight"
            assert await outbox.first_answer(other, tenant, "other scope", "k", asked) is None
        await outbox.remember(
            connection, tenant, "s", "k", "kind", asked, Answer(201, {"id": 1}), "test"
        )
    async with shop_transaction(pool, tenant) as connection:
        again = await outbox.first_answer(connection, tenant, "s", "k", asked)
        assert again == Answer(201, {"id": 1}, replayed=True)
        with pytest.raises(Refused):
            await outbox.first_answer(connection, tenant, "s", "k", body_hash({"a": 2}))


def test_equal_requests_have_equal_hashes() -> None:
    assert body_hash({"a": 1, "b": [2]}) == body_hash({"b": [2], "a": 1})
    assert body_hash({"a": 1}) != body_hash({"a": "1"})
