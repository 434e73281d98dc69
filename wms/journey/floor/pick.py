"""The pick scenario.

The picker takes the next cart of a released wave, scans the cart, then an empty tote for each
slot. After that the walk: scan the bin, scan the item, drop the asked quantity into the tote
shown and scan the tote. A bin that is in the way of somebody can be skipped: it comes again at the
end. Where the bin holds less, the picker puts in what there is, which is booked there and then, and
says what is wrong and how many good ones are left; the house books the difference, has somebody
else count the bin, keeps what is left for others and fetches the rest from another bin, at the end
of the same walk. A bin that should be empty is looked at. At last all totes that hold something go
on the conveyor.
"""

from datetime import datetime

import asyncpg

from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.bins.place import is_tote_label
from wms.journey.floor import message, short, walk
from wms.journey.floor.pick_screen import (
    drop_screen,
    elsewhere_screen,
    paused_screen,
    to_fill,
    tote_screen,
    wait_screen,
)
from wms.journey.floor.screen import Input, Screen, Verdict
from wms.journey.wave.walk_end import end_idle_walks, end_walk, free_empty_totes, part_totes
from wms.orders import queries as order_rows
from wms.orders.fulfilment import State
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.sorting import commands as sorting
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff


async def show(connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen:
    """The screen this picker is at; claims the next cart where they have none."""
    batch = await _claim(connection, staff, now)
    return await _screen(connection, staff, batch, now, fresh=True) if batch else wait_screen()


async def _end(
    connection: asyncpg.Connection, staff: Staff, batch: asyncpg.Record, now: datetime
) -> Screen:
    """Ends a walk that is locked; the screen of the next."""
    await end_walk(connection, batch, staff.actor, now)
    following = await _claim(connection, staff, now)
    return await _screen(connection, staff, following, now) if following else wait_screen()


async def _screen(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    now: datetime,
    *,
    fresh: bool = False,
) -> Screen:
    """The screen at a walk; `fresh` where no goods are locked yet, so that some may be."""
    if batch["warehouse_id"] != staff.works_in:
        return elsewhere_screen(batch)
    if "empty_of" in staff.state:
        return await walk.show_empty(connection, staff, now)
    task = await walk.next_task(connection, batch["id"], now, fresh=fresh)
    if task is None:
        pauses = await picking_rows.pauses_of_batch(connection, batch["id"])
        if pauses:
            return paused_screen(pauses)
        filled, empty = await part_totes(connection, batch["id"])
        if not filled:
            await picking.lock_walk(connection, batch["id"])
            await free_empty_totes(connection, [slot["tote_id"] for slot in empty])
            return await _end(connection, staff, batch, now)
        return drop_screen([slot["tote"] for slot in empty])
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
        slots = await picking_rows.slots_of_batch(connection, batch["id"])
        if to_fill(slots):
            return tote_screen(slots)
        await picking.start_batch(connection, batch["id"], now)
    return walk.show(staff, task)


async def _claim(
    connection: asyncpg.Connection, staff: Staff, now: datetime
) -> asyncpg.Record | None:
    """The walk this picker is at, or the next; walks that lost all their picks are given up."""
    own = await picking_rows.batch_of_picker(connection, staff.staff_id)
    if own is not None and (own["warehouse_id"] == staff.works_in or own["state"] == "picking"):
        return own
    await end_idle_walks(connection, staff.works_in, staff.actor, now)
    return await picking.claim_batch(connection, staff.staff_id, staff.works_in, now)


async def take(connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime) -> Screen:
    """What a scan or an action at this step leads to."""
    if given.action == message.REFRESH.code:
        return await show(connection, staff, now)
    batch = await _claim(connection, staff, now)
    if batch is None or batch["warehouse_id"] != staff.works_in:
        return await show(connection, staff, now)
    await short.lock_ahead(connection, staff, batch, given, now)
    # Its lock comes before any balance's, as everybody locks them.
    task = await picking.current_task(connection, batch["id"], now)
    if "empty_of" in staff.state:
        verdict = await walk.take_empty(connection, staff, given, now)
        staff = staff.at("pick", {}) if verdict.ok else staff
        return (await _screen(connection, staff, batch, now)).said(verdict)
    if await short.is_settled(connection, staff, task, given, now):
        await tenants.save_session(connection, staff.session_id, staff.scenario, {})
        shown = await _screen(connection, staff.at("pick", {}), batch, now)
        return shown.said(message.pick_settled())
    if task is None:
        filled, _ = await part_totes(connection, batch["id"])
        if not filled or await picking_rows.pauses_of_batch(connection, batch["id"]):
            return await show(connection, staff, now)
        return await _drop(connection, staff, batch, given, now)
    if batch["state"] == "claimed":
        ready = await _make_ready(connection, batch, given, now)
        if ready is not None:
            return (await show(connection, staff, now)).said(ready)
    return await _take_walking(connection, staff, batch, task, given, now)


async def _make_ready(
    connection: asyncpg.Connection, batch: asyncpg.Record, given: Input, now: datetime
) -> Verdict | None:
    """Takes the cart, then a tote for each slot; None where all are there."""
    if batch["cart_place_id"] is None:
        return await _take_cart(connection, batch, given)
    empty = to_fill(await picking_rows.slots_of_batch(connection, batch["id"]))
    return await _take_tote(connection, batch, empty, given, now) if empty else None


async def _take_walking(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Screen:
    """What a scan or an action on the walk leads to; most stay at their task: no second reading."""
    if walk.has_expired(task):
        verdict = message.expired(task["expires_on"].isoformat())
        return (await _screen(connection, staff, batch, now, fresh=True)).said(verdict)
    taken = await walk.take(connection, staff, batch, task, given, now)
    staff = staff.at("pick", taken.state)
    if taken.step is not None and batch["state"] == "picking":
        return walk.show(staff, task, taken.step).said(taken.verdict)
    return (await _screen(connection, staff, batch, now)).said(taken.verdict)


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
    connection: asyncpg.Connection,
    batch: asyncpg.Record,
    empty: list[asyncpg.Record],
    given: Input,
    now: datetime,
) -> Verdict:
    if not is_tote_label(given.code):
        return message.no_tote_label(given.code or given.action)
    unit = await bin_rows.unit_of_code(connection, given.code)
    if unit is not None and await _in_use(connection, unit):
        if unit["warehouse_id"] == batch["warehouse_id"]:
            return message.tote_in_use(given.code)
        elsewhere = await bin_rows.warehouse_of_id(connection, unit["warehouse_id"])
        return message.tote_elsewhere(given.code, elsewhere["code"])
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


async def _in_use(connection: asyncpg.Connection, unit: asyncpg.Record) -> bool:
    """Whether a tote holds goods or belongs to an order; a cancelled one's is free once empty."""
    if await stock_rows.contents_of_units(connection, [unit["id"]]):
        return True
    if unit["fulfilment_order_id"] is None:
        return False
    order = await order_rows.fulfilment_summary(connection, unit["fulfilment_order_id"])
    return State(order["state"]) is not State.CANCELLED


async def _drop(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Screen:
    place = await bin_rows.place_of_code(connection, batch["warehouse_id"], given.code)
    if place is None or place["kind"] != "conveyor":
        shown = await _screen(connection, staff, batch, now)
        return shown.said(message.unknown_place(given.code or given.action, "the conveyor"))
    await picking.lock_walk(connection, batch["id"])
    filled, empty = await part_totes(connection, batch["id"])
    await stock.move_units(
        connection,
        [slot["tote_id"] for slot in filled],
        place["id"],
        kind="drop",
        command_id=given.id,
        actor=staff.actor,
        device=staff.device,
        now=now,
    )
    await free_empty_totes(connection, [slot["tote_id"] for slot in empty])
    return (await _end(connection, staff, batch, now)).said(message.right())
