"""Telegrams whose effect is refused: kept, told, and tried again without doing anything twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import asyncpg
import pytest

from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.equipment.device import DeadTelegram
from wms.error import Conflict, NotFound
from wms.journey.device.dead_letter import keep_telegram, replay

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
Effect = Callable[[asyncpg.Connection], Awaitable[None]]
_numbers = count(1)


def a_telegram(kind: str = "scan") -> DeadTelegram:
    return DeadTelegram("main/sort/scanner/SCN-01", 7, next(_numbers), kind, {"raw": "T-00042"})


async def mark(connection: asyncpg.Connection) -> None:
    await connection.execute("insert into owner (tenant_id, name) values (null, 'half done')")


async def refuse(connection: asyncpg.Connection) -> None:
    raise Conflict("no_such_lane", "Lane 9 leads nowhere.")


async def overflow(connection: asyncpg.Connection) -> None:
    await connection.fetchval("select $1::integer", 2**40)


async def keep(pool: asyncpg.Pool, telegram: DeadTelegram, effect: Effect) -> str | None:
    async with staff_transaction(pool) as connection:
        return await keep_telegram(connection, telegram, effect, NOW)


async def letter(pool: asyncpg.Pool, telegram: DeadTelegram) -> asyncpg.Record:
    async with staff_transaction(pool) as connection:
        row = await connection.fetchrow(
            "select * from device_inbox where device = $1 and boot = $2 and seq = $3",
            telegram.device,
            telegram.boot,
            telegram.seq,
        )
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("effect", "reason"),
    [
        (refuse, "no_such_lane: Lane 9 leads nowhere."),
        (mark, "NotNullViolationError: "),
        (overflow, "DataError: "),
    ],
)
async def test_a_refused_effect_leaves_a_dead_letter_that_says_why_and_nothing_else(
    pool: asyncpg.Pool, effect: Effect, reason: str
) -> None:
    telegram = a_telegram()
    said = await keep(pool, telegram, effect)
    assert said is not None and said.startswith(reason)
    row = await letter(pool, telegram)
    assert (row["dead_reason"], row["dead_at"], row["payload"]) == (said, NOW, telegram.payload)


async def test_a_telegram_that_comes_again_has_no_second_effect_and_stays_as_it_was(
    pool: asyncpg.Pool,
) -> None:
    dead, alive, done = a_telegram(), a_telegram(), []

    async def do(connection: asyncpg.Connection) -> None:
        done.append(1)

    await keep(pool, dead, refuse)
    assert await keep(pool, dead, do) is None
    assert await keep(pool, alive, do) is None
    assert await keep(pool, alive, refuse) is None
    assert done == [1]
    assert (await letter(pool, dead))["dead_at"] == NOW
    assert (await letter(pool, alive))["dead_at"] is None


async def test_a_replay_has_its_effect_once_however_many_ask_for_it(pool: asyncpg.Pool) -> None:
    telegram, done = a_telegram(), []
    await keep(pool, telegram, refuse)
    number = (await letter(pool, telegram))["id"]

    async def do(connection: asyncpg.Connection, again: DeadTelegram, now: datetime) -> None:
        assert (again, now) == (telegram, LATER)
        done.append(1)

    async def ask(by: str) -> asyncpg.Record:
        async with staff_transaction(pool) as connection:
            return await replay(connection, number, {"scan": do}, by, LATER)

    rows = await asyncio.gather(*(ask(f"staff:{name}") for name in "abc"))
    assert done == [1]
    assert {row["replayed_by"] for row in rows} == {(await letter(pool, telegram))["replayed_by"]}
    async with staff_transaction(pool) as connection:
        waiting = await equipment.dead_letters(connection, telegram.device, number - 1, 1)
    assert [row["id"] for row in waiting] != [number]


async def test_a_replay_that_is_refused_again_stays_dead_and_tells_the_new_reason(
    pool: asyncpg.Pool,
) -> None:
    telegram = a_telegram()
    await keep(pool, telegram, overflow)
    number = (await letter(pool, telegram))["id"]

    async def again(connection: asyncpg.Connection, _: DeadTelegram, now: datetime) -> None:
        await refuse(connection)

    async with staff_transaction(pool) as connection:
        row = await replay(connection, number, {"scan": again}, "staff:a", LATER)
    assert (row["replayed_at"], row["dead_at"]) == (None, NOW)
    assert row["dead_reason"] == "no_such_lane: Lane 9 leads nowhere."


async def test_what_is_no_dead_letter_cannot_be_replayed(pool: asyncpg.Pool) -> None:
    alive, strange = a_telegram(), a_telegram("hum")

    async def do(connection: asyncpg.Connection) -> None:
        return None

    await keep(pool, alive, do)
    await keep(pool, strange, refuse)
    async with staff_transaction(pool) as connection:
        with pytest.raises(NotFound, match="no dead letter"):
            await replay(connection, (await letter(pool, alive))["id"], {}, "staff:a", NOW)
        with pytest.raises(Conflict, match="no effect to try"):
            await replay(connection, (await letter(pool, strange))["id"], {}, "staff:a", NOW)
