"""What people decide about a label: it is here, it is not, it is void, it is printed anew.

Where a parcel's label may exist and is not to count, its waybill is voided and made anew: should
the old label turn up, it is refused wherever it is scanned.
"""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused
from wms.journey.label.asking import label_row, label_view, no_printer
from wms.journey.request import StaffRequest, once
from wms.journey.wave.label import tell
from wms.labelling import commands as labelling
from wms.labelling import queries as labels
from wms.labelling.label import Format, State
from wms.orders import queries as orders
from wms.outbox.command import Answer
from wms.shipping import commands as shipping
from wms.shipping import queries as shipping_rows
from wms.shipping import route_commands as routes

# What certainly never left for a printer leaves no paper that could turn up.
_NEVER_SENT = (State.QUEUED, State.FAILED)
_BEFORE_THE_VAN = ("planned", "open", "closed", "labelled", "staged")


async def verify_label(
    pool: asyncpg.Pool, request: StaffRequest, label_id: int, code: str, now: datetime
) -> Answer:
    """Takes the scan of a label that nobody was sure of: it is there, and counts as printed.

    Raises:
        NotFound: `unknown_label`.
        Refused: `wrong_label`, that is another one.
        Conflict: `wrong_state`; `in_flight`.
    """

    async def act() -> Answer:
        row = await label_row(connection, label_id)
        if not _reads(row, code):
            raise Refused("wrong_label", f"{code} is another label.", "/code")
        await mark_seen(connection, label_id, request.actor, now)
        return Answer(200, label_view(await label_row(connection, label_id)))

    async with staff_transaction(pool) as connection:
        return await once(connection, request, act)


async def void_label(
    pool: asyncpg.Pool, request: StaffRequest, label_id: int, reason: str, now: datetime
) -> Answer:
    """Voids a label; a parcel that may carry it gets a new waybill, whose label is not asked for.

    Raises:
        NotFound: `unknown_label`.
        Conflict: `wrong_state`; `parcel_gone`, it is in a van or on its way; `in_flight`.
    """

    async def act() -> Answer:
        row = await label_row(connection, label_id)
        await _void(connection, row, request.actor, reason, now)
        return Answer(200, label_view(await label_row(connection, label_id)))

    async with staff_transaction(pool) as connection:
        return await once(connection, request, act)


async def reprint_label(
    pool: asyncpg.Pool,
    request: StaffRequest,
    label_id: int,
    reason: str,
    printer: str | None,
    now: datetime,
) -> Answer:
    """Voids a label and prints it anew, on the same printer or another; the new label.

    Raises:
        NotFound: `unknown_label`.
        Refused: `unknown_printer`.
        Conflict: `wrong_state`; `parcel_gone`; `void_waybill`; `in_flight`.
    """

    async def act() -> Answer:
        if printer is not None and await labels.printer_named(connection, printer) is None:
            raise Refused("unknown_printer", no_printer(printer), "/printer")
        row = await label_row(connection, label_id)
        new_id = await print_anew(connection, row, request.actor, reason, printer, now)
        return Answer(201, label_view(await label_row(connection, new_id)))

    async with staff_transaction(pool) as connection:
        return await once(connection, request, act)


async def mark_seen(
    connection: asyncpg.Connection, label_id: int, actor: str, now: datetime
) -> None:
    """Notes that somebody holds a label in hand that was in flight or unsure.

    Raises:
        Conflict: `wrong_state`.
    """
    await labelling.verify_label(connection, label_id, actor, now)
    await tell(connection, label_id, "parcel.label_printed", {"verified": True}, actor, now)


async def print_anew(
    connection: asyncpg.Connection,
    row: asyncpg.Record,
    actor: str,
    reason: str,
    printer: str | None,
    now: datetime,
) -> int:
    """Voids a label and queues its successor; the number of that.

    Raises:
        Conflict: `wrong_state`, `parcel_gone`; `void_waybill`, the parcel goes nowhere.
    """
    if row["waybill_state"] == "void":
        raise Conflict("void_waybill", "The waybill of this parcel is void.")
    await _void(connection, row, actor, reason, now)
    waybill_id = None
    if row["format"] == Format.PARCEL:
        waybill = await shipping_rows.waybill_of_parcel(connection, row["parcel_id"])
        assert waybill is not None, "a parcel whose label was voided has a waybill"
        waybill_id = waybill["id"]
    new_id = await labelling.insert_label(
        connection,
        row["tenant_id"],
        row["format"],
        row["code"],
        row["content"],
        printer or row["printer"],
        actor,
        now,
        waybill_id,
        row["id"],
    )
    assert new_id is not None, "the label before it is void"
    facts: dict[str, object] = {"instead_of": row["tracking_number"], "reason": reason}
    await tell(connection, new_id, "parcel.label_reprinted", facts, actor, now)
    return new_id


def _reads(row: asyncpg.Record, code: str) -> bool:
    """Whether that is what a scanner reads from a label; an item's may show its GTIN."""
    gtin: str = row["content"].get("gtin", "")
    if gtin and code.isdecimal():
        return code.zfill(14) == gtin.zfill(14)
    own: str = row["sscc"] or row["code"]
    return code == own


async def _void(
    connection: asyncpg.Connection, row: asyncpg.Record, actor: str, reason: str, now: datetime
) -> None:
    if row["format"] == Format.PARCEL:
        await _refuse_gone(connection, row)
    state = await labelling.void_label(connection, row["id"], actor, reason, now)
    if row["format"] != Format.PARCEL or state in _NEVER_SENT or row["waybill_state"] == "void":
        return
    order = await orders.fulfilment_summary(connection, row["fulfilment_order_id"])
    await shipping.void_waybill(connection, row["parcel_id"], reason)
    await shipping.make_waybills(connection, order, [(row["parcel_id"], row["mass_g"])], now)


async def _refuse_gone(connection: asyncpg.Connection, row: asyncpg.Record) -> None:
    parcel = await shipping_rows.parcel_of_sscc(connection, row["sscc"])
    assert parcel is not None, "a parcel's label has a waybill"
    if parcel["departure_id"] is not None:
        # Somebody may be loading it under the old label just now.
        await routes.lock_departure(connection, parcel["departure_id"])
        parcel = await shipping_rows.parcel_of_sscc(connection, row["sscc"])
        assert parcel is not None, "no waybill is ever deleted"
    if parcel["parcel_state"] not in _BEFORE_THE_VAN or parcel["loaded_at"] is not None:
        raise Conflict("parcel_gone", "The parcel is in a van or on its way.")
