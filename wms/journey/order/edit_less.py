"""What an edit takes out of an order: from parts that nobody has begun with, and unpicked lines."""

from collections.abc import Mapping, Sequence

import asyncpg

from wms.error import Refused
from wms.journey.goods.shrink import strike
from wms.journey.order.edit_desk import NOT_BEGUN, REASON, Desk
from wms.journey.order.edit_line import Less
from wms.journey.order.order_view import in_units_of
from wms.journey.order.part import leave_walks, said
from wms.journey.order.void import void_parcels
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import Event, State
from wms.picking import commands as picking
from wms.promise import commands as promise

_SHRINKS = (*NOT_BEGUN, State.PICKING)


async def whence(desk: Desk, wanted: Sequence[Less]) -> dict[int, dict[int, int]]:
    """How much of which lines each fulfilment order gives up, what waits for goods first."""
    rows = sorted(
        await desk.standing(),
        key=lambda row: (
            row["state"] != State.BACKORDERED,
            row["state"] == State.PICKING,
            row["id"],
        ),
    )
    taken: dict[int, dict[int, int]] = {}
    for less in wanted:
        left, stuck = less.quantity, 0
        where: list[str] = []
        for row in rows:
            lines = [
                line
                for line in await order_rows.claims_of_fulfilment(desk.connection, row["id"])
                if line["order_line_id"] == less.row["id"]
            ]
            if not lines:
                continue
            share = lines[0]["share"]
            if row["state"] not in _SHRINKS or any(line["picked"] for line in lines):
                stuck += share
                where.append(f"fulfilment order {row['id']} is {said(row['state'])}")
                continue
            part = min(left, share)
            if part:
                taken.setdefault(row["id"], {})[less.row["line"]] = part
                left -= part
        if left:
            raise Refused(
                "line_picked",
                f"{in_units_of(less.row, stuck)} of line {less.row['line']} cannot be taken out: "
                f"{', '.join(where)}.",
                f"{less.pointer}/quantity",
            )
    return taken


async def take_out(desk: Desk, number: int, shares: Mapping[int, int]) -> None:
    """Takes shares of lines out of a fulfilment order, with their claims and picks."""
    connection = desk.connection
    fulfilment = await orders.fulfilment_for_update(connection, number)
    assert fulfilment is not None, "fulfilment orders stay"
    if fulfilment["state"] in NOT_BEGUN:
        await leave_walks(connection, fulfilment, desk.actor, desk.now, {"reason": REASON})
    lines = await order_rows.claims_of_fulfilment(connection, number)
    cut = [line for line in lines if line["line"] in shares]
    if fulfilment["state"] == State.PICKING:
        for line in cut:
            gone = line["quantity"] * shares[line["line"]] // line["share"]
            await _cut_tasks(connection, line["id"], line["quantity"] - gone)
    ends = {line["order_line_id"]: shares[line["line"]] for line in cut}
    if all(shares.get(line["line"]) == line["share"] for line in lines):
        await _end(desk, number)
    else:
        gone_to = await orders.insert_part(
            connection,
            desk.order["tenant_id"],
            desk.order["id"],
            fulfilment["warehouse_id"],
            State.CANCELLED,
            None,
            f"taken out of fulfilment order {number}",
        )
        for line in cut:
            quantity = line["quantity"] * shares[line["line"]] // line["share"]
            await orders.give_line(
                connection, line["id"], gone_to, quantity, shares[line["line"]], stock_first=False
            )
        await promise.free_fulfilment(connection, gone_to, "freed")
    await orders.add_cancelled(connection, list(ends), list(ends.values()))


async def _end(desk: Desk, number: int) -> None:
    """Ends a fulfilment order of which nothing is left; its order goes on without it."""
    connection = desk.connection
    await void_parcels(connection, number, REASON, desk.actor, desk.now)
    await promise.free_fulfilment(connection, number, "freed")
    await orders.lift_holds(connection, number, desk.actor, desk.now)
    await orders.apply_fulfilment_event(
        connection,
        number,
        Event.CANCEL,
        desk.actor,
        desk.now,
        {"reason": REASON},
        "order.part_cancelled",
    )


async def _cut_tasks(connection: asyncpg.Connection, line_id: int, left: int) -> None:
    """Leaves no more to pick of a line that was not begun than what is left of it."""
    tasks = await picking.open_tasks_of_line(connection, line_id)
    excess = sum(task["quantity"] for task in tasks) - left
    for task in tasks:
        quantity = min(excess, task["quantity"])
        if quantity > 0:
            await strike(connection, task, quantity)
            excess -= quantity
