"""Handling units: they nest and move as one, and no ring or wrong number gets in."""

import asyncio

import asyncpg
import pytest

from devices.gs1 import is_sscc
from tests.builders import (
    BINS,
    LAYOUT,
    NOW,
    availability,
    differences,
    place_ids,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.desk import Desk, open_desk
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound, Refused, WmsError
from wms.journey import entry
from wms.journey.goods.unit import (
    Contents,
    NewUnit,
    enter_unit,
    fill_unit,
    move_unit,
    nest_unit,
    unit_view,
)
from wms.outbox.command import Answer
from wms.stock.unit import UnitKind
from wms.tenants.shop import Shop

A, B = BINS[:2]


async def _enter(desk: Desk, code: str | None = None, *, place: str = A) -> str:
    new = NewUnit(UnitKind.PALLET, place, code)
    answer = await enter_unit(desk.pool, desk.request("unit", code), new, NOW)
    made = answer.body["code"]
    assert isinstance(made, str)
    return made


async def _fill(desk: Desk, code: str, shop: Shop, quantity: int, *, out: bool = False) -> Answer:
    contents = Contents(shop.name, "MUG", quantity, out=out)
    return await fill_unit(desk.pool, desk.request("fill", [code, quantity]), code, contents, NOW)


async def _nest(desk: Desk, outer: str, inner: str, *, out: bool = False) -> Answer:
    request = desk.request("nest", [outer, inner])
    return await nest_unit(desk.pool, request, outer, inner, out=out, now=NOW)


async def _move(desk: Desk, code: str, place: str, warehouse: str | None = None) -> Answer:
    request = desk.request("move", [code, place])
    return await move_unit(desk.pool, request, code, place, warehouse, NOW)


async def _stands(pool: asyncpg.Pool, code: str) -> object:
    query = "select p.code from handling_unit u join place p on p.id = u.place_id where u.code = $1"
    return await value(pool, query, code)


async def test_units_nest_and_move_as_one_in_one_movement(pool: asyncpg.Pool) -> None:
    shop, desk = await stocked_shop(pool, MUG=20), await open_desk(pool)
    pallet, case, inner = [await _enter(desk) for _ in range(3)]
    assert all(is_sscc(code) for code in (pallet, case, inner))
    await _fill(desk, case, shop, 5)
    await _fill(desk, inner, shop, 3)
    await _nest(desk, case, inner)
    await _nest(desk, pallet, case)
    view = (await _move(desk, pallet, B)).body
    assert (view["place"], view["handling_units"]) == (B, [case])
    assert [await _stands(pool, code) for code in (pallet, case, inner)] == [B] * 3
    [moved] = await rows(
        pool,
        "select count(distinct m.id) as movements, sum(l.quantity)::int as quantity "
        "from movement m join movement_line l on l.movement_id = m.id "
        "where m.kind = 'unit_move' and l.owner_id = $1",
        shop.owner_id,
    )
    assert tuple(moved) == (1, 8)
    # Moved alone, a unit stands in the other no more.
    await _move(desk, case, A)
    assert (await unit_view(pool, pallet))["handling_units"] == []
    assert await _stands(pool, inner) == A
    await _fill(desk, case, shop, 5, out=True)
    assert (await unit_view(pool, case))["contents"] == []
    assert await availability(pool, shop, "MUG") == (20, 0)
    assert await differences(pool) == []


async def test_no_unit_stands_in_itself_however_many_stand_between(pool: asyncpg.Pool) -> None:
    await stocked_shop(pool)
    desk = await open_desk(pool)
    one, two, three = [await _enter(desk) for _ in range(3)]
    await _nest(desk, one, two)
    await _nest(desk, two, three)
    for outer, inner in ((one, one), (two, one), (three, one)):
        with pytest.raises(Refused) as refusal:
            await _nest(desk, outer, inner)
        assert refusal.value.code == "unit_ring"
    with pytest.raises(Conflict) as absent:
        await _nest(desk, one, three, out=True)
    assert absent.value.code == "unit_elsewhere"


async def test_two_halves_of_a_ring_at_once_are_not_both_made(pool: asyncpg.Pool) -> None:
    await stocked_shop(pool)
    desk = await open_desk(pool)
    one, two = [await _enter(desk) for _ in range(2)]
    answers = await asyncio.gather(
        _nest(desk, one, two), _nest(desk, two, one), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, WmsError)]
    assert [error.code for error in refused] == ["unit_ring"]


