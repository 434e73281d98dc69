"""What goes wrong with one device is begun again, and nobody else notices."""

import asyncio
import itertools

import pytest

from api.gateway.revival import revive
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio


async def test_work_that_fails_is_begun_again_after_growing_pauses() -> None:
    begun_s: list[float] = []
    works, loop = asyncio.Event(), asyncio.get_running_loop()

    async def work() -> None:
        begun_s.append(loop.time())
        if len(begun_s) < 4:
            raise RuntimeError("nobody thought of this")
        works.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(revive("PLC-1", work, first_s=0.02))
    async with asyncio.timeout(PATIENCE_S):
        await works.wait()
    pauses = [later - sooner for sooner, later in itertools.pairwise(begun_s)]
    assert all(pause >= least for pause, least in zip(pauses, (0.02, 0.04, 0.08), strict=True))
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


async def test_a_group_that_fails_is_begun_again() -> None:
    times = 0
    works = asyncio.Event()

    async def fail() -> None:
        raise KeyError("in a task of its own")

    async def work() -> None:
        nonlocal times
        times += 1
        if times == 2:
            works.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fail())
            tasks.create_task(asyncio.Event().wait())

    task = asyncio.create_task(revive("PLC-1", work, first_s=0.01))
    async with asyncio.timeout(PATIENCE_S):
        await works.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


async def test_cancelled_it_ends_its_work_before_itself() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(revive("PLC-1", work))
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})
    assert ended.is_set()
