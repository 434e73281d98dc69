"""All of an order that is in the house yet is stopped: its money went back.

Beyond what a cancellation takes back, parcels stop at the dock: their labels are void, and what
was in them goes back. What has left comes back as a return.
"""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.journey.order.cancel import end_fulfilment, give_to_others
from wms.journey.order.lock import lock_goods, lock_parts
from wms.journey.order.void import keep_inside, lock_departures
from wms.orders import commands as orders
from wms.orders.edit import GONE
from wms.orders.fulfilment import MOVES, OVER, Event, State
from wms.picking import commands as picking
from wms.promise import commands as promise


@dataclass(frozen=True, slots=True)
class Stopped:
    """What became of the fulfilment orders that were still to ship.

    Of those that are `parted` some parcels have left; `gone` and `sent` have, by van and by mail.
    """

    ended: tuple[int, ...] = ()
    parted: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    sent: tuple[int, ...] = ()


async def stop_order(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    reason: str,
    actor: str,
    now: datetime,
) -> Stopped:
    """Ends what of an order is in the house, at whatever step; its goods go back to their bins.

    The order is locked. Nothing ends of a fulfilment order one of whose parcels has left. An order
    of which all ends is cancelled, as if it had been asked for.
    """
    parts = await lock_parts(connection, order["id"])
    rows = [row for row in parts if row["state"] not in OVER]
    await lock_departures(connection, [row["id"] for row in rows])
    await lock_goods(connection, order, parts)
    ended: list[asyncpg.Record] = []
    parted: list[int] = []
    for row in rows:
        if row["state"] in GONE:
            continue
        event = Event.CANCEL if (State(row["state"]), Event.CANCEL) in MOVES else Event.STOP
        if event is Event.STOP and not await keep_inside(connection, row["id"]):
            parted.append(row["id"])
            continue
        await end_fulfilment(connection, order["id"], row, event, actor, now)
        await promise.free_fulfilment(connection, row["id"], "freed")
        ended.append(row)
    if rows and len(ended) == len(rows):
        await orders.set_order_state(connection, order["id"], "cancelled")
        # What an earlier end left promised is freed too.
        await promise.free_order(connection, order["id"], "freed")
        await picking.note_cancellation(
            connection, order["tenant_id"], order["id"], "done", reason, None, actor, now, None, []
        )
    for row in ended:
        await give_to_others(connection, row, actor, now)
    gone = [row for row in rows if row["state"] in GONE]
    return Stopped(
        tuple(row["id"] for row in ended),
        tuple(parted),
        tuple(row["id"] for row in gone if not row["digital"]),
        tuple(row["id"] for row in gone if row["digital"]),
    )
