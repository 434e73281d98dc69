"""The jobs role looks at last days by itself, on the clock of the house."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import asyncpg

from api.settings import Settings
from tests.api.jobs.test_role import jobs_process, until
from tests.builders import BINS, value
from tests.key import DATA_KEYS
from tests.wms.stock.shelf import new_shelf, post
from wms.database.pool import staff_transaction


async def test_it_puts_on_hold_what_expired_long_ago(
    database: str, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    shelf = await new_shelf(pool, "MILK")
    line = shelf.line("MILK", 3, "SUPPLIER", BINS[0])
    old = replace(line, goods=replace(line.goods, lot="L1", expires_on=date(2010, 12, 1)))
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receipt", line, old)
    with jobs_process(Settings(database_url=database, data_keys=DATA_KEYS, home=tmp_path)):

        async def is_on_hold() -> bool:
            held = "select sum(on_hand)::int from balance where status = 'hold'"
            return await value(pool, held) == 3

        await until(is_on_hold)
    assert await value(pool, "select sellable from availability") == 3
