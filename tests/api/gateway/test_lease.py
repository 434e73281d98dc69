"""A lease is kept however busy its gateway is."""

import asyncio

import asyncpg
import pytest

from api.gateway import lease as leases
from api.gateway.lease import Lease, hold
from tests.api.gateway.floor import build_floor
from tests.patience import PATIENCE_S
from wms.database.pool import open_pool, staff_transaction
from wms.journey.device.register import enter_gateway


async def test_renewals_do_not_stand_in_line_behind_the_work(
    pool: asyncpg.Pool, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without a renewal it would still be held when nobody waits for this test any more.
    monkeypatch.setattr(leases, "LEASE_S", 10 * PATIENCE_S)
    monkeypatch.setattr(leases, "_GIVE_UP_S", 10 * PATIENCE_S)
    monkeypatch.setattr(leases, "_RENEW_S", 0.5)
    floor = await build_floor(pool)
    async with staff_transaction(pool) as connection:
        await enter_gateway(connection, floor.site)
    device_id = await floor.value("select id from device where site = $1", floor.site)
    assert isinstance(device_id, int)
    began, until = [], "select until from device_lease where device_id = $1"

    async def work(lease: Lease) -> None:
        began.append(lease.fence)
        async with staff_transaction(lease.pool) as connection:
            await lease.check(connection)
            await asyncio.Event().wait()

    async with await open_pool(database, application="busy", size_max=1) as busy:
        holding = asyncio.create_task(hold(busy, device_id, "link", "one", work, renewals=pool))
        seen: set[object] = set()
        async with asyncio.timeout(PATIENCE_S):
            while len(seen) < 4:
                seen.add(await floor.value(until, device_id))
                await asyncio.sleep(0.02)
        holding.cancel()
        await asyncio.wait({holding})
    assert began == [1]
