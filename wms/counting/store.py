"""SQL of counts."""

from datetime import datetime

import asyncpg


async def insert_count(
    connection: asyncpg.Connection,
    tenant_id: int,
    balance_id: int,
    reason: str,
    expected: int,
    counted: int,
    counted_by: str,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into count_task (tenant_id, balance_id, reason, expected, counted, asked_at,
            counted_at, counted_by)
        values ($1, $2, $3, $4, $5, $7, $7, $6)
        """,
        tenant_id,
        balance_id,
        reason,
        expected,
        counted,
        counted_by,
        now,
    )
