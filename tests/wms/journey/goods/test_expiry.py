"""A lot that expires: whoever asks gets one answer, by the calendar of the warehouse."""

from dataclasses import replace
from datetime import UTC, date, datetime

import asyncpg
import pytest

from tests.builders import (
    BINS,
    add_items,
    add_shop,
    an_item,
    availability,
    differences,
    enter_house,
    firm_order,
    place_ids,
    rows,
    solve_first_come,
    value,
)
from tests.wms.journey.people import holds_of
from tests.wms.stock.shelf import Shelf, post
from wms.database.pool import staff_transaction
from wms.error import Conflict
from wms.journey.goods.expiry import expire_lots
from wms.journey.wave.wave import request_wave
from wms.journey.wave.wave_plan import plan_wave
from wms.stock import queries as stock
from wms.stock.ledger import Line

A = BINS[0]
LAST_DAY = date(2010, 12, 1)
# The last minute of that day and the first of the next, on the clocks of Auckland and Los Angeles.
ZONES = {
    "Pacific/Auckland": (
        datetime(2010, 12, 1, 10, 59, tzinfo=UTC),
        datetime(2010, 12, 1, 11, 0, tzinfo=UTC),
    ),
    "America/Los_Angeles": (
        datetime(2010, 12, 2, 7, 59, tzinfo=UTC),
        datetime(2010, 12, 2, 8, 0, tzinfo=UTC),
    ),
}


async def _shelf(pool: asyncpg.Pool, zone: str) -> tuple[int, Shelf]:
    """A shop with ten of a lot in a bin and ten on a cart, in a warehouse of that zone."""
    house = await enter_house(pool)
    shop = await add_shop(pool)
    items = await add_items(pool, shop, an_item("MILK"))
    async with staff_transaction(pool) as connection:
        await connection.execute("update warehouse set time_zone = $2 where id = $1", house, zone)
        shelf = Shelf(shop, items, await place_ids(connection))
        for place in (A, "CART-02"):
            await post(
                connection, shelf, "receipt", _lot(shelf.line("MILK", 10, "SUPPLIER", place))
            )
    return house, shelf


def _lot(line: Line) -> Line:
    return replace(line, goods=replace(line.goods, lot="L1", expires_on=LAST_DAY))


async def _planned(pool: asyncpg.Pool, order: int, now: datetime) -> object:
    wave_id = await request_wave(pool, "test", [order], release_when_planned=False, seed=1, now=now)
    await plan_wave(pool, wave_id, solve_first_come, now)
    return await value(pool, "select state from wave where id = $1", wave_id)


async def _post(pool: asyncpg.Pool, shelf: Shelf, kind: str, now: datetime, *ends: str) -> str:
    """Posts one of the lot at that moment; 'posted', or the code of the refusal."""
    try:
        async with staff_transaction(pool) as connection:
            await post(connection, shelf, kind, _lot(shelf.line("MILK", 1, *ends)), now=now)
    except Conflict as refusal:
        return refusal.code
    return "posted"


@pytest.mark.parametrize("zone", ZONES)
async def test_a_lot_that_expires_today_allocator_pick_pack_and_ledger_agree(
    pool: asyncpg.Pool, zone: str
) -> None:
    last, over = ZONES[zone]
    house, shelf = await _shelf(pool, zone)
    orders = [await firm_order(pool, shelf.shop, ("MILK", 1)) for _ in range(2)]
    answers: list[tuple[object, ...]] = []
    for order, now in zip(orders, (last, over), strict=True):
        async with staff_transaction(pool) as connection:
            free = await stock.free_bins(connection, house, [shelf.items["MILK"]], now)
        answers.append(
            (
                [row["days_left"] for row in free],
                await _planned(pool, order, now),
                await _post(pool, shelf, "pick", now, A, "CART-01"),
                await _post(pool, shelf, "pack", now, "CART-02", "PACK-01"),
                await expire_lots(pool, now) > 0,
            )
        )
    assert answers == [
        ([0], "planned", "posted", "posted", False),
        ([], "refused", "expired", "expired", True),
    ]
    statuses = await rows(
        pool,
        "select status, sum(on_hand)::int from balance where owner_id = $1 and on_hand > 0 "
        "group by 1",
        shelf.shop.owner_id,
    )
    assert [tuple(row) for row in statuses] == [("hold", 20)]
    assert (await availability(pool, shelf.shop, "MILK")) == (0, 0)
    assert "stock_lost" in await holds_of(pool, orders[1])
    # What is on hold already is not put there again.
    assert await expire_lots(pool, over) == 0
    assert await differences(pool) == []


async def test_goods_without_a_last_day_never_expire(pool: asyncpg.Pool) -> None:
    house, shelf = await _shelf(pool, "UTC")
    far = datetime(2110, 1, 1, tzinfo=UTC)
    await expire_lots(pool, far)
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "receipt", shelf.line("MILK", 3, "SUPPLIER", A))
        [row] = await stock.free_bins(connection, house, [shelf.items["MILK"]], far)
    assert (row["free"], row["days_left"]) == (3, None)
    assert await expire_lots(pool, far) == 0


async def test_what_is_in_an_order_s_tote_is_left_to_the_packer(pool: asyncpg.Pool) -> None:
    _, shelf = await _shelf(pool, "UTC")
    order = await firm_order(pool, shelf.shop, ("MILK", 1))
    async with staff_transaction(pool) as connection:
        tote = await connection.fetchval(
            "insert into handling_unit (warehouse_id, code, kind, place_id, fulfilment_order_id) "
            "select warehouse_id, 'T-77777', 'tote', id, $2 from place where id = $1 returning id",
            shelf.places["CART-01"],
            order,
        )
        line = _lot(shelf.line("MILK", 1, A, "CART-01"))
        await post(connection, shelf, "move", replace(line, to_unit_id=tote))
    await expire_lots(pool, datetime(2011, 1, 1, tzinfo=UTC))
    left = await rows(
        pool,
        "select handling_unit_id from balance where owner_id = $1 and status = 'available' "
        "and on_hand > 0",
        shelf.shop.owner_id,
    )
    assert [row["handling_unit_id"] for row in left] == [tote]
