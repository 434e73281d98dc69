"""SQL of orders that come in: what has to be known of them, and their acceptance."""

import asyncpg


async def order_facts(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    owner_id: int,
    external_order_id: str,
    skus: list[str],
) -> asyncpg.Record | None:
    """The warehouse, the shop's channel, the order of that number and the items, in one look."""
    return await connection.fetchrow(
        "select * from order_facts($1, $2, $3, $4, $5)",
        tenant_id,
        shop_id,
        owner_id,
        external_order_id,
        skus,
    )


async def accept_order(
    connection: asyncpg.Connection, arguments: tuple[object, ...]
) -> asyncpg.Record:
    """Calls accept_order with its arguments in their order."""
    row = await connection.fetchrow(
        """
        select * from accept_order($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
            $15, $16, $17, $18, $19, $20, $21, $22)
        """,
        *arguments,
    )
    assert row is not None
    return row