async def test_another_warehouse_and_another_place_are_refused(pool: asyncpg.Pool) -> None:
    shop, desk = await stocked_shop(pool, MUG=5), await open_desk(pool)
    unit = await _enter(desk)
    await _fill(desk, unit, shop, 5)
    async with staff_transaction(pool) as connection:
        await entry.enter_warehouse(connection, LAYOUT | {"code": "FAR"})
    for place, warehouse, code in (
        (B, "FAR", "other_warehouse"),
        ("NOWHERE", None, "unknown_place"),
        ("SUPPLIER", None, "no_storage"),
    ):
        with pytest.raises(Refused) as refusal:
            await _move(desk, unit, place, warehouse)
        assert refusal.value.code == code
    with pytest.raises(NotFound):
        await _move(desk, "LPN-NONE", B)
    elsewhere = await _enter(desk, place=B)
    with pytest.raises(Conflict) as far:
        await _nest(desk, elsewhere, unit)
    assert far.value.code == "unit_elsewhere"
    assert await _stands(pool, unit) == A


@pytest.mark.parametrize(
    ("code", "refused"),
    [("012345678901234567", "bad_sscc"), ("lower", "bad_code"), ("X" * 31, "bad_code")],
)
async def test_a_code_is_an_lpn_or_an_sscc_that_is_right(
    pool: asyncpg.Pool, code: str, refused: str
) -> None:
    await stocked_shop(pool)
    desk = await open_desk(pool)
    with pytest.raises(Refused) as refusal:
        await _enter(desk, code)
    assert refusal.value.code == refused
    assert await value(pool, "select count(*) from handling_unit where code = $1", code) == 0


async def test_a_code_is_given_once(pool: asyncpg.Pool) -> None:
    await stocked_shop(pool)
    desk = await open_desk(pool)
    assert await _enter(desk, "LPN-1") == "LPN-1"
    with pytest.raises(Conflict) as refusal:
        await _enter(desk, "LPN-1", place=B)
    assert refusal.value.code == "unit_exists"
    assert await _stands(pool, "LPN-1") == A


async def test_a_place_takes_a_unit_only_where_all_of_it_has_room(pool: asyncpg.Pool) -> None:
    shop, desk = await stocked_shop(pool, MUG=20), await open_desk(pool)
    unit = await _enter(desk)
    await _fill(desk, unit, shop, 9)
    async with staff_transaction(pool) as connection:
        places = await place_ids(connection)
        await connection.execute("update place set units_max = 8 where id = $1", places[BINS[3]])
    with pytest.raises(Conflict) as refusal:
        await _move(desk, unit, BINS[3])
    assert refusal.value.code == "no_room"
    assert await _stands(pool, unit) == A
    await _fill(desk, unit, shop, 1, out=True)
    await _move(desk, unit, BINS[3])
    assert await differences(pool) == []


async def test_a_unit_with_reserved_goods_stays_where_they_are_looked_for(
    pool: asyncpg.Pool,
) -> None:
    shop, desk = await stocked_shop(pool, MUG=20), await open_desk(pool)
    unit = await _enter(desk)
    await _fill(desk, unit, shop, 9)
    async with staff_transaction(pool) as connection:
        await connection.execute(
            "update balance set reserved = 1 where owner_id = $1 and handling_unit_id <> 0",
            shop.owner_id,
        )
    with pytest.raises(Conflict) as refusal:
        await _move(desk, unit, B)
    assert refusal.value.code == "goods_reserved"
    with pytest.raises(Conflict) as short:
        await _fill(desk, unit, shop, 12)
    assert short.value.code == "not_enough_stock"
