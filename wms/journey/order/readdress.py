"""Another address or service of an order: doubts are looked at, and waybills made anew."""

from collections.abc import Collection, Sequence

import asyncpg

from wms.address.address import Checked, check_address
from wms.address.link import LinkRule
from wms.error import Refused
from wms.journey.claim.lift import ask_waybill, lift_and_tell
from wms.journey.order.address import KIND, hold_doubtful
from wms.journey.order.edit_desk import REASON, Desk
from wms.journey.order.part import leave_walks
from wms.journey.order.void import refuse_loaded, remake_waybills, void_parcels
from wms.orders import queries as order_rows
from wms.orders.edit import Edit
from wms.orders.fulfilment import UNRELEASED, State


async def readdress(desk: Desk, edit: Edit, planned_anew: Collection[int], links: LinkRule) -> None:
    """Follows what was written as the order's address or service.

    A doubtful address holds what nobody has begun with, and gets no waybill. The waybills of
    `planned_anew` are made anew with their cartons, by others.

    Raises:
        Refused: `doubtful_address`, where somebody has begun; with a pointer.
        Conflict: `parcel_gone`.
    """
    connection = desk.connection
    standing = [row for row in await desk.standing() if not row["digital"]]
    for row in standing:
        await refuse_loaded(connection, row["id"])
    if edit.ship_to is not None:
        checked = check_address(edit.ship_to)
        if checked.doubts:
            await _hold(desk, standing, checked, links)
            return
        await _lift(desk)
    for row in standing:
        if row["id"] in planned_anew:
            continue
        if row["waybill_ready_at"] is not None:
            await remake_waybills(connection, row["id"], REASON, desk.actor, desk.now)
        elif row["firm_at"] is not None and not desk.order["sandbox"]:
            await ask_waybill(connection, row["id"], desk.now)


async def _lift(desk: Desk) -> None:
    for hold in await order_rows.holds_of_order(desk.connection, desk.order["id"]):
        if hold["kind"] == KIND and hold["lifted_at"] is None:
            await lift_and_tell(desk.connection, desk.order["id"], hold["id"], desk.actor, desk.now)


async def _hold(
    desk: Desk, standing: Sequence[asyncpg.Record], checked: Checked, links: LinkRule
) -> None:
    connection, order = desk.connection, desk.order
    if any(row["state"] not in (*UNRELEASED, State.RELEASED) for row in standing):
        doubt = checked.doubts[0]
        raise Refused(
            "doubtful_address",
            f"Somebody has begun with the order, and its new address is doubtful: {doubt.code}.",
            f"/ship_to{doubt.pointer}",
        )
    await _lift(desk)
    for row in standing:
        await leave_walks(connection, row, desk.actor, desk.now, {"reason": REASON})
        await void_parcels(connection, row["id"], REASON, desk.actor, desk.now)
    await hold_doubtful(
        connection,
        order["id"],
        order["tenant_id"],
        order["external_order_id"],
        [row["id"] for row in standing],
        checked,
        links,
        desk.actor,
        desk.now,
    )
