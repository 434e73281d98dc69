"""Labels over the database: which is next, and what became of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import asyncpg
import structlog

from api.gateway.lease import Lease
from api.gateway.printer import Printer, Protocol
from api.labels.drawing import label_of
from devices.journal import BegunJob, Outcome, PrintJob
from devices.label import render_pdf, render_zpl
from wms.database.pool import staff_transaction
from wms.journey.wave import label
from wms.labelling import queries as labelling

_log = structlog.get_logger(__name__)


class LabelJournal:
    """Keeps what a printer does with its label jobs; a job's id is that of its row."""

    def __init__(self, lease: Lease, printer: Printer, now: Callable[[], datetime]) -> None:
        self._lease = lease
        self._printer = printer
        self._now = now
        self._drawn: PrintJob | None = None

    async def next_job(self) -> PrintJob | None:
        """Gives the label that waits longest; one that no label can show is put to a person."""
        while True:
            async with staff_transaction(self._lease.pool) as connection:
                await self._lease.check(connection)
                row = await labelling.next_label(connection, self._printer.device.device)
            if row is None:
                return None
            try:
                return await self._draw(row)
            except ValueError as error:
                _log.error("label refused", label_job=row["id"], error=str(error))
                await self._refuse(row["id"], str(error))

    async def begun(self, printer: str) -> BegunJob | None:
        """Gives the label that was begun and not finished."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            row = await labelling.label_begun(connection, printer)
        if row is None:
            return None
        age_s = (self._now() - row["sent_at"]).total_seconds()
        try:
            job = await self._draw(row)
        except ValueError as error:
            # What stands on it was changed under way: it can be followed, and not sent again.
            _log.error("label in flight refused", label_job=row["id"], error=str(error))
            job = PrintJob(str(row["id"]), "")
        return BegunJob(job, row["counter_before"], max(age_s, 0.0))

    async def begin(self, printer: str, job_id: str, counter: int) -> None:
        """Notes that a label is about to be sent."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await label.begin_label(connection, printer, int(job_id), counter, self._now())

    async def sent(self, job_id: str) -> None:
        """Notes that a label's data has left."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await label.mark_sent(connection, int(job_id))

    async def finish(self, job_id: str, outcome: Outcome) -> None:
        """Notes what became of a label; what is not printed goes to the fallback or a person."""
        label_id, now = int(job_id), self._now()
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            if outcome is Outcome.PRINTED:
                await label.record_printed(connection, label_id, now)
            elif outcome is Outcome.NOT_PRINTED:
                await label.record_not_printed(
                    connection, label_id, outcome, self._printer.fallback, now
                )
            else:
                await label.record_unsure(connection, label_id, outcome, now)

    async def _refuse(self, label_id: int, why: str) -> None:
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await label.record_not_printed(connection, label_id, why, "", self._now())

    async def _draw(self, row: asyncpg.Record) -> PrintJob:
        job_id = str(row["id"])
        if self._drawn is None or self._drawn.job_id != job_id:
            # Drawing takes long enough to hold up a sorter's decisions.
            self._drawn = await asyncio.to_thread(print_job, row, self._printer)
        return self._drawn


def print_job(row: asyncpg.Record, printer: Printer) -> PrintJob:
    """Draws a label for a printer. Raises: ValueError, the label cannot show what it has to."""
    drawn = label_of(row)
    if printer.protocol is Protocol.IPP:
        return PrintJob(str(row["id"]), "", render_pdf(drawn))
    return PrintJob(str(row["id"]), render_zpl(drawn, printer.dpi))
