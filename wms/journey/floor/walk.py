"""The walk of a cart: bin, item, tote, task by task, until the totes can go on the conveyor."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.items import queries as items
from wms.journey.floor import message, short
from wms.journey.floor.amount import amount_of, ask_of
from wms.journey.floor.empty import bin_is_empty, empty_screen, take_look
from wms.journey.floor.put import put_into_tote
from wms.journey.floor.screen import Fact, Input, Progress, Screen, Verdict
from wms.journey.goods.expiry import expire_balance
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.picking.wave import Mode
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff

State = dict[str, object]


@dataclass(frozen=True, slots=True)
class Taken:
    """What an input at a task led to: what is said, and what is asked next.

    `step` is the task's own where the task is still the one to be shown, and None where the next
    has to be looked for.
    """

    verdict: Verdict
    state: State
    step: str | None = None


def show(staff: Staff, task: asyncpg.Record, step: str | None = None) -> Screen:
    """The screen of an open task, at its own step or at the one it has just come to."""
    if staff.state.get("short_of") == task["id"]:
        return short.question(task, staff.state)
    return task_screen(task, step or task["step"])


async def show_empty(connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen:
    """The question whether the bin of the task before is empty."""
    return empty_screen(await _looked_at(connection, staff, now))


async def _looked_at(connection: asyncpg.Connection, staff: Staff, now: datetime) -> asyncpg.Record:
    looked_at = staff.state["empty_of"]
    assert isinstance(looked_at, int)
    task = await picking_rows.task_of_id(connection, looked_at, now)
    assert task is not None, "a task is never deleted"
    return task


async def next_task(
    connection: asyncpg.Connection, batch_id: int, now: datetime, *, fresh: bool
) -> asyncpg.Record | None:
    """The next open task of a walk, not locked: tasks come before goods, which may be by now.

    What has expired of a `fresh` one, where none are, is fetched from another bin. Else whoever
    scans the bin is told that it has, and sent on then.
    """
    task = await picking_rows.next_task(connection, batch_id, now)
    if task is None or not (fresh and has_expired(task)):
        return task
    await picking.lock_walk(connection, batch_id)
    await expire_balance(connection, task["balance_id"], now)
    return await picking_rows.next_task(connection, batch_id, now)


def has_expired(task: asyncpg.Record) -> bool:
    """Whether the goods of a task may no longer be picked."""
    return task["days_left"] is not None and task["days_left"] < 0


def task_screen(task: asyncpg.Record, step: str) -> Screen:
    """One of the three screens of a pick: which bin, which item, which tote."""
    progress = Progress(task["done"], task["total"])
    amount = amount_of(task["quantity"], task["unit"], task["scale"])
    goods = _goods(task)
    facts = (
        Fact("Take", amount),
        *goods,
        Fact("Tote", f"{task['tote']} (slot {task['slot']})"),
    )
    lines = (task["name"], f"SKU {task['sku']}")
    if step == "bin":
        return Screen(
            "pick",
            "bin",
            "Go to bin",
            task["bin"],
            lines,
            facts,
            "bin",
            actions=(message.SKIP,),
            progress=progress,
        )
    if step == "item":
        return Screen(
            "pick",
            "item",
            f"Take {amount.removesuffix(' pcs')} and scan one",
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
        f"Put {amount.removesuffix(' pcs')} into the tote",
        task["tote"],
        lines,
        (Fact("Slot", str(task["slot"])), Fact("Bin", task["bin"]), *goods),
        "tote",
        ask_of(task["quantity"], task["unit"], task["scale"]),
        (message.SHORT,),
        progress=progress,
    )


def _goods(task: asyncpg.Record) -> tuple[Fact, ...]:
    """Which of the item's goods it has to be, and how many cases they are."""
    facts: list[Fact] = []
    case = task["case_quantity"]
    if case and task["quantity"] % case == 0:
        facts.append(Fact("Cases", str(task["quantity"] // case)))
    if task["lot"]:
        facts.append(Fact("Lot", task["lot"]))
    if task["serial"]:
        facts.append(Fact("Serial", task["serial"]))
    if task["expires_on"]:
        facts.append(Fact("Use by", task["expires_on"].isoformat()))
    return tuple(facts)


async def take(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Taken:
    """What a scan or an action at a task leads to."""
    taken = await _take(connection, staff, batch, task, given, now)
    if taken.state != staff.state:
        await tenants.save_session(connection, staff.session_id, staff.scenario, taken.state)
    return taken


async def take_empty(
    connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime
) -> Verdict:
    """What the picker saw in a bin that should be empty."""
    task = await _looked_at(connection, staff, now)
    verdict = await take_look(connection, staff, task, given, now)
    if verdict.ok:
        await tenants.save_session(connection, staff.session_id, staff.scenario, {})
    return verdict


async def _take(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Taken:
    here: str = task["step"]
    if staff.state.get("short_of") == task["id"]:
        verdict, state = await short.take(connection, staff, task, given, now)
        return Taken(verdict, state, here if "short_of" in state else None)
    if given.action == message.SHORT.code and here != "bin":
        return await _fall_short(connection, staff, batch, task, 0, given.id, now)
    if given.action == message.SKIP.code and here == "bin":
        skipped = await picking.put_last(connection, task["id"])
        return Taken(message.skipped() if skipped else message.last_one(), {})
    wrong = await _fault(connection, task, given)
    if wrong is not None:
        return Taken(wrong, {}, here)
    if here != "put":
        step = "item" if here == "bin" else "put"
        await picking.set_step(connection, task["id"], step)
        return Taken(message.right(), {}, step)
    quantity = task["quantity"] if given.quantity is None else given.quantity
    if quantity < task["quantity"]:
        return await _fall_short(connection, staff, batch, task, quantity, given.id, now)
    return await _put(connection, staff, batch, task, quantity, given.id, now)


async def _put(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    task: asyncpg.Record,
    quantity: int,
    command_id: str,
    now: datetime,
) -> Taken:
    """Books a task that is picked in full, and asks about a bin that should be empty after it."""
    await put_into_tote(connection, staff, task, batch["cart_place_id"], quantity, command_id, now)
    await picking.finish_task(connection, task["id"], quantity, "done", now)
    if batch["mode"] == Mode.BATCH:
        # Spares the picker to scan the same goods in the same bin again for the next tote.
        await picking.go_on_here(connection, batch["id"], task["balance_id"])
    looked_at = await bin_is_empty(connection, task)
    return Taken(message.right(), {"empty_of": task["id"]} if looked_at else {})


async def _fall_short(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    task: asyncpg.Record,
    quantity: int,
    command_id: str,
    now: datetime,
) -> Taken:
    """Books what there is of a task, and asks what is wrong; one that was parted is read anew."""
    cart = batch["cart_place_id"]
    state = await short.begin(connection, staff, task, cart, quantity, command_id, now)
    return Taken(message.right(), state, None if quantity else task["step"])


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
    return (
        None
        if fits
        else message.wrong_quantity(amount_of(task["quantity"], task["unit"], task["scale"]))
    )
