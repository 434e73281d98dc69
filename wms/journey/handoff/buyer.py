"""A buyer asks for a human by a link, and reads there what was answered."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.address.link import Grant, Purpose
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.handoff import commands as handoffs
from wms.handoff import queries as ticket_rows
from wms.handoff.ticket import BUYER_NOTES_MAX, AskedBy, Event, NewTicket, State, Urgency
from wms.journey.order.address import links_of
from wms.notice.notice import mail_address
from wms.orders import queries as order_rows

ACTOR = "buyer"
KIND = "buyer"
# What a buyer reads of a ticket: never what a rule or the staff say among themselves.
SHOWN = (handoffs.WORDS, handoffs.ANSWER)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said between buyer and staff."""

    ours: bool
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """What a link shows: which order of which shop, and what was said so far."""

    shop: str
    external_order_id: str
    language: str
    said: tuple[Said, ...]
    waiting: bool


async def talk_of(pool: asyncpg.Pool, token: str, now: datetime) -> Talk:
    """What was said under a link so far.

    Raises:
        NotFound: `unknown_link`, it was not made here.
        Conflict: `link_expired`; `order_gone`, its buyer was forgotten.
    """
    async with staff_transaction(pool) as connection:
        order = await _order(connection, token, now)
        shop = await order_rows.shop_name(connection, order["shop_id"])
        tickets = await ticket_rows.tickets_of_buyer(connection, order["id"])
        said = [
            Said(note["author"] == handoffs.STAFF, note["said"].get("words") or "", note["at"])
            for ticket in tickets
            for note in await ticket_rows.notes_of(connection, ticket["id"])
            if note["kind"] in SHOWN and note["author"] in (AskedBy.BUYER, handoffs.STAFF)
        ]
    waiting = any(ticket["state"] in (State.OPEN, State.CLAIMED) for ticket in tickets)
    return Talk(shop, order["external_order_id"], order["language"], tuple(said), waiting)


async def ask_by_link(pool: asyncpg.Pool, token: str, words: str, email: str, now: datetime) -> int:
    """Takes a buyer's words; the number of the ticket that has them.

    An order's buyer has one ticket at a time, to which more is added, and which opens again when
    it was answered. The same words sent twice are taken once.

    Raises:
        NotFound: `unknown_link`.
        Conflict: `link_expired`, `order_gone`; `too_many_words`, the shop has to help.
        Refused: `bad_words`, `bad_mail_address`.
    """
    mail = mail_address(email) if email else None
    async with staff_transaction(pool) as connection:
        order = await _order(connection, token, now)
        while True:
            before = await ticket_rows.tickets_of_buyer(connection, order["id"])
            over = sum(ticket["state"] == State.CLOSED for ticket in before)
            cause = f"buyer/{order['id']}/{over}"
            new = NewTicket(KIND, Urgency.NORMAL, words, AskedBy.BUYER, order["id"], cause)
            number = await handoffs.open_ticket(
                connection,
                order["tenant_id"],
                order["shop_id"],
                new,
                ACTOR,
                now,
                sandbox=order["sandbox"],
                email=mail,
            )
            if number is not None:
                return number
            # Somebody may have closed it just now; then there is one more that is over.
            standing = (await ticket_rows.tickets_of_buyer(connection, order["id"]))[-1]
            ticket = await handoffs.lock_ticket(connection, standing["id"])
            if ticket is not None and ticket["state"] != State.CLOSED:
                await _add(connection, ticket, words, mail, now)
                return int(ticket["id"])


async def _add(
    connection: asyncpg.Connection,
    ticket: asyncpg.Record,
    words: str,
    mail: str | None,
    now: datetime,
) -> None:
    notes = await ticket_rows.notes_of(connection, ticket["id"])
    theirs = [note for note in notes if note["author"] == AskedBy.BUYER]
    last = next((note for note in reversed(notes) if note["kind"] in SHOWN), None)
    if last is not None and last in theirs and last["said"].get("words") == words:
        return
    if len(theirs) >= BUYER_NOTES_MAX:
        raise Conflict("too_many_words", "This buyer has written often; the shop has to help.")
    await handoffs.add_note(
        connection, ticket, AskedBy.BUYER, ACTOR, handoffs.WORDS, words, now, email=mail
    )
    if ticket["state"] == State.ANSWERED:
        await handoffs.move(connection, ticket, Event.REOPEN, ACTOR, now)


async def _order(connection: asyncpg.Connection, token: str, now: datetime) -> asyncpg.Record:
    grant = _read(connection, token, now)
    order = await order_rows.any_order(connection, grant.order_id)
    if order is None:
        raise NotFound("unknown_link", "There is no such order any more.")
    if order["erased_at"] is not None:
        raise Conflict("order_gone", "Nothing is known of this order's buyer any more.")
    return order


def _read(connection: asyncpg.Connection, token: str, now: datetime) -> Grant:
    grant = links_of(connection).read(token, Purpose.HELP)
    if grant is None:
        raise NotFound("unknown_link", "This link is not one of ours, or a part of it is missing.")
    if now >= grant.expires_at:
        raise Conflict("link_expired", "This link has expired.")
    return grant
