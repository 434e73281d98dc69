"""Who is behind a key or a token."""

from dataclasses import replace
from datetime import datetime

import asyncpg

from wms.tenants import key_store, store
from wms.tenants.commands import staff_from, the_shop_of_name
from wms.tenants.shop import Limit, Shop, digest, split_key
from wms.tenants.staff import Staff


async def shop_of_key(connection: asyncpg.Connection, text: str) -> Shop | None:
    """The shop that a bearer key belongs to, or None."""
    parts = split_key(text)
    if parts is None:
        return None
    row = await store.shop_of_key(connection, parts[0], digest(parts[1]))
    if row is None:
        return None
    own = row["requests_per_s"] is not None and row["burst"] is not None
    return replace(
        _shop(row),
        key_id=row["key_id"],
        prefix=row["prefix"],
        limit=Limit(row["requests_per_s"], row["burst"]) if own else None,
    )


async def shop_of_name(
    connection: asyncpg.Connection, name: str, tenant: str | None = None
) -> Shop | None:
    """The shop of that name, or None.

    Raises:
        Refused: `several_shops` of that name where no tenant is named.
    """
    row = await the_shop_of_name(connection, name, tenant)
    return None if row is None else _shop(row)


async def shop_of_owner(connection: asyncpg.Connection, owner_id: int) -> Shop | None:
    """The first shop that sells an owner's goods, or None."""
    row = await store.shop_of_owner(connection, owner_id)
    return None if row is None else _shop(row)


def _shop(row: asyncpg.Record) -> Shop:
    return Shop(
        tenant_id=row["tenant_id"],
        owner_id=row["owner_id"],
        shop_id=row["shop_id"],
        name=row["name"],
        scopes=frozenset(row["scopes"]),
        sandbox=row["sandbox"],
    )


async def staff_of_token(
    connection: asyncpg.Connection, token: str, now: datetime, *, lock: bool = False
) -> Staff | None:
    """Who is signed in with this token, or None; `lock` keeps a second scan of theirs waiting."""
    row = await store.session_of_token(connection, digest(token), now, lock)
    return None if row is None else staff_from(row)


keys_of = key_store.keys_of
all_keys = key_store.all_keys
channel_of = store.channel_of
neutral_sender_of = store.neutral_sender_of
