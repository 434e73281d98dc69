"""Lift a hold: somebody has looked, and the order may go on."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, NotFound
from wms.journey.claim.lift import lift_and_tell
from wms.journey.claim.supply import ask_waybill, go_on_served
from wms.journey.order.hold_place import KINDS
from wms.journey.order.part import owns
from wms.journey.order.payment import tell_firm
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import State
from wms.orders.hold import PAID_TOO_LATE, REFUND_OR_WAIT
from wms.promise import commands as promise
from wms.promise import queries as promises
from wms.tenants.shop import Shop
from wms.tenants.staff import Role, Staff

OF_SHOP = "shop"


@again_on_deadlock
async def lift_hold(
    pool: asyncpg.Pool, order_id: int, hold_id: int, by: Shop | Staff, now: datetime
) -> None:
    """Lifts a hold of an order, which its shop hears of; a lifted one stays lifted.

    A shop lifts those that are its own to lift, the staff the others, each of whoever owns it or
    is above; a hold that a shop set is lifted over its head by a supervisor only. The last one to
    go lets the order go on: what a paid order is promised no more is claimed again before it may.
    A shop that was asked whether its buyer waits says yes by lifting that hold.

    Raises:
        NotFound: `unknown_hold`.
        Conflict: `hold_of_others`; `not_available`, goods that it lost its promise on are still
            missing, or are promised to it but not here yet.
    """
    actor = by.actor
    async with staff_transaction(pool) as connection:
        # The order's lock comes first: of two holds that are lifted at once, one is the last.
        order = await _locked(connection, order_id)
        holds = [] if order is None else await order_rows.holds_of_order(connection, order_id)
        hold = next((row for row in holds if row["id"] == hold_id), None)
        if order is None or hold is None or hold["lifted_at"] is not None:
            raise NotFound("unknown_hold", f"Order {order_id} has no standing hold {hold_id}.")
        _refuse_others(order, hold, by)
        last = not any(
            row["lifted_at"] is None and row["id"] != hold_id
            for row in holds
            if row["fulfilment_order_id"] == hold["fulfilment_order_id"]
        )
        fulfilments = [
            row
            for row in await order_rows.fulfilments_of_order(connection, order_id)
            if row["id"] == hold["fulfilment_order_id"]
        ]
        # Claims come before the hold: supply that arrives now locks them in that order too.
        if last and order["paid_at"] is not None and not order["sandbox"]:
            await _claim_missing(connection, order, fulfilments, actor, now)
        elif hold["kind"] == REFUND_OR_WAIT and fulfilments[0]["firm_at"] is None:
            await tell_firm(connection, order, actor, now)
        if hold["kind"] == PAID_TOO_LATE:
            await orders.set_balance(connection, order_id, 0)
        await lift_and_tell(connection, order_id, hold_id, actor, now)
        for fulfilment in fulfilments:
            if fulfilment["state"] == State.BACKORDERED:
                await go_on_served(connection, order_id, fulfilment["warehouse_id"], actor, now)
            if fulfilment["firm_at"] is not None and fulfilment["waybill_ready_at"] is None:
                # What kept it from its waybill, such as a carton that was missing, may be mended.
                await ask_waybill(connection, fulfilment["id"], now)


async def _locked(connection: asyncpg.Connection, order_id: int) -> asyncpg.Record | None:
    order = await order_rows.any_order(connection, order_id)
    if order is None:
        return None
    return await orders.order_for_update(connection, order["tenant_id"], order_id)


def _refuse_others(order: asyncpg.Record, hold: asyncpg.Record, by: Shop | Staff) -> None:
    if isinstance(by, Shop):
        if not owns(by, order):
            raise NotFound("unknown_hold", f"There is no standing hold {hold['id']}.")
        if hold["owned_by"] != OF_SHOP:
            raise Conflict("hold_of_others", f"The {hold['owned_by']} has to lift this hold.")
    elif hold["owned_by"] == OF_SHOP:
        if hold["kind"] in KINDS and not by.may(Role.SUPERVISOR):
            raise Conflict("hold_of_others", "The shop has to lift this hold, or a supervisor.")
    elif not by.may(Role(hold["owned_by"])):
        raise Conflict("hold_of_others", f"A {hold['owned_by']} has to lift this hold.")


async def _claim_missing(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    fulfilments: list[asyncpg.Record],
    actor: str,
    now: datetime,
) -> None:
    for fulfilment in fulfilments:
        waiting = fulfilment["state"] == State.BACKORDERED
        claim = await promise.claim_missing(connection, fulfilment["id"], backorder=waiting)
        if claim is not None and claim.short:
            raise Conflict(
                "not_available",
                f"{len(claim.short)} item(s) of the order are promised no more, and too few are "
                "free to promise them again.",
            )
        if not waiting and await promises.waits_for_supply(connection, fulfilment["id"]):
            raise Conflict("not_available", "Goods of the order are on their way and not here yet.")
        if fulfilment["firm_at"] is None:
            await tell_firm(connection, order, actor, now)
