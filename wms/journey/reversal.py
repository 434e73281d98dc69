"""Undo a movement: another one with every line the other way round, which points back at it."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound, Refused
from wms.journey.claim.supply import supply_waiting
from wms.journey.goods.shrink import (
    Given,
    Part,
    give_way,
    lock_for_shrinking,
    serve_elsewhere,
    without_inserts,
)
from wms.journey.inbound.take_back import lock_receipt, take_back
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.stock.ledger import REVERSIBLE, Goods, Line

KIND = "reversal"


@again_on_deadlock
async def reverse_movement(
    pool: asyncpg.Pool, movement_id: int, request: StaffRequest, reason: str, now: datetime
) -> Answer:
    """Undoes a movement once; where claims stand on what goes back, the youngest give way.

    Raises:
        NotFound: `unknown_movement`.
        Refused: `not_reversible`, other papers hang on movements of that kind.
        Conflict: `reversed_before`; `not_enough_stock`, the goods are no longer where they went;
            `serial_elsewhere`; `wrong_state`, it is a receipt of a shipment that has ended, or
            whose sample was decided; `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            movement = await stock_rows.movement_of_id(connection, movement_id)
            if movement is None:
                raise NotFound("unknown_movement", f"There is no movement {movement_id}.")
            if movement["kind"] not in REVERSIBLE:
                raise Refused(
                    "not_reversible", f"A movement of kind {movement['kind']} is not undone so."
                )
            reversal_id = await _reverse(connection, movement, request, reason, now)
            return Answer(201, {"movement_id": reversal_id, "reverses": movement_id})

        return await once(connection, request, act)


async def _reverse(
    connection: asyncpg.Connection,
    movement: asyncpg.Record,
    request: StaffRequest,
    reason: str,
    now: datetime,
) -> int:
    lines = [
        _backwards(row) for row in await stock_rows.lines_of_movement(connection, movement["id"])
    ]
    receipt = await lock_receipt(connection, movement["id"])
    if receipt is not None:
        # Goods before promises; and announced before who loses them looks for what is coming.
        await _lock(connection, lines)
        await take_back(connection, receipt, reason, request.actor, now)
    given = await _make_room(connection, lines, request.actor, now)
    reversal_id = await stock.post(
        connection,
        movement["tenant_id"],
        KIND,
        lines,
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        reason=reason,
        now=now,
        reverses=movement["id"],
    )
    unsolved = await serve_elsewhere(connection, given, now)
    await without_inserts(connection, unsolved, request.actor, now)
    await _supply(connection, lines, bool(given.freed), request.actor, now)
    return reversal_id


async def _supply(
    connection: asyncpg.Connection, lines: list[Line], freed: bool, actor: str, now: datetime
) -> None:
    """Gives what may be sold again to those who wait for it."""
    items_of: dict[int, set[int]] = {}
    for line in lines:
        target = await bins.place_of_id(connection, line.to_place_id)
        if not target["virtual"] and line.to_status == "available":
            items_of.setdefault(target["warehouse_id"], set()).add(line.goods.item_id)
        source = await bins.place_of_id(connection, line.from_place_id)
        # Claims that gave way are freed whole, and may leave more than was taken back.
        if freed and not source["virtual"]:
            items_of.setdefault(source["warehouse_id"], set()).add(line.goods.item_id)
    for warehouse_id, item_ids in sorted(items_of.items()):
        await supply_waiting(connection, sorted(item_ids), warehouse_id, actor, now)


def _backwards(row: asyncpg.Record) -> Line:
    """A line of the ledger the other way round."""
    goods = Goods(
        row["owner_id"],
        row["item_id"],
        row["lot"],
        row["serial"],
        row["to_status"],
        row["expires_on"],
    )
    return Line(
        goods,
        row["quantity"],
        row["to_place_id"],
        row["from_place_id"],
        row["to_unit_id"],
        row["from_unit_id"],
        to_status=row["status"],
    )


async def _lock(connection: asyncpg.Connection, lines: list[Line]) -> None:
    """Locks the tasks and balances that lines take from, as whoever makes room for them does."""
    found = [
        await stock_rows.balance_of(connection, line.goods, line.from_place_id, line.from_unit_id)
        for line in lines
    ]
    balances = [balance for balance in found if balance is not None]
    if balances:
        place = await bins.place_of_id(connection, balances[0]["place_id"])
        await lock_for_shrinking(connection, place["warehouse_id"], balances)


async def _make_room(
    connection: asyncpg.Connection, lines: list[Line], actor: str, now: datetime
) -> Given:
    """Lets claims give way that stand on what the lines take from where it lies."""
    taken: dict[int, tuple[asyncpg.Record, int, int]] = {}
    for line in lines:
        balance = await stock_rows.balance_of(
            connection, line.goods, line.from_place_id, line.from_unit_id
        )
        if balance is None:
            continue
        _, quantity, lost = taken.get(balance["id"], (None, 0, 0))
        lost += line.quantity if await _leaves_sale(connection, line) else 0
        taken[balance["id"]] = (balance, quantity + line.quantity, lost)
    cut: list[Part] = []
    freed: dict[int, int] = {}
    if not taken:
        return Given()
    balances = [balance for balance, _, _ in taken.values()]
    place = await bins.place_of_id(connection, balances[0]["place_id"])
    await lock_for_shrinking(connection, place["warehouse_id"], balances)
    for balance_id, (_, quantity, lost) in sorted(taken.items()):
        balance = await stock.balance_for_update(connection, balance_id)
        left = max(0, balance["on_hand"] - quantity)
        own = await bins.place_of_id(connection, balance["place_id"])
        given = await give_way(connection, balance, left, own["warehouse_id"], lost, actor, now)
        cut += given.cut
        for line_id, part in given.freed.items():
            freed[line_id] = freed.get(line_id, 0) + part
    return Given(tuple(cut), freed)


async def _leaves_sale(connection: asyncpg.Connection, line: Line) -> bool:
    """Whether what a line moves could be sold where it was, and there no more."""
    if line.goods.status != "available":
        return False
    source = await bins.place_of_id(connection, line.from_place_id)
    target = await bins.place_of_id(connection, line.to_place_id)
    elsewhere = target["virtual"] or target["warehouse_id"] != source["warehouse_id"]
    return elsewhere or line.to_status != "available"
