"""Goods moved by a planner, who says from where and to where; they stay as they are."""

from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import format_quantity, smallest_units
from wms.journey.request import StaffRequest, once
from wms.moving import commands as moving
from wms.outbox.command import Answer
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line
from wms.tenants import queries as tenants

KIND = "move"
STORAGE = ("bin", "receiving")


@dataclass(frozen=True, slots=True)
class Relocation:
    """What goes where, in a planner's words; without a quantity all of it, if none is reserved."""

    shop: str
    sku: str
    from_place: str
    to_place: str
    warehouse: str | None = None
    lot: str = ""
    serial: str = ""
    status: str = "available"
    quantity: int | str | None = None
    unit: str = ""
    reason: str = ""


@again_on_deadlock
async def relocate(
    pool: asyncpg.Pool, request: StaffRequest, words: Relocation, now: datetime
) -> Answer:
    """Moves goods once, as a movement of kind `move`, which can be reversed.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `unknown_shop`, `unknown_item`, `unknown_place`, `no_storage`, `same_place`,
            `wrong_unit`, `bad_quantity`.
        Conflict: `not_enough_stock`, less is there that is free; `no_room`; `blocked_out`.
    """
    async with staff_transaction(pool) as connection:
        shop = await tenants.shop_of_name(connection, words.shop)
        if shop is None:
            raise Refused("unknown_shop", f"There is no shop {words.shop!r}.", "/shop")

        async def act() -> Answer:
            return await _relocate(connection, request, shop.owner_id, words, now)

        return await once(connection, replace(request, tenant_id=shop.tenant_id), act)


async def _relocate(
    connection: asyncpg.Connection,
    request: StaffRequest,
    owner_id: int,
    words: Relocation,
    now: datetime,
) -> Answer:
    item, source, target = await _meant(connection, owner_id, words)
    wanted = await _quantity(connection, item, words)
    # Both ends at once and in one order: moves of an item that cross never wait in a ring.
    await stock.lock_items(connection, source["warehouse_id"], [item["id"]])
    balance = await moving.lock_loose(
        connection, owner_id, item["id"], source["id"], words.lot, words.serial, words.status
    )
    quantity = balance["on_hand"] if wanted is None else wanted
    if quantity > balance["on_hand"] - balance["reserved"] or quantity == 0:
        raise Conflict("not_enough_stock", f"{source['code']} holds less of it that is free.")
    await moving.refuse_without_room(
        connection, target["id"], item["id"], owner_id, words.lot, quantity, words.status
    )
    movement_id = await stock.post(
        connection,
        item["tenant_id"],
        KIND,
        [Line(goods_from(balance), quantity, source["id"], target["id"])],
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        reason=words.reason,
        now=now,
    )
    return Answer(
        201,
        {
            "movement_id": movement_id,
            "sku": item["sku"],
            "from": source["code"],
            "to": target["code"],
            "quantity": format_quantity(quantity, item["scale"]),
            "unit": item["unit"],
        },
    )


async def _meant(
    connection: asyncpg.Connection, owner_id: int, words: Relocation
) -> tuple[asyncpg.Record, asyncpg.Record, asyncpg.Record]:
    """The item, and the places it leaves and goes to."""
    found = await items.items_of_skus(connection, owner_id, [canonical_sku(words.sku)])
    if not found:
        raise Refused("unknown_item", f"No item has the SKU {words.sku!r}.", "/sku")
    warehouse = await bins.the_warehouse(connection, words.warehouse)
    source = await _place(connection, warehouse["id"], words.from_place, "/from")
    target = await _place(connection, warehouse["id"], words.to_place, "/to")
    if source["id"] == target["id"]:
        raise Refused("same_place", "The goods are there already.", "/to")
    if source["blocked_out"]:
        raise Conflict("blocked_out", f"Nothing may leave {source['code']} now.")
    return found[0], source, target


async def _place(
    connection: asyncpg.Connection, warehouse_id: int, code: str, pointer: str
) -> asyncpg.Record:
    place = await bins.place_of_code(connection, warehouse_id, code)
    if place is None:
        raise Refused("unknown_place", f"There is no place {code!r}.", pointer)
    if place["kind"] not in STORAGE:
        raise Refused("no_storage", f"{code} stores nothing.", pointer)
    return place


async def _quantity(
    connection: asyncpg.Connection, item: asyncpg.Record, words: Relocation
) -> int | None:
    """The quantity in the smallest unit, or None for all of it."""
    if words.quantity is None:
        return None
    factors = await items.factors_of(connection, [item["id"]])
    quantity, _ = smallest_units(
        words.quantity,
        words.unit,
        item_unit=item["unit"],
        scale=item["scale"],
        packaging=factors[item["id"]],
    )
    return quantity
