"""What is written down beside events stays small, whoever floods the broker."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg

from api.gateway.keeper import BadKeeper
from api.gateway.lease import Lease
from devices.link.bad import BadKind, BadMessage
from tests.api.gateway.floor import build_floor
from tests.patience import PATIENCE_S
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment
from wms.equipment import queries as equipment_rows
from wms.journey.device.register import enter_gateway

STRANGERS = 700


def now() -> datetime:
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


async def lease_of(pool: asyncpg.Pool, site: str) -> Lease:
    """The lease of a site's link, held by this test."""
    async with staff_transaction(pool) as connection:
        await enter_gateway(connection, site)
        (row,) = await equipment_rows.devices_of_site(connection, site)
        fence = await equipment.take_lease(connection, row["id"], "test", timedelta(hours=1))
    assert fence is not None
    return Lease(pool, row["id"], row["name"], "test", fence)


async def counted(pool: asyncpg.Pool, site: str) -> list[asyncpg.Record]:
    async with staff_transaction(pool) as connection:
        return await equipment_rows.bad_messages(connection, site)


async def test_a_flood_of_strangers_is_counted_whole_in_a_bounded_number_of_rows(
    pool: asyncpg.Pool,
) -> None:
    site = (await build_floor(pool)).site
    lease = await lease_of(pool, site)
    for process in "ab":
        keeper = BadKeeper(lease, site, now)
        for number in range(STRANGERS):
            device = f"{site}/a/scanner/{process}-{number}"
            keeper.note(
                BadMessage("topic", b"x", "why", BadKind.UNKNOWN_DEVICE, device, payload_bytes=1)
            )
        task = asyncio.create_task(keeper.run())
        before = sum(row["count"] for row in await counted(pool, site))
        async with asyncio.timeout(PATIENCE_S):
            while sum(row["count"] for row in await counted(pool, site)) < before + STRANGERS:
                await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait({task})
    rows = await counted(pool, site)
    assert len(rows) <= 501
    assert sum(row["count"] for row in rows) == 2 * STRANGERS
    (others,) = [row for row in rows if row["device"] == ""]
    assert others["count"] == 2 * STRANGERS - 500
