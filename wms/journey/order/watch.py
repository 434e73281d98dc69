"""Clocks that run out are loud: holds that nobody lifted in time, paid orders without waybill."""

from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.journey.claim.supply import WAITS_FOR_GOODS
from wms.orders import commands as orders
from wms.orders.hold import SHOP
from wms.outbox import commands as outbox

ACTOR = "timer:watch"
AT_ONCE = 200
# Whose holds the house cannot hurry, and which wait for a day.
NOT_OURS = [SHOP, "buyer"]
DATED = [WAITS_FOR_GOODS]


async def tell_overdue_holds(pool: asyncpg.Pool, now: datetime) -> int:
    """Tells of each hold once whose owner let its time go by; how many. The hold stands."""
    async with staff_transaction(pool) as connection:
        rows = await orders.mark_overdue(connection, now, AT_ONCE)
        for row in rows:
            await outbox.emit(
                connection,
                row["tenant_id"],
                "order.hold_overdue",
                f"order/{row['order_id']}",
                row["order_id"],
                {
                    "order_id": row["order_id"],
                    "external_order_id": row["external_order_id"],
                    "fulfilment_order_id": row["fulfilment_order_id"],
                    "hold_id": row["id"],
                    "kind": row["kind"],
                    "reason": row["reason"],
                    "owned_by": row["owned_by"],
                    "until": row["until"].isoformat(),
                },
                ACTOR,
                now,
            )
    return len(rows)


async def warn_of_promises(
    pool: asyncpg.Pool, promised: timedelta, alarm: timedelta, now: datetime
) -> int:
    """Tells of each paid order that has no waybill and carrier after `alarm`; how many.

    That is before the promise of `promised` is broken, and once: it is told again only where its
    clock began anew, as when a hold was lifted. What waits for its shop, its buyer or a day
    is left out.
    """
    async with staff_transaction(pool) as connection:
        rows = await orders.mark_at_risk(connection, now - alarm, now, NOT_OURS, DATED, AT_ONCE)
        for row in rows:
            await outbox.emit(
                connection,
                row["tenant_id"],
                "order.promise_at_risk",
                f"order/{row['order_id']}",
                row["order_id"],
                {
                    "order_id": row["order_id"],
                    "external_order_id": row["external_order_id"],
                    "fulfilment_order_id": row["id"],
                    "since": row["since"].isoformat(),
                    "due_at": (row["since"] + promised).isoformat(),
                }
                | _waits_for(row),
                ACTOR,
                now,
            )
    return len(rows)


def _waits_for(row: asyncpg.Record) -> dict[str, object]:
    """What a late order waits for: who has to look, the job of its waybill, or the carrier."""
    if row["holds"]:
        said = (f"{hold['owned_by']} ({hold['kind']})" for hold in row["holds"])
        return {"waits_for": "hold", "detail": f"Waits for: {', '.join(said)}."}
    if row["waybill_ready_at"] is None:
        return {"waits_for": "waybill", "detail": _told("No waybill is made", row["job"])}
    return {"waits_for": "carrier", "detail": _told("The carrier was not told", row["message"])}


def _told(what: str, work: dict[str, object] | None) -> str:
    if work is None or work["attempts"] is None:
        return f"{what}, and nothing is asked to."
    tried = f"{what} after {work['attempts']} tries"
    given_up = ", and it was given up" if work["given_up"] else ""
    error = f": {work['error']}" if work["error"] else ""
    return f"{tried}{given_up}{error}."[:500]
