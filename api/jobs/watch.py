"""Waits for news from the database: a notice wakes at once, a poll finds what a notice missed."""

import asyncio
from types import TracebackType
from typing import Any, Self

import asyncpg
import structlog

from wms.database.pool import open_connection

RETRY_S = 0.5
log = structlog.get_logger()


class Watch:
    """Listens on channels of the database on a connection of its own, and reconnects."""

    def __init__(self, url: str, channels: tuple[str, ...]) -> None:
        self._url = url
        self._channels = channels
        self._news = {channel: asyncio.Event() for channel in channels}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def wait(self, channel: str, most_s: float) -> None:
        """Returns at the next notice, at one since the last wait, or after `most_s`."""
        event = self._news[channel]
        try:
            # Python 3.11's wait_for can lose a cancellation that comes together with the notice.
            async with asyncio.timeout(most_s):
                await event.wait()
        except TimeoutError:
            return
        event.clear()

    async def _listen(self) -> None:
        while True:
            try:
                connection = await open_connection(self._url, application="watch")
                try:
                    await self._until_closed(connection)
                finally:
                    await connection.close(timeout=1)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("watch_interrupted", error=str(error))
            await asyncio.sleep(RETRY_S)

    async def _until_closed(self, connection: asyncpg.Connection) -> None:
        closed = asyncio.Event()

        def heard(_: Any, __: int, channel: str, ___: object) -> None:
            self._news[channel].set()

        connection.add_termination_listener(lambda _: closed.set())
        for channel in self._channels:
            await connection.add_listener(channel, heard)
        await closed.wait()
