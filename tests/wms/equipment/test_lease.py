"""A gateway that is started again does not wait for the leases of the one that died."""

from datetime import timedelta

import asyncpg
import pytest

from tests.api.gateway.floor import build_floor
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment

LONG = timedelta(minutes=5)


async def test_leases_of_a_name_end_for_its_next_process_only(pool: asyncpg.Pool) -> None:
    floor = await build_floor(pool)
    await floor.enter_device("PLC-1", "sorter", "127.0.0.1:1", {})
    await floor.enter_device("PLC-2", "sorter", "127.0.0.1:2", {})
    async with staff_transaction(pool) as connection:
        ids = [
            row["id"]
            for row in await connection.fetch(
                "select id from device where site = $1 order by name", floor.site
            )
        ]
        name, other = f"{floor.site}-a", f"{floor.site}-ab"
        fence = await equipment.take_lease(connection, ids[0], f"{name}/1", LONG)
        assert await equipment.take_lease(connection, ids[1], f"{other}/1", LONG)
        assert fence is not None
        assert await equipment.take_lease(connection, ids[0], f"{name}/2", LONG) is None
    async with staff_transaction(pool) as connection:
        assert await equipment.end_leases_of(connection, name) == 1
    async with staff_transaction(pool) as connection:
        assert await equipment.take_lease(connection, ids[0], f"{name}/2", LONG) == fence + 1
        assert not await equipment.lease_stands(connection, ids[0], f"{name}/1", fence)
        assert await equipment.take_lease(connection, ids[1], f"{name}/2", LONG) is None


async def test_a_renewal_waits_for_no_check_and_a_taking_over_waits_for_all(
    pool: asyncpg.Pool,
) -> None:
    floor = await build_floor(pool)
    await floor.enter_device("PLC-1", "sorter", "127.0.0.1:1", {})
    device_id = await floor.value("select id from device where site = $1", floor.site)
    assert isinstance(device_id, int)
    async with staff_transaction(pool) as connection:
        fence = await equipment.take_lease(connection, device_id, "one", LONG)
        assert fence is not None
    async with staff_transaction(pool) as checking:
        assert await equipment.lease_stands(checking, device_id, "one", fence)
        async with staff_transaction(pool) as connection:
            await connection.execute("set local lock_timeout = '60s'")
            assert await equipment.take_lease(connection, device_id, "one", LONG) == fence
        async with staff_transaction(pool) as connection:
            await equipment.end_lease(connection, device_id, "one")
        with pytest.raises(asyncpg.LockNotAvailableError):
            async with staff_transaction(pool) as connection:
                await connection.execute("set local lock_timeout = '100ms'")
                await equipment.take_lease(connection, device_id, "two", LONG)
    async with staff_transaction(pool) as connection:
        assert await equipment.take_lease(connection, device_id, "two", LONG) == fence + 1
