"""SQL of orders that come in: what has to be known of them, and their acceptance."""

from datetime import datetime

import asyncpg


async def order_facts(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    owner_id: int,
    external_order_id: str,
    skus: list[str],
    placed_at: datetime,
) -> asyncpg.Record:
    """The warehouses, the shop's channel and rules, the order of that number and the items.

    Each item comes with what is usual of it, and the shop's offers of when the order was placed.
    """
    row = await connection.fetchrow(
        "select * from order_facts($1, $2, $3, $4, $5, $6)",
        tenant_id,
        shop_id,
        owner_id,
        external_order_id,
        skus,
        placed_at,
    )
    assert row is not None
    return row


async def claim_with_facts(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    owner_id: int,
    external_order_id: str,
    skus: list[str],
    placed_at: datetime,
    scope: str,
    command_id: str,
) -> asyncpg.Record:
    """Holds a command until the transaction ends, as claim_command does, with `order_facts`.

    The facts are missing where the command was answered before. They are as they were when the
    call began; an order that came in since stops its twin when that is written.
    """
    row = await connection.fetchrow(
        """
        select * from claim_command($1, $7, $8) c
        left join order_facts($1, $2, $3, $4, $5, $6) f on c.o_held and c.o_status is null
        """,
        tenant_id,
        shop_id,
        owner_id,
        external_order_id,
        skus,
        placed_at,
        scope,
        command_id,
    )
    assert row is not None
    return row


async def accept_order(
    connection: asyncpg.Connection, arguments: tuple[object, ...]
) -> asyncpg.Record:
    """Calls accept_order with its arguments in their order."""
    row = await connection.fetchrow(
        """
        select * from accept_order($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
            $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
        """,
        *arguments,
    )
    assert row is not None
    return row


async def lock_stock(
    connection: asyncpg.Connection, item_ids: list[int], warehouse_ids: list[int], channel: str
) -> list[asyncpg.Record]:
    """What of items could be promised in each warehouse, locked in id order until the end."""
    return await connection.fetch(
        "select * from lock_stock($1, $2, $3)", item_ids, warehouse_ids, channel
    )


async def sources_of(connection: asyncpg.Connection, shop_id: int) -> list[str]:
    """The codes of the warehouses that a shop named to ship for it; none where all do."""
    rows = await connection.fetch(
        """
        select w.code from shop_warehouse s join warehouse w on w.id = s.warehouse_id
        where s.shop_id = $1 order by w.id
        """,
        shop_id,
    )
    return [row["code"] for row in rows]


async def set_sources(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, warehouse_ids: list[int]
) -> None:
    await connection.execute("delete from shop_warehouse where shop_id = $1", shop_id)
    await connection.execute(
        """
        insert into shop_warehouse (shop_id, tenant_id, warehouse_id)
        select $2, $1, unnest($3::bigint[])
        """,
        tenant_id,
        shop_id,
        warehouse_ids,
    )
