"""What the gateway does with a device while it holds its lease."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from api.gateway.bell import Bell, wait_for
from api.gateway.decision import DecisionDesk
from api.gateway.equipment import Printer, Sorter
from api.gateway.journal import ScanJournal, SorterJournal
from api.gateway.label import LabelJournal
from api.gateway.lane import LaneTable, Route
from api.gateway.lease import DATABASE_FAULTS, Lease, LeaseLost
from devices.error import DeviceError
from devices.link.client import BrokerAddress, DeviceLink
from devices.printer.spool import PrinterAddress, Spool
from devices.sorter.driver import SorterAddress, SorterDriver
from devices.sorter.register import WORD_MAX
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.sorting import queries as sorting

_log = structlog.get_logger(__name__)
POLL_S = 2.0
_AGAIN_S = 1.0
# A wave binds totes one after the other: one look at the table serves many of them.
_GATHER_S = 0.05


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all devices of a gateway share."""

    broker: BrokerAddress
    site: str
    now: Callable[[], datetime]
    routes_changed: Bell
    labels_changed: Bell
    counts: Counter[str]


async def serve_sorter(lease: Lease, sorter: Sorter, around: Surroundings) -> None:
    """Decides, confirms and books what passes a sorter, until cancelled."""
    lanes = LaneTable()
    desk = DecisionDesk(lanes, sorter.decision_counts, around.routes_changed.ring)
    desk.counts = around.counts
    await _refresh(lease, lanes)
    desk.recall(lanes.tracks())
    driver = SorterDriver(
        str(sorter.device),
        SorterAddress(host=sorter.host, port=sorter.port),
        SorterJournal(lease, desk, around.now, around.counts),
        (lease.fence - 1) % WORD_MAX + 1,
        on_event=desk.happened,
    )
    desk.sorter = driver
    link = DeviceLink(
        around.broker,
        around.site,
        ScanJournal(lease, around.now, around.counts),
        client_id=f"stowline-{sorter.device.device}-{lease.holder}-{lease.fence}",
        only=sorter.scanners,
        on_event=desk.scanned,
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(driver.run())
        tasks.create_task(desk.run())
        tasks.create_task(link.run())
        tasks.create_task(_follow_routes(lease, lanes, desk, around.routes_changed))


async def serve_printer(lease: Lease, printer: Printer, around: Surroundings) -> None:
    """Prints the labels that wait for a printer, until cancelled."""
    journal = LabelJournal(lease, printer.device.device, around.now)
    address = PrinterAddress(host=printer.host, port=printer.port)
    spool = Spool(printer.device.device, address, journal)
    try:
        while True:
            rung = around.labels_changed.next()
            pause_s = await _print_all(spool, journal)
            await wait_for(rung, pause_s)
    finally:
        around.counts.update({f"labels_{key}": count for key, count in spool.counts.items()})
        await spool.close()


async def _print_all(spool: Spool, journal: LabelJournal) -> float:
    """Prints until nothing waits; how long to wait until the next look."""
    try:
        await spool.recover()
        while (job := await journal.next_job()) is not None:
            outcome = await spool.print(job)
            _log.info("label", printer=spool.name, label_job=job.job_id, outcome=outcome)
    except WmsError as error:
        _log.warning("label not begun", printer=spool.name, error=error.detail)
        return 0.0
    except (DeviceError, LeaseLost, *DATABASE_FAULTS) as error:
        _log.warning("printing stopped", printer=spool.name, error=repr(error))
        return _AGAIN_S
    return POLL_S


async def _follow_routes(lease: Lease, lanes: LaneTable, desk: DecisionDesk, changed: Bell) -> None:
    while True:
        rung = changed.next()
        await _refresh(lease, lanes)
        desk.reconsider()
        await wait_for(rung, POLL_S)
        await asyncio.sleep(_GATHER_S)


async def _refresh(lease: Lease, lanes: LaneTable) -> None:
    try:
        async with staff_transaction(lease.pool) as connection:
            rows = await sorting.routes_under_way(connection)
    except DATABASE_FAULTS as error:
        _log.warning("routes not read; the last ones stand", error=repr(error))
        return
    lanes.replace(Route(row["tote"], row["lane"], row["order_id"], row["track"]) for row in rows)
