"""What the sender knows of a topic: how a message is sent, and when it is tried again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import asyncpg

from api.wiring import House

ANSWER_BYTES_MAX = 65_536
TIMEOUT = aiohttp.ClientTimeout(total=10)
NO_ANSWER = "no answer within 10 seconds"
LET_GO_S_MAX = 1.0
# What a receiver can fail by; an address that no client can read is its fault too.
UNSENT = (aiohttp.ClientError, OSError, ValueError, OverflowError)
ERROR_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    error: None where the message was taken. wait: how long the receiver asks us to wait at least.
    final: it need not be tried again.
    """

    error: str | None = None
    status: int | None = None
    wait: timedelta | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message, as it was claimed, what came of it, and when."""

    message: asyncpg.Record
    outcome: Outcome
    at: datetime


async def _nothing(connection: asyncpg.Connection, sent: Sequence[Sent], house: House) -> None:
    return


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of messages that leave.

    wait_after: the wait after so many failed attempts; None gives the message up. booked: what
    else is changed in the transaction that books the attempts of this topic.
    """

    name: str
    send: Callable[[asyncpg.Record], Awaitable[Outcome]]
    wait_after: Callable[[int], timedelta | None]
    booked: Callable[[asyncpg.Connection, Sequence[Sent], House], Awaitable[None]] = _nothing


def failure(error: Exception) -> Outcome:
    """A failed attempt in words that can be stored."""
    said = str(error) or (NO_ANSWER if isinstance(error, TimeoutError) else "")
    text = f"{type(error).__name__}: {said}".replace("\x00", "")
    return Outcome(text[:ERROR_LENGTH_MAX])


async def let_go(response: aiohttp.ClientResponse) -> None:
    """Takes a short answer in, so that its connection serves again; a long or slow one is left.

    The status has said what came of the message: whatever follows it changes nothing.
    """
    try:
        async with asyncio.timeout(LET_GO_S_MAX):
            await response.content.read(ANSWER_BYTES_MAX)
    except UNSENT:
        response.close()
