"""Backorders and their goods: what is on its way is announced, comes, shrinks or moves.

Whoever adds stock that may be sold calls `supply_waiting` in the same transaction, so that nobody
who comes later gets what others wait for.
"""

from datetime import datetime, timedelta

import asyncpg

from wms.journey.claim import lift
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import Event, State
from wms.orders.hold import GOODS_LATE
from wms.outbox import commands as outbox
from wms.promise import commands as promise
from wms.promise import queries as promises

# Such a hold waits for goods that are promised by date, and ends by itself when they are here.
WAITS_FOR_GOODS = "short"
ask_waybill = lift.ask_waybill


async def announce_supply(
    connection: asyncpg.Connection,
    *,
    tenant_id: int,
    owner_id: int,
    item_id: int,
    warehouse_id: int,
    source: str,
    expected_at: datetime,
    quantity: int,
    actor: str,
    now: datetime,
) -> None:
    """Sets how much of an item a source will still bring, and when; 0 takes the source away.

    Orders whose goods will not come are held and told; orders whose date moves are told.
    """
    change = await promise.expect_supply(
        connection, tenant_id, owner_id, item_id, warehouse_id, source, expected_at, quantity
    )
    await _go_on(connection, list(change.served), warehouse_id, actor, now)
    lost: dict[int, int] = {}
    for freed in change.freed:
        lost[freed.fulfilment_order_id] = lost.get(freed.fulfilment_order_id, 0) + freed.quantity
    for fulfilment_order_id, missing in lost.items():
        await orders.hold_and_tell(
            connection,
            fulfilment_order_id,
            "supply_lost",
            f"{missing} unit(s) of an item that were on their way will not come.",
            actor,
            now,
        )
    for redated in change.redated:
        await outbox.emit(
            connection,
            redated.tenant_id,
            "order.expected",
            f"order/{redated.order_id}",
            redated.order_id,
            {
                "order_id": redated.order_id,
                "fulfilment_order_id": redated.fulfilment_order_id,
                "expected_at": redated.expected_at.isoformat(),
            },
            actor,
            now,
        )


async def supply_waiting(
    connection: asyncpg.Connection,
    item_ids: list[int],
    warehouse_id: int,
    actor: str,
    now: datetime,
) -> list[int]:
    """Gives new stock to those who wait for it, by rank; the fulfilment orders that may go on."""
    served = await promise.supply_backorders(connection, item_ids, warehouse_id)
    return await _go_on(connection, served, warehouse_id, actor, now)


async def wait_for_supply(
    connection: asyncpg.Connection, fulfilment_order_id: int, actor: str, now: datetime
) -> bool:
    """Promises a paid fulfilment order what it lost of goods on their way; False where too few are.

    It is held until they are here, and its shop is told the day.
    """
    waiting = await promise.wait_for_missing(connection, fulfilment_order_id)
    if not waiting:
        return False
    missing = sum(row.quantity for row in waiting)
    expected_at = max(row.expected_at for row in waiting)
    await orders.hold_and_tell(
        connection,
        fulfilment_order_id,
        WAITS_FOR_GOODS,
        f"{missing} unit(s) of an item are missing; more is expected at {expected_at.isoformat()}.",
        actor,
        now,
        lasts=max(expected_at - now, timedelta()) + GOODS_LATE,
    )
    return True


async def go_on_served(
    connection: asyncpg.Connection, order_id: int, warehouse_id: int, actor: str, now: datetime
) -> None:
    """Lets an order go on that waited for goods, where all of it is promised of the stock now."""
    await _go_on(connection, [order_id], warehouse_id, actor, now)


async def _go_on(
    connection: asyncpg.Connection,
    order_ids: list[int],
    warehouse_id: int,
    actor: str,
    now: datetime,
) -> list[int]:
    if not order_ids:
        return []
    going: list[int] = []
    for row in await promises.served_fulfilments(connection, order_ids, warehouse_id):
        if row["state"] == State.BACKORDERED:
            await orders.apply_fulfilment_event(connection, row["id"], Event.SUPPLIED, actor, now)
            if row["firm_at"] is not None and row["waybill_ready_at"] is None:
                await ask_waybill(connection, row["id"], now)
        await _end_waiting(connection, row, actor, now)
        going.append(row["id"])
    return going


async def _end_waiting(
    connection: asyncpg.Connection, fulfilment: asyncpg.Record, actor: str, now: datetime
) -> None:
    for hold in await order_rows.holds_of_order(connection, fulfilment["order_id"]):
        if hold["fulfilment_order_id"] != fulfilment["id"]:
            continue
        if hold["kind"] != WAITS_FOR_GOODS or hold["lifted_at"] is not None:
            continue
        await lift.lift_and_tell(connection, fulfilment["order_id"], hold["id"], actor, now)


async def ask_delivery(
    connection: asyncpg.Connection, fulfilment_order_id: int, now: datetime
) -> None:
    """Asks the jobs role to send a firm fulfilment order that is of digital goods."""
    await outbox.enqueue(
        connection,
        "digital",
        f"fulfilment/{fulfilment_order_id}",
        {"fulfilment_order_id": fulfilment_order_id},
        now,
    )
