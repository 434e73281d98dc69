"""`python -m benchmarks.sorter_keeper`: the link over a real database, to be killed at any moment.

A `Keeper` as JSON comes in on standard input. Each event has its inbox row and its effect, a row
that nothing keeps from being there twice, in one transaction.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from api.gateway.gateway import broker_address
from benchmarks.sorter_house import SITE
from devices.journal import InboundEvent
from devices.link.client import DeviceLink
from devices.link.message import DeviceEvent
from wms.database.pool import open_pool, staff_transaction
from wms.equipment import queries as equipment
from wms.outbox import commands as outbox

EFFECT = """
create table benchmark_effect (
    number bigint generated always as identity, device text, boot bigint, seq bigint, raw text
);
grant select, insert on benchmark_effect to stowline_staff
"""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where database and broker are; the file `ready` is made when the link stands."""

    database_url: str
    mqtt_url: str
    ready: str


class _Journal:
    """Keeps events as the gateway does, with a row for an effect."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def resume(self, device: str, boot: int) -> int:
        async with staff_transaction(self._pool) as connection:
            return await equipment.last_telegram(connection, device, boot) or 0

    async def accept_all(self, events: Sequence[InboundEvent[DeviceEvent]]) -> None:
        rows: list[outbox.Telegram] = [
            (event.device, event.boot, event.seq, "scan", {"raw": event.body.raw})
            for event in events
        ]
        async with staff_transaction(self._pool) as connection:
            new = await outbox.keep_telegrams(connection, rows)
            effects = [(*row[:3], row[4]["raw"]) for row in rows if row[:3] in new]
            await connection.executemany(
                "insert into benchmark_effect (device, boot, seq, raw) values ($1, $2, $3, $4)",
                effects,
            )


async def _keep(keeper: Keeper) -> None:
    async with await open_pool(keeper.database_url, application="benchmark") as pool:
        address = broker_address(keeper.mqtt_url)
        link = DeviceLink(address, SITE, _Journal(pool), client_id="keeper")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(link.run())
            await link.connected.wait()
            Path(keeper.ready).touch()


if __name__ == "__main__":
    asyncio.run(_keep(Keeper(**json.load(sys.stdin))))
