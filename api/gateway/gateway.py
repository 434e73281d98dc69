"""One gateway: finds the devices of its site and serves those whose lease it gets."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote, urlsplit

import asyncpg
import structlog

from api.gateway.bell import Bell, listen
from api.gateway.equipment import Printer, Sorter, read_equipment
from api.gateway.lease import DATABASE_FAULTS, Lease, hold
from api.gateway.work import POLL_S, Surroundings, serve_printer, serve_sorter
from devices.link.client import BrokerAddress
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment

_log = structlog.get_logger(__name__)


class Gateway:
    """Serves the devices of a site until cancelled; `holder` names this process and no other."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        broker: BrokerAddress,
        site: str,
        holder: str,
        now: Callable[[], datetime],
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._pool = pool
        self._holder = holder
        self._bells = {"sort_route": Bell(), "label_job": Bell()}
        self._around = Surroundings(
            broker, site, now, self._bells["sort_route"], self._bells["label_job"], self.counts
        )
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
        except DATABASE_FAULTS as error:
            _log.warning("devices not read", error=repr(error))
            return
        wanted, faults = read_equipment(rows)
        for fault in set(faults) - self._faults:
            _log.error("device not served", fault=fault)
        self._faults = set(faults)
        for gone in self._serving.keys() - set(wanted):
            self._serving.pop(gone).cancel()
        for device in wanted:
            if device not in self._serving:
                self._serving[device] = tasks.create_task(self._serve(device))

    async def _serve(self, device: Sorter | Printer) -> None:
        async def work(lease: Lease) -> None:
            if isinstance(device, Sorter):
                await serve_sorter(lease, device, self._around)
            else:
                await serve_printer(lease, device, self._around)

        name = device.device.device
        await hold(self._pool, device.device_id, name, self._holder, work)


def broker_address(url: str) -> BrokerAddress:
    """Reads `mqtt://user:password@host:port`, or mqtts.

    Raises: ValueError
    """
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts", "tcp") or not parts.hostname:
        raise ValueError(f"{url!r} is no broker's address: mqtt://host:port")
    tls = parts.scheme == "mqtts"
    return BrokerAddress(
        host=parts.hostname,
        port=parts.port or (8883 if tls else 1883),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
    )
