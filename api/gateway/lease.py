"""Leases: one gateway at a time speaks with a device, and a late one cannot write."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import structlog

from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment

_log = structlog.get_logger(__name__)
DATABASE_FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
LEASE_S = 10.0
_RENEW_S = LEASE_S / 4
# What is left of a lease that could not be renewed is time to stop before another one begins.
_GIVE_UP_S = LEASE_S * 0.7


class LeaseLost(Exception):
    """Another gateway speaks with the device now."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to speak with a device; `fence` grows with each holder."""

    pool: asyncpg.Pool
    device_id: int
    name: str
    holder: str
    fence: int

    async def check(self, connection: asyncpg.Connection) -> None:
        """Makes a transaction fail whose gateway is no longer the device's.

        Raises: LeaseLost
        """
        if not await equipment.lease_stands(connection, self.device_id, self.holder, self.fence):
            raise LeaseLost(f"{self.holder} no longer holds {self.name}")


async def hold(
    pool: asyncpg.Pool,
    device_id: int,
    name: str,
    holder: str,
    work: Callable[[Lease], Coroutine[Any, Any, None]],
    *,
    renewals: asyncpg.Pool | None = None,
) -> None:
    """Waits for a device's lease, works while it lasts, and waits again; for ever.

    With a pool for `renewals`, no renewal stands in line behind the work.
    """
    renewals = pool if renewals is None else renewals
    while True:
        fence = await _take(renewals, device_id, holder)
        if fence is not None:
            _log.info("lease taken", device=name, fence=fence)
            await _work(Lease(pool, device_id, name, holder, fence), work, renewals)
            _log.warning("lease lost", device=name)
        await asyncio.sleep(_RENEW_S / 5)


async def _work(
    lease: Lease, work: Callable[[Lease], Coroutine[Any, Any, None]], renewals: asyncpg.Pool
) -> None:
    task = asyncio.create_task(work(lease), name=f"device {lease.name}")
    renewed_s = time.monotonic()
    try:
        while time.monotonic() - renewed_s < _GIVE_UP_S:
            done, _ = await asyncio.wait({task}, timeout=_RENEW_S)
            if done:
                task.result()
                return
            asked_s = time.monotonic()
            fence = await _take(renewals, lease.device_id, lease.holder)
            if fence == lease.fence:
                renewed_s = asked_s
            elif fence is not None:
                return
    finally:
        task.cancel()
        await asyncio.wait({task})
        await _end(renewals, lease)


async def _take(pool: asyncpg.Pool, device_id: int, holder: str) -> int | None:
    try:
        async with asyncio.timeout(_RENEW_S), staff_transaction(pool) as connection:
            return await equipment.take_lease(
                connection, device_id, holder, timedelta(seconds=LEASE_S)
            )
    except DATABASE_FAULTS as error:
        _log.warning("lease not renewed", device_id=device_id, error=repr(error))
        return None


async def _end(pool: asyncpg.Pool, lease: Lease) -> None:
    try:
        async with asyncio.timeout(_RENEW_S), staff_transaction(pool) as connection:
            await equipment.end_lease(connection, lease.device_id, lease.holder)
    except DATABASE_FAULTS as error:
        _log.warning("lease left to run out", device=lease.name, error=repr(error))
