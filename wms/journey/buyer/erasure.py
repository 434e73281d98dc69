"""A buyer is forgotten: asked for by the shop, or because their orders are long over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import keyset_of, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.database.seal import normal
from wms.error import Conflict, NotFound
from wms.journey.order.cancel import cancel_within
from wms.journey.order.order_view import order_view
from wms.journey.request import Request, once
from wms.orders import person as persons
from wms.orders.buyer import mail_index
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.promise import commands as promise
from wms.tenants.shop import Shop

ACTOR = "job:privacy"
NEVER_PAID = "It was never paid, and nobody knows any more whom it is for."
BATCH = 200
REPEATS_LAST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data it is about: whoever has a mail address, or whoever is behind one order."""

    mail: str | None = None
    order_id: int | None = None


@again_on_deadlock
async def erase(pool: asyncpg.Pool, request: Request, subject: Subject, now: datetime) -> Answer:
    """Overwrites the personal data of a shop's buyer wherever they are kept; once for each key.

    Ledger, events and audit log stay as they are but for what was sealed in them. A buyer whom
    nobody knows, or knows any more, is no refusal.

    Raises:
        NotFound: `unknown_order`.
        Conflict: `order_under_way`, with which one; nothing is changed then.
    """
    shop = request.shop
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            buyer, rows = await _orders(connection, shop, subject, now)
            standing = [row for row in rows if row["under_way"]]
            if standing:
                first = standing[0]
                raise Conflict(
                    "order_under_way",
                    f"Order {first['external_order_id']} (number {first['id']}) is under way; "
                    "erase it when it has left or is cancelled.",
                )
            known = [row for row in rows if row["erased_at"] is None]
            values = await _forget(connection, shop, known, buyer, "asked for", shop.actor, now)
            values += await persons.forget_words(
                connection, [row["handoff_id"] for row in await _words(connection, shop, subject)]
            )
            return Answer(
                200,
                {
                    "orders": [
                        {"id": row["id"], "external_order_id": row["external_order_id"]}
                        for row in rows
                    ],
                    "values": values,
                },
            )

        return (await once(connection, request, act)).given()


async def erase_old(pool: asyncpg.Pool, keep: timedelta, now: datetime) -> int:
    """Forgets who was behind orders that ended so long ago, some at a time; how many orders.

    One that was never paid is cancelled with it: nobody could be found to send it to. Places in
    queues and tickets about no order are forgotten as old as orders; answers that hang on none,
    such as a checked address, are kept for repeats, a week.
    """
    async with staff_transaction(pool) as connection:
        await persons.forget_loose(connection, now - min(keep, REPEATS_LAST))
        await persons.forget_old_words(connection, now - keep)
        await promise.forget_old_tickets(connection, now - keep)
    done = 0
    while (some := await _erase_some(pool, keep, now)) == BATCH:
        done += some
    return done + some


@again_on_deadlock
async def _erase_some(pool: asyncpg.Pool, keep: timedelta, now: datetime) -> int:
    async with staff_transaction(pool) as connection:
        rows = await persons.orders_to_forget(connection, now - keep, now, BATCH)
        ended = [row for row in rows if not row["standing"] or await _end(connection, row, now)]
        for shop_id in sorted({row["shop_id"] for row in ended}):
            theirs = [row for row in ended if row["shop_id"] == shop_id]
            shop = _shop_of(theirs[0])
            await _forget(connection, shop, theirs, None, "kept long enough", ACTOR, now)
    return len(ended)


async def _end(connection: asyncpg.Connection, row: asyncpg.Record, now: datetime) -> bool:
    """Cancels an order that was never paid; False where somebody has it in hand after all."""
    shop = _shop_of(row)
    answer = await cancel_within(connection, shop, row["id"], NEVER_PAID, now, ACTOR)
    return answer.body["state"] == "done"


def _shop_of(row: asyncpg.Record) -> Shop:
    return Shop(
        row["tenant_id"], row["owner_id"], row["shop_id"], row["shop"], frozenset(), sandbox=False
    )


async def export(
    pool: asyncpg.Pool, request: Request, subject: Subject, now: datetime
) -> dict[str, object]:
    """All that is kept of a shop's buyer: their orders, and every personal value elsewhere.

    That it was asked for is kept, and none of the answer: a repeat tells what is kept by then.

    Raises:
        NotFound: `unknown_order`.
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    shop = request.shop

    async def asked() -> Answer:
        return Answer(200, {})

    async with staff_transaction(pool) as connection:
        await once(connection, request, asked)
        buyer, rows = await _orders(connection, shop, subject, now)
        numbers = [row["id"] for row in rows]
        kept = await persons.data_of(connection, shop.tenant_id, numbers, buyer)
        words = await _words(connection, shop, subject)
        views = [await order_view(connection, shop, number, timeline=True) for number in numbers]
    return {
        "orders": views,
        "kept": [
            {
                "where": f"{row['of_table']}.{row['of_column']}",
                "order_id": row["order_id"],
                "data": row["data"],
            }
            for row in kept
        ]
        + [{"where": "handoff_note.said", "order_id": None, "data": row["said"]} for row in words],
    }


async def _orders(
    connection: asyncpg.Connection, shop: Shop, subject: Subject, now: datetime
) -> tuple[bytes | None, list[asyncpg.Record]]:
    buyer = None if subject.mail is None else mail_index(keyset_of(connection), subject.mail)
    rows = await persons.orders_of_buyer(
        connection,
        shop.tenant_id,
        shop.shop_id,
        buyer,
        subject.order_id,
        now,
        sandbox=shop.sandbox,
    )
    if subject.order_id is not None and all(row["id"] != subject.order_id for row in rows):
        raise NotFound("unknown_order", f"This shop has no order {subject.order_id}.")
    # What is kept of a buyer beside their orders is no sandbox's.
    return None if shop.sandbox else buyer, rows


async def _words(
    connection: asyncpg.Connection, shop: Shop, subject: Subject
) -> list[asyncpg.Record]:
    """What stands in the shop's tickets about no order, where the buyer's mail address does too."""
    if subject.mail is None or shop.sandbox:
        return []
    mail = normal(subject.mail)
    notes = await persons.loose_words(connection, shop.tenant_id, shop.shop_id)
    theirs = {
        row["handoff_id"]
        for row in notes
        if any(mail in normal(str(said)) for said in row["said"].values())
    }
    return [row for row in notes if row["handoff_id"] in theirs]


async def _forget(
    connection: asyncpg.Connection,
    shop: Shop,
    rows: Sequence[asyncpg.Record],
    buyer: bytes | None,
    reason: str,
    actor: str,
    now: datetime,
) -> int:
    numbers = [row["id"] for row in rows]
    values = await persons.forget(connection, shop.tenant_id, numbers, buyer, now)
    await promise.forget_tickets(connection, shop.shop_id, numbers, buyer)
    for row in rows:
        await outbox.emit(
            connection,
            shop.tenant_id,
            "order.erased",
            f"order/{row['id']}",
            row["id"],
            {
                "order_id": row["id"],
                "external_order_id": row["external_order_id"],
                "reason": reason,
            },
            actor,
            now,
        )
    return values
