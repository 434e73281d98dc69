"""Sends what waits in the outbox, whatever its topic: each object's messages in their order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from time import monotonic
from types import TracebackType
from typing import Any, Self

import asyncpg
import structlog

from api.dispatch.carrier import open_carriers
from api.dispatch.mail import open_mail
from api.dispatch.topic import Sent, Topic
from api.dispatch.webhook import open_webhooks
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.outbox import commands as outbox

# Lines of messages under way at once: in all, and to one receiver.
AT_ONCE = 400
SHARE = 64
# A receiver takes a quarter of what is free at most, and all together three of them: however many
# hang, some room is left.
ROOM = 4
# Of receivers that did not answer the last time: in all, and to one.
DEAF_AT_ONCE = 100
DEAF_SHARE = 8
# Messages of a line that are taken along; a slow receiver's line is broken off after so long.
LENGTH = 5
LINE_S_MAX = 5.0
# A lease outlasts a line and the slowest answer, so that no second sender takes it meanwhile.
LEASE = timedelta(seconds=60)
# What comes back within this long is booked together.
GATHER_S = 0.01
log = structlog.get_logger()
Receiver = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a line: messages that were tried, and those that were not."""

    sent: list[Sent]
    untried: list[int]


@asynccontextmanager
async def open_sender(house: House) -> AsyncIterator["Sender"]:
    """A sender of every topic, while their clients are open."""
    async with (
        open_webhooks(house, AT_ONCE) as webhooks,
        open_carriers(house, AT_ONCE) as carriers,
        open_mail(house) as mail,
        Sender(house, (webhooks, carriers, *([mail] if mail else ()))) as sender,
    ):
        yield sender


class Sender:
    """Sends lines of messages side by side, none waiting for another's receiver."""

    def __init__(self, house: House, topics: Sequence[Topic]) -> None:
        self._house = house
        self._topics = {topic.name: topic for topic in topics}
        self._under_way: dict[asyncio.Task[Result], Receiver] = {}
        # Whom a connection or an answer could not be had from the last time.
        self._deaf: set[Receiver] = set()
        self._unbooked: list[Result] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Gives up what is under way; its lease runs out, and it is sent again."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    @property
    def under_way(self) -> int:
        """Lines that are being sent, or whose outcome is not booked."""
        return len(self._under_way)

    async def take_due(self) -> int:
        """Books what came of messages, and begins to send others that are due; how many.

        Those count too that were found behind others, since more may be due that are not.
        """
        for task in [task for task in self._under_way if task.done()]:
            receiver = self._under_way.pop(task)
            self._unbooked.append(task.result())
            self._note_answer(receiver, self._unbooked[-1])
        async with staff_transaction(self._house.pool) as connection:
            await self._book(connection)
            messages, behind = await self._claim(connection)
        self._unbooked.clear()
        for place, line in groupby(
            messages, key=lambda one: (one["topic"], one["target"], one["subject"])
        ):
            task = asyncio.create_task(self._send(self._topics[place[0]], list(line)))
            self._under_way[task] = place[:2]
        return len(messages) + behind

    async def wait(self, news: Coroutine[Any, Any, None]) -> None:
        """Returns when something came of a message, or when the news come."""
        heard = asyncio.create_task(news)
        try:
            await asyncio.wait({heard, *self._under_way}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            heard.cancel()
        await asyncio.sleep(GATHER_S)

    async def _claim(self, connection: asyncpg.Connection) -> tuple[list[asyncpg.Record], int]:
        free = AT_ONCE - len(self._under_way)
        if free <= 0:
            return [], 0
        now = self._house.now()
        share = min(SHARE, max(1, free // ROOM))
        claim = outbox.Claim(
            list(self._topics), self._rooms(share), share, max(1, free - free // ROOM), LENGTH
        )
        return await outbox.claim_messages(connection, claim, now, now + LEASE)

    def _rooms(self, share: int) -> dict[Receiver, int]:
        """How many lines more a receiver may have that has some, or does not answer."""
        under_way = Counter(self._under_way.values())
        deaf_share = min(share, DEAF_SHARE, max(1, DEAF_AT_ONCE // max(1, len(self._deaf))))
        return {
            one: max(0, (deaf_share if one in self._deaf else share) - under_way[one])
            for one in under_way.keys() | self._deaf
        }

    def _note_answer(self, receiver: Receiver, result: Result) -> None:
        """Keeps in mind who does not answer: the others need not wait for them."""
        last = result.sent[-1].outcome
        if last.error is None or last.status is not None:
            self._deaf.discard(receiver)
        elif not last.final:
            self._deaf.add(receiver)

    async def _send(self, topic: Topic, line: list[asyncpg.Record]) -> Result:
        """Sends a line's messages one after the other, up to the first that is not taken."""
        began_s = monotonic()
        sent: list[Sent] = []
        for message in line:
            if sent and (sent[-1].outcome.error or monotonic() - began_s > LINE_S_MAX):
                break
            outcome = await topic.send(message)
            sent.append(Sent(message, outcome, self._house.now()))
        return Result(sent, [message["id"] for message in line[len(sent) :]])

    async def _book(self, connection: asyncpg.Connection) -> None:
        sent = [one for result in self._unbooked for one in result.sent]
        if not sent:
            return
        now = self._house.now()
        untried = [message for result in self._unbooked for message in result.untried]
        if untried:
            await outbox.release_messages(connection, untried, now)
        attempts = [self._attempt(one) for one in sent]
        await outbox.book_attempts(connection, attempts, now)
        for topic in self._topics.values():
            if own := [one for one in sent if one.message["topic"] == topic.name]:
                await topic.booked(connection, own, self._house)

    def _attempt(self, sent: Sent) -> outbox.Attempt:
        message, outcome = sent.message, sent.outcome
        attempts, again_at = message["attempts"] + 1, None
        if outcome.error is not None:
            wait = None
            if not outcome.final:
                wait = self._topics[message["topic"]].wait_after(attempts)
            again_at = None if wait is None else sent.at + max(wait, outcome.wait or wait)
            log.warning(
                "message_not_sent",
                message=message["message_id"],
                subject=message["subject"],
                attempts=attempts,
                error=outcome.error,
                again_at=None if again_at is None else again_at.isoformat(),
            )
        return outbox.Attempt(message["id"], sent.at, outcome.status, outcome.error, again_at)
