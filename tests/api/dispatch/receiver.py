"""Someone whom the house tells things by HTTP, a shop's webhook endpoint or a carrier, and when."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from api.dispatch.sender import Sender
from api.wiring import House
from tests.patience import PATIENCE_S


@dataclass(slots=True)
class Clock:
    """How far a test's clock is ahead; where it stands still, of the moment at which it does."""

    ahead: timedelta = timedelta()
    stands_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockHouse(House):
    """A house whose clock is moved by hand."""

    clock: Clock = field(default_factory=Clock)

    def now(self) -> datetime:
        """The moment by that clock."""
        return (self.clock.stands_at or House.now(self)) + self.clock.ahead

    def stop_clock(self) -> None:
        """From now on only `pass_time` moves it; what happens in this test's time is before it."""
        self.clock.stands_at = House.now(self) + timedelta(seconds=10 * PATIENCE_S)

    def pass_time(self, **duration: float) -> None:
        """Moves the clock on: `minutes=5`."""
        self.clock.ahead += timedelta(**duration)


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    text: str

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found

    def verified(self, secret: str) -> object:
        """The body, after the library of Standard Webhooks has checked its signature."""
        return Webhook(secret).verify(self.text, self.headers)


@dataclass(slots=True)
class Receiver:
    """Keeps what comes in, and answers with the next of `answers`, then with `status`.

    slow_s: how long it takes for that. sends: headers of its answers.
    """

    url: str
    answers: list[int] = field(default_factory=list)
    status: int = 204
    slow_s: float = 0.0
    sends: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        text = await request.text()
        self.heard.append(Heard(request.path, headers, text))
        await asyncio.sleep(self.slow_s)
        await self.gate.wait()
        status = self.answers.pop(0) if self.answers else self.status
        return web.Response(status=status, headers=self.sends)

    def told(self) -> dict[str, list[int]]:
        """The numbers of the events that came in of each subject, in the order in which they did.

        What came again is left out.
        """
        found: dict[str, list[int]] = {}
        seen: set[str] = set()
        for one in self.heard:
            if one.headers["webhook-id"] not in seen:
                seen.add(one.headers["webhook-id"])
                found.setdefault(one.data["subject"], []).append(one.data["sequence"])
        return found


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
    async with asyncio.timeout(PATIENCE_S):
        while not await done():
            if await sender.take_due() == 0:
                await sender.wait(asyncio.sleep(0.05))


async def settle(sender: Sender) -> None:
    """Sends until nothing is due and nothing is under way."""
    async with asyncio.timeout(PATIENCE_S):
        while await sender.take_due() or sender.under_way:
            await sender.wait(asyncio.sleep(0.05))
