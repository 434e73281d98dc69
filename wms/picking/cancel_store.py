"""SQL of wishes to cancel, and of what a cancelled order leaves on the floor."""

from datetime import datetime

import asyncpg


async def insert_request(
    connection: asyncpg.Connection,
    tenant_id: int,
    order_id: int,
    state: str,
    reason: str,
    refusal: str | None,
    asked_by: str,
    now: datetime,
    code: str | None,
    blocked: list[dict[str, object]],
) -> asyncpg.Record:
    row = await connection.fetchrow(
        """
        insert into cancellation_request (tenant_id, order_id, state, reason, refusal, asked_by,
            asked_at, code, blocked)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *
        """,
        tenant_id,
        order_id,
        state,
        reason,
        refusal,
        asked_by,
        now,
        code,
        blocked,
    )
    assert row is not None
    return row


async def request_of_id(
    connection: asyncpg.Connection, order_id: int, request_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from cancellation_request where id = $2 and order_id = $1", order_id, request_id
    )


async def request_done(connection: asyncpg.Connection, order_id: int) -> asyncpg.Record | None:
    """The request that cancelled an order, where one did."""
    return await connection.fetchrow(
        "select * from cancellation_request where order_id = $1 and state = 'done'", order_id
    )


async def totes_at_rest(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> list[asyncpg.Record]:
    """The totes of an order that stand at a packing place, which nothing takes any further."""
    return await connection.fetch(
        """
        select u.id, u.code, u.place_id from handling_unit u join place p on p.id = u.place_id
        where u.fulfilment_order_id = $1 and u.kind = 'tote' and p.kind = 'packing'
        order by u.id
        """,
        fulfilment_order_id,
    )
