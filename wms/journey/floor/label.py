"""The label step of the pack scenario.

The printed label goes on the parcel and is scanned. Where the printer waits for somebody, the
screen says for what. Where nobody can tell whether the label was printed, the packer looks: a scan
of it settles that, and so does "not there", which voids it and has another one printed.
"""

from datetime import datetime

import asyncpg

from wms.journey.floor import message
from wms.journey.floor.screen import Fact, Progress, Screen, Verdict
from wms.journey.label.verdict import mark_seen, print_anew
from wms.labelling import commands as labelling
from wms.labelling import queries as labels
from wms.labelling.label import Format, State
from wms.shipping import queries as shipping
from wms.tenants.staff import Staff

# The words that the gateway notes of a printer that prints nothing until somebody has seen to it.
_NEEDS_PERSON = ("blocked", "silent", "gone")
_NO_PAPER_YET = (State.QUEUED, State.SENT)


async def show(
    connection: asyncpg.Connection, parcel: asyncpg.Record, of: tuple[Fact, ...], progress: Progress
) -> Screen:
    """The screen of a parcel that waits for its label."""
    waybill = await shipping.waybill_of_parcel(connection, parcel["id"])
    row = await labels.label_of_parcel(connection, parcel["id"])
    state = None if row is None else State(row["state"])
    lines: tuple[str, ...] = ()
    if row is not None and state in _NO_PAPER_YET:
        lines = await _printer_lines(connection, row)
    elif row is not None and row["moved_from"] is not None:
        lines = (message.printed_elsewhere(row["printer"], row["moved_from"]),)
    return Screen(
        "pack",
        "label",
        message.LABEL_TITLES.get(state, message.LABEL_TITLE),
        "LABEL",
        lines=lines + message.LABEL_LINES.get(state, ()),
        facts=(*of, Fact("Tracking", waybill["tracking_number"] if waybill else "—")),
        expect="label",
        actions=(message.REFRESH, *message.LABEL_ACTIONS.get(state, ())),
        progress=progress,
    )


async def _printer_lines(connection: asyncpg.Connection, row: asyncpg.Record) -> tuple[str, ...]:
    lines: list[str] = []
    if row["moved_from"] is not None:
        lines.append(message.printed_elsewhere(row["printer"], row["moved_from"]))
    printer = await labels.printer_named(connection, row["printer"])
    if printer is None:
        lines.append(message.printer_gone(row["printer"]))
    elif printer["link"] in _NEEDS_PERSON:
        lines.append(message.printer_waits(row["printer"], (printer["detail"] or {}).get("why")))
    return tuple(lines)


async def ask(
    connection: asyncpg.Connection,
    staff: Staff,
    parcel: asyncpg.Record,
    printer: str,
    now: datetime,
) -> None:
    """Queues the label of a parcel that is packed; one that stands or waits is the only one."""
    waybill = await shipping.waybill_of_parcel(connection, parcel["id"])
    assert waybill is not None, "a parcel that is packed has a waybill"
    await labelling.insert_label(
        connection, parcel["tenant_id"], Format.PARCEL, "", {}, printer, staff.actor, now,
        waybill["id"],
    )  # fmt: skip


async def act(
    connection: asyncpg.Connection,
    staff: Staff,
    parcel: asyncpg.Record,
    action: str,
    printer: str,
    now: datetime,
) -> Verdict:
    """What a button at this step leads to: a label that is not there is printed anew."""
    row = await labels.label_of_parcel(connection, parcel["id"])
    state = None if row is None else State(row["state"])
    if action not in {each.code for each in message.LABEL_ACTIONS.get(state, ())}:
        return message.unknown_action(action)
    if row is None:
        await ask(connection, staff, parcel, printer, now)
    else:
        why = "not there" if action == message.NOT_THERE.code else "cannot be used"
        await print_anew(connection, row, staff.actor, why, None, now)
    return message.label_anew()


async def see(
    connection: asyncpg.Connection, staff: Staff, parcel: asyncpg.Record, code: str, now: datetime
) -> None:
    """Notes, where nobody was sure of a parcel's label, that the packer has just scanned it."""
    row = await labels.label_of_parcel(connection, parcel["id"])
    if row is None or code not in (row["sscc"], row["tracking_number"]):
        return
    if row["state"] in (State.SENT, State.UNSURE):
        await mark_seen(connection, row["id"], staff.actor, now)
