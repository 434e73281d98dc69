"""SQL of payments, as the shops' gateways tell of them."""

from datetime import datetime

import asyncpg


async def payments_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """All that was told of an order's payment, in the order in which it came here."""
    return await connection.fetch(
        """
        select id, state, amount_minor, currency, reference, at, received_at, country
        from payment where order_id = $1 order by id
        """,
        order_id,
    )


async def insert_payment(
    connection: asyncpg.Connection,
    tenant_id: int,
    order_id: int,
    state: str,
    amount_minor: int,
    currency: str,
    reference: str,
    at: datetime,
    country: str,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into payment (tenant_id, order_id, state, amount_minor, currency, reference, at,
            country, received_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        tenant_id,
        order_id,
        state,
        amount_minor,
        currency,
        reference,
        at,
        country,
        now,
    )


async def set_payment(
    connection: asyncpg.Connection,
    order_id: int,
    state: str,
    refunded_minor: int,
    paid_at: datetime | None,
) -> None:
    """How an order's payment stands; `paid_at` is kept from when it first was paid."""
    await connection.execute(
        """
        update shop_order set payment_state = $2, refunded_minor = $3,
            paid_at = coalesce(paid_at, $4)
        where id = $1
        """,
        order_id,
        state,
        refunded_minor,
        paid_at,
    )


async def touches_of_order(connection: asyncpg.Connection, order_id: int) -> int:
    """How many decisions of the staff an order needed."""
    touches: int = await connection.fetchval(
        "select count(*) from human_touch where order_id = $1", order_id
    )
    return touches
