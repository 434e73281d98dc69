"""Mails to buyers: which of them a shop wants, how they are made, and what came of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.address.link import LinkRule
from wms.database.pool import keyset_of, shop_transaction, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.digital import queries as digital_rows
from wms.error import NotFound
from wms.journey.order.address import links_of
from wms.journey.order.order_view import moment
from wms.language import language_of, said_date
from wms.notice import commands as notices
from wms.notice import queries as notice_rows
from wms.notice.letter import Letter, write_letter
from wms.notice.notice import Kind, State, mail_address
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import Event as Move
from wms.orders.fulfilment import State as Fulfilment
from wms.tenants.shop import Shop

ACTOR = "mail"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is about to go out."""

    to: str
    to_name: str
    sender_name: str
    reply_to: str
    language: str
    queued_at: datetime
    letter: Letter


@dataclass(frozen=True, slots=True)
class Choice:
    """Which news the house writes to a shop's buyers; none where it has said nothing."""

    kinds: tuple[Kind, ...] = ()
    sender_name: str = ""
    reply_to: str = ""


async def choice_of(pool: asyncpg.Pool, shop: Shop) -> Choice:
    """What a shop lets the house write."""
    async with shop_transaction(pool, shop.tenant_id) as connection:
        row = await notice_rows.find_choice(connection, shop.shop_id)
    if row is None:
        return Choice()
    return Choice(tuple(map(Kind, row["kinds"])), row["sender_name"], row["reply_to"])


async def choose(pool: asyncpg.Pool, shop: Shop, choice: Choice) -> None:
    """Sets what the house writes to a shop's buyers from now on; what happened before is no news.

    Raises:
        Refused: `bad_mail_address`.
    """
    reply_to = choice.reply_to and mail_address(choice.reply_to, "/reply_to")
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await notices.choose(
            connection, shop.tenant_id, shop.shop_id, choice.kinds, choice.sender_name, reply_to
        )


async def mail_of(
    pool: asyncpg.Pool, notice_id: int, helping: LinkRule | None = None
) -> Mail | None:
    """A notice as it goes out, made of what is so now; None where nothing is to be sent any more.

    The code of a digital item is looked up in the vault for it, and kept in no mail. `helping` is
    where and how long its buyer may ask for a human, None where buyers do not reach the house.
    """
    async with staff_transaction(pool) as connection:
        notice = await notice_rows.find_notice(connection, notice_id)
        if notice is None or notice["state"] != State.WAITING:
            return None
        kind, facts = Kind(notice["kind"]), dict(notice["facts"])
        if kind is Kind.DIGITAL:
            codes = await digital_rows.codes_to_send(connection, facts.pop("delivery_ids"))
            if not codes:
                return None
            facts["codes"] = [_code(row, language_of(notice["language"])) for row in codes]
        if helping is not None:
            # As long from when it was written: sent again, it is the same mail.
            until = notice["queued_at"] + helping.lasts
            facts["help"] = links_of(connection, helping).help(notice["order_id"], until)
    whom = notice["to_whom"]
    sender = notice["sender_name"] or notice["shop"]
    facts |= {"name": whom["name"], "shop": sender, "number": notice["external_order_id"]}
    return Mail(
        whom["email"],
        str(whom["name"]),
        sender,
        notice["reply_to"] or "",
        notice["language"],
        notice["queued_at"],
        write_letter(kind, notice["language"], facts),
    )


def _code(row: asyncpg.Record, language: str) -> dict[str, str]:
    until = row["valid_until"]
    return {
        "name": row["name"],
        "code": row["content"]["code"],
        "until": "" if until is None else said_date(until.date(), language),
    }


async def book_mails(
    connection: asyncpg.Connection,
    taken: Collection[int],
    bounced: Mapping[int, str],
    now: datetime,
) -> None:
    """Notes what came of mails; codes that were taken by their buyer's server end their order."""
    sent = await notices.take(connection, taken, now) if taken else []
    deliveries = [
        delivery_id
        for notice in sent
        if notice["kind"] == Kind.DIGITAL
        for delivery_id in notice["facts"]["delivery_ids"]
    ]
    if deliveries:
        numbers = await digital_rows.fulfilments_of(connection, deliveries)
        await orders.lock_fulfilments(connection, numbers)
        states = await order_rows.fulfilment_states(connection, numbers)
        over = [number for number in numbers if states[number] == Fulfilment.HANDED_OVER]
        if over:
            await orders.apply_to_fulfilments(connection, over, Move.CLOSE, ACTOR, now)
    for notice_id, error in sorted(bounced.items()):
        await notices.bounce(connection, notice_id, error, now)


@dataclass(frozen=True, slots=True)
class Reported:
    """A notice after a report of its mail, and whether that said anything new."""

    notice_id: int
    order_id: int
    kind: str
    state: State
    error: str | None
    changed: bool


@again_on_deadlock
async def take_report(
    pool: asyncpg.Pool, message_id: str, tag: str, *, failed: bool, reason: str, now: datetime
) -> Reported:
    """Takes in what another mail server says of a mail: one that came back is told to its shop.

    It ends no order and gives nobody another code: the shop has the same sent again. What is only
    late changes nothing.

    Raises:
        NotFound: `unknown_mail`.
    """
    async with staff_transaction(pool) as connection:
        notice_id = notices.notice_id_of(message_id, tag, keyset_of(connection))
        changed = failed and await notices.bounce(connection, notice_id, reason, now)
        notice = await notice_rows.find_notice(connection, notice_id)
    if notice is None:
        raise NotFound("unknown_mail", "No mail of ours has that number.", "/message-id")
    return Reported(
        notice_id,
        notice["order_id"],
        notice["kind"],
        State(notice["state"]),
        notice["error"],
        changed,
    )


async def mails_waiting(pool: asyncpg.Pool) -> int:
    """How many mails wait to be sent."""
    async with staff_transaction(pool) as connection:
        return await notice_rows.unsent(connection)


async def notices_of(pool: asyncpg.Pool, shop: Shop, order_id: int) -> list[dict[str, object]]:
    """What was written to the buyer of a shop's order, when, and what came of it.

    Raises:
        NotFound: `unknown_order`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        order = await order_rows.order_of_id(connection, shop.tenant_id, order_id)
        if order is None or order["shop_id"] != shop.shop_id:
            raise NotFound("unknown_order", f"This shop has no order {order_id}.")
        rows = await notice_rows.notices_of_order(connection, order_id)
    return [_view(row) for row in rows]


def _view(row: asyncpg.Record) -> dict[str, object]:
    waiting = row["state"] == State.WAITING
    return {
        "id": row["id"],
        "kind": row["kind"],
        "language": row["language"],
        "to": row["to_whom"]["email"],
        "state": row["state"],
        "queued_at": moment(row["queued_at"]),
        "sent_at": moment(row["over_at"]) if row["state"] == State.SENT else None,
        "bounced_at": moment(row["over_at"]) if row["state"] == State.BOUNCED else None,
        "attempts": row["attempts"] or 0,
        "error": row["last_error"] if waiting else row["error"],
        "next_try_at": moment(row["next_try_at"]) if waiting else None,
    }


def kinds_of(names: Collection[str]) -> tuple[Kind, ...]:
    """Kinds by their names, each once."""
    return tuple(dict.fromkeys(map(Kind, names)))
