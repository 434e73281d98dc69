"""What many callers want at about the same time, done in one transaction for all of them."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

import asyncpg

_Wish = TypeVar("_Wish")
_Answer = TypeVar("_Answer")
_AT_ONCE = 200
# What one wish may be to blame for; the others of its transaction must not suffer from it.
_BLAME = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


class Together(Generic[_Wish, _Answer]):
    """Gathers wishes while the last ones are being done; `act` answers each, in their order."""

    def __init__(self, act: Callable[[list[_Wish]], Coroutine[Any, Any, list[_Answer]]]) -> None:
        self._act = act
        self._waiting: deque[tuple[_Wish, asyncio.Future[_Answer]]] = deque()
        self._rung = asyncio.Event()

    async def ask(self, wish: _Wish) -> _Answer:
        """Have a wish done with those of others. Raises: whatever `act` raises."""
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((wish, answer))
        self._rung.set()
        return await answer

    async def run(self) -> None:
        """Do what is wanted, one transaction after the other, until cancelled."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            while self._waiting:
                number = min(len(self._waiting), _AT_ONCE)
                await self._do([self._waiting.popleft() for _ in range(number)])

    async def _do(self, wanted: list[tuple[_Wish, "asyncio.Future[_Answer]"]]) -> None:
        error = await self._attempt(wanted)
        if isinstance(error, _BLAME) and len(wanted) > 1:
            for one in wanted:
                await self._do([one])
        elif error is not None:
            for _, answer in wanted:
                if not answer.done():
                    answer.set_exception(error)

    async def _attempt(
        self, wanted: list[tuple[_Wish, "asyncio.Future[_Answer]"]]
    ) -> BaseException | None:
        # What it raises is its callers', who try again: a task keeps it apart and readable.
        wishes = [wish for wish, _ in wanted]
        attempt: asyncio.Task[list[_Answer]] = asyncio.create_task(self._act(wishes))
        try:
            await asyncio.wait({attempt})
        finally:
            attempt.cancel()
        error = attempt.exception()
        if error is not None:
            return error
        for (_, answer), said in zip(wanted, attempt.result(), strict=True):
            if not answer.done():
                answer.set_result(said)
        return None
