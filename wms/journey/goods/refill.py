"""Forward bins are refilled from reserve before they run dry."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound
from wms.items import queries as items
from wms.items.unit import parse_quantity
from wms.moving import commands as moving
from wms.moving import queries as moves
from wms.moving.move import URGENCY_DEMANDED, MoveKind, MoveOrder
from wms.refill import commands as refill
from wms.refill import queries as refill_rows
from wms.refill.rule import Need, Source, choose
from wms.stock import queries as stock
from wms.tenants import queries as tenants


async def plan_refills(pool: asyncpg.Pool, now: datetime) -> int:
    """Makes the moves that forward bins need; how many. Each item has a transaction of its own."""
    async with staff_transaction(pool) as connection:
        found = await refill_rows.items_in_need(connection, now)
    made = 0
    for row in found:
        made += await _plan_alone(pool, row["warehouse_id"], row["item_id"], now)
    return made


@again_on_deadlock
async def _plan_alone(pool: asyncpg.Pool, warehouse_id: int, item_id: int, now: datetime) -> int:
    async with staff_transaction(pool) as connection:
        return await plan_item(connection, warehouse_id, item_id, now)


async def plan_item(
    connection: asyncpg.Connection, warehouse_id: int, item_id: int, now: datetime
) -> int:
    """Makes the moves that the forward bins of one item need; how many."""
    # Whoever comes second sees the moves of the first, and so plans nothing twice.
    await refill.lock_rules(connection, warehouse_id, item_id)
    needs = await refill_rows.needs_of_item(connection, warehouse_id, item_id, now)
    case = (await items.factors_of(connection, [item_id]))[item_id].get("case")
    made = 0
    for need in needs:
        reserve = {
            row["balance_id"]: row
            for row in await stock.free_bins(connection, warehouse_id, [item_id], now)
            if row["purpose"] == "reserve"
        }
        made += await _fill(connection, warehouse_id, need, reserve, case, now)
    return made


async def _fill(
    connection: asyncpg.Connection,
    warehouse_id: int,
    need: Need,
    reserve: dict[int, asyncpg.Record],
    case: int | None,
    now: datetime,
) -> int:
    """The moves for one bin, out of reserve as far as there is any and the bin has room."""
    sources = [
        Source(balance_id, row["free"], row["expires_on"]) for balance_id, row in reserve.items()
    ]
    made = 0
    for balance_id, quantity in choose(sources, need.must, need.may, case):
        row = reserve[balance_id]
        # Goods first and places then, as everybody locks them who moves goods.
        free = await moving.lock_free(connection, balance_id)
        await moving.lock_places(connection, [need.place_id])
        takes = await moves.place_takes(
            connection,
            need.place_id,
            row["item_id"],
            row["owner_id"],
            row["lot"],
            row["status"],
        )
        put = min(quantity, free, takes)
        if put:
            order = await _order(connection, warehouse_id, need, row, put)
            await moving.add_move(connection, order, now)
            made += 1
    return made


async def _order(
    connection: asyncpg.Connection,
    warehouse_id: int,
    need: Need,
    row: asyncpg.Record,
    quantity: int,
) -> MoveOrder:
    [item] = await items.items_of_ids(connection, [row["item_id"]])
    return MoveOrder(
        MoveKind.REFILL,
        item["tenant_id"],
        row["owner_id"],
        warehouse_id,
        row["item_id"],
        row["lot"],
        row["serial"],
        row["status"],
        row["place_id"],
        row["handling_unit_id"],
        need.place_id,
        quantity,
        "orders wait" if need.demanded else "below the least",
        URGENCY_DEMANDED if need.demanded else None,
    )


async def named(
    connection: asyncpg.Connection, shop_name: str, sku: str, warehouse: str | None, place: str
) -> tuple[asyncpg.Record, asyncpg.Record]:
    """The item and the place that a planner names.

    Raises:
        NotFound: `unknown_shop`, `unknown_item`, `unknown_warehouse`, `unknown_place`.
    """
    shop = await tenants.shop_of_name(connection, shop_name)
    if shop is None:
        raise NotFound("unknown_shop", f"There is no shop {shop_name}.")
    rows = await items.items_of_skus(connection, shop.owner_id, [sku.upper()])
    if not rows:
        raise NotFound("unknown_item", f"The shop has no item {sku}.")
    house = await bins.the_warehouse(connection, warehouse)
    found = await bins.place_of_code(connection, house["id"], place)
    if found is None:
        raise NotFound("unknown_place", f"The warehouse has no place {place}.")
    return rows[0], found


@again_on_deadlock
async def set_rule(
    pool: asyncpg.Pool,
    shop_name: str,
    sku: str,
    warehouse: str | None,
    place: str,
    least: int | str,
    most: int | str,
    now: datetime,
) -> asyncpg.Record:
    """Sets a rule in the item's own unit; the rule as it stands.

    Raises:
        NotFound: as `named`.
        Refused: `bad_rule`, `not_forward`, `wrong_unit`, `bad_quantity`.
    """
    async with staff_transaction(pool) as connection:
        item, found = await named(connection, shop_name, sku, warehouse, place)
        quantity_min = 0 if _nothing(least) else parse_quantity(least, item["scale"], "/min")
        quantity_max = parse_quantity(most, item["scale"], "/max")
        await refill.set_rule(connection, item, found, quantity_min, quantity_max, now)
        row = await refill_rows.rule_of(connection, item["id"], found["id"])
    assert row is not None
    return row


def _nothing(quantity: int | str) -> bool:
    return quantity == 0 or (isinstance(quantity, str) and not quantity.strip("0."))


async def rule_of(
    pool: asyncpg.Pool, shop_name: str, sku: str, warehouse: str | None, place: str
) -> asyncpg.Record:
    """A rule as it stands.

    Raises:
        NotFound: as `named`, or `unknown_rule`.
    """
    async with staff_transaction(pool) as connection:
        item, found = await named(connection, shop_name, sku, warehouse, place)
        row = await refill_rows.rule_of(connection, item["id"], found["id"])
    if row is None:
        raise NotFound("unknown_rule", "No rule keeps this item there.")
    return row


@again_on_deadlock
async def drop_rule(
    pool: asyncpg.Pool, shop_name: str, sku: str, warehouse: str | None, place: str
) -> None:
    """Ends a rule.

    Raises:
        NotFound: as `named`, or `unknown_rule`.
    """
    async with staff_transaction(pool) as connection:
        item, found = await named(connection, shop_name, sku, warehouse, place)
        await refill.drop_rule(connection, item["id"], found["id"])
