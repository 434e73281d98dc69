"""What the gateway does with a printer while it holds its lease."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from api.gateway.bell import wait_for
from api.gateway.label import LabelJournal
from api.gateway.lease import DATABASE_FAULTS, Lease, LeaseLost
from api.gateway.printer import Printer, Protocol
from api.gateway.work import POLL_S, Surroundings
from devices.error import DeviceError
from devices.journal import PrintJournal
from devices.printer.ipp import IppAddress, IppSpool
from devices.printer.spool import PrinterAddress, Spool
from devices.printer.status import Condition, PrinterState
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment
from wms.error import WmsError
from wms.journey.wave import label

_log = structlog.get_logger(__name__)
# A printer that cannot print is asked again soon, then less and less often.
_AGAIN_S = 1.0
_AGAIN_S_MAX = 10.0
_FOLLOW_S = 1.0


async def serve_printer(lease: Lease, printer: Printer, around: Surroundings) -> None:
    """Prints the labels that wait for a printer, until cancelled."""
    desk = PrintDesk(lease, printer, around)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(desk.print())
            tasks.create_task(desk.follow())
    finally:
        around.counts.update({f"labels_{key}": count for key, count in desk.spool.counts.items()})
        await desk.spool.close()


class PrintDesk:
    """One printer's labels: printed one by one, or moved to its fallback while it cannot print."""

    def __init__(self, lease: Lease, printer: Printer, around: Surroundings) -> None:
        self._lease = lease
        self._printer = printer
        self._around = around
        self._journal = LabelJournal(lease, printer, around.now)
        self._noted: PrinterState | None = None
        self._changed = asyncio.Event()
        self._trouble_since_s: float | None = None
        self.spool = _spool(
            printer, around.killer.labels(self._journal), lambda _state: self._changed.set()
        )

    async def print(self) -> None:
        """Print what waits, for ever; a printer that cannot is asked less and less often."""
        pause_s = _AGAIN_S
        while True:
            rung = self._around.labels_changed.next()
            if await self._print_all():
                pause_s = _AGAIN_S
                await wait_for(rung, POLL_S)
            else:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _AGAIN_S_MAX)

    async def follow(self) -> None:
        """Note each change of the printer's state, and move labels that it keeps waiting."""
        while True:
            self._changed.clear()
            try:
                await self._note()
                await self._move()
            except (LeaseLost, *DATABASE_FAULTS) as error:
                _log.warning("printer's state not noted", printer=self._name, error=repr(error))
            await wait_for(self._changed, _FOLLOW_S)

    @property
    def _name(self) -> str:
        return self._printer.device.device

    async def _print_all(self) -> bool:
        """Print until nothing waits; False where that has to be tried again."""
        try:
            await self.spool.recover()
            while (job := await self._journal.next_job()) is not None:
                outcome = await self.spool.print(job)
                _log.info("label", printer=self._name, label_job=job.job_id, outcome=outcome)
            await self.spool.look()
        except WmsError as error:
            _log.warning("label not begun", printer=self._name, error=error.detail)
        except (DeviceError, LeaseLost, *DATABASE_FAULTS) as error:
            _log.warning("printing stopped", printer=self._name, error=repr(error))
            return False
        return True

    async def _note(self) -> None:
        state = self.spool.state
        if state == self._noted:
            return
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await equipment.note_state(
                connection,
                self._printer.device_id,
                online=state.condition is not Condition.GONE,
                boot=None,
                link=state.condition.value,
                detail={"why": state.why} if state.why else {},
                now=self._around.now(),
            )
        self._noted = state

    async def _move(self) -> None:
        if not self.spool.state.needs_person:
            self._trouble_since_s = None
            return
        if self._trouble_since_s is None:
            self._trouble_since_s = time.monotonic()
        waited_s = self._printer.fallback_after_s
        if not self._printer.fallback or time.monotonic() - self._trouble_since_s < waited_s:
            return
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            moved = await label.move_waiting(
                connection,
                self._name,
                self._printer.fallback,
                timedelta(seconds=waited_s),
                self._around.now(),
            )
        if moved:
            to = self._printer.fallback
            _log.warning("labels moved", printer=self._name, to=to, labels=moved)


def _spool(
    printer: Printer, journal: PrintJournal, on_state: Callable[[PrinterState], None]
) -> Spool | IppSpool:
    name = printer.device.device
    if printer.protocol is Protocol.IPP:
        address = IppAddress(
            host=printer.host, port=printer.port, path=printer.path, tls=printer.tls
        )
        return IppSpool(name, address, journal, on_state)
    return Spool(name, PrinterAddress(host=printer.host, port=printer.port), journal, on_state)
