"""Connections to the mail server, each kept from one mail to the next, and let go when idle."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from time import monotonic

import aiosmtplib
from aiosmtplib.errors import SMTPException, SMTPResponseException, SMTPServerDisconnected

from api.dispatch.relay import Relay

ANSWER_S_MAX = 20.0
# Servers wait minutes for the next mail, and some take only so many of one connection.
IDLE_S_MAX = 15.0
MAILS_MAX = 50
GOING_AWAY = 421


@dataclass(slots=True)
class _Line:
    client: aiosmtplib.SMTP
    mails: int = 0
    since_s: float = 0.0


class Post:
    """Gives mails to one server; one connection has one mail under way."""

    def __init__(self, relay: Relay, context: ssl.SSLContext) -> None:
        self._relay = relay
        self._context = context
        self._idle: list[_Line] = []

    async def give(self, message: EmailMessage) -> None:
        """Gives a message to the server; once it has taken it, nothing that follows undoes that.

        A connection that the server has let go of meanwhile is made anew, once.

        Raises: SMTPException, OSError, TimeoutError, ValueError
        """
        kept = self._kept()
        if kept is not None:
            try:
                await self._give(kept, message)
            except (SMTPServerDisconnected, SMTPResponseException) as error:
                if isinstance(error, SMTPResponseException) and error.code != GOING_AWAY:
                    raise
            else:
                return
        await self._give(await self._open(), message)

    async def close(self) -> None:
        """Says goodbye on every connection that is idle."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_end(line) for line in idle))

    def _kept(self) -> _Line | None:
        self._let_go()
        return self._idle.pop() if self._idle else None

    async def _open(self) -> _Line:
        relay = self._relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user,
            password=relay.password,
            timeout=ANSWER_S_MAX,
            use_tls=relay.tls,
            start_tls=relay.start_tls,
            tls_context=self._context,
            local_hostname=relay.domain,
        )
        await client.connect()
        return _Line(client)

    async def _give(self, line: _Line, message: EmailMessage) -> None:
        try:
            await line.client.send_message(message)
        except BaseException:
            line.client.close()
            raise
        line.mails += 1
        if line.mails >= MAILS_MAX:
            await _end(line)
            return
        line.since_s = monotonic()
        self._idle.append(line)
        asyncio.get_running_loop().call_later(IDLE_S_MAX, self._let_go)

    def _let_go(self) -> None:
        """Closes what has been idle for long, and forgets what the server has closed."""
        before_s = monotonic() - IDLE_S_MAX
        for line in self._idle:
            if line.since_s <= before_s:
                line.client.close()
        self._idle = [line for line in self._idle if line.client.is_connected]


async def _end(line: _Line) -> None:
    try:
        await line.client.quit()
    except (SMTPException, OSError, TimeoutError):
        line.client.close()


@asynccontextmanager
async def open_post(relay: Relay) -> AsyncIterator[Post]:
    """The way to a mail server, while it is open."""
    # Reading the authorities of the system takes longer than sending a mail.
    post = Post(relay, relay.context())
    try:
        yield post
    finally:
        await post.close()
