"""Gifts and inserts that are not there: left out of their orders, which go on without them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.outbox import commands as outbox
from wms.packing import commands as packing
from wms.packing import queries as packing_rows
from wms.shipping import commands as shipping

EVENT = "order.inserts_changed"
MISSING = "not in stock"
UNMET = "the order does not meet the rule any more"


async def leave_out_missing(
    connection: asyncpg.Connection, order: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Before an expired order is claimed again: leaves out the inserts that are gone."""
    gone = await orders.leave_out_missing(connection, order["id"])
    await tell_inserts(connection, order, (), _removed(gone), actor, now)


async def leave_out_lost(
    connection: asyncpg.Connection, quantities: Mapping[int, int], actor: str, now: datetime
) -> set[int]:
    """Of lines that are not there leaves so much of those out that rules added; which they were.

    It holds whether or not somebody walks for them: what was picked of them goes along.
    """
    gone = await leave_out(connection, quantities, MISSING, now)
    for order_id in sorted({row["order_id"] for row in gone}):
        mine = [row for row in gone if row["order_id"] == order_id]
        order = await order_rows.order_of_id(connection, mine[0]["tenant_id"], order_id)
        assert order is not None, "a line is of an order"
        await tell_inserts(connection, order, (), _removed(mine), actor, now)
    return {row["fulfilment_line_id"] for row in gone}


async def leave_out_unmet(
    connection: asyncpg.Connection, order: asyncpg.Record, actor: str, now: datetime
) -> None:
    """After an order lost lines: takes out what rules want no more and nobody has picked."""
    country = str(order["ship_to"]["country"])
    unmet = await order_rows.inserts_unmet(connection, order["id"], country)
    lines = await order_rows.unfetched(connection, [row["id"] for row in unmet])
    gone = await leave_out(connection, lines, UNMET, now) if lines else []
    await tell_inserts(connection, order, (), _removed(gone, UNMET), actor, now)


async def leave_out(
    connection: asyncpg.Connection, quantities: Mapping[int, int], reason: str, now: datetime
) -> list[dict[str, Any]]:
    """Takes so much of lines that rules added out of their orders and of the parcels planned.

    A parcel that would hold nothing else is not sent.
    """
    gone = await orders.leave_out_inserts(connection, quantities, reason)
    for number in sorted({row["fulfilment_order_id"] for row in gone}):
        for parcel_id in await packing_rows.empty_parcels(connection, number):
            await shipping.void_waybill(connection, parcel_id, reason)
            await packing.set_parcel_state(connection, parcel_id, "void", now)
    return gone


async def tell_inserts(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    told: Sequence[dict[str, Any]],
    removed: Sequence[dict[str, Any]],
    actor: str,
    now: datetime,
) -> None:
    """Tells the shop what rules changed of an order; nothing where nothing was."""
    if not (told or removed):
        return
    await outbox.emit(
        connection,
        order["tenant_id"],
        EVENT,
        f"order/{order['id']}",
        order["id"],
        {
            "order_id": order["id"],
            "external_order_id": order["external_order_id"],
            "added": [row for row in told if row["line"] is not None],
            "left_out": [
                {"sku": row["sku"], "rule": row["rule"], "kind": row["kind"], "reason": MISSING}
                for row in told
                if row["line"] is None
            ],
            "removed": list(removed),
        },
        actor,
        now,
    )


def _removed(gone: Sequence[dict[str, Any]], reason: str = MISSING) -> list[dict[str, Any]]:
    return [{"line": row["line"], "sku": row["sku"], "reason": reason} for row in gone]
