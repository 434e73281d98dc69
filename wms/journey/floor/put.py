"""Goods from a bin into the tote of an order: the one posting that every pick ends in."""

from datetime import datetime

import asyncpg

from wms.orders import commands as orders
from wms.orders.fulfilment import Event, State
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line
from wms.tenants.staff import Staff


async def put_into_tote(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    cart_place_id: int,
    quantity: int,
    command_id: str,
    now: datetime,
) -> None:
    """Books a quantity of a task from its bin into its tote; the first starts the order's picking.

    Raises:
        Conflict: `not_enough_stock`.
    """
    balance = await stock.balance_for_update(connection, task["balance_id"])
    await stock.post(
        connection,
        task["tenant_id"],
        "pick",
        [
            Line(
                goods_from(balance),
                quantity,
                task["place_id"],
                cart_place_id,
                balance["handling_unit_id"],
                task["tote_id"],
                quantity,
            )
        ],
        command_id=command_id,
        actor=staff.actor,
        device=staff.device,
        now=now,
    )
    if quantity == task["quantity"]:
        await stock.drop_reservation(connection, task["reservation_id"])
    else:
        await stock.shrink_reservation(connection, task["reservation_id"], quantity)
    await orders.add_picked(connection, task["fulfilment_line_id"], quantity)
    if task["fulfilment_state"] != State.RELEASED:
        return
    # Another cart of the same order may have begun it meanwhile.
    current = await orders.fulfilment_for_update(connection, task["fulfilment_order_id"])
    if current is not None and current["state"] == State.RELEASED:
        await orders.apply_fulfilment_event(
            connection, task["fulfilment_order_id"], Event.START_PICKING, staff.actor, now
        )
