"""A receipt: goods of an inbound shipment are in the house, and what follows from that.

They are booked at a receiving place as what they are: for sale, a sample in quarantine, damaged,
or on hold. Who waits for such goods gets them, the announcement shrinks to what is still to come,
and moves to where the goods belong are made, all in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.items.unit import format_quantity
from wms.journey.claim.supply import supply_waiting
from wms.journey.inbound.arriving import expect_lines, expect_sample
from wms.journey.inbound.dock import clear_dock
from wms.journey.inbound.inbound import tell_inbound
from wms.journey.inbound.inbound_view import difference_view, inbound_view
from wms.journey.inbound.receipt_line import lines_for, read_arrivals
from wms.journey.inbound.transferred import outside_of
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer
from wms.receiving import commands as receiving
from wms.receiving import queries as inbounds
from wms.receiving.arrival import QUARANTINE, Arrival, Part, Tally, parts_of
from wms.receiving.inbound import (
    INSPECTION_LASTS,
    ArrivedLine,
    Event,
    Kind,
    State,
    after,
    label_of,
)
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line


@dataclass(frozen=True, slots=True)
class Who:
    """Who took goods in, with which device, under which command."""

    actor: str
    device: str
    command_id: str


@dataclass(frozen=True, slots=True)
class Received:
    """A booked receipt: its number, its lines as they are told, and the moves made for them."""

    receipt_id: int
    lines: list[dict[str, object]]
    tasks: list[int]

    def view(self) -> dict[str, object]:
        """The receipt as the border tells it."""
        return {"id": self.receipt_id, "lines": self.lines, "move_tasks": self.tasks}


@again_on_deadlock
async def take_receipt(
    pool: asyncpg.Pool,
    request: StaffRequest,
    inbound_id: int,
    arrived: tuple[ArrivedLine, ...],
    now: datetime,
) -> Answer:
    """Books a receipt of a shipment; once for each key.

    Raises:
        NotFound: `unknown_inbound`.
        Conflict: `wrong_state`, the shipment has ended; `serial_elsewhere`, `unit_elsewhere`,
            `unit_in_use`, `in_flight`.
        Refused: `unknown_item`, `not_announced`, `over_receipt`, `not_shipped`,
            `more_than_shipped`, `lot_missing`, `expiry_missing`, `serial_missing`, `serial_twice`,
            `serial_quantity`, `bundle_has_no_stock`, `unknown_place`, `wrong_unit`,
            `bad_quantity`, `idempotency_key_reused`.
    """
    async with staff_transaction(pool) as connection:

        async def take() -> Answer:
            who = Who(request.actor, request.staff.device, request.key)
            received = await book_receipt(connection, inbound_id, arrived, who, now)
            view = await inbound_view(connection, inbound_id)
            return Answer(201, view | {"receipt": received.view()})

        return await once(connection, request, take)


async def book_receipt(
    connection: asyncpg.Connection,
    inbound_id: int,
    arrived: tuple[ArrivedLine, ...],
    who: Who,
    now: datetime,
) -> Received:
    """Books goods that came with a shipment, all lines or none.

    Raises:
        NotFound, Conflict, Refused: as `take_receipt`.
    """
    shipment = await receiving.inbound_for_update(connection, inbound_id)
    after(State(shipment["state"]), Event.RECEIVE)
    arrivals = await read_arrivals(connection, shipment, arrived, now)
    lines = await lines_for(connection, shipment, arrivals)
    parts = await _tally(connection, lines, arrivals)
    movement_id = await _post(connection, shipment, parts, who, now)
    state = await receiving.apply_inbound_event(connection, shipment, Event.RECEIVE, now)
    receipt_id = await receiving.add_receipt(
        connection, shipment["tenant_id"], inbound_id, movement_id, who.actor, who.device, now
    )
    samples = await _write_parts(connection, shipment, receipt_id, lines, parts, now)
    item_ids = sorted({arrival.item_id for arrival, _ in arrivals})
    # Who waits takes what came before the announcement shrinks, or it would look lost to them.
    await supply_waiting(connection, item_ids, shipment["warehouse_id"], who.actor, now)
    for inspection_id in samples:
        sample = await receiving.inspection_for_update(connection, inspection_id)
        await expect_sample(connection, sample, sample["quantity"], who.actor, now)
    await expect_lines(connection, shipment, state, shipment["supply_at"], who.actor, now)
    tasks = await clear_dock(
        connection,
        shipment["warehouse_id"],
        shipment["owner_id"],
        item_ids,
        sorted({arrival.place_id for arrival, _ in arrivals}),
        label_of(inbound_id),
        now,
    )
    told = await _tell(connection, shipment, receipt_id, parts, who, now)
    return Received(receipt_id, told, tasks)


async def _tally(
    connection: asyncpg.Connection,
    lines: dict[int, asyncpg.Record],
    arrivals: list[tuple[Arrival, str]],
) -> list[Part]:
    """What the arrivals become, with the shipment's lines brought up to date."""
    before = {
        item_id: Tally(line["received"], line["damaged"], line["held"], line["sampled"])
        for item_id, line in lines.items()
    }
    tallies = dict(before)
    parts: list[Part] = []
    for arrival, _ in arrivals:
        percent = lines[arrival.item_id]["quality_percent"]
        found = parts_of(arrival, tallies[arrival.item_id], percent)
        tallies[arrival.item_id] = tallies[arrival.item_id].plus(found)
        parts += found
    changed = sorted({arrival.item_id for arrival, _ in arrivals})
    await receiving.add_received(
        connection,
        [lines[item_id]["id"] for item_id in changed],
        [tallies[item_id].less(before[item_id]) for item_id in changed],
    )
    return parts


