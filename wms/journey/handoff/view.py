"""A ticket as shops and staff read it: what was said, and all that happened to its order."""

from datetime import datetime, timedelta

import asyncpg

from wms.database.seal import Personal
from wms.digital.digital import without_codes
from wms.error import NotFound
from wms.handoff import queries as handoffs
from wms.handoff.ticket import due_at
from wms.journey.order.order_view import moment
from wms.orders import queries as orders
from wms.outbox import queries as outbox
from wms.tenants.shop import Shop
from wms.tenants.staff import Staff


async def ticket_of(
    connection: asyncpg.Connection, asker: Shop | Staff, handoff_id: int
) -> asyncpg.Record:
    """A ticket that the asker may see: a shop its own, the staff all.

    Raises:
        NotFound: `unknown_handoff`.
    """
    row = await handoffs.find_ticket(connection, handoff_id)
    if row is None or not sees(asker, row):
        raise NotFound("unknown_handoff", f"There is no ticket {handoff_id}.")
    return row


def sees(asker: Shop | Staff, ticket: asyncpg.Record) -> bool:
    """Whether somebody may know of a ticket."""
    if isinstance(asker, Staff):
        return True
    return bool(ticket["tenant_id"] == asker.tenant_id and ticket["shop_id"] == asker.shop_id)


def ticket_summary(row: asyncpg.Record) -> dict[str, object]:
    """A ticket as a list shows it."""
    return {
        "id": row["id"],
        "shop": row["shop"],
        "order_id": row["order_id"],
        "external_order_id": row["external_order_id"],
        "asked_by": row["asked_by"],
        "kind": row["kind"],
        "urgency": row["urgency"],
        "state": row["state"],
        "role": row["role"],
        "holder": row["holder"],
        "sandbox": row["sandbox"],
        "asked_at": moment(row["asked_at"]),
        "waiting_since": moment(row["waiting_since"]),
        "due_at": moment(due(row)),
        "claimed_at": moment(row["claimed_at"]),
        "answered_at": moment(row["answered_at"]),
        "closed_at": moment(row["closed_at"]),
    }


def due(row: asyncpg.Record) -> datetime:
    """When a ticket has to be answered."""
    return due_at(row["waiting_since"], timedelta(seconds=row["limit_s"]))


async def ticket_view(
    connection: asyncpg.Connection, asker: Shop | Staff, handoff_id: int
) -> dict[str, object]:
    """A ticket with its words, its order and the order's whole timeline, as they are now.

    Raises:
        NotFound: `unknown_handoff`.
    """
    row = await ticket_of(connection, asker, handoff_id)
    notes = await handoffs.notes_of(connection, handoff_id)
    order: dict[str, object] | None = None
    timeline: list[dict[str, object]] = []
    if row["order_id"] is not None:
        found = await orders.any_order(connection, row["order_id"])
        assert found is not None, "orders stay"
        order = {
            "id": found["id"],
            "external_order_id": found["external_order_id"],
            "state": found["state"],
            "payment_state": found["payment_state"],
        }
        events = await outbox.events_of_order(connection, row["order_id"])
        timeline = [
            {
                "at": moment(event["occurred_at"]),
                "type": event["type"],
                "actor": event["actor"],
                "data": without_codes(event["data"]),
            }
            for event in events
        ]
    return ticket_summary(row) | {
        "notes": [note_view(note) for note in notes],
        "order": order,
        "timeline": timeline,
    }


def note_view(row: asyncpg.Record) -> Personal:
    """What somebody said about a ticket; nothing of it where its person was forgotten."""
    said = row["said"] or {}
    return Personal(
        {
            "author": row["author"],
            "actor": row["actor"],
            "kind": row["kind"],
            "words": said.get("words") or "",
            "at": moment(row["at"]),
        }
    )
