"""Printers as the gateway would see them, and what it tells of their labels."""

from datetime import datetime

import asyncpg

from tests.builders import NOW, value
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment
from wms.journey.wave import label

SITE = "main"


async def add_printer(pool: asyncpg.Pool, name: str, site: str = SITE, **config: object) -> int:
    """A printer of the house; its number."""
    async with staff_transaction(pool) as connection:
        device_id: int = await connection.fetchval(
            "insert into device (site, area, class, name, address, config) "
            "values ($1, 'pack', 'printer', $2, '127.0.0.1:9100', $3) returning id",
            site,
            name,
            config,
        )
    return device_id


async def note(pool: asyncpg.Pool, device_id: int, link: str, why: str = "") -> None:
    """The gateway notes how a printer is."""
    async with staff_transaction(pool) as connection:
        await equipment.note_state(
            connection,
            device_id,
            online=link != "gone",
            link=link,
            detail={"why": why} if why else {},
            now=NOW,
        )


async def last_label(pool: asyncpg.Pool) -> asyncpg.Record:
    """The label that was asked for last."""
    async with staff_transaction(pool) as connection:
        row = await connection.fetchrow("select * from label_job order by id desc limit 1")
    assert row is not None
    return row


async def state_of(pool: asyncpg.Pool, label_id: int) -> object:
    return await value(pool, "select state from label_job where id = $1", label_id)


async def begin(pool: asyncpg.Pool, label_id: int, counter: int = 1_000) -> None:
    """A label goes out to its printer."""
    printer = await value(pool, "select printer from label_job where id = $1", label_id)
    assert isinstance(printer, str)
    async with staff_transaction(pool) as connection:
        await label.begin_label(connection, printer, label_id, counter, NOW)


async def doubt(pool: asyncpg.Pool, label_id: int) -> None:
    """Nobody can tell whether a label in flight was printed."""
    await begin(pool, label_id)
    async with staff_transaction(pool) as connection:
        await label.record_unsure(connection, label_id, "unsure", NOW)


async def fail(pool: asyncpg.Pool, label_id: int, fallback: str = "") -> None:
    """A label in flight certainly was not printed."""
    await begin(pool, label_id)
    async with staff_transaction(pool) as connection:
        await label.record_not_printed(connection, label_id, "not_printed", fallback, NOW)


async def printed(pool: asyncpg.Pool, label_id: int, now: datetime = NOW) -> bool:
    """The printer's counter says that a label was printed."""
    async with staff_transaction(pool) as connection:
        return await label.record_printed(connection, label_id, now)
