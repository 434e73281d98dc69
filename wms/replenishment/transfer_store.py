"""SQL of transfers between warehouses."""

from datetime import datetime

import asyncpg

TRANSFER = """
    select t.*, o.name as owner, f.code as from_warehouse, g.code as to_warehouse,
        (select b.id from inbound_shipment b
         where b.transfer_id = t.id order by b.id desc limit 1) as inbound_id
    from transfer t join owner o on o.id = t.owner_id
    join warehouse f on f.id = t.from_warehouse_id join warehouse g on g.id = t.to_warehouse_id
"""


async def insert_transfer(
    connection: asyncpg.Connection, facts: dict[str, object], now: datetime
) -> int:
    transfer_id: int = await connection.fetchval(
        """
        insert into transfer (tenant_id, owner_id, from_warehouse_id, to_warehouse_id, made_by,
            made_at)
        values ($1, $2, $3, $4, $5, $6) returning id
        """,
        facts["tenant_id"],
        facts["owner_id"],
        facts["from_warehouse_id"],
        facts["to_warehouse_id"],
        facts["made_by"],
        now,
    )
    return transfer_id


async def open_transfer(
    connection: asyncpg.Connection, owner_id: int, from_warehouse_id: int, to_warehouse_id: int
) -> int | None:
    """A transfer of an owner's on that way that nobody has sent, locked."""
    transfer_id: int | None = await connection.fetchval(
        """
        select id from transfer
        where owner_id = $1 and from_warehouse_id = $2 and to_warehouse_id = $3
          and state = 'requested' order by id limit 1 for update
        """,
        owner_id,
        from_warehouse_id,
        to_warehouse_id,
    )
    return transfer_id


async def add_line(
    connection: asyncpg.Connection, transfer_id: int, tenant_id: int, item_id: int, quantity: int
) -> None:
    await connection.execute(
        """
        insert into transfer_line (transfer_id, item_id, tenant_id, quantity)
        values ($1, $2, $3, $4)
        on conflict (transfer_id, item_id) do update
            set quantity = transfer_line.quantity + excluded.quantity
        """,
        transfer_id,
        item_id,
        tenant_id,
        quantity,
    )


async def transfer_for_update(
    connection: asyncpg.Connection, transfer_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{TRANSFER} where t.id = $1 for no key update of t", transfer_id
    )


async def find_transfer(connection: asyncpg.Connection, transfer_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{TRANSFER} where t.id = $1", transfer_id)


async def transfers_after(
    connection: asyncpg.Connection, state: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"{TRANSFER} where ($1::text is null or t.state = $1) and t.id > $2 order by t.id limit $3",
        state,
        after,
        limit,
    )


async def lines_of_transfer(
    connection: asyncpg.Connection, transfer_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select l.*, i.sku, i.name, i.unit, i.scale
        from transfer_line l join item i on i.id = l.item_id
        where l.transfer_id = $1 order by l.item_id
        """,
        transfer_id,
    )


async def set_state(
    connection: asyncpg.Connection, transfer_id: int, state: str, now: datetime
) -> None:
    await connection.execute(
        """
        update transfer set state = $2,
            sent_at = case when $2 = 'sent' then $3 else sent_at end,
            ended_at = case when $2 in ('received', 'closed', 'cancelled') then $3 end
        where id = $1
        """,
        transfer_id,
        state,
        now,
    )


async def set_expected(
    connection: asyncpg.Connection, transfer_id: int, expected_at: datetime
) -> None:
    await connection.execute(
        "update transfer set expected_at = $2 where id = $1", transfer_id, expected_at
    )
