"""Goods that turn out not to be there or not to be usable: who gives way, and who does not."""

import asyncpg

from tests.builders import (
    BINS,
    NOW,
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    differences,
    enter_house,
    firm_order,
    place_ids,
    planned_wave,
    rows,
    value,
)
from tests.wms.journey.people import holds_of
from wms.database.pool import staff_transaction
from wms.journey.goods.shrink import LOSS, Shrunk, shrink
from wms.moving import commands as moving
from wms.moving.move import MoveKind, MoveOrder
from wms.tenants.shop import Shop


async def _shop(house: asyncpg.Pool, **bins: int) -> Shop:
    await enter_house(house)
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", **bins)
    return shop


async def _shrink(house: asyncpg.Pool, bin: str, left: int, to: str = LOSS) -> Shrunk:
    async with staff_transaction(house) as connection:
        balance = await connection.fetchrow(
            "select b.* from balance b join place p on p.id = b.place_id "
            "where p.code = $1 and b.status = 'available'",
            bin,
        )
        assert balance is not None
        return await shrink(
            connection,
            balance,
            left,
            to=to,
            reason="found so",
            command_id="shrink",
            actor="test",
            device="",
            now=NOW,
        )


async def _move(house: asyncpg.Pool, shop: Shop, quantity: int) -> int:
    """A move of mugs from the first bin to the last."""
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        warehouse_id, item_id = await connection.fetchrow(
            "select w.id, i.id from warehouse w, item i where i.owner_id = $1", shop.owner_id
        ) or (0, 0)
        order = MoveOrder(
            MoveKind.RESLOT,
            shop.tenant_id,
            shop.owner_id,
            warehouse_id,
            item_id,
            "",
            "",
            "available",
            places[BINS[0]],
            0,
            places[BINS[3]],
            quantity,
        )
        return await moving.add_move(connection, order, NOW)


async def _reserved(house: asyncpg.Pool) -> dict[str, int]:
    found = await rows(
        house,
        "select p.code, b.reserved from balance b join place p on p.id = b.place_id "
        "where b.reserved > 0",
    )
    return {row["code"]: row["reserved"] for row in found}


async def test_what_nobody_claims_is_lost_without_a_word(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=10)
    order = await firm_order(house, shop, ("MUG", 3))
    shrunk = await _shrink(house, BINS[0], 3)
    assert (shrunk.quantity, shrunk.cut, shrunk.freed, shrunk.unsolved) == (7, (), {}, ())
    assert await holds_of(house, order) == []
    # To leave as much as there is changes nothing.
    assert (await _shrink(house, BINS[0], 3)).movement_id is None
    assert await differences(house) == []


async def test_a_move_of_the_house_gives_way_before_any_order(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=10)
    order = await firm_order(house, shop, ("MUG", 4))
    await planned_wave(house, order, release=True)
    task_id = await _move(house, shop, 5)
    assert await _reserved(house) == {BINS[0]: 9}
    shrunk = await _shrink(house, BINS[0], 6)
    assert shrunk.cut == ()
    assert await value(house, "select quantity from move_task where id = $1", task_id) == 2
    assert await _reserved(house) == {BINS[0]: 6}
    await _shrink(house, BINS[0], 4)
    assert await value(house, "select state from move_task where id = $1", task_id) == "void"
    assert await _reserved(house) == {BINS[0]: 4}
    assert await holds_of(house, order) == []
    assert await differences(house) == []


async def test_damaged_goods_stay_where_they_are_and_the_walk_goes_elsewhere(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=10, bin1=10)
    order = await firm_order(house, shop, ("MUG", 6))
    await planned_wave(house, order, release=True)
    assert await _reserved(house) == {BINS[0]: 6}
    shrunk = await _shrink(house, BINS[0], 2, to="damaged")
    assert [quantity for _, quantity in shrunk.cut] == [4]
    assert await _reserved(house) == {
        BINS[0]: 2,
        BINS[1]: 4,
    }
    damaged = "select on_hand from balance where status = 'damaged'"
    assert await value(house, damaged) == 8
    assert await availability(house, shop, "MUG") == (12, 6)
    assert await holds_of(house, order) == []
    assert await differences(house) == []


async def test_a_walk_that_is_planned_and_not_released_gives_up_what_is_not_promised_any_more(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=10)
    order = await firm_order(house, shop, ("MUG", 6))
    wave_id = await planned_wave(house, order)
    await _shrink(house, BINS[0], 0)
    assert await holds_of(house, order) == ["stock_lost"]
    open_tasks = (
        "select count(*) from pick_task t join pick_batch k on k.id = t.batch_id "
        "where k.wave_id = $1 and t.state = 'open'"
    )
    assert await value(house, open_tasks, wave_id) == 0
    assert await _reserved(house) == {}
    assert await differences(house) == []
