"""The walk of a cart: bin, item, tote, task by task, until the totes can go on the conveyor."""

from dataclasses import replace
from datetime import datetime

import asyncpg

from wms.items import queries as items
from wms.journey import message
from wms.journey.put import put_into_tote
from wms.journey.screen import Ask, Fact, Input, Progress, Screen, Verdict
from wms.journey.short import ask_count, count_screen, take_short
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.tenants.staff import Staff

DROP = Screen(
    "pick",
    "drop",
    "Put all totes on the conveyor",
    "CONVEYOR",
    lines=("Then scan the conveyor.",),
    expect="place",
)


async def show(connection: asyncpg.Connection, staff: Staff, batch: asyncpg.Record) -> Screen:
    """The screen of the next open task of a walk; without any, the totes go on the conveyor."""
    task = await picking_rows.current_task(connection, batch["id"])
    if task is None:
        return DROP
    if staff.state.get("short_of") == task["id"]:
        taken = staff.state["taken"]
        assert isinstance(taken, int)
        return count_screen(task, taken)
    return task_screen(task, task["step"])


def task_screen(task: asyncpg.Record, step: str) -> Screen:
    """One of the three screens of a pick: which bin, which item, which tote."""
    progress = Progress(task["done"], task["total"])
    facts = (
        Fact("Take", f"{task['quantity']} pcs"),
        Fact("Tote", f"{task['tote']} (slot {task['slot']})"),
    )
    lines = (task["name"], f"SKU {task['sku']}")
    if step == "bin":
        return Screen(
            "pick", "bin", "Go to bin", task["bin"], lines, facts, "bin", progress=progress
        )
    if step == "item":
        return Screen(
            "pick",
            "item",
            f"Take {task['quantity']} and scan one",
            task["name"],
            (f"SKU {task['sku']}",),
            (Fact("Bin", task["bin"]), *facts),
            "item",
            actions=(message.SHORT,),
            progress=progress,
        )
    return Screen(
        "pick",
        "put",
        f"Put {task['quantity']} into the tote",
        task["tote"],
        lines,
        (Fact("Slot", str(task["slot"])), Fact("Bin", task["bin"])),
        "tote",
        Ask(task["quantity"]),
        (message.SHORT,),
        progress=progress,
    )


async def take(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Screen:
    """What a scan or an action at a task leads to."""
    cart_place_id = batch["cart_place_id"]
    if staff.state.get("short_of") == task["id"]:
        verdict = await take_short(connection, staff, task, cart_place_id, given, now)
        if verdict.code != "count_missing":
            staff = replace(staff, state={})
        return (await show(connection, staff, batch)).said(verdict)
    if given.action == message.SHORT.code and task["step"] != "bin":
        return await ask_count(connection, staff, task, 0)
    wrong = await _fault(connection, task, given)
    if wrong is not None:
        return task_screen(task, task["step"]).said(wrong)
    if task["step"] != "put":
        step = "item" if task["step"] == "bin" else "put"
        await picking.set_step(connection, task["id"], step)
        return task_screen(task, step).said(message.right())
    quantity = task["quantity"] if given.quantity is None else given.quantity
    if quantity < task["quantity"]:
        return await ask_count(connection, staff, task, quantity)
    await put_into_tote(connection, staff, task, cart_place_id, quantity, given.id, now)
    await picking.finish_task(connection, task["id"], quantity, "done", now)
    return (await show(connection, staff, batch)).said(message.right())


async def _fault(
    connection: asyncpg.Connection, task: asyncpg.Record, given: Input
) -> Verdict | None:
    """What is wrong with an input at a task's step, or None."""
    if given.action:
        return message.unknown_action(given.action)
    if task["step"] == "bin":
        return None if given.code == task["bin"] else message.wrong_bin(given.code, task["bin"])
    if task["step"] == "item":
        item = await items.barcode_names(connection, task["item_id"], given.code)
        right = item is not None and item["id"] == task["item_id"]
        return None if right else message.wrong_item(task["name"])
    if given.code != task["tote"]:
        return message.wrong_tote(given.code, task["tote"])
    fits = given.quantity is None or 0 <= given.quantity <= task["quantity"]
    return None if fits else message.wrong_quantity(task["quantity"])
