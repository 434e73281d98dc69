"""Mails to buyers, given to the house's mail server until it takes them or says for good no.

A message has one Message-ID however often it is tried, so that a server that took it and did not
get to say so, or a reader of mail, knows a repeat. Without a server mails wait.

Source: RFC 5321, reply codes; RFC 3463, enhanced status codes.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

import asyncpg
import structlog
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from api.buyer.rule import help_rule
from api.dispatch.envelope import compose
from api.dispatch.post import Post, open_post
from api.dispatch.relay import Relay
from api.dispatch.report import without_addresses
from api.dispatch.topic import Outcome, Sent, Topic
from api.wiring import House
from wms.error import Refused
from wms.journey.buyer.notice import book_mails, mail_of, mails_waiting
from wms.notice.notice import tag_of
from wms.outbox.schedule import JITTER

AT_ONCE = 16
# Waiting for a free connection counts too: the sender's lease outlasts it.
SEND_S_MAX = 40.0
# Servers put strangers off for some minutes; after three days nobody waits for the mail any more.
WAITS = (
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)
# A mailbox that does not exist, is too small, or wants none of it; a code of 5xx with these
# subjects is about our own doors or the network, and may be mended.
_OURS = re.compile(r"\b5\.(3|4|5|7\.(0|8|9|11|13|14))\b")
log = structlog.get_logger()


@asynccontextmanager
async def open_mail(house: House) -> AsyncIterator[Topic | None]:
    """The topic `mail`; None where no mail server is set, and then mails wait.

    Raises: SettingsError
    """
    relay = Relay.of(house.settings)
    if relay is None:
        waiting = await mails_waiting(house.pool)
        if waiting:
            log.warning("mails_wait_for_a_server", waiting=waiting)
        yield None
    else:
        async with open_post(relay) as post:
            yield mail_topic(house, relay, post)


def mail_topic(house: House, relay: Relay, post: Post) -> Topic:
    """The topic `mail` over a mail server."""
    places = asyncio.Semaphore(AT_ONCE)
    helping = help_rule(house.settings)

    def number_of(message_id: str) -> str:
        return f"<{message_id}.{tag_of(house.keyset, message_id)}@{relay.domain}>"

    async def send(message: asyncpg.Record) -> Outcome:
        mail = await mail_of(house.pool, message["payload"]["notice_id"], helping)
        if mail is None:
            return Outcome("there is nothing to send any more", final=True)
        try:
            made = compose(mail, relay.sender, relay.sender_name, number_of(message["message_id"]))
        except (Refused, ValueError) as error:
            return Outcome(
                without_addresses(f"no such address: {type(error).__name__}"), final=True
            )
        try:
            async with asyncio.timeout(SEND_S_MAX), places:
                await post.give(made)
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            return outcome_of(error)
        return Outcome(status=250)

    async def booked(connection: asyncpg.Connection, sent: Sequence[Sent], at: House) -> None:
        taken, bounced = [], {}
        for one in sent:
            notice_id = one.message["payload"]["notice_id"]
            if one.outcome.error is None:
                taken.append(notice_id)
            elif one.outcome.final or one.message["attempts"] + 1 > len(WAITS):
                bounced[notice_id] = one.outcome.error
        await book_mails(connection, taken, bounced, at.now())

    return Topic("mail", send, lambda attempts: mail_wait_after(attempts, house.rng), booked)


def outcome_of(error: Exception) -> Outcome:
    """What a failed attempt means: for good where the server refuses the recipient or the mail.

    What the server says of us, of our password or of the network may be mended: it is tried again.
    """
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, SMTPNotSupported):
        return Outcome(without_addresses(f"not supported: {error.message}"), final=True)
    if isinstance(error, SMTPResponseException):
        about_mail = isinstance(error, (SMTPRecipientRefused, SMTPDataError))
        final = about_mail and 500 <= error.code < 600 and not _OURS.search(error.message)
        return Outcome(without_addresses(f"{error.code} {error.message}"), error.code, final=final)
    return Outcome(without_addresses(f"{type(error).__name__}: {error}"))


def mail_wait_after(attempts: int, rng: Random) -> timedelta | None:
    """How long a mail waits after that many failed attempts; None where that was the last."""
    if attempts > len(WAITS):
        return None
    return WAITS[attempts - 1] * (1 + JITTER * rng.random())
