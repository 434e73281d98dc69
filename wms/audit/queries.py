"""The log as it is read, and as it is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from wms.audit import store
from wms.audit.chain import FIRST, Batch, Break, break_at, cut_at
from wms.database.pool import keyset_of

PAGE = 200

tenants_with_news = store.tenants_with_news
entries_before = store.entries_before
reads_of_order = store.reads_of_order


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the whole log found; heads: by tenant, the last batch and its hash in hex.

    Batches that were cut off the end are missed by the head that is kept beside them. Whoever
    brings back an older head as well is found out by who keeps these elsewhere.
    """

    batches: int
    entries: int
    breaks: tuple[Break, ...]
    heads: dict[int, tuple[int, str]]


async def check_log(connection: asyncpg.Connection) -> Checked:
    """Makes every hash anew, and holds the entries against what they were made from.

    Of each tenant the first break is told.
    """
    batches, entries = 0, 0
    breaks: list[Break] = []
    heads: dict[int, tuple[int, str]] = {}
    for tenant_id in await store.tenants_with_log(connection):
        found, last = await _broken_chain(connection, tenant_id)
        if last is not None:
            heads[tenant_id] = (last.number, last.hash.hex())
        batches += last.number if last else 0
        entries += last.entries_so_far if last else 0
        found = found or await _broken_source(connection, tenant_id)
        if found is not None:
            breaks.append(found)
    return Checked(batches, entries, tuple(breaks), heads)


@dataclass(frozen=True, slots=True)
class _Head:
    number: int
    hash: bytes
    upto: int
    entries_so_far: int


async def _broken_chain(
    connection: asyncpg.Connection, tenant_id: int
) -> tuple[Break | None, _Head | None]:
    keyset, head = keyset_of(connection), _Head(0, FIRST, 0, 0)
    while rows := await store.batches_after(connection, tenant_id, head.number, PAGE):
        for row in rows:
            batch = Batch(**dict(row))
            said = await store.entries_of_batch(connection, tenant_id, batch.number)
            broken = break_at(keyset, batch, said, (head.number, head.upto, head.hash))
            if broken is not None:
                return broken, head if head.number else None
            head = _Head(batch.number, batch.hash, batch.upto, head.entries_so_far + batch.entries)
    kept = await store.head_of(connection, tenant_id)
    cut = cut_at(keyset, tenant_id, kept, (head.number, head.hash))
    return cut, head if head.number else None


async def _broken_source(connection: asyncpg.Connection, tenant_id: int) -> Break | None:
    if (stray := await store.stray_entry(connection, tenant_id)) is not None:
        return Break(tenant_id, stray["batch"], f"entry {stray['line']} is in no batch")
    if (changed := await store.changed_source(connection, tenant_id)) is not None:
        what = f"{changed['source']} {changed['source_id']}"
        how = "is not in the log" if changed["lost"] else "is not what was entered"
        return Break(tenant_id, changed["batch"], f"{what} {how}")
    if (removed := await store.removed_event(connection, tenant_id)) is not None:
        what = f"{removed['source']} {removed['source_id']}"
        return Break(tenant_id, removed["batch"], f"{what} was removed")
    return None


def entry_view(row: asyncpg.Record) -> dict[str, Any]:
    """An entry as it is told."""
    names: Sequence[str] = (
        "at", "actor", "action", "object", "order_id", "request_id", "source", "detail", "batch",
        "line",
    )  # fmt: skip
    return {name: row[name] for name in names}
