"""Labels over the database: which is next, and what became of it."""

from collections.abc import Callable
from datetime import datetime

import asyncpg
import structlog

from api.gateway.lease import Lease
from devices.journal import BegunJob, Outcome, PrintJob
from devices.printer.zpl import ParcelLabel, render_label
from wms.database.pool import staff_transaction
from wms.journey.wave import label
from wms.labelling import queries as labelling

_log = structlog.get_logger(__name__)


class LabelJournal:
    """Keeps what a printer does with its label jobs; a job's id is that of its row."""

    def __init__(self, lease: Lease, printer: str, now: Callable[[], datetime]) -> None:
        self._lease = lease
        self._printer = printer
        self._now = now

    async def next_job(self) -> PrintJob | None:
        """Gives the label that waits longest; one that no label can show is put to a person."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            while (row := await labelling.next_label(connection, self._printer)) is not None:
                try:
                    return print_job(row)
                except ValueError as error:
                    _log.error("label refused", order_id=row["order_id"], error=str(error))
                    await label.record_unsure(connection, row["id"], str(error), self._now())
        return None

    async def begun(self, printer: str) -> BegunJob | None:
        """Gives the label that was begun and not finished."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            row = await labelling.label_begun(connection, printer)
        return None if row is None else BegunJob(print_job(row), row["counter_before"])

    async def begin(self, printer: str, job_id: str, counter: int) -> None:
        """Notes that a label is about to be sent."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await label.begin_label(connection, printer, int(job_id), counter, self._now())

    async def sent(self, job_id: str) -> None:
        """Notes that a label's data has left."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await label.mark_sent(connection, int(job_id), self._now())

    async def finish(self, job_id: str, outcome: Outcome) -> None:
        """Notes what became of a label; whatever is not printed is put to a person."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            if outcome is Outcome.PRINTED:
                await label.record_printed(connection, int(job_id), self._now())
            else:
                await label.record_unsure(connection, int(job_id), outcome, self._now())


def print_job(row: asyncpg.Record) -> PrintJob:
    """Renders a label job.

    Raises: ValueError, the label cannot show what the order says.
    """
    ship_to = row["ship_to"]
    town = " ".join(part for part in (ship_to["city"], ship_to["postal_code"]) if part)
    parcel = ParcelLabel(
        recipient=(ship_to["name"], *ship_to["lines"], town, ship_to["country"]),
        service=row["service"].upper(),
        routing_code=row["routing_code"],
        tracking_number=row["tracking_number"],
        sscc=row["sscc"],
        sender=row["sender"],
        reference=f"Order {row['external_order_id']} / parcel {row['number']}",
    )
    return PrintJob(str(row["id"]), render_label(parcel))
