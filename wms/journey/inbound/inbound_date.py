"""When announced goods come: the day is said anew, or has passed without them."""

from datetime import datetime

import asyncpg

from wms.database.pool import shop_transaction, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Refused
from wms.journey.inbound.arriving import expect_lines
from wms.journey.inbound.inbound import inbound_of_shop, tell_inbound
from wms.journey.inbound.inbound_view import inbound_view
from wms.receiving import commands as receiving
from wms.receiving import queries as inbounds
from wms.receiving.inbound import Event, Kind, State, after, supply_at
from wms.tenants.shop import Shop

OVERDUE_AT_ONCE = 100
TIMER = "timer:inbound"


@again_on_deadlock
async def redate_inbound(
    pool: asyncpg.Pool, shop: Shop, inbound_id: int, expected_at: datetime, now: datetime
) -> dict[str, object]:
    """Says anew when an ASN comes; who waits for it hears of the new date.

    Raises:
        NotFound: `unknown_inbound`.
        Conflict: `wrong_state`.
        Refused: `not_announced`, it is no ASN.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        shipment = await inbound_of_shop(connection, shop, inbound_id)
        if shipment["kind"] != Kind.ASN:
            raise Refused("not_announced", "Only an ASN has a date.", "/expected_at")
        state = State(shipment["state"])
        # What may still be received may still come on another day.
        after(state, Event.RECEIVE)
        dated = supply_at(expected_at, now)
        await receiving.set_dates(connection, inbound_id, expected_at, dated)
        await expect_lines(connection, shipment, state, dated, shop.actor, now)
        facts: dict[str, object] = {
            "was": shipment["expected_at"].isoformat(),
            "expected_at": expected_at.isoformat(),
        }
        await tell_inbound(connection, shipment, "inbound.redated", facts, shop.actor, now)
        return await inbound_view(connection, inbound_id)


async def push_overdue(pool: asyncpg.Pool, now: datetime) -> int:
    """Moves the date of announcements that are overdue, so that nobody is promised a past day.

    The supplier's own word stays as it was; the shop is told. How many there were.
    """
    async with staff_transaction(pool) as connection:
        due = await inbounds.overdue(connection, now, OVERDUE_AT_ONCE)
    for inbound_id in due:
        await _push_alone(pool, inbound_id, now)
    return len(due)


@again_on_deadlock
async def _push_alone(pool: asyncpg.Pool, inbound_id: int, now: datetime) -> None:
    async with staff_transaction(pool) as connection:
        await _push(connection, inbound_id, now)


async def _push(connection: asyncpg.Connection, inbound_id: int, now: datetime) -> None:
    shipment = await receiving.inbound_for_update(connection, inbound_id)
    state = State(shipment["state"])
    if state not in (State.ANNOUNCED, State.RECEIVING) or shipment["supply_at"] > now:
        return
    dated = supply_at(shipment["expected_at"], now)
    await receiving.set_dates(connection, inbound_id, shipment["expected_at"], dated)
    await expect_lines(connection, shipment, state, dated, TIMER, now)
    facts: dict[str, object] = {
        "expected_at": shipment["expected_at"].isoformat(),
        "looked_for_at": dated.isoformat(),
    }
    await tell_inbound(connection, shipment, "inbound.overdue", facts, TIMER, now)
