"""A fulfilment order that somebody wants changed before anyone has begun with it."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.error import Conflict, NotFound
from wms.journey.claim.supply import ask_waybill
from wms.journey.order.lock import lock_in_waves
from wms.journey.request import Request, StaffRequest
from wms.journey.wave.walk_end import end_idle_walks
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import UNRELEASED, Event, State
from wms.packing import commands as packing
from wms.packing import queries as packing_rows
from wms.picking import commands as picking
from wms.shipping import commands as shipping
from wms.sorting import commands as sorting
from wms.tenants.shop import Shop


@dataclass(frozen=True, slots=True)
class Part:
    """A fulfilment order with the order it is of, both locked, and the warehouse it is in."""

    order: asyncpg.Record
    fulfilment: asyncpg.Record

    @property
    def number(self) -> int:
        number: int = self.fulfilment["id"]
        return number

    @property
    def warehouse_id(self) -> int:
        warehouse_id: int = self.fulfilment["warehouse_id"]
        return warehouse_id

    @property
    def state(self) -> State:
        return State(self.fulfilment["state"])


async def part_of(
    connection: asyncpg.Connection,
    request: Request | StaffRequest,
    fulfilment_order_id: int,
    version: int | None,
    *,
    order_id: int | None = None,
) -> Part:
    """Locks a fulfilment order that nobody has released: its order, its waves, then itself.

    A shop sees its own only; with `order_id` it has to be of that order.

    Raises:
        NotFound: `unknown_fulfilment_order`.
        Conflict: `version_differs`, it is not the version that was seen; `wrong_state`.
    """
    unknown = NotFound(
        "unknown_fulfilment_order", f"There is no fulfilment order {fulfilment_order_id}."
    )
    found = await order_rows.fulfilment_of_id(connection, fulfilment_order_id)
    if found is None or order_id not in (None, found["order_id"]):
        raise unknown
    order = await orders.order_for_update(connection, found["tenant_id"], found["order_id"])
    assert order is not None, "a fulfilment order is of an order"
    if isinstance(request, Request) and not owns(request.shop, order):
        raise unknown
    await lock_in_waves(connection, [fulfilment_order_id])
    fulfilment = await orders.fulfilment_for_update(connection, fulfilment_order_id)
    assert fulfilment is not None, "fulfilment orders stay"
    if version is not None and version != fulfilment["version"]:
        raise Conflict(
            "version_differs",
            f"Fulfilment order {fulfilment_order_id} is at version {fulfilment['version']} now.",
        )
    if fulfilment["state"] not in UNRELEASED:
        raise Conflict(
            "wrong_state",
            f"Fulfilment order {fulfilment_order_id} is {said(fulfilment['state'])} already.",
        )
    return Part(order, fulfilment)


def owns(shop: Shop, order: asyncpg.Record) -> bool:
    """Whether an order is this shop's."""
    return bool(order["tenant_id"] == shop.tenant_id and order["shop_id"] == shop.shop_id)


def said(state: str) -> str:
    """A state as a sentence says it."""
    return state.replace("_", " ")


async def leave_walks(
    connection: asyncpg.Connection,
    fulfilment: asyncpg.Record,
    actor: str,
    now: datetime,
    data: dict[str, object] | None = None,
) -> None:
    """Takes a fulfilment order that no picker has begun off its wave; what was reserved returns.

    Waves and fulfilment order are locked. Where it was released it is open again.
    """
    number = fulfilment["id"]
    if not await picking.lock_waves(connection, [number]):
        return
    await picking.void_open_tasks(connection, number)
    await picking.leave_wave(connection, [number])
    if fulfilment["state"] == State.RELEASED:
        await orders.apply_fulfilment_event(connection, number, Event.UNRELEASE, actor, now, data)
    totes = [row["id"] for row in await bin_rows.units_of_order(connection, number, "tote")]
    await bins.free_units(connection, totes)
    await sorting.forget_routes(connection, totes)
    await picking.empty_slots(connection, totes)
    await end_idle_walks(connection, fulfilment["warehouse_id"], actor, now)


async def make_papers_anew(
    connection: asyncpg.Connection, part: Part, reason: str, now: datetime
) -> None:
    """Voids the parcels and waybills of a part, and asks for others where it is firm."""
    await void_papers(connection, part.number, reason, now)
    await orders.begin_anew(connection, part.number)
    if part.fulfilment["firm_at"] is not None and not part.order["sandbox"]:
        await ask_waybill(connection, part.number, now)


async def void_papers(
    connection: asyncpg.Connection, fulfilment_order_id: int, reason: str, now: datetime
) -> None:
    """Voids the parcels and waybills of a fulfilment order; their carrier is told."""
    for parcel in await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id):
        await shipping.void_waybill(connection, parcel["id"], reason)
        await packing.set_parcel_state(connection, parcel["id"], "void", now)
