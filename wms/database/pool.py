"""Connections to the database, and the two ways to open a transaction: as a shop, or as staff."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Any, cast

import asyncpg

from wms.database.seal import Keyset, SealError, holds_personal

# In whose request a transaction is opened; the border sets it, and what is written tells it.
REQUEST_ID: ContextVar[str] = ContextVar("stowline_request", default="")

SHOP_ROLE = "stowline_shop"
STAFF_ROLE = "stowline_staff"

_AS_SHOP = (
    f"select set_config('role', '{SHOP_ROLE}', true), set_config('stowline.tenant', $1, true), "
    "set_config('stowline.request', $2, true)"
)
_AS_STAFF = f"select set_config('role', '{STAFF_ROLE}', true)"
_AS_STAFF_FOR = f"{_AS_STAFF}, set_config('stowline.request', $1, true)"
# As asyncpg writes it.
_BEGIN = "BEGIN;"


class Connection(asyncpg.Connection):
    """A connection that seals what is Personal, and opens it again."""

    keyset: Keyset | None = None
    _commands: str = ""

    def beginning(self, commands: str) -> asyncpg.transaction.Transaction:
        """A transaction that begins with commands, which go with its BEGIN: a round trip less.

        Were they not sent, it would have the session's rights: those of a shop without a tenant.
        """
        self._commands = commands
        return self.transaction()

    async def execute(self, query: str, *args: object, **options: Any) -> str:
        """What any connection does; a BEGIN takes along what `beginning` was told."""
        commands, self._commands = self._commands, ""
        if query == _BEGIN:
            query += commands
        status: str = await super().execute(query, *args, **options)
        return status


async def open_pool(
    url: str,
    *,
    application: str,
    size_min: int = 1,
    size_max: int = 10,
    keyset: Keyset | None = None,
) -> asyncpg.Pool:
    """Opens a pool whose connections may do nothing until a transaction says for whom it acts.

    They start in the shop's role with no tenant, and see no row: to forget the transaction is
    to have the least rights. `application` is the name that the server's statistics show.
    Without a keyset nothing Personal is written, and none of it is opened.
    """

    async def speak(connection: asyncpg.Connection) -> None:
        await speak_json(connection, keyset)

    return await asyncpg.create_pool(
        url,
        min_size=size_min,
        max_size=size_max,
        server_settings=_session(application),
        reset=_keep,
        init=speak,
        connection_class=Connection,
    )


async def open_connection(
    url: str, *, application: str, keyset: Keyset | None = None
) -> asyncpg.Connection:
    """Opens a connection of its own, with the rights of a pool's: for LISTEN and session locks."""
    connection = await asyncpg.connect(
        url, server_settings=_session(application), connection_class=Connection
    )
    await speak_json(connection, keyset)
    return connection


def keyset_of(connection: asyncpg.Connection) -> Keyset:
    """The keys that a connection seals with, for what is looked up by a blind index.

    Raises: SealError, it has none.
    """
    keyset: Keyset | None = getattr(connection, "keyset", None)
    if keyset is None:
        raise SealError("This connection has no data keys.")
    return keyset


def shop_transaction(
    pool: asyncpg.Pool, tenant_id: int
) -> AbstractAsyncContextManager[asyncpg.Connection]:
    """A transaction that sees and changes one tenant's rows; commits at its end, or rolls back."""
    return _transaction(
        pool,
        f"set local role {SHOP_ROLE}; set local stowline.tenant = '{tenant_id:d}'; "
        f"set local stowline.request = {_literal(REQUEST_ID.get())}",
    )


def staff_transaction(pool: asyncpg.Pool) -> AbstractAsyncContextManager[asyncpg.Connection]:
    """A transaction of the house itself, over all tenants; commits at its end, or rolls back."""
    commands = f"set local role {STAFF_ROLE}"
    if request_id := REQUEST_ID.get():
        commands += f"; set local stowline.request = {_literal(request_id)}"
    return _transaction(pool, commands)


@asynccontextmanager
async def _transaction(pool: asyncpg.Pool, commands: str) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as proxy:
        # The proxy that a pool hands out speaks as a connection does; its type does not say so.
        connection = cast(Connection, proxy)
        async with connection.beginning(commands):
            yield connection


def _literal(text: str) -> str:
    """A text as SQL writes it, whatever stands in it."""
    quoted = "'{}'".format(text.replace("'", "''"))
    return " E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


async def act_as_shop(connection: asyncpg.Connection, tenant_id: int) -> asyncpg.Connection:
    """Gives the running transaction one tenant's rights until it ends; answers its connection."""
    await connection.execute(_AS_SHOP, str(tenant_id), REQUEST_ID.get())
    return connection


async def act_as_staff(connection: asyncpg.Connection) -> asyncpg.Connection:
    """Gives the running transaction the staff's rights until it ends; answers its connection."""
    request_id = REQUEST_ID.get()
    if request_id:
        await connection.execute(_AS_STAFF_FOR, request_id)
    else:
        await connection.execute(_AS_STAFF)
    return connection


def _session(application: str) -> dict[str, str]:
    return {
        "role": SHOP_ROLE,
        "application_name": f"stowline {application}",
        "timezone": "UTC",
        "jit": "off",
    }


async def speak_json(connection: asyncpg.Connection, keyset: Keyset | None) -> None:
    """Lets jsonb come and go as plain Python data, and personal data as tokens.

    connection: one of our own class.
    """
    cast(Connection, connection).keyset = keyset
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=_plain if keyset is None else keyset.dumps,
        decoder=json.loads if keyset is None else keyset.loads,
    )


def _plain(value: object) -> str:
    if holds_personal(value):
        raise SealError("This connection has no data keys to seal personal data with.")
    return json.dumps(value)


async def _keep(connection: Any) -> None:
    """Leaves a released connection as it is: what a transaction sets ends with it.

    The pool itself still rolls back what was left open. This saves a round trip each time.
    """
