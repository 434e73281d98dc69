"""Whatever a receiver answers, it costs the sender little, and its status alone says what came."""

import asyncio
import gzip
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import asyncpg
import pytest

from api.dispatch import webhook
from api.dispatch.sender import open_sender
from api.settings import Settings
from tests import builders
from tests.api.dispatch.receiver import ClockHouse, settle
from tests.key import KEYSET
from tests.patience import PATIENCE_S
from wms.database.pool import staff_transaction
from wms.outbox import commands as outbox
from wms.outbox import endpoint_commands as endpoints

OK = b"HTTP/1.1 200 OK\r\n"
Write = Callable[[bytes], Awaitable[None]]
# Between these an answer is cut off by somebody, and not by the end of what there was to say.
SENT_MAX = 32 * 1024 * 1024


@dataclass(slots=True)
class Odd:
    """A receiver that answers in a way of its own; how often it was asked, and what it sent."""

    answer: Callable[[Write], Awaitable[None]]
    asked: int = 0
    sent_bytes: int = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def write(data: bytes) -> None:
            writer.write(data)
            self.sent_bytes += len(data)
            await writer.drain()

        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            )
            await reader.readexactly(length)
            self.asked += 1
            await self.answer(write)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def answering(answer: Callable[[Write], Awaitable[None]]) -> AsyncIterator[tuple[Odd, str]]:
    odd = Odd(answer)
    server = await asyncio.start_server(odd.take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield odd, f"http://127.0.0.1:{port}/"


async def endless_body(write: Write) -> None:
    await write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


async def trickling_body(write: Write) -> None:
    await write(OK + b"Content-Length: 1000000\r\n\r\n")
    while True:
        await asyncio.sleep(0.05)
        await write(b"x")


async def broken_body(write: Write) -> None:
    await write(OK + b"Content-Length: 1000\r\n\r\nfar less")


async def packed_body(write: Write) -> None:
    body = gzip.compress(b"\x00" * 200_000_000, compresslevel=1)
    head = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    await write(OK + head.encode() + body)


async def wrongly_packed_body(write: Write) -> None:
    await write(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain")


async def trickling_head(write: Write) -> None:
    await write(OK)
    while True:
        await asyncio.sleep(0.05)
        await write(b"X-More: 1\r\n")


async def endless_head(write: Write) -> None:
    await write(OK)
    while True:
        await write(b"X-More: 1\r\n" * 1_000)


async def long_header(write: Write) -> None:
    await write(OK + b"X-Long: " + b"x" * 1_000_000 + b"\r\n\r\n")


async def always_continue(write: Write) -> None:
    # Nobody counts these: as many are read as there is time for.
    while True:
        await asyncio.sleep(0.05)
        await write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def no_http(write: Write) -> None:
    await write(b"220 mail.example ESMTP\r\n")


async def nothing(_write: Write) -> None:
    return


@pytest.fixture
def house(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> ClockHouse:
    """A house whose webhooks may go to this machine and wait for an answer as long as need be."""
    monkeypatch.setattr(webhook, "TIMEOUT", aiohttp.ClientTimeout(total=PATIENCE_S))
    return ClockHouse(Settings(webhook_private="yes"), pool, random.Random(1), KEYSET)


async def sent(house: ClockHouse, url: str) -> asyncpg.Record:
    """What came of a message to that address, after its second try where there is one."""
    shop = await builders.add_shop(house.pool)
    async with staff_transaction(house.pool) as connection:
        endpoint_id, _ = await endpoints.add_endpoint(
            connection, shop.tenant_id, shop.shop_id, url, ["*"]
        )
        await outbox.emit(
            connection, shop.tenant_id, "a", "order/1", None, {}, "test", builders.NOW
        )
    async with open_sender(house) as sender:
        await settle(sender)
        house.pass_time(seconds=6)
        await settle(sender)
    (row,) = await builders.rows(
        house.pool,
        "select done_at, attempts, last_status, last_error from outbox "
        "where topic = 'webhook' and target = $1",
        endpoint_id,
    )
    return row


@pytest.mark.parametrize(
    "answer", [endless_body, trickling_body, broken_body, packed_body, wrongly_packed_body]
)
async def test_what_follows_a_2xx_changes_nothing(
    house: ClockHouse, answer: Callable[[Write], Awaitable[None]]
) -> None:
    async with answering(answer) as (odd, url):
        row = await sent(house, url)
        assert row["done_at"] is not None
        assert (row["attempts"], row["last_status"], row["last_error"]) == (1, 200, None)
        assert odd.asked == 1
        assert odd.sent_bytes < SENT_MAX


@pytest.mark.parametrize(
    "answer", [trickling_head, endless_head, long_header, always_continue, no_http, nothing]
)
async def test_what_is_no_answer_is_a_failed_attempt(
    house: ClockHouse,
    answer: Callable[[Write], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", aiohttp.ClientTimeout(total=2))
    async with answering(answer) as (odd, url):
        row = await sent(house, url)
        assert row["done_at"] is None
        assert (row["attempts"], row["last_status"]) == (2, None)
        assert row["last_error"]
        # A machine that stood still had perhaps no time to ask.
        assert odd.asked <= 2
        assert odd.sent_bytes < SENT_MAX
