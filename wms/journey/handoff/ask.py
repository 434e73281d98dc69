"""A shop asks for a human, closes what is settled, and asks again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import asyncpg

from wms.address.link import LinkRule
from wms.database.pool import shop_transaction
from wms.error import NotFound
from wms.handoff import commands as handoffs
from wms.handoff.ticket import Event, NewTicket, State, check_words
from wms.journey.handoff.view import sees, ticket_view
from wms.journey.order.address import links_of
from wms.journey.order.order_view import moment
from wms.journey.order.part import owns
from wms.journey.request import Request, once
from wms.orders import queries as order_rows
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


async def ask_human(pool: asyncpg.Pool, request: Request, new: NewTicket, now: datetime) -> Answer:
    """Opens a shop's ticket, once for each key.

    Raises:
        NotFound: `unknown_order`.
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def ask() -> Answer:
            sandbox = shop.sandbox
            if new.order_id is not None:
                order = await _order(connection, shop, new.order_id)
                sandbox = sandbox or order["sandbox"]
            number = await handoffs.open_ticket(
                connection, shop.tenant_id, shop.shop_id, new, shop.actor, now, sandbox=sandbox
            )
            assert number is not None, "a shop's ticket has no cause to be opened for once"
            return Answer(201, await ticket_view(connection, shop, number))

        return await once(connection, request, ask)


async def give_link(
    pool: asyncpg.Pool,
    request: Request,
    order_id: int,
    rule: LinkRule,
    lasts: timedelta,
    now: datetime,
) -> Answer:
    """A link under which the buyer of an order asks for a human, for a while.

    Raises:
        NotFound: `unknown_order`.
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def give() -> Answer:
            order = await _order(connection, shop, order_id)
            expires_at = (now + lasts).replace(microsecond=0)
            link = links_of(connection, rule).help(order["id"], expires_at)
            body: dict[str, object] = {
                "order_id": order["id"],
                "link": link,
                "expires_at": moment(expires_at),
            }
            return Answer(201, body)

        return await once(connection, request, give)


async def close_by_shop(
    pool: asyncpg.Pool, request: Request, handoff_id: int, words: str | None, now: datetime
) -> Answer:
    """Ends a shop's own ticket: it is settled, and nobody need look; one that is closed stays so.

    Raises:
        NotFound: `unknown_handoff`.
        Conflict: `in_flight`.
        Refused: `bad_words`, `idempotency_key_reused`.
    """

    async def close(connection: asyncpg.Connection, ticket: asyncpg.Record) -> None:
        if ticket["state"] == State.CLOSED:
            return
        if words is not None:
            await _say(connection, ticket, request.actor, handoffs.REASON, words, now)
        await handoffs.move(connection, ticket, Event.CLOSE, request.actor, now)

    return await _changed(pool, request, handoff_id, close)


async def ask_again(
    pool: asyncpg.Pool, request: Request, handoff_id: int, words: str, now: datetime
) -> Answer:
    """Adds a shop's words to its ticket; one that was answered is open again.

    Raises:
        NotFound: `unknown_handoff`.
        Conflict: `wrong_state`, it is closed; `in_flight`.
        Refused: `bad_words`, `idempotency_key_reused`.
    """

    async def again(connection: asyncpg.Connection, ticket: asyncpg.Record) -> None:
        await _say(connection, ticket, request.actor, handoffs.WORDS, words, now)
        if ticket["state"] not in (State.OPEN, State.CLAIMED):
            await handoffs.move(connection, ticket, Event.REOPEN, request.actor, now)

    return await _changed(pool, request, handoff_id, again)


async def _say(
    connection: asyncpg.Connection,
    ticket: asyncpg.Record,
    actor: str,
    kind: str,
    words: str,
    now: datetime,
) -> None:
    check_words(words)
    await handoffs.add_note(connection, ticket, "shop", actor, kind, words, now)


async def _changed(
    pool: asyncpg.Pool,
    request: Request,
    handoff_id: int,
    act: Callable[[asyncpg.Connection, asyncpg.Record], Awaitable[None]],
) -> Answer:
    """The ticket after something was done with it, once for each key."""
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def change() -> Answer:
            ticket = await handoffs.lock_ticket(connection, handoff_id)
            if ticket is None or not sees(shop, ticket):
                raise NotFound("unknown_handoff", f"There is no ticket {handoff_id}.")
            await act(connection, ticket)
            return Answer(200, await ticket_view(connection, shop, handoff_id))

        return await once(connection, request, change)


async def _order(connection: asyncpg.Connection, shop: Shop, order_id: int) -> asyncpg.Record:
    order = await order_rows.order_of_id(connection, shop.tenant_id, order_id)
    if order is None or not owns(shop, order):
        raise NotFound("unknown_order", f"This shop has no order {order_id}.", "/order_id")
    return order
