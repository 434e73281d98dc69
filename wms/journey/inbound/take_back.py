"""A receipt that was a mistake: its shipment is as if the goods had not been taken in yet."""

from datetime import datetime

import asyncpg

from wms.error import Conflict
from wms.journey.inbound.arriving import expect_lines, expect_sample
from wms.journey.inbound.inbound import tell_inbound
from wms.receiving import commands as receiving
from wms.receiving import queries as inbounds
from wms.receiving.arrival import tally_of
from wms.receiving.inbound import Event, State, after
from wms.stock import queries as stock_rows


async def lock_receipt(connection: asyncpg.Connection, movement_id: int) -> asyncpg.Record | None:
    """The receipt that a movement was booked for, its shipment locked; None where there is none.

    Raises:
        Conflict: `reversed_before`; `wrong_state`, the shipment has ended, or a sample of it was
            decided.
    """
    receipt = await inbounds.receipt_of_movement(connection, movement_id)
    if receipt is None:
        return None
    # Whoever takes goods in locks the shipment first too.
    shipment = await receiving.inbound_for_update(connection, receipt["inbound_id"])
    movement = await stock_rows.movement_of_id(connection, movement_id)
    if movement is None or movement["reversed_by"] is not None:
        raise Conflict("reversed_before", "The movement was undone before.")
    after(State(shipment["state"]), Event.RECEIVE)
    for inspection in await receiving.lock_inspections(connection, receipt["id"]):
        if inspection["state"] != "open":
            raise Conflict(
                "wrong_state",
                f"Inspection {inspection['id']} of this receipt has {inspection['state']} already.",
            )
    return receipt


async def take_back(
    connection: asyncpg.Connection,
    receipt: asyncpg.Record,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Lowers what a shipment has received by a receipt whose goods are about to be booked back.

    They are announced again, and samples of them wait for no inspection. The caller holds the
    locks of `lock_receipt` and of the goods.
    """
    shipment = await receiving.inbound_for_update(connection, receipt["inbound_id"])
    tallies = tally_of(await inbounds.lines_of_receipt(connection, receipt["id"]))
    await receiving.add_received(
        connection,
        list(tallies),
        [
            (-tally.received, -tally.damaged, -tally.held, -tally.sampled)
            for tally in tallies.values()
        ],
    )
    # Announced first: who waits for a sample then waits for the shipment again.
    await expect_lines(
        connection, shipment, State(shipment["state"]), shipment["supply_at"], actor, now
    )
    for inspection in await receiving.lock_inspections(connection, receipt["id"]):
        await receiving.void_inspection(connection, inspection["id"], reason, actor, now)
        await expect_sample(connection, inspection, 0, actor, now)
    facts: dict[str, object] = {"receipt_id": receipt["id"], "reason": reason}
    await tell_inbound(connection, shipment, "inbound.receipt_reversed", facts, actor, now)
