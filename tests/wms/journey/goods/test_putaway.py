"""Goods that came in get a place, with the room held that was suggested."""

import asyncpg
import pytest

from tests.builders import differences, rows
from tests.wms.moving.yard import NOW, Yard, open_yard
from wms.database.pool import staff_transaction
from wms.error import Conflict
from wms.journey.goods.putaway import retry_putaways
from wms.moving import queries as moves


@pytest.fixture
async def yard(pool: asyncpg.Pool) -> Yard:
    return await open_yard(pool)


async def unplaced(yard: Yard) -> dict[str, int]:
    """What stands about without a task, by SKU."""
    async with staff_transaction(yard.pool) as connection:
        found = await moves.unplaced_after(connection, 0, 1_000)
    return {row["sku"]: row["free"] for row in found if row["owner_id"] == yard.owner_id}


async def test_goods_go_to_their_own_kind_then_to_the_nearest_empty_bin(yard: Yard) -> None:
    cup = await yard.item("CUP")
    far = await yard.place("FAR", walk_seq=9, units_max=6)
    await yard.place("NEAR", walk_seq=2, units_max=6)
    await yard.place("MID", walk_seq=5, units_max=6)
    await yard.put(cup, far, 2)
    tasks = await yard.bring(cup, 12)
    assert await yard.targets(tasks) == {"FAR": 4, "NEAR": 6, "MID": 2}
    assert await yard.stock_at(yard.dock_id) == (12, 12)
    assert await unplaced(yard) == {}


async def test_the_next_receipt_sees_the_room_that_the_one_before_holds(yard: Yard) -> None:
    cup = await yard.item("CUP")
    await yard.place("A", walk_seq=1, units_max=6)
    await yard.place("B", walk_seq=2, units_max=6)
    assert await yard.targets(await yard.bring(cup, 4)) == {"A": 4}
    assert await yard.targets(await yard.bring(cup, 4)) == {"A": 2, "B": 2}


async def test_the_forward_bin_is_filled_to_the_rule_and_the_rest_goes_into_reserve(
    yard: Yard,
) -> None:
    cup, bowl = await yard.item("CUP"), await yard.item("BOWL")
    forward = await yard.place("FORWARD", walk_seq=1)
    await yard.place("RESERVE", walk_seq=9, purpose="reserve")
    await yard.rule(cup, forward, 2, 10)
    await yard.put(cup, forward, 3)
    assert await yard.targets(await yard.bring(cup, 20)) == {"FORWARD": 7, "RESERVE": 13}
    # A bin that a rule keeps for cups is no place for bowls, were it empty or not.
    assert await yard.targets(await yard.bring(bowl, 1)) == {"RESERVE": 1}


async def test_classes_mixing_and_blocks_are_kept(yard: Yard) -> None:
    ice = await yard.item("ICE", storage_class="frozen")
    cup, bowl = await yard.item("CUP"), await yard.item("BOWL")
    await yard.place("BLOCKED", walk_seq=1, blocked_in=True)
    await yard.place("WARM", walk_seq=2, storage_classes=["dry"])
    await yard.place("COLD", walk_seq=3, storage_classes=["frozen"])
    single = await yard.place("SINGLE", walk_seq=4, mixing="item")
    await yard.put(bowl, single, 1)
    assert await yard.targets(await yard.bring(ice, 2)) == {"COLD": 2}
    assert await yard.bring(cup, 2) == []
    assert await yard.targets(await yard.bring(bowl, 2)) == {"SINGLE": 2}


async def test_one_lot_a_place_is_kept(yard: Yard) -> None:
    milk = await yard.item("MILK", track_lot=True)
    await yard.place("A", walk_seq=1, mixing="lot")
    await yard.place("B", walk_seq=2, mixing="lot")
    assert await yard.targets(await yard.bring(milk, 2, lot="L1")) == {"A": 2}
    assert await yard.targets(await yard.bring(milk, 2, lot="L2")) == {"B": 2}
    assert await yard.bring(milk, 2, lot="L3") == []
    assert await yard.targets(await yard.bring(milk, 2, lot="L1")) == {"A": 2}


@pytest.mark.parametrize("status", ["quarantine", "damaged", "hold"])
async def test_goods_that_are_not_available_go_only_where_their_status_is_listed(
    yard: Yard, status: str
) -> None:
    cup = await yard.item("CUP")
    await yard.place("ORDINARY", walk_seq=1)
    assert await yard.bring(cup, 3, status=status) == []
    assert await unplaced(yard) == {"CUP": 3}
    await yard.place("CAGE", walk_seq=9, storage_classes=[status])
    assert await yard.targets(await yard.bring(cup, 3, status=status)) == {"CAGE": 3}
    assert await yard.targets(await yard.bring(cup, 3)) == {"ORDINARY": 3}


async def test_what_orders_wait_for_crosses_the_dock(yard: Yard) -> None:
    cup = await yard.item("CUP")
    await yard.place("CROSS", purpose="cross_dock", units_max=4)
    await yard.place("A")
    tasks = await yard.bring(cup, 10, cross_dock=6)
    assert await yard.targets(tasks) == {"CROSS": 4, "A": 6}
    kinds = await rows(
        yard.pool, "select kind from move_task where id = any($1) order by urgency desc", tasks
    )
    assert [row["kind"] for row in kinds] == ["cross_dock", "putaway"]


async def test_what_no_place_takes_is_told_shown_and_placed_as_soon_as_there_is_room(
    yard: Yard,
) -> None:
    cup = await yard.item("CUP")
    bin = await yard.place("A", units_max=4)
    assert await yard.targets(await yard.bring(cup, 10)) == {"A": 4}
    assert await unplaced(yard) == {"CUP": 6}
    [told] = await rows(
        yard.pool, "select type, data from event where tenant_id = $1", yard.tenant_id
    )
    assert told["type"] == "stock.unplaced"
    assert (told["data"]["item_id"], told["data"]["quantity"]) == (cup, 6)
    assert (await retry_putaways(yard.pool, NOW)).unplaced > 0
    assert await unplaced(yard) == {"CUP": 6}
    await rows(yard.pool, "update place set units_max = 9 where id = $1 returning id", bin)
    assert (await retry_putaways(yard.pool, NOW)).tasks == 1
    assert await unplaced(yard) == {"CUP": 1}
    assert await yard.stock_at(yard.dock_id) == (10, 9)
    assert await differences(yard.pool) == []


async def test_more_than_lies_free_is_not_planned(yard: Yard) -> None:
    cup = await yard.item("CUP")
    await yard.place("A")
    await yard.put(cup, yard.dock_id, 3)
    async with staff_transaction(yard.pool) as connection:
        with pytest.raises(Conflict) as refused:
            await yard.plan(cup, 4, connection=connection)
    assert refused.value.code == "not_enough_stock"
    assert await yard.stock_at(yard.dock_id) == (3, 0)
