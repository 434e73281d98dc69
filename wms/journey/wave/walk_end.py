"""The end of a walk: which orders it finished, and what becomes of the others."""

from datetime import datetime

import asyncpg

from wms.bins import commands as bins
from wms.journey.wave.sort import sort_if_complete
from wms.orders import commands as orders
from wms.orders.fulfilment import Event, State
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.sorting import commands as sorting
from wms.stock import queries as stock_rows


async def part_totes(
    connection: asyncpg.Connection, batch_id: int
) -> tuple[list[asyncpg.Record], list[asyncpg.Record]]:
    """The slots of a cart whose totes hold goods, and those whose totes stayed empty."""
    slots = await picking_rows.slots_of_batch(connection, batch_id)
    bound = [slot for slot in slots if slot["tote_id"] is not None]
    contents = await stock_rows.contents_of_units(connection, [slot["tote_id"] for slot in bound])
    filled = {row["handling_unit_id"] for row in contents}
    return (
        [slot for slot in bound if slot["tote_id"] in filled],
        [slot for slot in bound if slot["tote_id"] not in filled],
    )


async def free_empty_totes(connection: asyncpg.Connection, tote_ids: list[int]) -> None:
    """Lets totes go that nothing was put into: they belong to no order and go nowhere."""
    await bins.free_units(connection, tote_ids)
    await sorting.forget_routes(connection, tote_ids)
    await picking.empty_slots(connection, tote_ids)


async def end_walk(
    connection: asyncpg.Connection, batch: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Ends a walk whose totes are off the cart: picked orders go on, the others wait again."""
    here = await picking_rows.orders_of_batch(connection, batch["id"])
    await picking.drop_batch(connection, batch["id"], now)
    # Another cart of the same order may be dropped just now: one of the two has to see both.
    await orders.lock_fulfilments(connection, here)
    await settle_orders(connection, here, actor, now)
    await picking.finish_wave(connection, batch["wave_id"], now)


async def settle_orders(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int], actor: str, now: datetime
) -> None:
    """Says of orders that are on no walk any more whether they are picked, begun, or open again.

    One that is begun and not picked keeps its totes at its packing place, and the next wave takes
    what is missing; one of which nothing was picked waits as if it had never been released.
    """
    finished = await picking_rows.finished_orders(connection, fulfilment_order_ids)
    for order_id in finished:
        await orders.apply_fulfilment_event(connection, order_id, Event.FINISH_PICKING, actor, now)
        await sort_if_complete(connection, order_id, actor, now)
    ended = await picking_rows.ended_orders(connection, fulfilment_order_ids)
    for row in ended:
        if row["state"] == State.RELEASED:
            await orders.apply_fulfilment_event(connection, row["id"], Event.UNRELEASE, actor, now)
    await picking.leave_wave(connection, [row["id"] for row in ended])


async def end_idle_walks(
    connection: asyncpg.Connection, warehouse_id: int, actor: str, now: datetime
) -> None:
    """Gives up a warehouse's carts that nobody is at and for which nothing is left to pick."""
    for walk in await picking.walks_without_work(connection, warehouse_id, now):
        here = await picking_rows.orders_of_batch(connection, walk["id"])
        _, empty = await part_totes(connection, walk["id"])
        await free_empty_totes(connection, [slot["tote_id"] for slot in empty])
        await picking.void_batch(connection, walk["id"])
        await orders.lock_fulfilments(connection, here)
        await settle_orders(connection, here, actor, now)
        await picking.finish_wave(connection, walk["wave_id"], now)
