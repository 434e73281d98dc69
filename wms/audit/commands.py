"""What adds to the log; nothing ever takes from it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from wms.audit import store
from wms.audit.chain import FIRST, Batch, batch_hash, cut_at, head_seal
from wms.database.pool import keyset_of
from wms.error import Conflict
from wms.outbox import commands as outbox

HOUSE = 0
BATCH = 5_000
# A page that brings itself up to date every second is one look, and so is a parcel that is packed.
SAME_LOOK = timedelta(minutes=10)
Note = store.Note


async def note(
    connection: asyncpg.Connection,
    tenant_id: int,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    order_id: int | None = None,
    detail: dict[str, object] | None = None,
) -> None:
    """Notes what no event and no command tells; `HOUSE` where it is no tenant's matter."""
    await store.insert_notes(
        connection, [(tenant_id, now, actor, action, subject, order_id, None, detail or {})]
    )


async def note_look(
    connection: asyncpg.Connection, actor: str, how: str, order_id: int, now: datetime
) -> None:
    """Notes that somebody saw personal data of an order; again within `SAME_LOOK` is one look."""
    await store.insert_look(connection, actor, f"personal.{how}", order_id, now, now - SAME_LOOK)


async def note_all(connection: asyncpg.Connection, notes: Sequence[Note]) -> None:
    """Notes many things at once."""
    await store.insert_notes(connection, notes)


async def chain_batch(
    connection: asyncpg.Connection, tenant_id: int, now: datetime, limit: int = BATCH
) -> Batch | None:
    """Enters what is new of a tenant in one more batch; None where nothing is, or another is at it.

    A transaction's entries stay together, so that a batch may have some more than `limit`.

    Raises:
        Conflict: `audit_cut`, the chain does not end where it did: nothing is put upon it.
    """
    if not await outbox.try_lock(connection, f"audit/{tenant_id}"):
        return None
    last = await store.last_batch(connection, tenant_id)
    number, after, previous = (
        (1, 0, FIRST) if last is None else (last["number"] + 1, last["upto"], last["hash"])
    )
    keyset, head = keyset_of(connection), await store.head_of(connection, tenant_id)
    if (cut := cut_at(keyset, tenant_id, head, (number - 1, previous))) is not None:
        raise Conflict("audit_cut", f"The audit log was tampered with: {cut}.")
    upto = await store.last_transaction(connection, tenant_id, after, limit)
    if upto is None:
        return None
    said = await store.insert_entries(connection, tenant_id, number, after, upto)
    digest = batch_hash(keyset, tenant_id, number, upto, now, previous, said)
    await store.insert_batch(connection, tenant_id, number, len(said), upto, previous, digest, now)
    seal = head_seal(keyset, tenant_id, number, digest)
    await store.put_head(connection, tenant_id, number, digest, seal)
    return Batch(tenant_id, number, len(said), upto, previous, digest, now)
