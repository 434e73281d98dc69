"""A reader of events with a cursor misses none, whoever commits first."""

import asyncio

import asyncpg
import pytest

from tests.builders import NOW, add_shop, buy, rows, settle, stocked_shop, value
from tests.patience import PATIENCE_S
from wms.database.pool import shop_transaction, staff_transaction
from wms.error import Conflict, Refused
from wms.outbox import commands as outbox
from wms.outbox import queries as outbox_rows
from wms.outbox.command import Answer, body_hash
from wms.outbox.queries import Chosen, Page
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers

Cursor = tuple[int, int]
START: Cursor = (0, 0)


async def _emit(connection: asyncpg.Connection, shop: Shop, kind: str) -> None:
    await outbox.emit(connection, shop.tenant_id, kind, f"of/{kind}", None, {}, "test", NOW)


async def _read(
    pool: asyncpg.Pool, shop: Shop, after: Cursor = START, limit: int = 100
) -> tuple[list[str], Cursor]:
    async with shop_transaction(pool, shop.tenant_id) as connection:
        page = await outbox_rows.events_after(
            connection, shop.tenant_id, shop.shop_id, after, limit
        )
    return [row["type"] for row in page.rows], page.next


async def test_a_cursor_does_not_pass_an_older_running_transaction(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    async with staff_transaction(pool) as slow:
        await _emit(slow, shop, "slow")
        async with staff_transaction(pool) as quick:
            await _emit(quick, shop, "quick")
        seen, cursor = await _read(pool, shop)
        assert seen == []
    await settle(pool)
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
    await settle(pool)
    seen += (await _read(pool, shop, cursor))[0]
    assert sorted(seen) == ["older", "younger"]


async def test_a_page_ends_where_the_next_begins(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    for number in range(5):
        async with staff_transaction(pool) as connection:
            await _emit(connection, shop, str(number))
            await _emit(connection, shop, f"{number}b")
    await settle(pool)
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
    await settle(pool)
    assert (await _read(pool, shop))[0] == ["order.accepted"]
    assert (await _read(pool, await add_shop(pool)))[0] == []


async def test_what_was_undone_was_never_told(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    with pytest.raises(ZeroDivisionError):
        async with staff_transaction(pool) as connection:
            await _emit(connection, shop, "undone")
            raise ZeroDivisionError
    await settle(pool)
    assert (await _read(pool, shop))[0] == []


async def _numbers(pool: asyncpg.Pool, shop: Shop, subject: str) -> list[tuple[str, int]]:
    found = await rows(
        pool,
        "select type, subject_seq from event where tenant_id = $1 and subject = $2 order by seq",
        shop.tenant_id,
        subject,
    )
    return [(row["type"], row["subject_seq"]) for row in found]


async def _tell(connection: asyncpg.Connection, shop: Shop, kind: str, subject: str) -> None:
    await outbox.emit(connection, shop.tenant_id, kind, subject, None, {}, "test", NOW)


async def test_events_of_a_subject_are_numbered_without_gaps(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    async with staff_transaction(pool) as connection:
        for kind, subject in (("a", "x/1"), ("b", "x/1"), ("a", "x/2")):
            await _tell(connection, shop, kind, subject)
    with pytest.raises(ZeroDivisionError):
        async with staff_transaction(pool) as connection:
            await _tell(connection, shop, "undone", "x/1")
            raise ZeroDivisionError
    async with staff_transaction(pool) as connection:
        await _tell(connection, shop, "c", "x/1")
        await _tell(connection, await add_shop(pool), "of another tenant", "x/1")
    assert await _numbers(pool, shop, "x/1") == [("a", 1), ("b", 2), ("c", 3)]
    assert await _numbers(pool, shop, "x/2") == [("a", 1)]


async def test_who_numbers_a_subject_second_waits_and_comes_after(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)

    async def second() -> None:
        async with staff_transaction(pool) as connection:
            await _tell(connection, shop, "second", "x/1")

    async with staff_transaction(pool) as connection:
        await _tell(connection, shop, "first", "x/1")
        waiting = asyncio.create_task(second())
        locked = "select count(*) from pg_locks where not granted and locktype = 'transactionid'"
        async with asyncio.timeout(PATIENCE_S):
            while not await value(pool, locked):
                await asyncio.sleep(0.01)
        await _tell(connection, shop, "first again", "x/1")
    await waiting
    numbers = await _numbers(pool, shop, "x/1")
    assert numbers == [("first", 1), ("first again", 2), ("second", 3)]


async def test_fifty_writers_of_one_subject_leave_no_gap(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)

    async def tell(number: int) -> None:
        try:
            async with staff_transaction(pool) as connection:
                await _tell(connection, shop, str(number), "x/1")
                assert number % 5
        except AssertionError:
            return

    await asyncio.gather(*(tell(number) for number in range(50)))
    numbers = await _numbers(pool, shop, "x/1")
    assert [number for _, number in numbers] == list(range(1, 41))


async def test_events_are_chosen_by_type_and_subject_and_none_is_skipped(
    pool: asyncpg.Pool,
) -> None:
    shop = await add_shop(pool)
    for kind, subject in (("a", "x/1"), ("b", "x/1"), ("a", "x/2"), ("c", "x/2")):
        async with staff_transaction(pool) as connection:
            await _tell(connection, shop, kind, subject)
    await settle(pool)

    async def chosen(types: list[str] | None, subject: str | None, after: Cursor) -> Page:
        async with shop_transaction(pool, shop.tenant_id) as connection:
            return await outbox_rows.events_after(
                connection, shop.tenant_id, shop.shop_id, after, 9, Chosen(types, subject)
            )

    page = await chosen(["a", "c"], None, START)
    assert [(row["type"], row["subject"]) for row in page.rows] == [
        ("a", "x/1"), ("a", "x/2"), ("c", "x/2"),
    ]  # fmt: skip
    page = await chosen(["a"], "x/1", START)
    assert [row["subject_seq"] for row in page.rows] == [1]
    # What was looked at and not wanted need not be looked at again.
    assert page.next == (await chosen(None, None, START)).next
    assert (await chosen(None, None, page.next)).rows == []
    assert (await chosen(["nothing"], None, page.next)).next == page.next


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