async def _post(
    connection: asyncpg.Connection,
    shipment: asyncpg.Record,
    parts: list[Part],
    who: Who,
    now: datetime,
) -> int:
    """Books the parts from where they came to their places; the movement."""
    returned = shipment["kind"] == Kind.RETURN
    outside = await bins.place_of_kind(connection, shipment["warehouse_id"], outside_of(shipment))
    return await stock.post(
        connection,
        shipment["tenant_id"],
        "return" if returned else "receipt",
        [
            Line(
                Goods(
                    shipment["owner_id"],
                    part.arrival.item_id,
                    part.arrival.lot,
                    part.serial,
                    part.status,
                    part.arrival.expires_on,
                ),
                part.quantity,
                outside["id"],
                part.arrival.place_id,
                0,
                part.arrival.unit_id,
            )
            for part in parts
        ],
        command_id=who.command_id,
        actor=who.actor,
        device=who.device,
        reason=label_of(shipment["id"]),
        now=now,
    )


async def _write_parts(
    connection: asyncpg.Connection,
    shipment: asyncpg.Record,
    receipt_id: int,
    lines: dict[int, asyncpg.Record],
    parts: list[Part],
    now: datetime,
) -> list[int]:
    """Keeps what was booked; the inspections that its samples wait for."""
    samples: list[int] = []
    for part in parts:
        line_id = await receiving.add_receipt_line(
            connection,
            receipt_id,
            {
                "tenant_id": shipment["tenant_id"],
                "inbound_line_id": lines[part.arrival.item_id]["id"],
                "item_id": part.arrival.item_id,
                "lot": part.arrival.lot,
                "serial": part.serial,
                "expires_on": part.arrival.expires_on,
                "status": part.status,
                "place_id": part.arrival.place_id,
                "handling_unit_id": part.arrival.unit_id,
                "quantity": part.quantity,
            },
        )
        if part.status == QUARANTINE:
            due_at = now + INSPECTION_LASTS
            samples.append(
                await receiving.add_inspection(connection, shipment["id"], line_id, now, due_at)
            )
    return samples


async def _tell(
    connection: asyncpg.Connection,
    shipment: asyncpg.Record,
    receipt_id: int,
    parts: list[Part],
    who: Who,
    now: datetime,
) -> list[dict[str, object]]:
    """Tells the shop what came and how it differs so far; the lines as they are told."""
    lines = await inbounds.lines_of(connection, shipment["id"])
    items = {line["item_id"]: line for line in lines}
    told = [_part_view(part, items[part.arrival.item_id]) for part in parts]
    facts: dict[str, object] = {
        "receipt_id": receipt_id,
        "lines": told,
        "differences": [difference_view(each) for each in inbounds.differences_of(lines)],
    }
    await tell_inbound(connection, shipment, "inbound.received", facts, who.actor, now)
    return told


def _part_view(part: Part, line: asyncpg.Record) -> dict[str, object]:
    day = part.arrival.expires_on
    return {
        "sku": line["sku"],
        "quantity": format_quantity(part.quantity, line["scale"]),
        "status": part.status,
        "lot": part.arrival.lot,
        "serial": part.serial,
        "expires_on": None if day is None else day.isoformat(),
    }
