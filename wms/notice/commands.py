"""What changes notices."""

import hmac
from collections.abc import Collection
from datetime import datetime
from typing import Any

import asyncpg

from wms.database.seal import Keyset, Personal
from wms.error import NotFound
from wms.notice import store
from wms.notice.notice import (
    MOVES,
    SWITCHED,
    Event,
    Kind,
    State,
    after,
    can_be_mailed,
    clean,
    tag_of,
)
from wms.outbox import commands as outbox

TOPIC = "mail"
BOUNCED = "notice.bounced"
_NUMBER = "mail_"


async def choose(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    kinds: Collection[Kind],
    sender_name: str,
    reply_to: str,
) -> None:
    """Says which news the house writes to a shop's buyers from now on, and in whose name."""
    wanted = [kind.value for kind in SWITCHED if kind in kinds]
    await store.set_choice(connection, tenant_id, shop_id, wanted, clean(sender_name), reply_to)


async def queue(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    kind: Kind,
    cause: str,
    facts: dict[str, Any],
    now: datetime,
    *,
    to: str | None = None,
) -> int | None:
    """Queues a mail to an order's buyer, once for each cause; its number.

    None where it is queued already, or nobody can be written to. `to` is another address than the
    order's own.
    """
    mail = to or order["customer"].get("email")
    if not can_be_mailed(mail):
        return None
    name = order["customer"].get("name") or (order["ship_to"] or {}).get("name") or ""
    if order["erased_at"] is not None:
        name = ""
    whom = Personal({"email": mail, "name": name})
    notice_id = await store.insert_notice(connection, order, kind.value, cause, whom, facts, now)
    if notice_id is None:
        return None
    message: dict[str, object] = {
        "subject": f"notice/{notice_id}",
        "message_id": message_id(notice_id),
        "payload": {"notice_id": notice_id},
    }
    await outbox.send(connection, order["tenant_id"], TOPIC, order["shop_id"], [message])
    return notice_id


def message_id(notice_id: int) -> str:
    """The number of a notice's message, which never changes."""
    return f"{_NUMBER}{notice_id}"


def notice_id_of(message_id: str, tag: str, keyset: Keyset) -> int:
    """The notice of a message's number.

    Raises:
        NotFound: `unknown_mail`, no mail with that tag ever left.
    """
    number = message_id.removeprefix(_NUMBER)
    right = tag_of(keyset, message_id)
    if not hmac.compare_digest(right.encode(), tag.encode()) or not number.isdecimal():
        raise NotFound("unknown_mail", "No mail of ours has that number.", "/message-id")
    return int(number)


async def take(
    connection: asyncpg.Connection, notice_ids: Collection[int], now: datetime
) -> list[asyncpg.Record]:
    """Notes that mails were taken; those that waited until now.

    One that was given up and is taken after all, by a server that was slow to say so, stays so.
    """
    sources = [state.value for state, event in MOVES if event is Event.TAKE]
    return await store.set_sent(connection, sorted(notice_ids), sources, now)


async def bounce(connection: asyncpg.Connection, notice_id: int, error: str, now: datetime) -> bool:
    """Notes that a mail came back, and tells its shop; False where that is known, or no mail."""
    notice = await store.lock_notice(connection, notice_id)
    if notice is None or notice["state"] == State.BOUNCED:
        return False
    state = after(State(notice["state"]), Event.BOUNCE)
    await store.set_state(connection, notice_id, state, error, now)
    await outbox.emit(
        connection,
        notice["tenant_id"],
        BOUNCED,
        f"order/{notice['order_id']}",
        notice["order_id"],
        {
            "order_id": notice["order_id"],
            "notice_id": notice_id,
            "kind": notice["kind"],
            "reason": error,
        },
        "mail",
        now,
    )
    return True


lock_choice = store.lock_choice
move_cursor = store.move_cursor
