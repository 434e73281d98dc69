"""The move scenario.

Whoever moves goods gets the most urgent task: put away what came in, refill a forward bin, put
back what a cancelled order left. They scan the place (or the tote or pallet) to take from, then
one of the item, and carry the shown quantity to the place shown; another bin may be scanned
instead if it has room, and a part may be put here and the rest there. Where less is found, they
say how many there are; the house books the difference. Scanning the place they came from puts the
goods back. In a paused zone the screen waits, and goes on at the same step afterwards.
"""

from dataclasses import replace
from datetime import datetime

import asyncpg

from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.error import Conflict
from wms.items import queries as items
from wms.journey.floor import message
from wms.journey.floor.amount import amount_of as say_amount
from wms.journey.floor.move_screen import (
    NOTHING,
    all_paused_screen,
    amount_of,
    count_screen,
    paused_screen,
    source_code,
    task_screen,
)
from wms.journey.floor.screen import Input, Screen, Verdict
from wms.journey.goods.shrink import LOSS, shrink
from wms.moving import commands as moving
from wms.moving import queries as moves
from wms.shipping import queries as shipping_rows
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff


async def show(connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen:
    """The screen this person is at; claims the next move where they have none."""
    task = await _claim(connection, staff, now)
    if task is None:
        pauses = await moves.pauses_of_moves(connection, staff.works_in)
        return all_paused_screen(pauses) if pauses else NOTHING
    return await _screen(connection, staff, task)


async def take(connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime) -> Screen:
    """What a scan or an action at this step leads to."""
    task = await _claim(connection, staff, now)
    if task is None:
        return await show(connection, staff, now)
    paused = await _pause_of(connection, task)
    if paused and not (given.action == message.SKIP.code and task["step"] == "from"):
        shown = await _screen(connection, staff, task)
        return shown if given.action == message.REFRESH.code else shown.said(_paused(paused))
    if staff.state.get("short_of") == task["id"]:
        verdict = await _take_count(connection, staff, task, given, now)
        if verdict.code == "count_missing":
            return count_screen(task).said(verdict)
        staff = replace(staff, state={})
    elif given.action == message.SHORT.code and task["step"] != "to":
        return await _ask_count(connection, staff, task)
    elif given.action == message.SKIP.code and task["step"] != "to":
        await moving.lay_down(connection, task["id"], staff.staff_id, now)
        verdict = message.laid_down()
    elif given.action:
        verdict = message.unknown_action(given.action)
    elif task["step"] == "item":
        return await _take_item(connection, staff, task, given, now)
    elif task["step"] == "from":
        verdict = await _take_source(connection, task, given)
    else:
        verdict = await _take_target(connection, staff, task, given, now)
    return (await show(connection, staff, now)).said(verdict)


async def _claim(
    connection: asyncpg.Connection, staff: Staff, now: datetime
) -> asyncpg.Record | None:
    task_id = await moving.claim_move(connection, staff.staff_id, staff.works_in, now)
    return None if task_id is None else await moves.task_view(connection, task_id)


async def _pause_of(connection: asyncpg.Connection, task: asyncpg.Record) -> str | None:
    """What of a move's way is paused: the house, a zone, or nothing.

    Whoever has the goods in hand may leave the zone that they were taken from.
    """
    paused = await bin_rows.paused_zones(connection, task["warehouse_id"])
    zones = [task["to_zone"]] if task["step"] == "to" else [task["from_zone"], task["to_zone"]]
    if "" in paused:
        return "the whole house"
    return next((f"zone {zone}" for zone in zones if zone in paused), None)


def _paused(what: str) -> Verdict:
    return message.zone_paused(what)


async def _screen(connection: asyncpg.Connection, staff: Staff, task: asyncpg.Record) -> Screen:
    paused = await _pause_of(connection, task)
    if paused is not None:
        return paused_screen(task, paused)
    if staff.state.get("short_of") == task["id"]:
        return count_screen(task)
    return task_screen(task)


async def _take_source(
    connection: asyncpg.Connection, task: asyncpg.Record, given: Input
) -> Verdict:
    if given.code != source_code(task) and not await _is_on_it(connection, task, given.code):
        return message.wrong_source(given.code, source_code(task))
    await moving.set_step(connection, task["id"], "item")
    return message.right()


async def _is_on_it(connection: asyncpg.Connection, task: asyncpg.Record, code: str) -> bool:
    """Whether it is a label of the parcel that the goods are in, which may be void."""
    parcel = await shipping_rows.parcel_of_sscc(connection, code)
    return parcel is not None and parcel["handling_unit_id"] == task["from_unit_id"]


async def _take_item(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Screen:
    item = await items.barcode_names(connection, task["item_id"], given.code)
    if item is None or item["id"] != task["item_id"]:
        return task_screen(task).said(message.wrong_item(task["name"]))
    if given.quantity is not None and given.quantity < task["quantity"]:
        return await _ask_count(connection, staff, task)
    if given.quantity is not None and given.quantity > task["quantity"]:
        return task_screen(task).said(message.wrong_part(amount_of(task)))
    await moving.set_step(connection, task["id"], "to")
    return (await show(connection, staff, now)).said(message.right())


async def _take_target(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Verdict:
    if given.code == source_code(task):
        await moving.lay_down(connection, task["id"], staff.staff_id, now)
        return message.put_back_there(given.code)
    place = await bin_rows.place_of_code(connection, task["warehouse_id"], given.code)
    if place is None:
        return message.unknown_bin(given.code, task["to_place"])
    paused = await bin_rows.paused_zones(connection, task["warehouse_id"])
    if place["zone"] in paused:
        return _paused(f"zone {place['zone']}")
    quantity = task["quantity"] if given.quantity is None else given.quantity
    if not 0 < quantity <= task["quantity"]:
        return message.wrong_part(amount_of(task))
    try:
        # What is refused here leaves the move as it was: nothing was written yet.
        await moving.finish_move(
            connection,
            task["id"],
            quantity,
            actor=staff.actor,
            device=staff.device,
            command_id=given.id,
            now=now,
            to_place_id=place["id"],
        )
    except Conflict as refused:
        if refused.code not in ("no_room", "same_place"):
            raise
        return message.no_room(given.code, refused.detail)
    await _free_empty_tote(connection, task)
    return message.right()


async def _free_empty_tote(connection: asyncpg.Connection, task: asyncpg.Record) -> None:
    """A tote that was emptied may serve the next order."""
    unit_id = task["from_unit_id"]
    if unit_id and not await stock_rows.contents_of_units(connection, [unit_id]):
        await bins.free_units(connection, [unit_id])


async def _ask_count(connection: asyncpg.Connection, staff: Staff, task: asyncpg.Record) -> Screen:
    state: dict[str, object] = {"short_of": task["id"]}
    await tenants.save_session(connection, staff.session_id, staff.scenario, state)
    return count_screen(task)


async def _take_count(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Verdict:
    """Books what is not there; the move goes on with what the count leaves for it."""
    counted = given.quantity
    if counted is None or counted < 0:
        return message.count_missing()
    await tenants.save_session(connection, staff.session_id, staff.scenario, {})
    if counted >= task["quantity"]:
        return message.enough_here()
    await stock.lock_items(connection, task["warehouse_id"], [task["item_id"]])
    source = await moving.source_of(connection, task["id"])
    # What this move misses it gives up itself, before anybody else has to.
    await moving.cut_move(connection, task["id"], task["quantity"] - counted, now)
    await shrink(
        connection,
        source,
        counted,
        to=LOSS,
        reason="short move",
        command_id=given.id,
        actor=staff.actor,
        device=staff.device,
        now=now,
    )
    await _free_empty_tote(connection, task)
    return message.recounted(say_amount(counted, task["unit"], task["scale"]))
