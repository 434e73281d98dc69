"""Connections to the database, and the two ways to open a transaction: as a shop, or as staff."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg

SHOP_ROLE = "stowline_shop"
STAFF_ROLE = "stowline_staff"

_AS_SHOP = (
    f"select set_config('role', '{SHOP_ROLE}', true), set_config('stowline.tenant', $1, true)"
)
_AS_STAFF = f"select set_config('role', '{STAFF_ROLE}', true)"


async def open_pool(
    url: str, *, application: str, size_min: int = 1, size_max: int = 10
) -> asyncpg.Pool:
    """Opens a pool whose connections may do nothing until a transaction says for whom it acts.

    They start in the shop's role with no tenant, and see no row: to forget the transaction is
    to have the least rights. `application` is the name that the server's statistics show.
    """
    return await asyncpg.create_pool(
        url,
        min_size=size_min,
        max_size=size_max,
        server_settings=_session(application),
        reset=_keep,
        init=_speak_json,
    )


async def open_connection(url: str, *, application: str) -> asyncpg.Connection:
    """Opens a connection of its own, with the rights of a pool's: for LISTEN and session locks."""
    connection = await asyncpg.connect(url, server_settings=_session(application))
    await _speak_json(connection)
    return connection


@asynccontextmanager
async def shop_transaction(pool: asyncpg.Pool, tenant_id: int) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that sees and changes one tenant's rows; commits at its end, or rolls back."""
    async with pool.acquire() as connection, connection.transaction():
        # The proxy that a pool hands out speaks as a connection does; its type does not say so.
        yield await act_as_shop(cast(asyncpg.Connection, connection), tenant_id)


@asynccontextmanager
async def staff_transaction(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of the house itself, over all tenants; commits at its end, or rolls back."""
    async with pool.acquire() as connection, connection.transaction():
        yield await act_as_staff(cast(asyncpg.Connection, connection))


async def act_as_shop(connection: asyncpg.Connection, tenant_id: int) -> asyncpg.Connection:
    """Gives the running transaction one tenant's rights until it ends; answers its connection."""
    await connection.execute(_AS_SHOP, str(tenant_id))
    return connection


async def act_as_staff(connection: asyncpg.Connection) -> asyncpg.Connection:
    """Gives the running transaction the staff's rights until it ends; answers its connection."""
    await connection.execute(_AS_STAFF)
    return connection


def _session(application: str) -> dict[str, str]:
    return {
        "role": SHOP_ROLE,
        "application_name": f"stowline {application}",
        "timezone": "UTC",
        "jit": "off",
    }


async def _speak_json(connection: asyncpg.Connection) -> None:
    """Lets jsonb come and go as plain Python data."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )


async def _keep(connection: Any) -> None:
    """Leaves a released connection as it is: what a transaction sets ends with it.

    The pool itself still rolls back what was left open. This saves a round trip each time.
    """
