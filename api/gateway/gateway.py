"""One gateway: finds the devices of its site and serves those whose lease it gets."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
import structlog

from api.gateway.bell import Bell, listen
from api.gateway.equipment import Sorter, read_equipment
from api.gateway.kill import Killer
from api.gateway.lease import DATABASE_FAULTS, Lease, hold
from api.gateway.link import Site, serve_site
from api.gateway.print import serve_printer
from api.gateway.printer import Printer
from api.gateway.revival import revive
from api.gateway.roster import Roster
from api.gateway.work import POLL_S, Surroundings, serve_sorter
from devices.link.client import BrokerAddress
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.equipment.device import GATEWAY_CLASS, GATEWAY_NAME
from wms.journey.device.register import enter_gateway

_log = structlog.get_logger(__name__)


class Gateway:
    """Serves the devices of a site until cancelled; `holder` names this process and no other.

    With a pool for `renewals`, leases are kept however much the others are at work.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        broker: BrokerAddress,
        site: str,
        holder: str,
        now: Callable[[], datetime],
        *,
        killer: Killer | None = None,
        renewals: asyncpg.Pool | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._pool = pool
        self._renewals = renewals
        self._holder = holder
        self._bells = {"sort_route": Bell(), "label_job": Bell(), "device_command": Bell()}
        self._around = Surroundings(
            broker,
            site,
            now,
            self._bells["sort_route"],
            self._bells["label_job"],
            self.counts,
            killer or Killer(),
        )
        self._roster_changed = Bell()
        self._site = Site(
            broker,
            site,
            now,
            self._bells["device_command"],
            self._roster_changed,
            Roster(),
            self.counts,
        )
        self._linked: asyncio.Task[None] | None = None
        self._serving: dict[Sorter | Printer, asyncio.Task[None]] = {}
        self._faults: set[str] = set()

    async def run(self) -> None:
        """Serve, and follow the devices' rows as they change."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen(self._pool, self._bells))
            while True:
                await self._follow_devices(tasks)
                await asyncio.sleep(POLL_S)

    async def _follow_devices(self, tasks: asyncio.TaskGroup) -> None:
        try:
            async with staff_transaction(self._pool) as connection:
                rows = await equipment.devices_of_site(connection, self._around.site)
                if not any(map(_is_house, rows)):
                    await enter_gateway(connection, self._around.site)
                    rows = await equipment.devices_of_site(connection, self._around.site)
        except DATABASE_FAULTS as error:
            _log.warning("devices not read", error=repr(error))
            return
        wanted, faults = read_equipment(rows)
        for fault in set(faults) - self._faults:
            _log.error("device not served", fault=fault)
        self._faults = set(faults)
        self._follow_roster(tasks, rows, wanted)
        for gone in self._serving.keys() - set(wanted):
            self._serving.pop(gone).cancel()
        for device in wanted:
            if device not in self._serving:
                self._serving[device] = tasks.create_task(self._serve(device))

    def _follow_roster(
        self,
        tasks: asyncio.TaskGroup,
        rows: list[asyncpg.Record],
        wanted: list[Sorter | Printer],
    ) -> None:
        sorters = [device for device in wanted if isinstance(device, Sorter)]
        over_sorters = frozenset(name for sorter in sorters for name in sorter.scanners)
        if self._site.roster.replace(rows, over_sorters):
            self._roster_changed.ring()
        house = list(filter(_is_house, rows))
        if house and self._linked is None:
            self._linked = tasks.create_task(self._link(house[0]["id"], house[0]["name"]))

    async def _link(self, device_id: int, name: str) -> None:
        async def work(lease: Lease) -> None:
            await serve_site(lease, self._site)

        await self._hold(device_id, name, work)

    async def _serve(self, device: Sorter | Printer) -> None:
        async def work(lease: Lease) -> None:
            if isinstance(device, Sorter):
                await serve_sorter(lease, device, self._around)
            else:
                await serve_printer(lease, device, self._around)

        await self._hold(device.device_id, device.device.device, work)

    async def _hold(
        self, device_id: int, name: str, work: Callable[[Lease], Coroutine[Any, Any, None]]
    ) -> None:
        async def held() -> None:
            await hold(self._pool, device_id, name, self._holder, work, renewals=self._renewals)

        await revive(name, held)


def _is_house(row: asyncpg.Record) -> bool:
    return (row["class"], row["name"]) == (GATEWAY_CLASS, GATEWAY_NAME)


def broker_address(
    url: str, *, ca: Path | None = None, cert: Path | None = None, key: Path | None = None
) -> BrokerAddress:
    """Reads `mqtt://user:password@host:port`, or mqtts with the files that it is checked by.

    Raises: ValueError
    """
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts", "tcp") or not parts.hostname:
        raise ValueError(f"{url!r} is no broker's address: mqtt://host:port")
    tls = parts.scheme == "mqtts"
    if not tls and (ca or cert or key):
        raise ValueError(f"{url!r} is spoken with in the clear: with certificates it is mqtts://")
    if (cert is None) != (key is None):
        raise ValueError("a certificate of our own goes with its key")
    return BrokerAddress(
        host=parts.hostname,
        port=parts.port or (8883 if tls else 1883),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        ca=None if ca is None else str(ca),
        cert=None if cert is None else str(cert),
        key=None if key is None else str(key),
    )
