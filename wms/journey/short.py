"""A bin that holds less than the books say.

The picker says how many are left. The difference is booked as a loss in the same transaction;
reservations of others are kept as far as the count allows, the youngest give way; what is missing
is reserved in another bin and joins the walk it belongs to. Where the house holds too little for
all that is promised, the youngest claims are freed, and what was reserved for them goes to others.
"""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.counting import commands as counting
from wms.journey import message
from wms.journey.claim import lose_claims
from wms.journey.put import put_into_tote
from wms.journey.screen import Ask, Fact, Input, Screen, Verdict
from wms.orders import commands as orders
from wms.picking import commands as picking
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.stock.commands import goods_from
from wms.stock.ledger import Line
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff


async def ask_count(
    connection: asyncpg.Connection, staff: Staff, task: asyncpg.Record, taken: int
) -> Screen:
    """Asks how many are left in the bin, and remembers how many went into the tote."""
    state: dict[str, object] = {"short_of": task["id"], "taken": taken}
    await tenants.save_session(connection, staff.session_id, staff.scenario, state)
    return count_screen(task, taken)


def count_screen(task: asyncpg.Record, taken: int) -> Screen:
    """The question of how many are left."""
    return Screen(
        "pick",
        "short",
        "How many are left in the bin?",
        task["bin"],
        (task["name"], f"SKU {task['sku']}"),
        (Fact("In the tote", f"{taken} of {task['quantity']}"),),
        ask=Ask(0),
        actions=(message.COUNT,),
    )


async def take_short(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    cart_place_id: int,
    given: Input,
    now: datetime,
) -> Verdict:
    """Books what the picker took and counted, and finds the rest elsewhere."""
    taken = staff.state["taken"]
    assert isinstance(taken, int)
    counted = given.quantity
    if counted is None or counted < 0:
        return message.count_missing()
    await tenants.save_session(connection, staff.session_id, staff.scenario, {})
    if taken + counted >= task["quantity"]:
        return message.enough_here()
    if taken:
        await put_into_tote(connection, staff, task, cart_place_id, taken, given.id, now)
    missing = task["quantity"] - taken
    await stock.release_reserved(connection, task["balance_id"], missing)
    await stock.drop_reservation(connection, task["reservation_id"])
    await picking.finish_task(connection, task["id"], taken, "short", now)
    cut, freed = await _book_count(connection, staff, task, counted, given.id, now)
    wanted = await _strike_freed(connection, [(task, missing), *cut], freed)
    solved = (task, missing) in wanted
    for short_task, quantity in wanted:
        found = await _fetch_elsewhere(connection, staff, short_task, quantity, now)
        if short_task is task:
            solved = solved and found
    return message.recounted(counted) if solved else message.short_unsolved()


async def _book_count(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    counted: int,
    command_id: str,
    now: datetime,
) -> tuple[list[tuple[asyncpg.Record, int]], dict[int, int]]:
    """Books the count; the tasks of others that were cut, and how much of which lines was freed."""
    balance = await stock.balance_for_update(connection, task["balance_id"])
    await counting.note_count(
        connection,
        task["tenant_id"],
        balance["id"],
        "short pick",
        balance["on_hand"],
        counted,
        staff.actor,
        now,
    )
    difference = balance["on_hand"] - counted
    if difference == 0:
        return [], {}
    place = await bins.place_of_id(connection, task["place_id"])
    loss = await bins.place_of_kind(connection, place["warehouse_id"], "loss")
    cut: list[tuple[asyncpg.Record, int]] = []
    freed: dict[int, int] = {}
    if difference > 0:
        cut = await _cut_youngest(connection, balance, counted)
        freed = await lose_claims(
            connection, task["item_id"], place["warehouse_id"], difference, staff.actor, now
        )
    ends = (place["id"], loss["id"]) if difference > 0 else (loss["id"], place["id"])
    await stock.post(
        connection,
        task["tenant_id"],
        "count",
        [Line(goods_from(balance), abs(difference), *ends)],
        command_id=command_id,
        actor=staff.actor,
        device=staff.device,
        reason="short pick",
        now=now,
    )
    return cut, freed


async def _cut_youngest(
    connection: asyncpg.Connection, balance: asyncpg.Record, counted: int
) -> list[tuple[asyncpg.Record, int]]:
    """Takes reservations beyond the count back, the youngest first."""
    excess = balance["reserved"] - counted
    cut: list[tuple[asyncpg.Record, int]] = []
    for reservation in await stock.reservations_youngest_first(connection, balance["id"], None):
        if excess <= 0:
            break
        quantity = min(excess, reservation["quantity"])
        excess -= quantity
        task = await picking.task_of_reservation(connection, reservation["id"])
        assert task is not None, "a reservation is of an open task"
        await _strike(connection, task, quantity)
        cut.append((task, quantity))
    return cut


async def _strike(connection: asyncpg.Connection, task: asyncpg.Record, quantity: int) -> None:
    """Takes a part of an open task away, with what is reserved for it."""
    await stock.release_reserved(connection, task["balance_id"], quantity)
    if quantity == task["quantity"]:
        await stock.drop_reservation(connection, task["reservation_id"])
    else:
        await stock.shrink_reservation(connection, task["reservation_id"], quantity)
    await picking.shrink_task(connection, task["id"], quantity)


async def _strike_freed(
    connection: asyncpg.Connection,
    wanted: list[tuple[asyncpg.Record, int]],
    freed: dict[int, int],
) -> list[tuple[asyncpg.Record, int]]:
    """Gives up what is promised no more; answers what is still to be fetched elsewhere.

    A line gives up what it misses anyway, and only then what is reserved for it.
    """
    left = dict(freed)
    kept: list[tuple[asyncpg.Record, int]] = []
    for task, quantity in wanted:
        struck = min(quantity, left.get(task["fulfilment_line_id"], 0))
        if struck:
            left[task["fulfilment_line_id"]] -= struck
        if quantity > struck:
            kept.append((task, quantity - struck))
    for line_id, quantity in left.items():
        for task in await picking.open_tasks_of_line(connection, line_id):
            struck = min(quantity, task["quantity"])
            if struck:
                await _strike(connection, task, struck)
                quantity -= struck
    return kept


async def _fetch_elsewhere(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    quantity: int,
    now: datetime,
) -> bool:
    """Reserves a quantity in other bins and adds it to the task's walk; whether all was found."""
    place = await bins.place_of_id(connection, task["place_id"])
    for bin in await stock_rows.free_bins(connection, place["warehouse_id"], [task["item_id"]]):
        if quantity == 0:
            break
        taken = min(quantity, bin["free"])
        reservation_id = await stock.reserve_one(
            connection,
            task["tenant_id"],
            bin["balance_id"],
            task["fulfilment_line_id"],
            taken,
        )
        await picking.insert_task_like(
            connection, task["id"], bin["balance_id"], bin["place_id"], taken, reservation_id
        )
        quantity -= taken
    if quantity:
        await orders.hold_and_tell(
            connection,
            task["fulfilment_order_id"],
            "short",
            f"{quantity} unit(s) of an item are missing and in no other bin.",
            staff.actor,
            now,
        )
    return quantity == 0
