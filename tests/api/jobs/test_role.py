"""The jobs role: what it does by itself, and that it ends when it is told to."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import psutil
import pytest

from api.jobs.role import run
from api.jobs.watch import Watch
from api.settings import Settings, child_environment
from api.wiring import House
from tests import builders
from tests.key import DATA_KEYS, KEYSET
from tests.patience import PATIENCE_S
from wms.journey.wave.wave_plan import plan_wave
from wms.journey.wave.wave_timer import release_when_due
from wms.picking.release import Rule


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    # A process has to be started first.
    async with asyncio.timeout(5 * PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.05)


@contextmanager
def jobs_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The role as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.jobs"],
        env=child_environment(settings),
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_it_makes_the_waybill_after_the_payment_and_ends_when_told(
    database: str, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    shop = await builders.stocked_shop(pool, CUP=5)
    with jobs_process(
        Settings(database_url=database, data_keys=DATA_KEYS, home=tmp_path)
    ) as process:
        order = await builders.buy(pool, shop, ("CUP", 2))
        await builders.pay(pool, shop, order)
        number = builders.fulfilment_id_of(order)

        async def has_waybill() -> bool:
            found = "select waybill_ready_at from fulfilment_order where id = $1"
            return await builders.value(pool, found, number) is not None

        await until(has_waybill)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, PATIENCE_S) == 0
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert not alive


async def test_a_killed_role_leaves_no_solving_process(
    database: str, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    with jobs_process(
        Settings(database_url=database, data_keys=DATA_KEYS, home=tmp_path)
    ) as process:

        async def has_child() -> bool:
            return bool(psutil.Process(process.pid).children())

        await until(has_child)
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
        assert not alive


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.3, 1.0])
async def test_it_can_be_cancelled_at_any_moment(
    database: str, pool: asyncpg.Pool, tmp_path: Path, after_s: float
) -> None:
    settings = Settings(database_url=database, data_keys=DATA_KEYS, home=tmp_path)
    role = asyncio.create_task(run(House(settings, pool, random.Random(1), KEYSET)))
    await asyncio.sleep(after_s)
    role.cancel()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(asyncio.CancelledError):
            await role


async def test_a_notice_and_a_cancellation_at_once_still_cancel(database: str) -> None:
    async with Watch(database, ("job",)) as watch:
        waiting = asyncio.create_task(watch.wait("job", 60))
        await asyncio.sleep(0)
        # Only from inside can the two be made to fall together.
        watch._news["job"].set()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_notice_wakes_who_waits_for_it(database: str, pool: asyncpg.Pool) -> None:
    async def knock() -> None:
        while True:
            async with pool.acquire() as connection:
                await connection.execute("notify job")
            await asyncio.sleep(0.05)

    async with asyncio.timeout(PATIENCE_S), Watch(database, ("job",)) as watch:
        knocking = asyncio.create_task(knock())
        await watch.wait("job", 3_600)
        knocking.cancel()


async def test_a_wave_goes_by_itself_when_enough_wait_or_one_has_waited_long(
    pool: asyncpg.Pool,
) -> None:
    shop = await builders.stocked_shop(pool, CUP=50)
    await builders.firm_order(pool, shop, ("CUP", 1))
    waiting = await builders.value(
        pool, "select count(*) from fulfilment_order where state = 'open'"
    )
    assert isinstance(waiting, int)
    long, moment = timedelta(minutes=10), timedelta(seconds=1)

    async def due(orders_min: int, waited: timedelta) -> int | None:
        rule = Rule(orders_min, long, timedelta(0))
        waves = await release_when_due(pool, rule, 1, builders.NOW + waited)
        return waves[0] if waves else None

    assert await due(waiting + 1, long - moment) is None
    by_count = await due(waiting, moment)
    assert by_count is not None
    assert await due(1, long) is None, "another wave is being planned"
    await plan_wave(pool, by_count, builders.solve_first_come, builders.NOW)
    asked = "select asked_by || ' ' || state from wave where id = $1"
    assert await builders.value(pool, asked, by_count) == "timer:waves released"
    assert await due(1, long) is None, "nothing waits"
    await builders.firm_order(pool, shop, ("CUP", 1))
    assert await due(1_000, long - moment) is None
    assert await due(1_000, long) is not None
