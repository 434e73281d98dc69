"""Transfers: sent by the warehouse that can spare the goods, announced where they are needed.

Until it is sent a transfer holds nothing: runs count its goods as gone there and coming here, but
orders come first and may be promised them meanwhile. Runs count no more as coming than is still
free; a transfer that falls short is refused whole, before anything is booked, and made anew.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict
from wms.items.unit import format_quantity
from wms.journey.inbound.inbound import enter_announced
from wms.journey.order.order_view import moment
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer
from wms.promise import queries as promises
from wms.receiving.inbound import AnnouncedLine, Kind, NewInbound
from wms.replenishment import commands as replenishment
from wms.replenishment import queries as rows_of
from wms.replenishment.transfer import Event, taken
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.stock.commands import goods_from
from wms.stock.ledger import Line

KIND = "transfer"


@again_on_deadlock
async def send_transfer(
    pool: asyncpg.Pool,
    request: StaffRequest,
    transfer_id: int,
    expected_at: datetime | None,
    days: int,
    now: datetime,
) -> Answer:
    """Books the goods out of their bins, first expired first, and announces them at their target.

    Without a day they are expected in so many `days`.

    Raises:
        NotFound: `unknown_transfer`.
        Conflict: `wrong_state`, `in_flight`; `not_enough_stock`, less is free by now, or orders
            were promised it.
    """
    async with staff_transaction(pool) as connection:

        async def send() -> Answer:
            transfer = await replenishment.transfer_for_update(connection, transfer_id)
            await replenishment.apply_transfer_event(connection, transfer_id, Event.SEND, now)
            lines = await rows_of.lines_of_transfer(connection, transfer_id)
            await _book_out(connection, request, transfer, lines, now)
            dated = expected_at or now + timedelta(days=days)
            await replenishment.expect_transfer(connection, transfer_id, dated)
            await _announce(connection, request, transfer, lines, dated, now)
            return Answer(200, await transfer_view(connection, transfer_id))

        return await once(connection, request, send)


async def _book_out(
    connection: asyncpg.Connection,
    request: StaffRequest,
    transfer: asyncpg.Record,
    wanted: Sequence[asyncpg.Record],
    now: datetime,
) -> None:
    source = transfer["from_warehouse_id"]
    item_ids = [line["item_id"] for line in wanted]
    await stock.lock_items(connection, source, item_ids)
    rows = await stock_rows.free_bins(connection, source, item_ids, now)
    by_id = {row["balance_id"]: row for row in rows}
    unpromised = {
        each.item_id: each.sellable - each.promised
        for each in await promises.positions_of(connection, transfer["owner_id"], item_ids, source)
    }
    transit = await bins.place_of_kind(connection, transfer["to_warehouse_id"], "transit")
    lines: list[Line] = []
    for line in wanted:
        free = [
            (row["balance_id"], row["free"]) for row in rows if row["item_id"] == line["item_id"]
        ]
        parts = taken(free, line["quantity"])
        # What lies in bins may be promised already, as long as no wave has reserved it.
        left = min(sum(here for _, here in free), unpromised.get(line["item_id"], 0))
        if parts is None or left < line["quantity"]:
            raise _short(transfer, line, left)
        for part in parts:
            row = by_id[part.balance_id]
            lines.append(
                Line(
                    goods_from(row), part.quantity, row["place_id"], transit["id"],
                    row["handling_unit_id"],
                )
            )  # fmt: skip
    await stock.post(
        connection,
        transfer["tenant_id"],
        KIND,
        lines,
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        reason=f"transfer {transfer['id']}",
        now=now,
    )


def _short(transfer: asyncpg.Record, line: asyncpg.Record, left: int) -> Conflict:
    free, wanted = [format_quantity(each, line["scale"]) for each in (left, line["quantity"])]
    return Conflict(
        "not_enough_stock",
        f"Only {free} of the {wanted} {line['sku']} are free in {transfer['from_warehouse']} by "
        "now. Cancel the transfer; the next run proposes what can still be spared.",
    )


async def _announce(
    connection: asyncpg.Connection,
    request: StaffRequest,
    transfer: asyncpg.Record,
    lines: Sequence[asyncpg.Record],
    expected_at: datetime,
    now: datetime,
) -> None:
    new = NewInbound(
        Kind.ASN,
        tuple(
            AnnouncedLine(line["sku"], format_quantity(line["quantity"], line["scale"]))
            for line in lines
        ),
        reference=f"TR-{transfer['id']}",
        expected_at=expected_at,
    )
    facts: dict[str, object] = {
        "tenant_id": transfer["tenant_id"],
        "owner_id": transfer["owner_id"],
        "warehouse_id": transfer["to_warehouse_id"],
        "supplier_id": None,
        "transfer_id": transfer["id"],
    }
    await enter_announced(connection, facts, new, request.actor, now)


async def cancel_transfer(
    pool: asyncpg.Pool, request: StaffRequest, transfer_id: int, now: datetime
) -> Answer:
    """Cancels a transfer that nobody has sent.

    Raises:
        NotFound: `unknown_transfer`.
        Conflict: `wrong_state`, `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def cancel() -> Answer:
            await replenishment.apply_transfer_event(connection, transfer_id, Event.CANCEL, now)
            return Answer(200, await transfer_view(connection, transfer_id))

        return await once(connection, request, cancel)


async def transfer_view(connection: asyncpg.Connection, transfer_id: int) -> dict[str, object]:
    """A transfer with its lines.

    Raises:
        NotFound: `unknown_transfer`.
    """
    row = await rows_of.transfer_of_id(connection, transfer_id)
    if row is None:
        raise replenishment.unknown_transfer(transfer_id)
    lines = await rows_of.lines_of_transfer(connection, transfer_id)
    return transfer_summary(row) | {
        "lines": [
            {
                "sku": line["sku"],
                "name": line["name"],
                "unit": line["unit"],
                "quantity": format_quantity(line["quantity"], line["scale"]),
            }
            for line in lines
        ]
    }


def transfer_summary(row: asyncpg.Record) -> dict[str, object]:
    """A transfer as a list shows it."""
    return {
        "id": row["id"],
        "state": row["state"],
        "owner": row["owner"],
        "from": row["from_warehouse"],
        "to": row["to_warehouse"],
        "inbound_id": row["inbound_id"],
        "made_by": row["made_by"],
        "made_at": moment(row["made_at"]),
        "sent_at": moment(row["sent_at"]),
        "expected_at": moment(row["expected_at"]),
        "ended_at": moment(row["ended_at"]),
    }
