"""The journal of a site's link: what hundreds of devices report, kept in few transactions."""

import asyncio
from collections.abc import Sequence

from api.gateway.lease import Lease
from api.gateway.together import Together
from devices.journal import InboundEvent
from devices.link.message import DeviceEvent
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.outbox import commands as outbox

_Events = Sequence[InboundEvent[DeviceEvent]]


class SiteJournal:
    """Keeps what devices report that stand over no sorter.

    It takes three connections at most, however many devices speak; `run` has to be running.
    """

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._resuming = Together(self._resume)
        self._latest = Together(self._latest_boots)
        self._accepting = Together(self._accept)

    async def run(self) -> None:
        """Keep what comes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for work in (self._resuming, self._latest, self._accepting):
                tasks.create_task(work.run())

    async def resume(self, device: str, boot: int) -> int:
        """Gives how far a device's boot came."""
        return await self._resuming.ask((device, boot))

    async def latest_boot(self, device: str) -> int | None:
        """Gives the highest boot that was heard of a device."""
        return await self._latest.ask(device)

    async def accept_all(self, events: _Events) -> None:
        """Keeps scans."""
        await self._accepting.ask(events)

    async def _resume(self, wanted: list[tuple[str, int]]) -> list[int]:
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            return await equipment.last_telegrams(connection, wanted)

    async def _latest_boots(self, devices: list[str]) -> list[int | None]:
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            return await equipment.latest_boots(connection, devices)

    async def _accept(self, wanted: list[_Events]) -> list[None]:
        rows = [_row(event) for events in wanted for event in events]
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await outbox.keep_telegrams(connection, rows)
        return [None] * len(wanted)


def _row(event: InboundEvent[DeviceEvent]) -> outbox.Telegram:
    body = event.body
    payload: dict[str, object] = {
        "at": body.at.isoformat(),
        "aim": body.aim,
        "raw": body.raw,
        "trigger": body.trigger,
    }
    return event.device, event.boot, event.seq, "scan", payload
