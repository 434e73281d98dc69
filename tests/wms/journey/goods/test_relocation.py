"""Goods that a planner moves, by several planners at once."""

import asyncio

import asyncpg

from tests.builders import add_staff, differences, rows
from tests.wms.moving.yard import NOW, Yard, open_yard, unique
from wms.database.pool import staff_transaction
from wms.error import Conflict
from wms.journey.goods.relocation import Relocation, relocate
from wms.journey.request import StaffRequest
from wms.tenants import queries as tenants
from wms.tenants.staff import Role


async def planner(pool: asyncpg.Pool, yard: Yard) -> tuple[StaffRequest, str, str]:
    """A planner's request, a shop of the yard's owner, and the yard's code."""
    token = await add_staff(pool, unique("Zoe"), Role.PLANNER)
    async with staff_transaction(pool) as connection:
        staff = await tenants.staff_of_token(connection, token, NOW)
    assert staff is not None
    [shop] = await rows(
        pool,
        "insert into shop (tenant_id, owner_id, name) values ($1, $2, $3) returning name",
        yard.tenant_id,
        yard.owner_id,
        unique("shop"),
    )
    [house] = await rows(pool, "select code from warehouse where id = $1", yard.warehouse_id)
    return StaffRequest(staff, unique("key"), "move", b""), shop["name"], house["code"]


async def test_moves_that_cross_leave_every_piece_where_one_of_them_put_it(
    pool: asyncpg.Pool,
) -> None:
    yard = await open_yard(pool)
    cup = await yard.item("CUP")
    places = [await yard.place("A", units_max=12), await yard.place("B", units_max=12)]
    for place in places:
        await yard.put(cup, place, 10)
    request, shop, house = await planner(pool, yard)

    async def go(number: int) -> int:
        source, target = ("A", "B") if number % 2 else ("B", "A")
        words = Relocation(shop, "CUP", source, target, house, quantity=2)
        again = StaffRequest(request.staff, f"{request.key} {number}", "move", b"")
        try:
            await relocate(pool, again, words, NOW)
        except Conflict as refused:
            assert refused.code == "no_room"
            return 0
        return 1

    done = await asyncio.gather(*(go(number) for number in range(10)))
    assert sum(done) > 0
    held = [(await yard.stock_at(place))[0] for place in places]
    assert sum(held) == 20
    assert max(held) <= 12
    assert await differences(pool) == []


async def test_a_serial_or_lot_stays_what_it_is(pool: asyncpg.Pool) -> None:
    yard = await open_yard(pool)
    milk = await yard.item("MILK", track_lot=True)
    async with staff_transaction(pool) as connection:
        await yard.receive(connection, milk, yard.dock_id, 3, yard.goods(milk, "L1"))
    await yard.place("A")
    request, shop, house = await planner(pool, yard)
    words = Relocation(shop, "milk", "RECEIVING", "A", house, lot="L1")
    answer = await relocate(pool, request, words, NOW)
    assert answer.body["quantity"] == 3
    [found] = await rows(
        pool, "select lot, on_hand from balance where item_id = $1 and on_hand > 0", milk
    )
    assert (found["lot"], found["on_hand"]) == ("L1", 3)
