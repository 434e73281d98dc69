"""A warehouse's record as the floor that walks are planned over."""

import asyncpg

from routing.pick.floor.layout import Door, Side
from tests.builders import LAYOUT
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.picking.allocation import Bin, Pick, Want
from wms.picking.floor import floor_of, stop_of


async def _warehouse(pool: asyncpg.Pool, **told: object) -> asyncpg.Record:
    async with staff_transaction(pool) as connection:
        await entry.enter_warehouse(connection, LAYOUT | {"code": "FLOOR", "name": "Floor"} | told)
        return await bins.the_warehouse(connection, "FLOOR")


def _pick(x_mm: int | None, level: int, quantity: int = 1, whole: int = 1) -> Pick:
    goods = Bin(1, 1, 1, "A", 1, 2_000, 1, 9, x_mm=x_mm, level=level)
    return Pick(Want(1, 1, 1, 1, quantity, 1, 1, whole), goods, quantity)


async def test_a_warehouse_of_which_nothing_more_is_told_is_one_plain_block(
    pool: asyncpg.Pool,
) -> None:
    floor = floor_of(await _warehouse(pool))
    assert floor.is_plain
    assert (floor.aisles, floor.aisle_length_mm) == (LAYOUT["aisles"], LAYOUT["aisle_length_mm"])
    assert stop_of(floor, _pick(3_900, 1)).side is Side.LEFT


async def test_cross_aisles_width_and_a_door_for_the_end_are_told_and_kept(
    pool: asyncpg.Pool,
) -> None:
    told = {"cross_aisles_mm": [2_000, 4_000], "aisle_width_mm": 1_400, "drop_aisle": 1}
    await _warehouse(pool, **told, drop_at_back=True)
    floor = floor_of(await _warehouse(pool, pickers=3))
    assert floor.cross_aisles_mm == (2_000, 4_000)
    assert floor.aisle_width_mm == 1_400
    assert floor.drops == (Door(1, at_back=True),)
    sides = [stop_of(floor, _pick(x_mm, 1)).side for x_mm in (2_600, 3_000, 3_001, None)]
    assert sides == [Side.LEFT, Side.LEFT, Side.RIGHT, Side.LEFT]


async def test_a_stop_knows_how_high_it_is_and_how_much_is_taken(pool: asyncpg.Pool) -> None:
    floor = floor_of(await _warehouse(pool))
    stop = stop_of(floor, _pick(None, 3, quantity=2_500, whole=1_000))
    assert (stop.aisle, stop.position_mm, stop.level, stop.units) == (1, 2_000, 2, 3)
    assert stop_of(floor, _pick(None, 0)).level == 0
