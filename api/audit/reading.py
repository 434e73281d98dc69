"""Who saw whose personal data: noted beside the answer, written down soon after it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import structlog

from wms.audit.commands import HOUSE, SAME_LOOK, Note
from wms.database.pool import REQUEST_ID
from wms.journey.buyer.trail import note_reads

WRITE_S = 1.0
WAITING_MAX = 100_000
KNOWN_MAX = 100_000
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody saw personal data of these orders."""

    actor: str
    how: str
    subject: str
    order_ids: tuple[int, ...]
    request_id: str | None

    def note(self, now: datetime) -> Note:
        """As it is written down: a single order in its tenant's log, a list in the house's."""
        single = self.order_ids[0] if self.subject != "orders" else None
        detail: dict[str, object] = {} if single else {"orders": list(self.order_ids)}
        action = f"personal.{self.how}"
        return (HOUSE, now, self.actor, action, self.subject, single, self.request_id, detail)


class ReadLog:
    """Reads that wait to be written: nobody who reads waits for that.

    A process that is killed loses those of its last second.
    """

    def __init__(self) -> None:
        self._waiting: list[Look] = []
        self._fresh: dict[tuple[str, str, int], datetime] = {}
        self._now: Callable[[], datetime] | None = None

    def order(self, actor: str, how: str, order_id: int) -> None:
        """Somebody saw the personal data of one order; how: `console`, `api`, `label` or such."""
        if self._unseen(actor, how, [order_id]):
            self._waiting.append(Look(actor, how, f"order/{order_id}", (order_id,), _request()))

    def orders(self, actor: str, how: str, order_ids: Sequence[int]) -> None:
        """Somebody saw a list with the names or towns of many orders."""
        if unseen := self._unseen(actor, how, order_ids):
            self._waiting.append(Look(actor, how, "orders", tuple(unseen), _request()))

    def _unseen(self, actor: str, how: str, order_ids: Sequence[int]) -> list[int]:
        if self._now is None or len(self._waiting) >= WAITING_MAX:
            log.warning("read_not_noted", waiting=len(self._waiting))
            return []
        now, unseen = self._now(), []
        if len(self._fresh) >= KNOWN_MAX:
            self._fresh.clear()
        for number in order_ids:
            seen = self._fresh.get((actor, how, number))
            if seen is None or now - seen >= SAME_LOOK:
                self._fresh[actor, how, number] = now
                unseen.append(number)
        return unseen

    async def write(self, pool: asyncpg.Pool) -> None:
        """Writes what waits; it goes on waiting where the database is away."""
        if not self._waiting or self._now is None:
            return
        taken, self._waiting = self._waiting, []
        now = self._now()
        notes = [look.note(now) for look in taken]
        try:
            await note_reads(pool, notes)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._waiting = taken + self._waiting
            log.warning("reads_not_written", waiting=len(self._waiting), error=str(error))

    @asynccontextmanager
    async def kept(self, pool: asyncpg.Pool, now: Callable[[], datetime]) -> AsyncIterator[None]:
        """Writes every second while it is open, and what is left at its end."""
        self._now = now

        async def writing() -> None:
            while True:
                await asyncio.sleep(WRITE_S)
                await self.write(pool)

        task = asyncio.create_task(writing())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.write(pool)


def _request() -> str | None:
    return REQUEST_ID.get() or None
