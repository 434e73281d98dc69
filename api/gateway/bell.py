"""Bells: what the database notifies wakes who waits for it."""

import asyncio

import asyncpg
import structlog

from api.gateway.lease import DATABASE_FAULTS

_log = structlog.get_logger(__name__)
_AGAIN_S = 1.0
_ALIVE_S = 30.0


class Bell:
    """Wakes all who wait for it; take `next` before looking, so that no ring falls in between."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def next(self) -> asyncio.Event:
        """Give the event of the next ring."""
        return self._event

    def ring(self) -> None:
        """Wake all who wait."""
        self._event.set()
        self._event = asyncio.Event()


async def wait_for(event: asyncio.Event, at_most_s: float) -> None:
    """Return at the event, or after this time."""
    waiting = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({waiting}, timeout=at_most_s)
    finally:
        waiting.cancel()


async def listen(pool: asyncpg.Pool, bells: dict[str, Bell]) -> None:
    """Rings a channel's bell at each of its notices, for ever; all of them at a new connection."""

    def heard(_connection: object, _pid: int, channel: str, _payload: object) -> None:
        bells[channel].ring()

    while True:
        try:
            async with pool.acquire() as connection:
                for channel in bells:
                    await connection.add_listener(channel, heard)
                try:
                    for bell in bells.values():
                        bell.ring()
                    while True:
                        await asyncio.sleep(_ALIVE_S)
                        await connection.execute("select 1", timeout=_ALIVE_S)
                finally:
                    if not connection.is_closed():
                        for channel in bells:
                            await connection.remove_listener(channel, heard)
        except DATABASE_FAULTS as error:
            _log.warning("notices not heard", error=repr(error))
        await asyncio.sleep(_AGAIN_S)
