"""A label at its printer: sent once, and printed when the printer's counter says so."""

from datetime import datetime, timedelta

import asyncpg

from wms.error import Conflict
from wms.labelling import commands as labelling
from wms.labelling import queries as labels
from wms.labelling.label import Event
from wms.outbox import commands as outbox

ACTOR = "gateway:printer"


async def begin_label(
    connection: asyncpg.Connection, printer: str, label_job_id: int, counter: int, now: datetime
) -> None:
    """Notes that a label is about to be sent, with the printer's counter before it.

    Raises:
        Conflict: `label_not_queued`, it was voided, moved or begun meanwhile.
    """
    if not await labelling.begin_label(connection, label_job_id, printer, counter, now):
        raise Conflict("label_not_queued", f"Label {label_job_id} is not queued any more.")


async def record_printed(connection: asyncpg.Connection, label_job_id: int, now: datetime) -> bool:
    """Notes that a label lies in the tray; False where that was noted before."""
    if not await labelling.set_printed(connection, label_job_id, now):
        return False
    await tell(connection, label_job_id, "parcel.label_printed", {}, ACTOR, now)
    return True


async def record_unsure(
    connection: asyncpg.Connection, label_job_id: int, why: str, now: datetime
) -> None:
    """Notes that somebody has to look whether a label was printed, and tells why."""
    if await labelling.set_trouble(connection, label_job_id, Event.DOUBT, why):
        await _tell_trouble(connection, label_job_id, "parcel.label_unsure", why, now)


async def record_not_printed(
    connection: asyncpg.Connection, label_job_id: int, why: str, fallback: str, now: datetime
) -> None:
    """Notes that a label certainly was not printed: the fallback prints it, else a person decides.

    A label that moved before does not move again: what two printers cannot print, a third cannot.
    Nor does one whose waybill is void, which nobody wants any more.
    """
    if not await labelling.set_trouble(connection, label_job_id, Event.FAIL, why):
        return
    row = await labels.label_of_id(connection, label_job_id)
    assert row is not None
    stays = row["moved_from"] is not None or row["waybill_state"] == "void"
    if not stays and await _is_fallback(connection, row["printer"], fallback):
        await labelling.move_label(connection, label_job_id, fallback, now)
        await _tell_moved(connection, label_job_id, row["printer"], fallback, now)
    else:
        await _tell_trouble(connection, label_job_id, "parcel.label_failed", why, now)


async def move_waiting(
    connection: asyncpg.Connection, printer: str, fallback: str, waited: timedelta, now: datetime
) -> int:
    """Moves the labels that have waited so long to a printer's fallback; how many went."""
    if not await _is_fallback(connection, printer, fallback):
        return 0
    moved = await labelling.move_waiting(connection, printer, fallback, waited, now)
    for label_id in moved:
        await _tell_moved(connection, label_id, printer, fallback, now)
    return len(moved)


async def tell(
    connection: asyncpg.Connection,
    label_job_id: int,
    event_type: str,
    facts: dict[str, object],
    actor: str,
    now: datetime,
) -> None:
    """Tells a parcel's shop what became of its label; labels of the house's own concern none."""
    row = await labels.label_of_id(connection, label_job_id)
    assert row is not None
    if row["order_id"] is None:
        return
    order_id = row["order_id"]
    await outbox.emit(
        connection,
        row["tenant_id"],
        event_type,
        f"order/{order_id}",
        order_id,
        {"order_id": order_id, "tracking_number": row["tracking_number"]} | facts,
        actor,
        now,
    )


async def _tell_trouble(
    connection: asyncpg.Connection, label_job_id: int, event_type: str, why: str, now: datetime
) -> None:
    row = await labels.label_of_id(connection, label_job_id)
    assert row is not None
    facts: dict[str, object] = {"printer": row["printer"], "reason": why}
    await tell(connection, label_job_id, event_type, facts, ACTOR, now)


async def _tell_moved(
    connection: asyncpg.Connection, label_job_id: int, printer: str, fallback: str, now: datetime
) -> None:
    facts: dict[str, object] = {"printer": fallback, "instead_of": printer}
    await tell(connection, label_job_id, "parcel.label_moved", facts, ACTOR, now)


async def _is_fallback(connection: asyncpg.Connection, printer: str, fallback: str) -> bool:
    if not fallback or fallback == printer:
        return False
    return await labels.printer_named(connection, fallback, beside=printer) is not None


mark_sent = labelling.add_send
