"""What an edit puts into an order: claimed, and with the rest of it where that can be."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from wms.error import Refused
from wms.journey.order.edit_desk import NOT_BEGUN, REASON, Desk, Moved, NotEnough
from wms.journey.order.edit_line import More
from wms.journey.order.part import leave_walks
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.commands import Facts
from wms.orders.fulfilment import State
from wms.orders.hold import APPROVAL, approvals
from wms.orders.line import Line, not_available
from wms.orders.order import Fulfilment
from wms.orders.sourcing import Choice, Need, Part, Portion, fit, plan_together
from wms.promise import commands as promise
from wms.promise.claim import Claim


async def put_in(desk: Desk, wanted: Sequence[More], facts: Facts, moved: Moved) -> None:
    connection, order = desk.connection, desk.order
    lines = [more.line for more in wanted]
    line_ids = {more.line.number: await _enter_line(desk, more) for more in wanted}
    homes = [
        row for row in await desk.standing() if row["state"] in NOT_BEGUN and not row["digital"]
    ]
    claims = await _claims(desk)
    choice = await orders.look_around(
        connection, facts.sources, dict(desk.ship_to), order["channel"], lines
    )
    for part in _parts(lines, homes, choice, order, claims=claims is not None):
        home = await _home(desk, part, homes)
        items, quantities, fetched = await _fill(desk, home, part.units, lines, line_ids)
        if claims is not None:
            claim = await promise.claim(
                connection, part.warehouse_id, items, quantities, order["channel"], part.waits
            )
            assert claim.granted, "what is locked suffices"
            await promise.grow_promises(connection, claim, fetched, quantities, claims[0])
        await _hold_for_approval(desk, home, part.units, lines)
        moved.touched.add(home)
        moved.grown.add(home)


async def _enter_line(desk: Desk, more: More) -> int:
    line = more.line
    if more.row is not None:
        number: int = more.row["id"]
        await orders.grow_line(desk.connection, number, line.quantity)
        return number
    return await orders.insert_line(
        desk.connection,
        desk.order["tenant_id"],
        desk.order["id"],
        line.number,
        line.item.item_id,
        line.quantity,
        line.unit,
        line.factor,
        line.unit_price_minor,
        line.shelf_life_min_days,
    )


async def _claims(desk: Desk) -> tuple[datetime | None] | None:
    """Until when the order's claims stand; None where it claims nothing before it is paid."""
    if desk.order["sandbox"]:
        return None
    if desk.order["paid_at"] is not None:
        return (None,)
    ends: list[datetime] = []
    for row in await desk.standing():
        for line in await order_rows.claims_of_fulfilment(desk.connection, row["id"]):
            if line["expires_at"] is not None:
                ends.append(line["expires_at"])
    return (min(ends),) if ends else None


def _parts(
    lines: Sequence[Line],
    homes: Sequence[asyncpg.Record],
    choice: Choice,
    order: asyncpg.Record,
    *,
    claims: bool,
) -> Sequence[Part]:
    """Where what is wanted more ships from: with the rest of the order, if that can be."""
    needs = [line.need() for line in lines]
    whole: Portion = {line.number: line.units for line in lines}
    if not claims:
        warehouse_id = homes[0]["warehouse_id"] if homes else choice.near[0]
        return (Part(warehouse_id, whole, "nothing is claimed yet"),)
    for home in homes:
        if fit(needs, [home["warehouse_id"]], choice.free) is not None:
            reason = f"{home['warehouse']} has it, and ships the rest"
            return (Part(home["warehouse_id"], whole, reason),)
    plan = plan_together(needs, choice, backorder=order["backorder"])
    if plan is None:
        raise _short(lines, needs, choice, order)
    return plan.parts


def _short(
    lines: Sequence[Line], needs: Sequence[Need], choice: Choice, order: asyncpg.Record
) -> NotEnough:
    missing = orders.missing(lines, choice, backorder=order["backorder"])
    short = {row.item_id: (row.wanted, row.available) for row in missing}
    return NotEnough(not_available(tuple(lines), short), Claim(0, missing), order["channel"])


async def _home(desk: Desk, part: Part, homes: Sequence[asyncpg.Record]) -> int:
    """The fulfilment order that a part of it goes into; another one where none takes it.

    What waits goes where others wait. What is there waits with them only if all ships together.
    """
    parted = desk.order["fulfilment"] == Fulfilment.FILL_AVAILABLE
    for home in homes:
        if home["warehouse_id"] != part.warehouse_id:
            continue
        waits = home["state"] == State.BACKORDERED
        later = home["state"] in (State.BACKORDERED, State.SCHEDULED)
        if waits if part.waits else not (parted and later):
            await leave_walks(desk.connection, home, desk.actor, desk.now, {"reason": REASON})
            number: int = home["id"]
            return number
    firm = desk.order["paid_at"] is not None
    return await orders.insert_part(
        desk.connection,
        desk.order["tenant_id"],
        desk.order["id"],
        part.warehouse_id,
        State.BACKORDERED if part.waits else State.OPEN,
        desk.now if firm else None,
        f"added to the order: {part.reason}",
    )


async def _fill(
    desk: Desk, home: int, units: Portion, lines: Sequence[Line], line_ids: Mapping[int, int]
) -> tuple[list[int], list[int], list[int]]:
    """Puts units of lines into a fulfilment order: items, their quantities, and where they are."""
    there = await order_rows.claims_of_fulfilment(desk.connection, home)
    items: list[int] = []
    quantities: list[int] = []
    fetched: list[int] = []
    for line in lines:
        if line.number not in units:
            continue
        share = units[line.number] * line.factor
        _refuse_other_recipe(
            line, [x for x in there if x["order_line_id"] == line_ids[line.number]]
        )
        for part in line.parts:
            quantity = part.quantity // line.units * units[line.number]
            fetched.append(
                await orders.put_line(
                    desk.connection, home, line_ids[line.number], part.item_id, quantity, share
                )
            )
            items.append(part.item_id)
            quantities.append(quantity)
    return items, quantities, fetched


def _refuse_other_recipe(line: Line, there: Sequence[asyncpg.Record]) -> None:
    before = {row["item_id"]: row["quantity"] * line.factor // row["share"] for row in there}
    now = {part.item_id: part.quantity // line.units for part in line.parts}
    if before and before != now:
        raise Refused(
            "bundle_changed",
            f"The bundle {line.item.sku} holds other goods now: add a line for it.",
            "/lines",
        )


async def _hold_for_approval(desk: Desk, home: int, units: Portion, lines: Sequence[Line]) -> None:
    found = [line.item for line in lines if line.number in units and line.item.needs_approval]
    for one in approvals((item.sku, item.approvals) for item in found):
        await orders.hold_and_tell(
            desk.connection,
            home,
            APPROVAL,
            one.reason,
            desk.actor,
            desk.now,
            owned_by=one.care.owned_by,
            lasts=one.care.lasts,
        )
