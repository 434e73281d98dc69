"""Stock put right by a planner: found, lost, or of another status than the books say.

Every adjustment is a movement with its reason. What becomes less goes the way of all that turns
out not to be there: the youngest claims give way and their orders are told.
"""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import QUANTITY_MAX, format_quantity, parse_change, smallest_units
from wms.journey.claim.supply import supply_waiting
from wms.journey.goods.shrink import LOSS, Shrunk, lock_for_shrinking, shrink
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.stock.ledger import Goods, Line
from wms.tenants import queries as tenants

KIND = "adjustment"
STORAGE = ("bin", "receiving")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What is wrong in the books, of goods of one kind in one place.

    Either `change` is more or less of them than the books say, or `quantity` of them have become
    `to_status`. Quantities are as the border speaks them, in `unit`, '' for the item's own.
    """

    shop: str
    sku: str
    place: str
    reason: str
    warehouse: str | None = None
    lot: str = ""
    serial: str = ""
    handling_unit: str = ""
    status: str = "available"
    change: int | str | None = None
    quantity: int | str | None = None
    to_status: str | None = None
    unit: str = ""
    expires_on: date | None = None

    def __post_init__(self) -> None:
        if (self.change is None) == (self.quantity is None):
            raise Refused("bad_adjustment", "Either a change is said or a quantity.", "/change")
        if (self.quantity is None) != (self.to_status is None):
            raise Refused("bad_adjustment", "A quantity goes with a new status.", "/to_status")
        if self.to_status == self.status:
            raise Refused("bad_adjustment", "The new status is the old one.", "/to_status")


@dataclass(frozen=True, slots=True)
class _Case:
    """An adjustment with what its words mean; `change` is in the smallest unit."""

    words: Adjustment
    item: asyncpg.Record
    place: asyncpg.Record
    unit_id: int
    change: int

    @property
    def goods(self) -> Goods:
        words = self.words
        return Goods(
            self.item["owner_id"],
            self.item["id"],
            words.lot,
            words.serial,
            words.status,
            words.expires_on,
        )


@again_on_deadlock
async def adjust_stock(
    pool: asyncpg.Pool, request: StaffRequest, adjustment: Adjustment, now: datetime
) -> Answer:
    """Books an adjustment of a shop's stock once, whoever's claims have to give way.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `unknown_shop`, `unknown_item`, `unknown_place`, `no_storage`, `unknown_unit`,
            `unit_elsewhere`, `in_an_order`, `wrong_unit`, `bad_quantity`, `expired`, and what the
            item's tracking misses (`lot_missing` …).
        Conflict: `not_enough_stock`, `serial_elsewhere`; `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            case = await _case(connection, adjustment)
            return await _adjust(connection, case, request, now)

        return await once(connection, request, act)


async def _case(connection: asyncpg.Connection, words: Adjustment) -> _Case:
    shop = await tenants.shop_of_name(connection, words.shop)
    if shop is None:
        raise Refused("unknown_shop", f"There is no shop {words.shop!r}.", "/shop")
    sku = canonical_sku(words.sku)
    found = await items.items_of_skus(connection, shop.owner_id, [sku])
    if not found:
        raise Refused("unknown_item", f"No item has the SKU {words.sku!r}.", "/sku")
    [item] = found
    warehouse = await bins.the_warehouse(connection, words.warehouse)
    place = await bins.place_of_code(connection, warehouse["id"], words.place)
    if place is None:
        raise Refused("unknown_place", f"There is no place {words.place!r}.", "/place")
    unit_id = await _unit_id(connection, place, words.handling_unit)
    if place["kind"] not in STORAGE and not unit_id:
        raise Refused("no_storage", f"{words.place} stores nothing.", "/place")
    factors = await items.factors_of(connection, [item["id"]])
    return _Case(words, item, place, unit_id, _change(words, item, factors[item["id"]]))


async def _unit_id(connection: asyncpg.Connection, place: asyncpg.Record, code: str) -> int:
    if not code:
        return 0
    unit = await bins.unit_of_code(connection, code)
    if unit is None:
        raise Refused("unknown_unit", f"There is no handling unit {code!r}.", "/handling_unit")
    if unit["place_id"] != place["id"]:
        raise Refused("unit_elsewhere", f"{code} stands in {unit['place']}.", "/handling_unit")
    if unit["fulfilment_order_id"] is not None:
        raise Refused("in_an_order", f"{code} holds goods of an order.", "/handling_unit")
    unit_id: int = unit["id"]
    return unit_id


def _change(words: Adjustment, item: asyncpg.Record, factors: dict[str, int]) -> int:
    if words.quantity is not None:
        quantity, _ = smallest_units(
            words.quantity, words.unit, item_unit=item["unit"], scale=item["scale"],
            packaging=factors,
        )  # fmt: skip
        return -quantity
    assert words.change is not None
    if words.unit in ("", item["unit"]):
        return parse_change(words.change, item["scale"])
    _, factor = smallest_units(
        1, words.unit, item_unit=item["unit"], scale=item["scale"], packaging=factors
    )
    change = parse_change(words.change, 0) * factor
    if abs(change) > QUANTITY_MAX:
        raise Refused("bad_quantity", f"{words.change} {words.unit} are too many.", "/change")
    return change


async def _adjust(
    connection: asyncpg.Connection, case: _Case, request: StaffRequest, now: datetime
) -> Answer:
    await _refuse_expired(connection, case, now)
    if case.change > 0:
        shrunk = Shrunk(await _find(connection, case, request, now), case.change)
    else:
        shrunk = await _lose(connection, case, request, now)
    if "available" in (case.words.to_status, case.change > 0 and case.words.status):
        warehouse_id = case.place["warehouse_id"]
        await supply_waiting(connection, [case.item["id"]], warehouse_id, request.actor, now)
    scale = case.item["scale"]
    left = await stock_rows.balance_of(connection, case.goods, case.place["id"], case.unit_id)
    on_hand = 0 if left is None else left["on_hand"]
    return Answer(
        201,
        {
            "movement_id": shrunk.movement_id,
            "sku": case.item["sku"],
            "place": case.place["code"],
            "lot": case.words.lot,
            "serial": case.words.serial,
            "status": case.words.status,
            "on_hand": format_quantity(on_hand, scale),
            "orders_short": len({part[0]["fulfilment_order_id"] for part in shrunk.unsolved}),
            "promises_freed": len(shrunk.freed),
        },
    )


async def _refuse_expired(connection: asyncpg.Connection, case: _Case, now: datetime) -> None:
    """Refuses to call goods available that have expired."""
    becomes = case.words.to_status or case.words.status
    expires_on = case.words.expires_on
    if expires_on is None:
        row = await stock_rows.balance_of(connection, case.goods, case.place["id"], case.unit_id)
        expires_on = None if row is None else row["expires_on"]
    loses = case.change < 0 and case.words.to_status is None
    if becomes != "available" or loses or expires_on is None:
        return
    left = await bins.days_left(connection, case.place["warehouse_id"], {expires_on}, now)
    if left[expires_on] < 0:
        raise Refused("expired", f"These goods expired on {expires_on}.", "/expires_on")


async def _find(
    connection: asyncpg.Connection, case: _Case, request: StaffRequest, now: datetime
) -> int:
    goods, words = case.goods, case.words
    if goods.expires_on is None:
        known = await stock_rows.balance_of(connection, goods, case.place["id"], case.unit_id)
        if known is not None and known["on_hand"]:
            goods = stock.goods_from(known)
    items.tracking_of(case.item).check(case.change, words.lot, words.serial, goods.expires_on)
    loss = await bins.place_of_kind(connection, case.place["warehouse_id"], LOSS)
    return await stock.post(
        connection,
        case.item["tenant_id"],
        KIND,
        [Line(goods, case.change, loss["id"], case.place["id"], 0, case.unit_id)],
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        reason=words.reason,
        now=now,
    )


async def _lose(
    connection: asyncpg.Connection, case: _Case, request: StaffRequest, now: datetime
) -> Shrunk:
    balance = await stock_rows.balance_of(connection, case.goods, case.place["id"], case.unit_id)
    if balance is None:
        raise Conflict(
            "not_enough_stock",
            f"{case.words.place} holds none of it in this lot, serial and status.",
        )
    await lock_for_shrinking(connection, case.place["warehouse_id"], [balance])
    balance = await stock.balance_for_update(connection, balance["id"])
    left = balance["on_hand"] + case.change
    if left < 0:
        raise Conflict("not_enough_stock", f"{case.words.place} holds less of it.")
    return await shrink(
        connection,
        balance,
        left,
        to=case.words.to_status or LOSS,
        reason=case.words.reason,
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        now=now,
        kind=KIND if case.words.to_status is None else "status",
    )
