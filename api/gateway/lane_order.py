"""What staff ask of lanes, carried to the PLC and answered when it has done it."""

from collections.abc import Callable
from datetime import datetime

import asyncpg
import structlog

from api.gateway.lease import DATABASE_FAULTS, Lease, LeaseLost
from devices.error import DeviceError
from devices.sorter.command import CommandRefused
from devices.sorter.driver import SorterDriver, SorterState
from devices.sorter.message import Command, CommandResult, Op
from wms.database.pool import staff_transaction
from wms.sorting import commands as sorting
from wms.sorting import queries as sorting_rows

_log = structlog.get_logger(__name__)
_OPS = {"close": Op.CLOSE_LANE, "open": Op.OPEN_LANE, "purge": Op.PURGE_LANE}
_DONE = (CommandResult.DONE, CommandResult.REPEATED)


class LaneOrders:
    """Gives the PLC what waits for it, in order, and closed lanes anew after it restarted."""

    def __init__(self, lease: Lease, driver: SorterDriver, now: Callable[[], datetime]) -> None:
        self._lease = lease
        self._driver = driver
        self._now = now
        self._boot: int | None = None
        self._told: set[int] = set()

    async def work(self) -> None:
        """Have done what waits, and what staff closed before this PLC was there."""
        status = self._driver.status
        try:
            if self._driver.state is SorterState.RUN and status is not None:
                if self._boot != status.boot:
                    self._boot, self._told = status.boot, set()
                for row in await self._queued():
                    await self._finish(row, *await self._order(row))
                # Read after the orders are done: one of them may have opened a lane again.
                await self._close(await self._closed() - self._told)
            else:
                await self._give_up()
        except (LeaseLost, *DATABASE_FAULTS) as error:
            _log.warning("lane orders not carried out", error=repr(error))
        except DeviceError as error:
            _log.warning("lane order not answered", error=str(error))

    async def _closed(self) -> set[int]:
        async with staff_transaction(self._lease.pool) as connection:
            rows = await sorting_rows.closed_lanes(connection, self._lease.device_id)
        return {row["lane"] for row in rows}

    async def _close(self, closed: set[int]) -> None:
        for lane in sorted(closed):
            try:
                await self._driver.command(Command(0, Op.CLOSE_LANE, lane=lane))
            except CommandRefused as refusal:
                _log.error("lane not closed", lane=lane, result=refusal.result.name)
            self._told.add(lane)

    async def _order(self, row: asyncpg.Record) -> tuple[str, str]:
        if row["expires_at"] < self._now():
            return "expired", "the sorter was away for too long"
        command = Command(0, _OPS[row["op"]], lane=row["lane"])
        try:
            result = await self._driver.command(command)
        except CommandRefused as refusal:
            return "refused", refusal.result.name.lower()
        if result not in _DONE:
            # Its result was hidden by a later one: asked for alone, it is told.
            result = await self._driver.command(command)
        if command.op is Op.CLOSE_LANE:
            self._told.add(command.lane)
        elif command.op is Op.OPEN_LANE:
            self._told.discard(command.lane)
        return "done", result.name.lower()

    async def _queued(self) -> list[asyncpg.Record]:
        async with staff_transaction(self._lease.pool) as connection:
            return await sorting_rows.queued_lane_commands(connection, self._lease.device_id)

    async def _give_up(self) -> None:
        for row in await self._queued():
            if row["expires_at"] < self._now():
                await self._finish(row, "expired", "the sorter was away for too long")

    async def _finish(self, row: asyncpg.Record, state: str, result: str) -> None:
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await sorting.finish_lane_command(connection, row["id"], state, result, self._now())
        _log.info("lane order", op=row["op"], lane=row["lane"], state=state, result=result)
