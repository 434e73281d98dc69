"""What is kept of persons is sealed anew: what never was, and what an older key sealed."""

from datetime import datetime
from typing import Any

import asyncpg

from wms.audit import commands as audit
from wms.database import data_key
from wms.database.pool import keyset_of, staff_transaction
from wms.database.seal import Personal, sealed_by
from wms.error import Conflict
from wms.orders import person as persons

BATCH = 200
ADDRESSED = ("ship_to", "customer")
PLACED = ("name", "city", "latitude", "longitude")


async def seal_all(pool: asyncpg.Pool, batch: int = BATCH) -> int:
    """Seals every personal value with the newest key; how many rows were written for it.

    It goes in small transactions over all tables. Broken off, it begins anew and passes over what
    is done. What a missing key sealed stays as it is.
    """
    async with staff_transaction(pool) as connection:
        columns = await data_key.columns_with_tokens(connection)
    written = 0
    for table, column in columns:
        written += await _seal_column(pool, table, column, batch)
    written += await _index_buyers(pool, batch)
    async with staff_transaction(pool) as connection:
        await data_key.set_all_sealed(connection, keyset_of(connection).newest)
    return written


async def seal_when_new(pool: asyncpg.Pool) -> int:
    """Goes over everything once for each new key; how many rows were written."""
    async with staff_transaction(pool) as connection:
        if await data_key.is_all_sealed(connection, keyset_of(connection).newest):
            return 0
    return await seal_all(pool)


async def retire_key(pool: asyncpg.Pool, key_id: str, actor: str, now: datetime) -> None:
    """Takes an old key out of use, once nothing is sealed with it and nobody seals with it.

    Raises:
        Conflict: `key_in_use`, with where or by whom.
    """
    async with staff_transaction(pool) as connection:
        if roles := await data_key.sealing_with(connection, key_id):
            raise Conflict(
                "key_in_use",
                f"These still seal with {key_id}, start them anew: {', '.join(roles)}.",
            )
    await seal_all(pool)
    async with staff_transaction(pool) as connection:
        if (where := await data_key.sealed_with(connection, key_id)) is not None:
            raise Conflict("key_in_use", f"{'.'.join(where)} still holds what {key_id} sealed.")
        await data_key.retire_key(connection, key_id)
        await audit.note(connection, audit.HOUSE, actor, "key.retired", f"data_key/{key_id}", now)


async def _seal_column(pool: asyncpg.Pool, table: str, column: str, batch: int) -> int:
    after, written = "(0,0)", 0
    while True:
        async with staff_transaction(pool) as connection:
            keyset = keyset_of(connection)
            rows = await data_key.rows_to_seal(
                connection, table, column, keyset.newest, after, batch
            )
            for row in rows:
                value = addressed(table, row["value"])
                # What cannot be opened is written back as it was, which would come round again.
                if sealed_by(keyset.dumps(value)) == {keyset.newest}:
                    await data_key.put_value(connection, table, column, row["at"], value)
                    written += 1
        if len(rows) < batch:
            return written
        after = rows[-1]["at"]


async def _index_buyers(pool: asyncpg.Pool, batch: int) -> int:
    after, written = 0, 0
    while True:
        async with staff_transaction(pool) as connection:
            rows = await persons.orders_without_index(connection, after, batch)
            written += await persons.index_buyers(connection, rows)
        if len(rows) < batch:
            return written
        after = rows[-1]["id"]


def addressed(table: str, value: Any) -> Any:
    """A value of a table with all that is personal in it marked as such."""
    if table == "shop_order" and isinstance(value, dict):
        return Personal(value)
    if isinstance(value, Personal):
        return value
    if isinstance(value, list):
        return [addressed(table, part) for part in value]
    if not isinstance(value, dict):
        return value
    parts = {
        name: Personal(part)
        if name in ADDRESSED and isinstance(part, dict)
        else addressed(table, part)
        for name, part in value.items()
    }
    if table == "departure_plan" and "tracking_number" in parts and "latitude" in parts:
        to = Personal({name: parts.pop(name) for name in PLACED if name in parts})
        return parts | {"to": to}
    return parts
