"""Labels are asked for by staff, and each print of one is a job of its own."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound, Refused
from wms.journey.label.wish import Wish, prints_of
from wms.journey.request import StaffRequest, once
from wms.labelling import commands as labelling
from wms.labelling import queries as labels
from wms.outbox.command import Answer

JOBS_MAX = 1_000


async def ask_for_labels(
    pool: asyncpg.Pool,
    request: StaffRequest,
    wish: Wish,
    draw: Callable[[asyncpg.Record], object],
    now: datetime,
) -> Answer:
    """Queues the labels of a wish, one job a copy, all or none; `draw` refuses by ValueError.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `unknown_printer`; `too_many_labels`; `cannot_be_drawn`, a label cannot show what
            it would have to; or as `prints_of`.
        Conflict: `label_stands`, a parcel has its label: ask for a reprint; `in_flight`.
    """

    async def act() -> Answer:
        if await labels.printer_named(connection, wish.printer) is None:
            raise Refused("unknown_printer", no_printer(wish.printer), "/printer")
        if len(wish.codes) * wish.copies > JOBS_MAX:
            raise Refused("too_many_labels", f"At most {JOBS_MAX} labels at once.", "/copies")
        label_ids = await _queue(connection, request, wish, now)
        rows = await labels.labels_of_ids(connection, label_ids)
        for row in rows[:: wish.copies]:
            try:
                await asyncio.to_thread(draw, row)
            except ValueError as error:
                raise Refused("cannot_be_drawn", f"{error}.", "/codes") from error
        return Answer(201, {"labels": [label_view(row) for row in rows]})

    async with staff_transaction(pool) as connection:
        return await once(connection, request, act)


async def read_label(pool: asyncpg.Pool, label_id: int) -> asyncpg.Record:
    """A label with all that stands on it.

    Raises:
        NotFound: `unknown_label`.
    """
    async with staff_transaction(pool) as connection:
        return await label_row(connection, label_id)


async def label_row(connection: asyncpg.Connection, label_id: int) -> asyncpg.Record:
    """A label with all that stands on it.

    Raises:
        NotFound: `unknown_label`.
    """
    row = await labels.label_of_id(connection, label_id)
    if row is None:
        raise NotFound("unknown_label", f"There is no label {label_id}.")
    return row


def no_printer(name: str) -> str:
    """Why a printer is refused, for people."""
    return f"There is no printer {name!r} in service."


def label_view(row: asyncpg.Record) -> dict[str, object]:
    """A label as plain data: what it is for, where it prints, and who decided what about it."""
    moments = ("asked_at", "printed_at", "verified_at", "voided_at", "moved_at")
    plain = (
        "id", "format", "printer", "state", "trouble", "asked_by", "verified_by", "voided_by",
        "void_reason", "reprint_of", "moved_from", "order_id", "tracking_number",
    )  # fmt: skip
    view: dict[str, object] = {name: row[name] for name in plain}
    view |= {name: row[name] and row[name].isoformat() for name in moments}
    return view | {"code": row["sscc"] or row["code"]}


async def _queue(
    connection: asyncpg.Connection, request: StaffRequest, wish: Wish, now: datetime
) -> list[int]:
    label_ids: list[int] = []
    for one in await prints_of(connection, wish):
        for _ in range(wish.copies):
            label_id = await labelling.insert_label(
                connection,
                one.tenant_id,
                wish.format,
                one.code,
                one.content,
                wish.printer,
                request.actor,
                now,
                one.waybill_id,
            )
            if label_id is None:
                raise Conflict("label_stands", "This parcel has its label: ask for a reprint.")
            label_ids.append(label_id)
    return label_ids
