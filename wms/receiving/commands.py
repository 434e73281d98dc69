"""What changes inbound shipments and inspections."""

from datetime import datetime

import asyncpg

from wms.error import Conflict, NotFound
from wms.receiving import inspection_store, store
from wms.receiving.inbound import Event, ExpectedLine, State, after

INBOUND_REFUSALS = {
    "inbound_reference_once": (
        "reference_taken",
        "An open inbound shipment has this reference already.",
    ),
    "inbound_of_purchase": ("announced_before", "This purchase order was announced already."),
}

add_lines = store.insert_lines
add_received = store.add_received
add_receipt = store.insert_receipt
add_receipt_line = store.insert_receipt_line
add_inspection = inspection_store.insert_inspection
set_dates = store.set_dates
decide_inspection = inspection_store.decide_inspection
void_inspection = inspection_store.void_inspection
lock_inspections = inspection_store.lock_inspections


async def enter_inbound(
    connection: asyncpg.Connection, facts: dict[str, object], lines: list[ExpectedLine]
) -> int:
    """Writes an announced shipment with its lines; its number.

    Raises:
        Conflict: `reference_taken`, `announced_before`.
    """
    try:
        inbound_id = await store.insert_inbound(connection, facts)
    except asyncpg.UniqueViolationError as error:
        code, why = INBOUND_REFUSALS[error.constraint_name or ""]
        raise Conflict(code, why, "/reference" if code == "reference_taken" else None) from error
    tenant_id = facts["tenant_id"]
    assert isinstance(tenant_id, int)
    await store.insert_lines(connection, tenant_id, inbound_id, lines)
    return inbound_id


async def inbound_for_update(connection: asyncpg.Connection, inbound_id: int) -> asyncpg.Record:
    """The shipment, locked until the transaction ends.

    Raises:
        NotFound: `unknown_inbound`.
    """
    row = await store.inbound_for_update(connection, inbound_id)
    if row is None:
        raise NotFound("unknown_inbound", f"There is no inbound shipment {inbound_id}.")
    return row


async def apply_inbound_event(
    connection: asyncpg.Connection, shipment: asyncpg.Record, event: Event, now: datetime
) -> State:
    """Moves a locked shipment on by its table of states.

    Raises:
        Conflict: `wrong_state`.
    """
    state = after(State(shipment["state"]), event)
    await store.set_state(connection, shipment["id"], state, now)
    return state


async def inspection_for_update(
    connection: asyncpg.Connection, inspection_id: int
) -> asyncpg.Record:
    """The inspection, locked until the transaction ends.

    Raises:
        NotFound: `unknown_inspection`.
        Conflict: `decided_before`.
    """
    row = await inspection_store.inspection_for_update(connection, inspection_id)
    if row is None:
        raise NotFound("unknown_inspection", f"There is no inspection {inspection_id}.")
    if row["state"] != "open":
        raise Conflict("decided_before", f"This inspection has {row['state']} already.")
    return row
