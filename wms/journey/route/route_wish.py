"""What planners want for one order of a departure: its van, or not that van, or to go first."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound, Refused
from wms.journey.route.route_request import reading_of
from wms.shipping import route_commands as routes
from wms.shipping.route import Kind, Reading
from wms.shipping.wish import Wish


async def make_wish(
    pool: asyncpg.Pool, departure_id: int, order_id: int, wish: Wish, actor: str, now: datetime
) -> None:
    """Keeps a planner's wish in place of an earlier one; the next plan obeys it.

    Raises:
        NotFound: `unknown_departure`, `unknown_stop`, `unknown_van`.
        Conflict: `not_own_vans`, `aboard`.
        Refused: `no_van_left`, the wish leaves no van that takes stops.
    """
    async with staff_transaction(pool) as connection:
        reading = await reading_of(connection, departure_id)
        tenant_id = _refuse(reading, order_id, wish)
        await routes.make_wish(connection, departure_id, order_id, tenant_id, wish, actor, now)


def _refuse(reading: Reading, order_id: int, wish: Wish) -> int:
    drop = next((drop for drop in reading.drops if drop.order_id == order_id), None)
    if drop is None:
        raise NotFound(
            "unknown_stop", f"Order {order_id} is not in departure {reading.departure_id}."
        )
    if reading.kind is not Kind.OWN_VANS:
        raise Conflict(
            "not_own_vans",
            f"Departure {reading.departure_id} goes by a carrier, whose vans are not ours to give.",
        )
    van = reading.aboard(order_id)
    if van is not None:
        raise Conflict("aboard", f"The parcels of order {order_id} are in {van} already.")
    known = {van.code for van in reading.vans}
    named = [("/van", code) for code in (wish.van,) if code is not None]
    named += [(f"/forbidden/{at}", code) for at, code in enumerate(wish.forbidden)]
    for pointer, code in named:
        if code not in known:
            raise NotFound("unknown_van", f"This warehouse has no van {code}.", pointer)
    if not wish.vans_of(frozenset(van.code for van in reading.vans if van.in_service)):
        raise Refused("no_van_left", "No van in service is left for this order by that wish.")
    return drop.tenant_id


async def drop_wish(pool: asyncpg.Pool, departure_id: int, order_id: int) -> None:
    """Forgets a planner's wish; one that is not there was forgotten before.

    Raises:
        NotFound: `unknown_departure`.
    """
    async with staff_transaction(pool) as connection:
        await routes.lock_departure(connection, departure_id)
        await routes.drop_wish(connection, departure_id, order_id)
