"""Someone whom the house tells things by HTTP: a shop's webhook endpoint, or a carrier."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from api.dispatch.sender import Sender


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    text: str
    at_s: float

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found

    def verified(self, secret: str) -> object:
        """The body, after the library of Standard Webhooks has checked its signature."""
        return Webhook(secret).verify(self.text, self.headers)


@dataclass(slots=True)
class Receiver:
    """Keeps what comes in, and answers with the next of `answers`, then with 204."""

    url: str
    answers: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        text = await request.text()
        self.heard.append(Heard(request.path, headers, text, time.monotonic()))
        await self.gate.wait()
        return web.Response(status=self.answers.pop(0) if self.answers else 204)


@asynccontextmanager
async def listening(port: int = 0, *, hangs: bool = False) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own; one that hangs answers nobody until its gate is opened."""
    receiver = Receiver("")
    if not hangs:
        receiver.gate.set()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        receiver.gate.set()
        await runner.cleanup()


async def send_until(sender: Sender, done: Callable[[], Awaitable[bool]]) -> None:
    """Sends as the jobs role does, until this has come true."""
    async with asyncio.timeout(30):
        while not await done():
            if await sender.take_due() == 0:
                await sender.wait(asyncio.sleep(0.05))
