"""What the gateway's tests share: a floor with a sorter."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from api.gateway import lease
from devices.link.topic import DeviceName
from tests.api.gateway.floor import build_floor
from tests.api.gateway.test_gateway import Line
from tests.devices.link.broker import Broker, Scanner
from tests.devices.sorter.plc import SmallPlc
from wms.database.pool import staff_transaction
from wms.stock import queries as stock_rows


@pytest.fixture(autouse=True)
def leases_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's process that stands still for some seconds loses no lease over it."""
    monkeypatch.setattr(lease, "LEASE_S", 30.0)
    monkeypatch.setattr(lease, "_GIVE_UP_S", 25.0)


@pytest.fixture
async def line(pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Line]:
    """A floor with a sorter that diverts when the test says so."""
    broker, plc, floor = Broker(tmp_path), SmallPlc(), await build_floor(pool)
    plc.diverting = False
    await broker.start()
    await plc.start()
    scanner = Scanner(broker, DeviceName(floor.site, "sort", "scanner", "SCN-01"), 7)
    await floor.enter_device("SCN-01", "scanner", None, {"sorter": "PLC-1"})
    config: dict[str, object] = {"decision_mm": 60_000, "mm_per_count": 10}
    await floor.enter_device("PLC-1", "sorter", f"127.0.0.1:{plc.port}", config)
    try:
        yield Line(floor, broker, scanner, plc)
    finally:
        scanner.stop()
        await plc.stop()
        broker.kill()
        async with staff_transaction(pool) as connection:
            assert await stock_rows.check_ledger(connection) == []
