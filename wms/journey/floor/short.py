"""A bin that holds less than the books say, or goods that cannot be taken.

What the picker could take is booked into the tote before anything is asked, so that nobody's count
takes it for lost; only the rest of the pick is in question. The picker says what is wrong, and how
many good ones are left. The difference is booked in the same transaction, as lost or as damaged,
and somebody else is asked to count the bin; reservations of others are kept as far as the count
allows, the youngest give way; what is missing is reserved in another bin and joins the walk it
belongs to. Where the house holds too little for all that is promised, the youngest claims are
freed, and what was reserved for them goes to others.
"""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.counting import commands as counting
from wms.journey.floor import message
from wms.journey.floor.amount import amount_of, ask_of
from wms.journey.floor.put import put_into_tote
from wms.journey.floor.screen import Fact, Input, Screen, Verdict
from wms.journey.goods.shrink import LOSS, lock_for_shrinking, shrink
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.tenants.staff import Staff

DAMAGED = "damaged"
REASONS = {
    message.NOT_FOUND.code: "short pick: not found",
    message.DAMAGED.code: "short pick: damaged",
    message.WRONG_ITEM.code: "short pick: wrong item",
}
ANSWERS = {*REASONS, message.COUNT.code}


async def begin(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    cart_place_id: int,
    taken: int,
    command_id: str,
    now: datetime,
) -> dict[str, object]:
    """Books what could be taken of a task; what is remembered of the rest, until all is said."""
    if taken:
        await put_into_tote(connection, staff, task, cart_place_id, taken, command_id, now)
        await picking.part_task(connection, task["id"], taken, now)
    return {"short_of": task["id"]}


def question(task: asyncpg.Record, state: dict[str, object]) -> Screen:
    """What is wrong here; or, when that is said, how many are left."""
    unit, scale, taken = task["unit"], task["scale"], task["in_tote"]
    facts = (
        Fact("Wanted", amount_of(task["quantity"] + taken, unit, scale)),
        Fact("In the tote", amount_of(taken, unit, scale)),
    )
    lines = (task["name"], f"SKU {task['sku']}")
    if "reason" not in state:
        return Screen(
            "pick",
            "reason",
            "What is wrong?",
            task["bin"],
            lines,
            facts,
            actions=(message.NOT_FOUND, message.DAMAGED, message.WRONG_ITEM),
        )
    damaged = state["reason"] == message.DAMAGED.code
    return Screen(
        "pick",
        "short",
        "How many good ones are left?" if damaged else "How many are left in the bin?",
        task["bin"],
        lines,
        facts,
        ask=ask_of(0, unit, scale),
        actions=(message.COUNT,),
    )


async def lock_ahead(
    connection: asyncpg.Connection,
    staff: Staff,
    batch: asyncpg.Record,
    given: Input,
    now: datetime,
) -> None:
    """Locks all that a picker's count is about to change, where this input is one.

    It may take goods from any walk, and end this one, so its own task is not the first lock.
    """
    asked = staff.state.get("short_of")
    if not isinstance(asked, int) or "reason" not in staff.state or given.quantity is None:
        return
    task = await picking_rows.task_of_id(connection, asked, now)
    assert task is not None, "a task is never deleted"
    await picking.lock_walk(connection, batch["id"])
    await picking.lock_goods(
        connection, task["warehouse_id"], [task["item_id"]], [task["balance_id"]]
    )


async def is_settled(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record | None,
    given: Input,
    now: datetime,
) -> bool:
    """Whether an answer comes too late: a count took the rest of its pick away, or its order went.

    `task` is the one that the walk is at now.
    """
    asked = staff.state.get("short_of")
    answer = not given.code and (given.action in ANSWERS or given.quantity is not None)
    if not isinstance(asked, int) or not answer or (task is not None and task["id"] == asked):
        return False
    was = await picking_rows.task_of_id(connection, asked, now)
    assert was is not None, "a task is never deleted"
    return bool(was["state"] != "open")


async def take(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> tuple[Verdict, dict[str, object]]:
    """Takes the reason, then the count; after that all is booked and the walk goes on."""
    if "reason" not in staff.state:
        if given.action not in REASONS:
            return message.reason_missing(), staff.state
        return message.right(), staff.state | {"reason": given.action}
    counted = given.quantity
    if counted is None or counted < 0:
        return message.count_missing(), staff.state
    if counted >= task["quantity"]:
        return message.enough_here(), {}
    return await _book(connection, staff, task, counted, str(staff.state["reason"]), given, now)


async def _book(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    counted: int,
    reason: str,
    given: Input,
    now: datetime,
) -> tuple[Verdict, dict[str, object]]:
    """Books what the picker counted, and finds the rest elsewhere."""
    place = await bins.place_of_id(connection, task["place_id"])
    balance = await stock_rows.balance_of_id(connection, task["balance_id"])
    await lock_for_shrinking(connection, place["warehouse_id"], [balance])
    missing = task["quantity"]
    await stock.release_reserved(connection, task["balance_id"], missing)
    await stock.drop_reservation(connection, task["reservation_id"])
    await picking.finish_task(connection, task["id"], 0, "short", now, reason)
    balance = await stock.balance_for_update(connection, task["balance_id"])
    await counting.note_count(
        connection,
        task["tenant_id"],
        balance["id"],
        REASONS[reason],
        balance["on_hand"],
        counted,
        staff.actor,
        now,
    )
    shrunk = await shrink(
        connection,
        balance,
        counted,
        to=DAMAGED if reason == message.DAMAGED.code else LOSS,
        reason=REASONS[reason],
        command_id=given.id,
        actor=staff.actor,
        device=staff.device,
        now=now,
        wanted=[(task, missing)],
    )
    await counting.ask_count(
        connection,
        task["tenant_id"],
        place["id"],
        task["item_id"],
        REASONS[reason],
        staff.staff_id,
        now,
    )
    own = task["fulfilment_line_id"]
    solved = own not in shrunk.freed and all(part[0] is not task for part in shrunk.unsolved)
    left = amount_of(counted, task["unit"], task["scale"])
    return (message.recounted(left) if solved else message.short_unsolved()), {}
