"""SQL of buyers' limits, and of the queue before a sale."""

from datetime import datetime

import asyncpg


async def admit_order(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    sandbox: bool,
    buyer: bytes | None,
    buyer_class: str,
    ticket_id: int | None,
    channel: str,
    item_ids: list[int],
    quantities: list[int],
    at: datetime,
) -> dict[str, object] | None:
    """Why an order may not have these items by their own rules, as admit_order tells it, or None.

    What was looked at stays locked until the transaction ends.
    """
    refused: dict[str, object] | None = await connection.fetchval(
        "select admit_order($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant_id,
        shop_id,
        sandbox,
        buyer,
        buyer_class,
        ticket_id,
        channel,
        item_ids,
        quantities,
        at,
    )
    return refused


async def over_limit(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    sandbox: bool,
    buyer: bytes | None,
    item_ids: list[int],
    quantities: list[int],
    at: datetime,
    beside: int,
) -> dict[str, object] | None:
    """The first limit that a buyer would pass with so many of these items, or None.

    The order `beside` does not count.
    """
    refused: dict[str, object] | None = await connection.fetchval(
        "select over_limit($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant_id,
        shop_id,
        sandbox,
        buyer,
        item_ids,
        quantities,
        at,
        beside,
    )
    return refused


async def note_admitted(
    connection: asyncpg.Connection,
    order_id: int,
    shop_id: int,
    buyer_class: str,
    ticket_id: int | None,
    item_ids: list[int],
    quantities: list[int],
    at: datetime,
) -> None:
    """Writes down which ticket an accepted order used, and what of its class's share."""
    await connection.execute(
        "select note_admitted($1, $2, $3, $4, $5, $6, $7)",
        order_id,
        shop_id,
        buyer_class,
        ticket_id,
        item_ids,
        quantities,
        at,
    )


async def join_queue(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    sandbox: bool,
    code: str,
    buyer: bytes,
    quantity: int,
    actor: str,
    at: datetime,
) -> dict[str, object]:
    """The buyer's place in a sale's queue, as join_queue gives it."""
    told: dict[str, object] = await connection.fetchval(
        "select join_queue($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant_id,
        shop_id,
        sandbox,
        code,
        buyer,
        quantity,
        actor,
        at,
    )
    return told


async def ticket_view(
    connection: asyncpg.Connection, ticket_id: int, shop_id: int, at: datetime
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from ticket_view($1, $2, $3)", ticket_id, shop_id, at
    )


async def queued_sales(connection: asyncpg.Connection) -> list[int]:
    """The sales in whose queue somebody waits or may order."""
    rows = await connection.fetch(
        """
        select s.id from sale s where s.queued and exists (
            select 1 from admission_ticket t where t.sale_id = s.id and not t.sandbox
              and t.state in ('waiting', 'admitted'))
        order by s.id
        """
    )
    return [row["id"] for row in rows]


async def admit_waiting(
    connection: asyncpg.Connection, sale_id: int, actor: str, at: datetime
) -> int:
    """Lets in whom there are pieces for, in the order of arrival; how many."""
    admitted: int = await connection.fetchval(
        "select admit_waiting($1, $2, $3)", sale_id, actor, at
    )
    return admitted


async def forget_tickets(
    connection: asyncpg.Connection, shop_id: int, order_ids: list[int], buyer: bytes | None
) -> None:
    """Forgets whose tickets of a shop they were: of these orders, and of a buyer beside them.

    Whoever is forgotten stands in no queue any more.
    """
    await connection.execute(
        """
        update admission_ticket
        set state = case when state = 'used' then state else 'expired' end, buyer_index = null
        where shop_id = $1 and buyer_index is not null
          and (order_id = any($2) or buyer_index = $3)
        """,
        shop_id,
        order_ids,
        buyer,
    )


async def forget_old_tickets(connection: asyncpg.Connection, before: datetime) -> None:
    """Forgets whose tickets they were that were asked for so long ago and stand no more."""
    await connection.execute(
        """
        update admission_ticket set buyer_index = null
        where buyer_index is not null and asked_at < $1 and state in ('expired', 'used')
        """,
        before,
    )
