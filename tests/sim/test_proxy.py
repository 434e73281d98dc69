"""The cable between two sockets, and what can happen to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from sim.proxy import Proxy, Way
from tests.patience import PATIENCE_S

HOST = "127.0.0.1"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Echo:
    """A machine that says everything again, and keeps what it heard on each connection."""

    heard: list[bytes] = field(default_factory=list)
    open: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        number = len(self.heard)
        self.heard.append(b"")
        try:
            while data := await reader.read(1_000):
                self.heard[number] += data
                writer.write(data)
        except ConnectionError:
            self.heard[number] += b" (reset)"
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def cabled() -> AsyncIterator[tuple[Echo, Proxy, int]]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, HOST, 0)
    proxy = Proxy((HOST, server.sockets[0].getsockname()[1]))
    port = await proxy.start(HOST)
    try:
        yield echo, proxy, port
    finally:
        await proxy.stop()
        server.close()


async def call(port: int) -> Stream:
    return await asyncio.open_connection(HOST, port)


async def say(stream: Stream, text: bytes, answer: bytes | None = None) -> None:
    """Say something and hear it again."""
    stream[1].write(text)
    wanted = text if answer is None else answer
    heard = await asyncio.wait_for(stream[0].readexactly(len(wanted)), PATIENCE_S)
    assert heard == wanted


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)


async def is_silent(stream: Stream, for_s: float = 0.15) -> bool:
    try:
        await asyncio.wait_for(stream[0].read(1), for_s)
    except TimeoutError:
        return True
    return False


async def test_everything_passes_both_ways() -> None:
    async with cabled() as (echo, proxy, port):
        one, two = await call(port), await call(port)
        await say(one, b"one")
        await say(two, b"two")
        assert echo.heard == [b"one", b"two"]
        assert proxy.connections == 2
        one[1].close()
        assert await asyncio.wait_for(one[0].read(), PATIENCE_S) == b""
        await until(lambda: echo.open == 1)
        await say(two, b"still here")


async def test_a_delay_holds_each_piece_back_and_keeps_the_order() -> None:
    async with cabled() as (_echo, proxy, port):
        stream = await call(port)
        proxy.delay(0.1)
        began_s = time.monotonic()
        stream[1].write(b"a")
        await say(stream, b"b", answer=b"ab")
        assert time.monotonic() - began_s >= 0.2
        proxy.delay(0.0)
        await say(stream, b"c")


async def test_a_cut_ends_both_sides_in_good_order() -> None:
    async with cabled() as (echo, proxy, port):
        stream = await call(port)
        await say(stream, b"x")
        proxy.cut()
        assert await asyncio.wait_for(stream[0].read(), PATIENCE_S) == b""
        await until(lambda: echo.open == 0)
        assert echo.heard == [b"x"]
        await say(await call(port), b"y")


async def test_a_reset_ends_both_sides_at_once() -> None:
    async with cabled() as (echo, proxy, port):
        stream = await call(port)
        await say(stream, b"x")
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            # A reset shows at the first use, where it did not show by itself.
            while await asyncio.wait_for(stream[0].read(1), PATIENCE_S) or True:
                stream[1].write(b"?")
                await stream[1].drain()
        await until(lambda: echo.open == 0)


async def test_a_half_open_connection_stands_and_carries_nothing_while_new_ones_do() -> None:
    async with cabled() as (echo, proxy, port):
        old = await call(port)
        await say(old, b"x")
        proxy.half_open()
        old[1].write(b"lost")
        assert await is_silent(old)
        assert echo.open == 1
        await say(await call(port), b"new")
        assert echo.heard == [b"x", b"new"]
        proxy.heal()
        assert await asyncio.wait_for(_ended(old), PATIENCE_S)
        await until(lambda: proxy.connections == 1)


async def _ended(stream: Stream) -> bool:
    try:
        return await stream[0].read() == b""
    except ConnectionError:
        return True


async def test_a_pulled_cable_carries_nothing_for_anybody_until_it_is_plugged_in() -> None:
    async with cabled() as (echo, proxy, port):
        old = await call(port)
        await say(old, b"x")
        proxy.pull()
        new = await call(port)
        old[1].write(b"lost")
        new[1].write(b"lost too")
        await until(lambda: proxy.counts["swallowed"] == 2)
        assert await is_silent(old)
        assert await is_silent(new)
        proxy.heal()
        assert await asyncio.wait_for(_ended(old), PATIENCE_S)
        assert await asyncio.wait_for(_ended(new), PATIENCE_S)
        await say(await call(port), b"again")
        assert echo.heard == [b"x", b"again"]


@pytest.mark.parametrize(("way", "heard"), [(Way.UP, b"xx"), (Way.DOWN, b"x")])
async def test_a_piece_is_delivered_twice_in_one_direction(way: Way, heard: bytes) -> None:
    async with cabled() as (echo, proxy, port):
        stream = await call(port)
        proxy.duplicate(way)
        await say(stream, b"x", answer=b"xx")
        await say(stream, b"y")
        assert echo.heard == [heard + b"y"]


async def test_nobody_behind_the_cable_is_nobody_there() -> None:
    proxy = Proxy((HOST, 1))
    port = await proxy.start(HOST)
    assert await asyncio.wait_for(_ended(await call(port)), PATIENCE_S)
    assert proxy.counts["unreachable"] == 1
    await proxy.stop()
