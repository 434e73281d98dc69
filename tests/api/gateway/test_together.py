"""Wishes of many are done together, and one that cannot be done spoils no other's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from api.gateway.together import Together
from tests.patience import PATIENCE_S


class Shop:
    """Doubles numbers, so many at a time as wait; it notes how many those were."""

    def __init__(self) -> None:
        self.together: list[int] = []
        self.open = asyncio.Event()

    async def double(self, numbers: list[int]) -> list[int]:
        self.together.append(len(numbers))
        await self.open.wait()
        if 13 in numbers:
            raise asyncpg.DataError("13")
        if 99 in numbers:
            raise ConnectionError("99")
        return [2 * number for number in numbers]


@asynccontextmanager
async def serving(shop: Shop) -> AsyncIterator[Together[int, int]]:
    together = Together(shop.double)
    task = asyncio.create_task(together.run())
    try:
        yield together
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_what_comes_while_the_last_is_done_is_done_in_one_go() -> None:
    shop = Shop()
    async with serving(shop) as together:
        asked = [asyncio.create_task(together.ask(101))]
        async with asyncio.timeout(PATIENCE_S):
            while not shop.together:
                await asyncio.sleep(0)
            asked += [asyncio.create_task(together.ask(number)) for number in range(102, 402)]
            await asyncio.sleep(0)
            shop.open.set()
            assert await asyncio.gather(*asked) == [2 * number for number in range(101, 402)]
    assert shop.together == [1, 200, 100]


async def test_one_that_cannot_be_done_spoils_no_others() -> None:
    shop = Shop()
    shop.open.set()
    async with serving(shop) as together, asyncio.timeout(PATIENCE_S):
        answers = await asyncio.gather(
            *(together.ask(number) for number in (1, 13, 3)), return_exceptions=True
        )
    assert (answers[0], answers[2]) == (2, 6) and isinstance(answers[1], asyncpg.DataError)


async def test_a_database_that_is_away_is_told_to_all_who_asked() -> None:
    shop = Shop()
    shop.open.set()
    async with serving(shop) as together, asyncio.timeout(PATIENCE_S):
        for _ in range(2):
            answers = await asyncio.gather(
                *(together.ask(number) for number in (1, 99)), return_exceptions=True
            )
            assert [type(answer) for answer in answers] == [ConnectionError] * 2
        with pytest.raises(ConnectionError):
            await together.ask(99)
        assert await together.ask(4) == 8
