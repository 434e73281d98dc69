"""Quality: somebody has looked at a sample, and it is for sale or it is not."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict
from wms.journey.claim.supply import supply_waiting
from wms.journey.inbound.arriving import expect_sample
from wms.journey.inbound.dock import clear_dock
from wms.journey.inbound.inbound_view import inspection_view
from wms.journey.request import StaffRequest, once
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.receiving import commands as receiving
from wms.receiving import queries as inbounds
from wms.receiving.arrival import AVAILABLE, DAMAGED
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line


@again_on_deadlock
async def end_inspection(
    pool: asyncpg.Pool,
    request: StaffRequest,
    inspection_id: int,
    *,
    passed: bool,
    reason: str,
    now: datetime,
) -> Answer:
    """Ends an inspection: what passed is for sale, what failed is damaged.

    What passed goes to who waits for it first.

    Raises:
        NotFound: `unknown_inspection`.
        Conflict: `decided_before`; `not_enough_stock`, the sample is no longer in quarantine.
    """
    async with staff_transaction(pool) as connection:

        async def end() -> Answer:
            inspection = await receiving.inspection_for_update(connection, inspection_id)
            await _end(connection, request, inspection, passed, reason, now)
            [row] = [
                row
                for row in await inbounds.inspections_of(connection, inspection["inbound_id"])
                if row["id"] == inspection_id
            ]
            return Answer(200, inspection_view(row))

        return await once(connection, request, end)


async def _end(
    connection: asyncpg.Connection,
    request: StaffRequest,
    inspection: asyncpg.Record,
    passed: bool,
    reason: str,
    now: datetime,
) -> None:
    lines = await _from_quarantine(connection, inspection, AVAILABLE if passed else DAMAGED)
    movement_id = await stock.post(
        connection,
        inspection["tenant_id"],
        "status",
        lines,
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        reason=reason or f"inspection {inspection['id']}",
        now=now,
    )
    state = "passed" if passed else "failed"
    await receiving.decide_inspection(
        connection, inspection["id"], state, reason, request.actor, movement_id, now
    )
    item_id, warehouse_id = inspection["item_id"], inspection["warehouse_id"]
    if passed:
        await supply_waiting(connection, [item_id], warehouse_id, request.actor, now)
    await expect_sample(connection, inspection, 0, request.actor, now)
    if passed:
        places = sorted({line.from_place_id for line in lines})
        await clear_dock(
            connection,
            warehouse_id,
            inspection["owner_id"],
            [item_id],
            places,
            f"inspection {inspection['id']}",
            now,
        )
    facts = inspection_view(inspection) | {"state": state, "reason": reason}
    await _tell(connection, inspection, state, facts, request.actor, now)


async def _tell(
    connection: asyncpg.Connection,
    inspection: asyncpg.Record,
    state: str,
    facts: dict[str, object],
    actor: str,
    now: datetime,
) -> None:
    await outbox.emit(
        connection,
        inspection["tenant_id"],
        f"inspection.{state}",
        f"inbound/{inspection['inbound_id']}",
        None,
        facts,
        actor,
        now,
    )


async def _from_quarantine(
    connection: asyncpg.Connection, inspection: asyncpg.Record, status: str
) -> list[Line]:
    """Lines that make a sample's quantity, wherever it lies by now, into this status there.

    Raises:
        Conflict: `not_enough_stock`.
    """
    left: int = inspection["quantity"]
    lines: list[Line] = []
    for row in await inbounds.in_quarantine(connection, inspection):
        taken = min(left, row["on_hand"] - row["reserved"])
        if taken == 0:
            break
        left -= taken
        unit = row["handling_unit_id"]
        lines.append(
            Line(
                goods_from(row),
                taken,
                row["place_id"],
                row["place_id"],
                unit,
                unit,
                to_status=status,
            )
        )
    if left:
        raise Conflict("not_enough_stock", "The sample is no longer in quarantine.")
    return lines
