"""Handling units: made up, filled, stood into each other, and moved as one."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from devices.gs1 import sscc18
from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import format_quantity, smallest_units
from wms.journey.request import StaffRequest, once
from wms.moving import commands as moving
from wms.outbox.command import Answer
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.stock.ledger import Goods, Line
from wms.stock.unit import UnitKind, check_licence
from wms.tenants import queries as tenants

STORAGE = ("bin", "receiving")


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that is made up at a place; without a code it gets an SSCC of the house."""

    kind: UnitKind
    place: str
    code: str | None = None
    warehouse: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """Loose goods at a unit's place that go into it, or with `out` come out of it."""

    shop: str
    sku: str
    quantity: int | str
    unit: str = ""
    lot: str = ""
    serial: str = ""
    status: str = "available"
    out: bool = False


@again_on_deadlock
async def enter_unit(
    pool: asyncpg.Pool, request: StaffRequest, new: NewUnit, now: datetime
) -> Answer:
    """Makes an empty unit up.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `bad_sscc`, `bad_code`, `unknown_place`, `no_storage`.
        Conflict: `unit_exists`; `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            warehouse = await bin_rows.the_warehouse(connection, new.warehouse)
            place = await _place(connection, warehouse["id"], new.place)
            code = new.code
            if code is None:
                serial = await stock.next_sscc_serial(connection)
                code = sscc18(warehouse["sscc_prefix"], serial)
            check_licence(code)
            if await bin_rows.unit_of_code(connection, code) is not None:
                raise Conflict("unit_exists", f"There is a handling unit {code} already.")
            await bins.enter_unit(connection, warehouse["id"], code, new.kind, place["id"], None)
            return Answer(201, await _view(connection, code))

        return await once(connection, request, act)


@again_on_deadlock
async def fill_unit(
    pool: asyncpg.Pool, request: StaffRequest, code: str, contents: Contents, now: datetime
) -> Answer:
    """Puts goods into a unit where it stands, or takes them out.

    Raises:
        NotFound: `unknown_unit`.
        Refused: `in_an_order`, `unknown_shop`, `unknown_item`, `wrong_unit`, `bad_quantity`.
        Conflict: `not_enough_stock`; `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            unit = await _unit(connection, code)
            await _fill(connection, unit, contents, request, now)
            return Answer(200, await _view(connection, code))

        return await once(connection, request, act)


@again_on_deadlock
async def nest_unit(
    pool: asyncpg.Pool, request: StaffRequest, code: str, inner: str, *, out: bool, now: datetime
) -> Answer:
    """Stands a unit into another at the same place, or with `out` takes it out again.

    Raises:
        NotFound: `unknown_unit`.
        Refused: `unit_ring`, `in_an_order`, `other_warehouse`.
        Conflict: `unit_elsewhere`, they stand in different places, or it is not in there.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            unit, child = await _unit(connection, code), await _unit(connection, inner)
            if unit["warehouse_id"] != child["warehouse_id"]:
                raise Refused(
                    "other_warehouse", f"{inner} stands in another warehouse.", "/handling_unit"
                )
            if out and child["parent_id"] != unit["id"]:
                raise Conflict("unit_elsewhere", f"{inner} does not stand in {code}.")
            await bins.nest_unit(connection, child["id"], None if out else unit["id"])
            return Answer(200, await _view(connection, code))

        return await once(connection, request, act)


@again_on_deadlock
async def move_unit(
    pool: asyncpg.Pool,
    request: StaffRequest,
    code: str,
    place_code: str,
    warehouse_code: str | None,
    now: datetime,
) -> Answer:
    """Moves a unit with all that is in it; what it stood in, it stands in no more.

    Raises:
        NotFound: `unknown_unit`, `unknown_warehouse`.
        Refused: `unknown_place`, `no_storage`, `other_warehouse`, `in_an_order`.
        Conflict: `no_room`; `goods_reserved`, somebody is about to take goods of it; `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            unit = await _unit(connection, code)
            warehouse = await bin_rows.warehouse_of_id(connection, unit["warehouse_id"])
            if warehouse_code not in (None, warehouse["code"]):
                await bin_rows.the_warehouse(connection, warehouse_code)
                raise Refused(
                    "other_warehouse", "A unit changes the warehouse by a shipment.", "/warehouse"
                )
            place = await _place(connection, unit["warehouse_id"], place_code)
            await _move(connection, unit, place, request, now)
            return Answer(200, await _view(connection, code))

        return await once(connection, request, act)


