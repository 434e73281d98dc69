"""The pick scenario.

The picker takes the next cart of a released wave, scans the cart, then an empty tote for each
slot. After that the walk: scan the bin, scan the item, drop the asked quantity into the tote
shown and scan the tote. Where the bin holds less, the picker puts in what there is and says how
many are left; the house books the difference, keeps what the count allows for others and fetches
the rest from another bin, at the end of the same walk. At last all totes go on the conveyor.
"""

from datetime import datetime

import asyncpg

from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.bins.place import is_tote_label
from wms.journey import message, walk
from wms.journey.screen import Fact, Input, Progress, Screen, Verdict
from wms.orders import commands as orders
from wms.orders.fulfilment import Event
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.sorting import commands as sorting
from wms.stock import commands as stock
from wms.tenants.staff import Staff


async def show(connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen:
    """The screen this picker is at; claims the next cart where they have none."""
    batch = await picking.claim_batch(connection, staff.staff_id, now)
    if batch is None:
        return Screen(
            "pick",
            "wait",
            "Nothing to pick",
            lines=("The next wave will show up here.",),
            actions=(message.LEAVE,),
            idle=True,
        )
    return await _screen(connection, staff, batch)


async def _screen(connection: asyncpg.Connection, staff: Staff, batch: asyncpg.Record) -> Screen:
    if batch["cart_place_id"] is None:
        return Screen(
            "pick",
            "cart",
            "Take a cart",
            "CART",
            lines=(f"Walk {batch['number']} of wave {batch['wave_id']}",),
            expect="cart",
            actions=(message.LEAVE,),
        )
    if batch["state"] == "claimed":
        return await _tote_screen(connection, batch)
    return await walk.show(connection, staff, batch)


async def _tote_screen(connection: asyncpg.Connection, batch: asyncpg.Record) -> Screen:
    slots = await picking_rows.slots_of_batch(connection, batch["id"])
    bound = sum(slot["tote_id"] is not None for slot in slots)
    slot = next(slot for slot in slots if slot["tote_id"] is None)
    return Screen(
        "pick",
        "tote",
        "Put an empty tote on the cart",
        f"SLOT {slot['slot']}",
        lines=("Then scan it.",),
        facts=(Fact("Order", str(slot["order_id"])),),
        expect="tote",
        progress=Progress(bound, len(slots)),
    )


async def take(connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime) -> Screen:
    """What a scan or an action at this step leads to."""
    batch = await picking.claim_batch(connection, staff.staff_id, now)
    if batch is None:
        return await show(connection, staff, now)
    if batch["cart_place_id"] is None:
        verdict = await _take_cart(connection, batch, given)
    elif batch["state"] == "claimed":
        verdict = await _take_tote(connection, batch, given, now)
    else:
        task = await picking_rows.current_task(connection, batch["id"])
        if task is None:
            return await _drop(connection, staff, batch, given, now)
        return await walk.take(connection, staff, batch, task, given, now)
    return (await show(connection, staff, now)).said(verdict)


async def _take_cart(
    connection: asyncpg.Connection, batch: asyncpg.Record, given: Input
) -> Verdict:
    place = await bin_rows.place_of_code(connection, batch["warehouse_id"], given.code)
    if place is None or place["kind"] != "cart":
        return message.unknown_cart(given.code or given.action)
    if await picking_rows.cart_taken(connection, place["id"], batch["id"]):
        return message.cart_taken(given.code)
    await picking.set_cart(connection, batch["id"], place["id"])
    return message.right()


async def _take_tote(
    connection: asyncpg.Connection, batch: asyncpg.Record, given: Input, now: datetime
) -> Verdict:
    if not is_tote_label(given.code):
        return message.no_tote_label(given.code or given.action)
    unit = await bin_rows.unit_of_code(connection, given.code)
    if unit is not None and unit["fulfilment_order_id"] is not None:
        return message.tote_in_use(given.code)
    slots = await picking_rows.slots_of_batch(connection, batch["id"])
    empty = [slot for slot in slots if slot["tote_id"] is None]
    tote_id = await bins.enter_unit(
        connection,
        batch["warehouse_id"],
        given.code,
        "tote",
        batch["cart_place_id"],
        empty[0]["fulfilment_order_id"],
    )
    await picking.bind_tote(connection, empty[0]["id"], tote_id)
    await sorting.expect_tote(
        connection,
        tote_id,
        empty[0]["fulfilment_order_id"],
        empty[0]["tenant_id"],
        empty[0]["packing_place_id"],
        empty[0]["lane"],
    )
    if len(empty) == 1:
        await picking.start_batch(connection, batch["id"], now)
    return message.right()


async def _drop(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Screen:
    place = await bin_rows.place_of_code(connection, batch["warehouse_id"], given.code)
    if place is None or place["kind"] != "conveyor":
        shown = await _screen(connection, staff, batch)
        return shown.said(message.unknown_place(given.code or given.action, "the conveyor"))
    slots = await picking_rows.slots_of_batch(connection, batch["id"])
    await stock.move_units(
        connection,
        [slot["tote_id"] for slot in slots],
        place["id"],
        kind="drop",
        command_id=given.id,
        actor=staff.actor,
        device=staff.device,
        now=now,
    )
    await picking.drop_batch(connection, batch["id"], now)
    orders_here = sorted({slot["fulfilment_order_id"] for slot in slots})
    # Another cart of the same order may be dropped just now: one of the two has to see both.
    await orders.lock_fulfilments(connection, orders_here)
    for order_id in await picking_rows.finished_orders(connection, orders_here):
        await orders.apply_fulfilment_event(
            connection, order_id, Event.FINISH_PICKING, staff.actor, now
        )
    await picking.finish_wave(connection, batch["wave_id"], now)
    return (await show(connection, staff, now)).said(message.right())
