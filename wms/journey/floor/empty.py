"""A bin that should be empty after a pick is looked at: the cheapest count there is."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.counting import commands as counting
from wms.journey.claim.supply import supply_waiting
from wms.journey.floor import message
from wms.journey.floor.amount import amount_of, ask_of
from wms.journey.floor.screen import Fact, Input, Screen, Verdict
from wms.picking import queries as picking_rows
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line
from wms.tenants.staff import Staff

REASON = "zero-stock check"
LEFT_MAX = 1_000_000_000


async def bin_is_empty(connection: asyncpg.Connection, task: asyncpg.Record) -> bool:
    """Whether the books say that nothing is left where a task was picked."""
    return not await picking_rows.holds_goods(connection, task["place_id"])


def empty_screen(task: asyncpg.Record) -> Screen:
    """The question whether a bin is empty."""
    return Screen(
        "pick",
        "empty",
        "Is the bin empty?",
        task["bin"],
        (task["name"], f"SKU {task['sku']}"),
        (Fact("Should be left", "nothing"),),
        ask=ask_of(0, task["unit"], task["scale"]),
        actions=(message.IS_EMPTY, message.COUNT),
    )


async def take_look(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Verdict:
    """Books what the picker saw: nothing, as the books say, or goods that they know nothing of."""
    if given.action == message.IS_EMPTY.code:
        left = 0
    elif given.quantity is None or not 0 <= given.quantity <= LEFT_MAX:
        return message.count_missing()
    else:
        left = given.quantity
    balance = await stock.balance_for_update(connection, task["balance_id"])
    difference = left - balance["on_hand"]
    await counting.note_count(
        connection,
        task["tenant_id"],
        balance["id"],
        REASON,
        balance["on_hand"],
        left,
        staff.actor,
        now,
    )
    if difference > 0:
        await _book_found(connection, staff, task, balance, difference, given.id, now)
    return message.recounted(amount_of(left, task["unit"], task["scale"]))


async def _book_found(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    balance: asyncpg.Record,
    found: int,
    command_id: str,
    now: datetime,
) -> None:
    """Goods that the books had lost are back, for those who wait for them first."""
    place = await bins.place_of_id(connection, task["place_id"])
    loss = await bins.place_of_kind(connection, place["warehouse_id"], "loss")
    await stock.post(
        connection,
        task["tenant_id"],
        "count",
        [
            Line(
                goods_from(balance),
                found,
                loss["id"],
                place["id"],
                0,
                balance["handling_unit_id"],
            )
        ],
        command_id=command_id,
        actor=staff.actor,
        device=staff.device,
        reason=REASON,
        now=now,
    )
    await counting.ask_count(
        connection,
        task["tenant_id"],
        place["id"],
        task["item_id"],
        REASON,
        staff.staff_id,
        now,
    )
    await supply_waiting(connection, [task["item_id"]], place["warehouse_id"], staff.actor, now)
