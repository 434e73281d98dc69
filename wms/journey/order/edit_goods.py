"""What an edit does to goods: promises, walks, fulfilment orders and their papers.

All of it happens, or nothing: whatever is wanted more is claimed in the transaction in which what
is wanted less is given back, under the locks of all that is looked at. Picks are locked before: one
that was being booked was waited for, and is seen.
"""

from collections.abc import Sequence

import asyncpg

from wms.journey.claim.lift import ask_waybill, lift_and_tell
from wms.journey.claim.supply import go_on_served, supply_waiting
from wms.journey.order.edit_desk import REASON, Desk, Moved
from wms.journey.order.edit_less import take_out, whence
from wms.journey.order.edit_line import LinePlan
from wms.journey.order.edit_more import put_in
from wms.journey.order.void import void_parcels
from wms.journey.wave.walk_end import end_idle_walks, settle_orders
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.picking import queries as picking_rows

NO_CARTON = "no_carton"


async def move_goods(desk: Desk, plan: LinePlan) -> Moved:
    """Gives back what an edit takes out of an order and claims what it puts in.

    Raises:
        Refused: `line_picked`, with a pointer.
        NotEnough: with the refusal `not_available`.
    """
    moved = Moved()
    await _lock_stock(desk, plan)
    taken = await whence(desk, plan.less)
    for number, shares in taken.items():
        await take_out(desk, number, shares)
        moved.touched.add(number)
    if plan.more:
        assert plan.facts is not None, "what is wanted more was looked up"
        await put_in(desk, plan.more, plan.facts, moved)
    return moved


async def go_on(desk: Desk, moved: Moved) -> None:
    """Papers anew for what was changed; who waits for goods that are free now gets them."""
    connection, order = desk.connection, desk.order
    for row in await desk.standing():
        if row["id"] not in moved.touched:
            continue
        await void_parcels(connection, row["id"], REASON, desk.actor, desk.now)
        for hold in await order_rows.holds_of_order(connection, order["id"]):
            mended = hold["fulfilment_order_id"] == row["id"] and hold["kind"] == NO_CARTON
            if mended and hold["lifted_at"] is None:
                await lift_and_tell(connection, order["id"], hold["id"], desk.actor, desk.now)
        if row["firm_at"] is not None and not order["sandbox"]:
            await ask_waybill(connection, row["id"], desk.now)
    for row in await order_rows.fulfilments_of_order(connection, order["id"]):
        if row["id"] in moved.touched:
            await _let_go_on(desk, row)


async def _let_go_on(desk: Desk, fulfilment: asyncpg.Record) -> None:
    connection, warehouse_id = desk.connection, fulfilment["warehouse_id"]
    await end_idle_walks(connection, warehouse_id, desk.actor, desk.now)
    ended = await picking_rows.ended_orders(connection, [fulfilment["id"]])
    if ended:
        # What it still missed is wanted no more, and no walk is left that would say so.
        await settle_orders(connection, [fulfilment["id"]], desk.actor, desk.now)
    await go_on_served(connection, desk.order["id"], warehouse_id, desk.actor, desk.now)
    lines = await order_rows.lines_to_edit(connection, desk.order["id"])
    items = await _items_of(desk, [line["id"] for line in lines])
    await supply_waiting(connection, items, warehouse_id, desk.actor, desk.now)


async def _items_of(desk: Desk, order_line_ids: Sequence[int]) -> list[int]:
    items: set[int] = set()
    for row in await order_rows.fulfilments_of_order(desk.connection, desk.order["id"]):
        for line in await order_rows.lines_of_fulfilment(desk.connection, row["id"]):
            if line["order_line_id"] in order_line_ids:
                items.add(line["item_id"])
    return sorted(items)


async def _lock_stock(desk: Desk, plan: LinePlan) -> None:
    """Locks what may be sold of all that the order has or will have: who waits for it is served."""
    lines = await order_rows.lines_to_edit(desk.connection, desk.order["id"])
    items = set(await _items_of(desk, [line["id"] for line in lines]))
    items |= {part.item_id for more in plan.more for part in more.line.parts}
    places = {row["warehouse_id"] for row in await desk.standing()}
    if plan.facts is not None:
        places |= {source.warehouse_id for source in plan.facts.sources}
    await orders.lock_stock(desk.connection, sorted(items), sorted(places), desk.order["channel"])