async def unit_view(pool: asyncpg.Pool, code: str) -> dict[str, object]:
    """A unit with its place, the units in it and its goods.

    Raises:
        NotFound: `unknown_unit`.
    """
    async with staff_transaction(pool) as connection:
        return await _view(connection, code)


async def _move(
    connection: asyncpg.Connection,
    unit: asyncpg.Record,
    place: asyncpg.Record,
    request: StaffRequest,
    now: datetime,
) -> None:
    await bins.nest_unit(connection, unit["id"], None)
    inside = await bin_rows.units_within(connection, [unit["id"]])
    contents = await stock_rows.contents_of_units(connection, inside)
    if any(row["reserved"] for row in contents):
        raise Conflict("goods_reserved", f"Goods in {unit['code']} are reserved where it stands.")
    await stock.move_units(
        connection,
        [unit["id"]],
        place["id"],
        kind="unit_move",
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        now=now,
    )
    if place["kind"] not in STORAGE:
        return
    # The goods stand there by now, so that no more than nothing has to fit on top of them.
    for row in contents:
        await moving.refuse_without_room(
            connection, place["id"], row["item_id"], row["owner_id"], row["lot"], 0, row["status"]
        )
    limit = await stock_rows.overfull(connection, place["id"])
    if limit is not None:
        raise Conflict("no_room", f"The place does not take it: {moving.REFUSALS[limit]}.")


async def _fill(
    connection: asyncpg.Connection,
    unit: asyncpg.Record,
    contents: Contents,
    request: StaffRequest,
    now: datetime,
) -> None:
    shop = await tenants.shop_of_name(connection, contents.shop)
    if shop is None:
        raise Refused("unknown_shop", f"There is no shop {contents.shop!r}.", "/shop")
    found = await items.items_of_skus(connection, shop.owner_id, [canonical_sku(contents.sku)])
    if not found:
        raise Refused("unknown_item", f"No item has the SKU {contents.sku!r}.", "/sku")
    [item] = found
    factors = await items.factors_of(connection, [item["id"]])
    quantity, _ = smallest_units(
        contents.quantity,
        contents.unit,
        item_unit=item["unit"],
        scale=item["scale"],
        packaging=factors[item["id"]],
    )
    goods = Goods(item["owner_id"], item["id"], contents.lot, contents.serial, contents.status)
    ends = (unit["id"], 0) if contents.out else (0, unit["id"])
    balance = await stock_rows.balance_of(connection, goods, unit["place_id"], ends[0])
    if balance is None:
        raise Conflict("not_enough_stock", "There is none of it to put there.")
    place_id = unit["place_id"]
    await stock.post(
        connection,
        item["tenant_id"],
        "move",
        [Line(stock.goods_from(balance), quantity, place_id, place_id, *ends)],
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        reason=f"{'out of' if contents.out else 'into'} {unit['code']}",
        now=now,
    )


async def _unit(connection: asyncpg.Connection, code: str) -> asyncpg.Record:
    unit = await bin_rows.unit_of_code(connection, code)
    if unit is None:
        raise NotFound("unknown_unit", f"There is no handling unit {code!r}.")
    if unit["fulfilment_order_id"] is not None:
        raise Refused("in_an_order", f"{code} holds goods of an order.")
    return unit


async def _place(connection: asyncpg.Connection, warehouse_id: int, code: str) -> asyncpg.Record:
    place = await bin_rows.place_of_code(connection, warehouse_id, code)
    if place is None:
        raise Refused("unknown_place", f"There is no place {code!r}.", "/place")
    if place["virtual"]:
        raise Refused("no_storage", f"Nothing stands in {code}.", "/place")
    return place


async def _view(connection: asyncpg.Connection, code: str) -> dict[str, object]:
    unit = await bin_rows.unit_of_code(connection, code)
    if unit is None:
        raise NotFound("unknown_unit", f"There is no handling unit {code!r}.")
    parent = None
    if unit["parent_id"] is not None:
        parent = await bin_rows.unit_of_id(connection, unit["parent_id"])
    return {
        "code": unit["code"],
        "kind": unit["kind"],
        "place": unit["place"],
        "inside": None if parent is None else parent["code"],
        "handling_units": [row["code"] for row in await bin_rows.units_in(connection, unit["id"])],
        "contents": [
            {
                "owner": row["owner"],
                "sku": row["sku"],
                "lot": row["lot"],
                "serial": row["serial"],
                "status": row["status"],
                "expires_on": row["expires_on"] and row["expires_on"].isoformat(),
                "on_hand": format_quantity(row["on_hand"], row["scale"]),
                "reserved": format_quantity(row["reserved"], row["scale"]),
            }
            for row in await stock_rows.goods_in_unit(connection, unit["id"])
        ],
    }
