"""What is sent back for a deadlock comes again, and leaves nothing of its first try."""

import asyncio

import asyncpg
import pytest

from wms.database.pool import staff_transaction
from wms.database.retry import TRIES, again_on_deadlock


async def test_two_that_lock_crosswise_are_both_done_once(pool: asyncpg.Pool) -> None:
    meeting = asyncio.Barrier(2)
    begun: list[tuple[int, int]] = []

    @again_on_deadlock
    async def lock_both(first: int, then: int) -> int:
        begun.append((first, then))
        async with staff_transaction(pool) as connection:
            await connection.execute("select pg_advisory_xact_lock($1)", first)
            if len(begun) <= 2:
                await meeting.wait()
            await connection.execute("select pg_advisory_xact_lock($1)", then)
            return first

    one, other = await asyncio.gather(lock_both(1, 2), lock_both(2, 1))
    assert (one, other) == (1, 2)
    assert len(begun) == 3


async def test_who_is_sent_back_every_time_hears_of_it() -> None:
    tries = 0

    @again_on_deadlock
    async def unlucky() -> None:
        nonlocal tries
        tries += 1
        raise asyncpg.DeadlockDetectedError

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await unlucky()
    assert tries == TRIES
