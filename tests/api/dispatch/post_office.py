"""A mail server on this machine, which takes mails, puts them off, refuses them or hangs up."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HELD_S_MAX = 60


# aiosmtpd asks for all members, and early releases of Python 3.11 cannot tell those of slots.
@dataclass
class Office:
    """Keeps what it takes. `rcpt` and `data` are answered first, one after the other.

    hangs_up: how many messages it breaks off amid their data. slow: it answers when `gate` is set.
    """

    url: str = ""
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    hangs_up: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    users: list[bytes] = field(default_factory=list)
    servers: list[SMTP] = field(default_factory=list)
    ciphered: list[bool] = field(default_factory=list)

    @property
    def connections(self) -> int:
        """How many were ever made."""
        return len(self.servers)

    def hang_up(self) -> None:
        """Breaks off every connection."""
        for server in self.servers:
            if server.transport is not None:
                server.transport.abort()  # type: ignore[attr-defined]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.wait_for(self.gate.wait(), HELD_S_MAX)
        if self.hangs_up:
            self.hangs_up -= 1
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
            return "451 gone"
        if self.data:
            return self.data.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.envelopes.append(envelope)
        assert server.transport is not None
        self.ciphered.append(server.transport.get_extra_info("cipher") is not None)
        self.taken.append(message_from_bytes(content, policy=POLICY))
        return "250 OK"


@asynccontextmanager
async def post_office(
    *,
    user: str | None = None,
    utf8: bool = True,
    slow: bool = False,
    tls: ssl.SSLContext | None = None,
    from_start: bool = False,
) -> AsyncIterator[Office]:
    """A mail server on a port of its own; with a user only who names it gets in.

    tls: nobody is heard without; `from_start` or after STARTTLS.
    """
    office = Office()
    if not slow:
        office.gate.set()

    def let_in(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        login = getattr(data, "login", b"")
        office.users.append(login)
        # It is for the server to answer who is not let in.
        return AuthResult(success=login == (user or "").encode(), handled=False)

    def connection() -> SMTP:
        server = SMTP(
            office,
            enable_SMTPUTF8=utf8,
            hostname="mail.example",
            ident="test",
            authenticator=let_in,
            auth_required=user is not None,
            auth_require_tls=False,
            tls_context=None if from_start else tls,
            require_starttls=tls is not None and not from_start,
        )
        office.servers.append(server)
        return server

    server = await asyncio.get_running_loop().create_server(
        connection, "127.0.0.1", 0, ssl=tls if from_start else None
    )
    port = server.sockets[0].getsockname()[1]
    who = "" if user is None else f"{user}:secret@"
    office.url = f"smtp://{who}127.0.0.1:{port}"
    try:
        yield office
    finally:
        office.gate.set()
        server.close()
