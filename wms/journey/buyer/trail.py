"""The audit log goes on: what happened is entered in batches, behind those who did it."""

from datetime import datetime

import asyncpg

from wms.audit import commands as audit
from wms.audit import queries as audit_rows
from wms.audit.chain import Batch
from wms.database.pool import staff_transaction
from wms.error import Conflict


async def chain_news(pool: asyncpg.Pool, now: datetime, limit: int = audit.BATCH) -> list[Batch]:
    """Enters all that is new of every tenant; the batches that were made.

    A batch is a transaction of its own, and waits for nobody.

    Raises:
        Conflict: `audit_cut`, of which chains; those of the others go on.
    """
    made: list[Batch] = []
    cut: list[str] = []
    async with staff_transaction(pool) as connection:
        tenants = await audit_rows.tenants_with_news(connection)
    for tenant_id in tenants:
        while True:
            try:
                async with staff_transaction(pool) as connection:
                    batch = await audit.chain_batch(connection, tenant_id, now, limit)
            except Conflict as refusal:
                cut.append(refusal.detail)
                break
            if batch is None:
                break
            made.append(batch)
    if cut:
        raise Conflict("audit_cut", " ".join(cut))
    return made


async def note_reads(pool: asyncpg.Pool, notes: list[audit.Note]) -> None:
    """Writes down who saw which personal data."""
    async with staff_transaction(pool) as connection:
        await audit.note_all(connection, notes)
