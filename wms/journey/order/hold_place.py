"""Keep an order back because its shop, or one of the staff, asks for it."""

from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, NotFound, Refused
from wms.journey.order.lock import lock_parts
from wms.journey.order.order_view import hold_view
from wms.journey.order.part import leave_walks, owns, said
from wms.journey.request import Request, StaffRequest, once
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import OVER, UNRELEASED, State
from wms.outbox.command import Answer
from wms.picking import commands as picking

# What others may ask for; under any other name the house sets holds itself, and may end them.
KINDS = ("requested", "fraud", "buyer", "inspection", "other")
LASTS = timedelta(hours=4)
LASTS_MAX = timedelta(days=90)


@again_on_deadlock
async def place_hold(
    pool: asyncpg.Pool,
    request: Request | StaffRequest,
    order_id: int,
    kind: str,
    reason: str,
    until: datetime | None,
    fulfilment_order_id: int | None,
    now: datetime,
) -> Answer:
    """Holds all of an order that ships yet, or one of its fulfilment orders; once for each key.

    What is released and not begun is open again. `until` is when its owner is asked what is with
    it, by default in four hours: a hold never ends by itself.

    Raises:
        NotFound: `unknown_order`, `unknown_fulfilment_order`.
        Conflict: `wrong_state`, somebody has begun with it, or nothing of it ships any more: then
            nothing is held. `in_flight`.
        Refused: `bad_until`, `idempotency_key_reused`.
    """
    until = until or now + LASTS
    if not now < until <= now + LASTS_MAX:
        raise Refused("bad_until", "A hold ends within 90 days from now.", "/until")
    async with staff_transaction(pool) as connection:

        async def place() -> Answer:
            tenant_id = await _tenant(connection, request, order_id)
            order = await orders.order_for_update(connection, tenant_id, order_id)
            assert order is not None, "orders stay"
            numbers = await _to_hold(connection, order_id, fulfilment_order_id)
            await lock_parts(connection, order_id, numbers)
            await picking.lock_picks(connection, numbers)
            placed = [
                await _hold(connection, request, number, kind, reason, until, now)
                for number in numbers
            ]
            holds = await order_rows.holds_of_order(connection, order_id)
            return Answer(201, {"holds": [hold_view(row) for row in holds if row["id"] in placed]})

        return await once(connection, request, place)


async def _tenant(
    connection: asyncpg.Connection, request: Request | StaffRequest, order_id: int
) -> int:
    order = await order_rows.any_order(connection, order_id)
    if order is None or (isinstance(request, Request) and not owns(request.shop, order)):
        raise NotFound("unknown_order", f"There is no order {order_id}.")
    tenant_id: int = order["tenant_id"]
    return tenant_id


async def _to_hold(
    connection: asyncpg.Connection, order_id: int, fulfilment_order_id: int | None
) -> list[int]:
    found = await order_rows.fulfilments_of_order(connection, order_id)
    if fulfilment_order_id is not None:
        found = [row for row in found if row["id"] == fulfilment_order_id]
        if not found:
            raise NotFound(
                "unknown_fulfilment_order",
                f"Order {order_id} has no fulfilment order {fulfilment_order_id}.",
            )
    ships = [row["id"] for row in found if row["state"] not in OVER]
    if not ships:
        raise Conflict("wrong_state", f"Nothing of order {order_id} ships any more.")
    return ships


async def _hold(
    connection: asyncpg.Connection,
    request: Request | StaffRequest,
    fulfilment_order_id: int,
    kind: str,
    reason: str,
    until: datetime,
    now: datetime,
) -> int:
    fulfilment = await orders.fulfilment_for_update(connection, fulfilment_order_id)
    assert fulfilment is not None, "fulfilment orders stay"
    state = State(fulfilment["state"])
    if state not in (*UNRELEASED, State.RELEASED):
        raise Conflict(
            "wrong_state",
            f"Fulfilment order {fulfilment_order_id} is {said(state)} already; it is held no more.",
        )
    why: dict[str, object] = {"reason": f"held: {reason}"}
    await leave_walks(connection, fulfilment, request.actor, now, why)
    return await orders.hold_and_tell(
        connection,
        fulfilment_order_id,
        kind,
        reason,
        request.actor,
        now,
        owned_by="shop" if isinstance(request, Request) else "planner",
        lasts=until - now,
    )
