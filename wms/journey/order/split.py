"""Part a fulfilment order in two, or end the part of it that only waits."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, Refused
from wms.items.unit import smallest_units
from wms.journey.claim.insert import leave_out_unmet
from wms.journey.claim.supply import ask_waybill, go_on_served, supply_waiting
from wms.journey.order.order_view import in_units_of, money, view_of_order
from wms.journey.order.part import Part, leave_walks, make_papers_anew, part_of, void_papers
from wms.journey.request import Request, StaffRequest, once
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import OVER, Event
from wms.orders.line import price_off
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.picking import commands as picking
from wms.promise import commands as promise
from wms.promise import queries as promises

REASON = "parted"


@again_on_deadlock
async def split_fulfilment(
    pool: asyncpg.Pool,
    request: Request | StaffRequest,
    fulfilment_order_id: int,
    wanted: Sequence[tuple[int, int | str]],
    version: int | None,
    now: datetime,
) -> Answer:
    """Gives quantities of lines to a fulfilment order of their own, with claims and holds.

    What is promised of the stock goes with them first. `wanted` are lines by their numbers, in the
    units that they were ordered in; packs and bundles are never opened.

    Raises:
        NotFound: `unknown_fulfilment_order`.
        Conflict: `wrong_state`, `version_differs`, `in_flight`.
        Refused: `unknown_line`, `doubled_line`, `too_much`, `wrong_unit`, `bad_quantity`;
            `nothing_left`, that would be all of it; `idempotency_key_reused`.
    """
    async with staff_transaction(pool) as connection:

        async def split() -> Answer:
            part = await part_of(connection, request, fulfilment_order_id, version)
            lines = await order_rows.claims_of_fulfilment(connection, part.number)
            shares = _shares(lines, wanted)
            await _lock(connection, part, lines)
            await leave_walks(connection, part.fulfilment, request.actor, now)
            reason = f"split from fulfilment order {part.number}"
            new = await _give(connection, part, lines, shares, reason, stock_first=True)
            await orders.copy_holds(connection, part.number, new)
            await _tell_split(connection, part, new, request.actor, now)
            await _go_on(connection, part, new, request.actor, now)
            return Answer(201, await view_of_order(connection, part.order))

        return await once(connection, request, split)


@again_on_deadlock
async def close_short(
    pool: asyncpg.Pool,
    request: Request | StaffRequest,
    order_id: int,
    fulfilment_order_id: int,
    version: int | None,
    now: datetime,
) -> Answer:
    """Ends what of a fulfilment order only waits; what of it is there ships by itself.

    The shop is told which quantities will not come, and what to give back for them.

    Raises:
        NotFound: `unknown_fulfilment_order`.
        Conflict: `wrong_state`, `version_differs`, `in_flight`; `nothing_waits`, all of it is
            there; `nothing_left`, nothing else of the order would ship.
        Refused: `idempotency_key_reused`.
    """
    async with staff_transaction(pool) as connection:

        async def close() -> Answer:
            part = await part_of(
                connection, request, fulfilment_order_id, version, order_id=order_id
            )
            lines = await order_rows.claims_of_fulfilment(connection, part.number)
            await _lock(connection, part, lines)
            await leave_walks(connection, part.fulfilment, request.actor, now)
            await _close(connection, part, request.actor, now)
            closed = await order_rows.any_order(connection, order_id)
            assert closed is not None, "orders stay"
            return Answer(200, await view_of_order(connection, closed))

        return await once(connection, request, close)


def _shares(
    lines: Sequence[asyncpg.Record], wanted: Sequence[tuple[int, int | str]]
) -> dict[int, int]:
    """How much of each order line is wanted, in its smallest units."""
    line_of = {line["line"]: line for line in lines}
    shares: dict[int, int] = {}
    for index, (number, quantity) in enumerate(wanted):
        pointer = f"/lines/{index}"
        line = line_of.get(number)
        if line is None:
            raise Refused("unknown_line", f"It has no line {number}.", f"{pointer}/line")
        if number in shares:
            raise Refused("doubled_line", f"Line {number} is there twice.", f"{pointer}/line")
        packaging = {line["unit"]: line["factor"]}
        share, _ = smallest_units(
            quantity,
            line["unit"],
            item_unit=line["item_unit"],
            scale=line["scale"],
            packaging=packaging,
            pointer=pointer,
        )
        if share > line["share"]:
            has = in_units_of(line, line["share"])
            raise Refused("too_much", f"It has {has} of line {number}.", f"{pointer}/quantity")
        shares[number] = share
    if all(shares.get(line["line"]) == line["share"] for line in lines):
        raise Refused("nothing_left", "That is all of it; nothing would be left.", "/lines")
    return shares


async def _lock(
    connection: asyncpg.Connection, part: Part, lines: Sequence[asyncpg.Record]
) -> None:
    await picking.lock_picks(connection, [part.number])
    items = sorted({line["item_id"] for line in lines})
    await orders.lock_stock(connection, items, [part.warehouse_id], part.order["channel"])


async def _give(
    connection: asyncpg.Connection,
    part: Part,
    lines: Sequence[asyncpg.Record],
    shares: Mapping[int, int],
    reason: str,
    *,
    stock_first: bool,
) -> int:
    """Another fulfilment order with these shares of the lines; its number."""
    new = await orders.insert_like(connection, part.number, reason)
    for line in lines:
        share = shares.get(line["line"], 0)
        if share:
            quantity = line["quantity"] * share // line["share"]
            await orders.give_line(
                connection, line["id"], new, quantity, share, stock_first=stock_first
            )
    return new


async def _tell_split(
    connection: asyncpg.Connection, part: Part, new: int, actor: str, now: datetime
) -> None:
    await outbox.emit(
        connection,
        part.order["tenant_id"],
        "order.split",
        f"order/{part.order['id']}",
        part.order["id"],
        {
            "order_id": part.order["id"],
            "external_order_id": part.order["external_order_id"],
            "fulfilment_order_id": part.number,
            "new_fulfilment_order_id": new,
        },
        actor,
        now,
    )


async def _go_on(
    connection: asyncpg.Connection, part: Part, new: int, actor: str, now: datetime
) -> None:
    """Papers for both; and whichever of them has all its goods waits no more."""
    await make_papers_anew(connection, part, REASON, now)
    await go_on_served(connection, part.order["id"], part.warehouse_id, actor, now)
    wanted = part.fulfilment["digital"] or not part.order["sandbox"]
    if part.fulfilment["firm_at"] is not None and wanted:
        await ask_waybill(connection, new, now)


async def _close(connection: asyncpg.Connection, part: Part, actor: str, now: datetime) -> None:
    lines = await order_rows.claims_of_fulfilment(connection, part.number)
    waits = _waiting(lines)
    if not waits:
        raise Conflict("nothing_waits", "All of it is there. Cancel the order instead.")
    others = [
        row
        for row in await order_rows.fulfilments_of_order(connection, part.order["id"])
        if row["id"] != part.number and row["state"] not in OVER
    ]
    closed = part.number
    if any(waits.get(line["line"], 0) < line["share"] for line in lines):
        closed = await _give(connection, part, lines, waits, "closed short", stock_first=False)
        await _go_on_without(connection, part, actor, now)
    elif not others:
        raise Conflict(
            "nothing_left", "Nothing else of the order would ship. Cancel the order instead."
        )
    else:
        await void_papers(connection, closed, "closed short", now)
        await orders.lift_holds(connection, closed, actor, now)
    await promise.free_fulfilment(connection, closed, "freed")
    gone = await order_rows.claims_of_fulfilment(connection, closed)
    ends = {row["order_line_id"]: row for row in gone}
    await orders.add_cancelled(connection, list(ends), [row["share"] for row in ends.values()])
    short_minor = sum(_price_off(row) for row in ends.values())
    await orders.add_short(connection, part.order["id"], short_minor)
    await orders.apply_fulfilment_event(
        connection,
        closed,
        Event.CLOSE_SHORT,
        actor,
        now,
        {"lines": [_gone(row, part.order["currency"]) for row in ends.values()]},
    )
    await leave_out_unmet(connection, part.order, actor, now)
    items = sorted({line["item_id"] for line in lines})
    await supply_waiting(connection, items, part.warehouse_id, actor, now)


async def _go_on_without(
    connection: asyncpg.Connection, part: Part, actor: str, now: datetime
) -> None:
    """What is there has papers of its own and goes on as if the rest had never been."""
    await make_papers_anew(connection, part, "closed short", now)
    served = await promises.served_fulfilments(connection, [part.order["id"]], part.warehouse_id)
    assert part.number in {row["id"] for row in served}, "what is left is there"
    await go_on_served(connection, part.order["id"], part.warehouse_id, actor, now)


def _waiting(lines: Sequence[asyncpg.Record]) -> dict[int, int]:
    """How much of each order line waits, whole packs and bundles, in its smallest units."""
    here: dict[int, int] = {}
    for line in lines:
        covered = line["stock"] * line["share"] // line["quantity"]
        whole = covered // line["factor"] * line["factor"]
        here[line["line"]] = min(here.get(line["line"], whole), whole)
    share_of = {line["line"]: line["share"] for line in lines}
    return {line: share - here[line] for line, share in share_of.items() if here[line] < share}


def _gone(row: asyncpg.Record, currency: str) -> dict[str, object]:
    """What of a line will not come, and by how much the line is cheaper without it."""
    return {
        "line": row["line"],
        "sku": row["sku"],
        "quantity": in_units_of(row, row["share"]),
        "amount": money(_price_off(row), currency),
    }


def _price_off(row: asyncpg.Record) -> int:
    before = row["ordered"] - row["cancelled"]
    after = before - row["share"]
    return price_off(row["unit_price_minor"], in_units_of(row, before), in_units_of(row, after))
