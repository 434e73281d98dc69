"""Endpoints beside those that are measured, which take every call and never answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from wms.database.pool import staff_transaction
from wms.outbox import endpoint_commands as endpoints
from wms.tenants.shop import Shop

DEAD = "/dead"
# Of a webhook_endpoint w: whether somebody answers there.
ANSWERS = f"w.url not like '%{DEAD}'"


@dataclass(slots=True)
class Dead:
    """Where nobody answers, and how often somebody called there."""

    url: str
    calls: int = 0


@asynccontextmanager
async def dead_receiver() -> AsyncIterator[Dead]:
    """An address that takes every call and says nothing."""
    over = asyncio.Event()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dead.calls += 1
        await over.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    dead = Dead(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{DEAD}")
    try:
        yield dead
    finally:
        over.set()
        server.close()


async def enter_dead(pool: asyncpg.Pool, shop: Shop, url: str, many: int) -> None:
    """Endpoints that hear of the same events as the others."""
    async with staff_transaction(pool) as connection:
        for _ in range(many):
            await endpoints.add_endpoint(connection, shop.tenant_id, shop.shop_id, url, ["*"])
