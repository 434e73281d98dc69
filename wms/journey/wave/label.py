"""A parcel's label: sent to the printer once, and printed when the printer's counter says so."""

from datetime import datetime

import asyncpg

from wms.error import Conflict
from wms.labelling import commands as labelling
from wms.outbox import commands as outbox

ACTOR = "gateway:printer"


async def begin_label(
    connection: asyncpg.Connection, printer: str, label_job_id: int, counter: int, now: datetime
) -> None:
    """Notes that a label is about to be sent, with the printer's counter before it.

    Raises:
        Conflict: `label_not_queued`, it was voided or begun meanwhile.
    """
    if not await labelling.begin_label(connection, printer, label_job_id, counter, now):
        raise Conflict("label_not_queued", f"Label {label_job_id} is not queued any more.")


async def record_printed(connection: asyncpg.Connection, label_job_id: int, now: datetime) -> bool:
    """Notes that a label lies in the tray; False where that was noted before."""
    row = await labelling.set_printed(connection, label_job_id, now)
    if row is None:
        return False
    await _tell(connection, row, "parcel.label_printed", {}, now)
    return True


async def record_unsure(
    connection: asyncpg.Connection, label_job_id: int, why: str, now: datetime
) -> None:
    """Notes that somebody has to look whether a label was printed, and tells why."""
    row = await labelling.set_unsure(connection, label_job_id)
    if row is not None:
        facts: dict[str, object] = {"printer": row["printer"], "reason": why}
        await _tell(connection, row, "parcel.label_unsure", facts, now)


async def _tell(
    connection: asyncpg.Connection,
    row: asyncpg.Record,
    event_type: str,
    facts: dict[str, object],
    now: datetime,
) -> None:
    order_id = row["order_id"]
    await outbox.emit(
        connection,
        row["tenant_id"],
        event_type,
        f"order/{order_id}",
        order_id,
        {"order_id": order_id, "tracking_number": row["tracking_number"]} | facts,
        ACTOR,
        now,
    )


mark_sent = labelling.set_sent
