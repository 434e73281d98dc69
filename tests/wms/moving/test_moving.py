"""Moves with their goods reserved and their room held, on the real database."""

import asyncio
from fractions import Fraction

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import differences, rows
from tests.wms.journey.people import wait_for_lock
from tests.wms.moving.yard import NOW, Yard, open_yard, unique
from wms.database.pool import staff_transaction
from wms.error import Conflict
from wms.moving import commands as moving
from wms.moving import queries as moves
from wms.moving.move import MOVES, Event, MoveKind, MoveOrder, State, after


@pytest.fixture
async def yard(pool: asyncpg.Pool) -> Yard:
    return await open_yard(pool)


def an_order(yard: Yard, item_id: int, to_place_id: int, quantity: int) -> MoveOrder:
    return MoveOrder(
        MoveKind.PUTAWAY, yard.tenant_id, yard.owner_id, yard.warehouse_id, item_id, "", "",
        "available", yard.dock_id, 0, to_place_id, quantity,
    )  # fmt: skip


async def add(yard: Yard, item_id: int, to_place_id: int, quantity: int) -> int:
    async with staff_transaction(yard.pool) as connection:
        return await moving.add_move(
            connection, an_order(yard, item_id, to_place_id, quantity), NOW
        )


async def finish(yard: Yard, task_id: int, quantity: int, to_place_id: int | None = None) -> None:
    async with staff_transaction(yard.pool) as connection:
        await moving.finish_move(
            connection, task_id, quantity, actor="test", device="", command_id=unique("finish"),
            now=NOW, to_place_id=to_place_id,
        )  # fmt: skip


async def test_a_move_holds_its_goods_and_its_room(yard: Yard) -> None:
    item = await yard.item("CUP")
    bin = await yard.place("A", units_max=10)
    await yard.put(item, yard.dock_id, 12)
    await add(yard, item, bin, 7)
    assert await yard.stock_at(yard.dock_id) == (12, 7)
    with pytest.raises(Conflict) as refused:
        await add(yard, item, bin, 4)
    assert refused.value.code == "no_room"
    with pytest.raises(Conflict) as refused:
        await add(yard, item, await yard.place("B"), 6)
    assert refused.value.code == "not_enough_stock"
    assert await yard.stock_at(yard.dock_id) == (12, 7)
    assert await differences(yard.pool) == []


async def test_a_finished_move_is_in_the_ledger_and_counts_once_in_its_target(yard: Yard) -> None:
    item = await yard.item("CUP")
    bin = await yard.place("A", units_max=10)
    await yard.put(item, yard.dock_id, 10)
    task = await add(yard, item, bin, 10)
    await finish(yard, task, 4)
    assert await yard.stock_at(bin) == (4, 0)
    assert await yard.stock_at(yard.dock_id) == (6, 6)
    await finish(yard, task, 6)
    assert await yard.stock_at(bin) == (10, 0)
    assert (await yard.task(task))["state"] == "done"
    [moved] = await rows(
        yard.pool,
        "select sum(l.quantity)::bigint as quantity, min(m.kind) as kind from movement_line l "
        "join movement m on m.id = l.movement_id where l.to_place_id = $1",
        bin,
    )
    assert (moved["quantity"], moved["kind"]) == (10, "putaway")
    assert await differences(yard.pool) == []
    with pytest.raises(Conflict) as refused:
        await finish(yard, task, 1)
    assert refused.value.code == "wrong_state"


async def test_another_bin_is_taken_where_it_has_room_and_the_held_room_is_free_again(
    yard: Yard,
) -> None:
    item = await yard.item("CUP")
    planned, full, other = (
        await yard.place("A", units_max=5),
        await yard.place("B", units_max=2),
        await yard.place("C"),
    )
    await yard.put(item, yard.dock_id, 10)
    task = await add(yard, item, planned, 5)
    with pytest.raises(Conflict) as refused:
        await finish(yard, task, 5, full)
    assert refused.value.code == "no_room"
    await finish(yard, task, 5, other)
    assert await yard.stock_at(other) == (5, 0)
    await add(yard, item, planned, 5)


async def test_a_void_move_gives_goods_and_room_back(yard: Yard) -> None:
    item = await yard.item("CUP")
    bin = await yard.place("A", units_max=5)
    await yard.put(item, yard.dock_id, 5)
    task = await add(yard, item, bin, 5)
    async with staff_transaction(yard.pool) as connection:
        await moving.cut_move(connection, task, 2, NOW)
    assert await yard.stock_at(yard.dock_id) == (5, 3)
    async with staff_transaction(yard.pool) as connection:
        await moving.void_move(connection, task, NOW)
    assert await yard.stock_at(yard.dock_id) == (5, 0)
    await add(yard, item, bin, 5)


async def test_two_receipts_one_last_slot_one_gets_it(yard: Yard) -> None:
    cup, bowl = await yard.item("CUP"), await yard.item("BOWL")
    await yard.place("SLOT", units_max=1)
    second_dock = await yard.place("DOCK-2", kind="receiving")
    planned, other_waits = asyncio.Event(), asyncio.Event()

    async def first() -> list[int]:
        async with staff_transaction(yard.pool) as connection:
            await yard.receive(connection, cup, yard.dock_id, 1)
            tasks = await yard.plan(cup, 1, connection=connection)
            planned.set()
            await other_waits.wait()
            return tasks

    async def second() -> list[int]:
        await planned.wait()
        async with staff_transaction(yard.pool) as connection:
            await yard.receive(connection, bowl, second_dock, 1)
            return await yard.plan(bowl, 1, dock_id=second_dock, connection=connection)

    both = asyncio.gather(first(), second())
    await wait_for_lock(yard.pool, 1)
    other_waits.set()
    won, lost = await both
    assert await yard.targets(won) == {"SLOT": 1}
    assert lost == []
    assert await yard.stock_at(second_dock) == (1, 0)
    async with staff_transaction(yard.pool) as connection:
        waiting = await moves.unplaced_after(connection, 0, 1_000)
    assert [(row["sku"], row["free"]) for row in waiting if row["owner_id"] == yard.owner_id] == [
        ("BOWL", 1)
    ]
    assert await differences(yard.pool) == []


async def test_many_receipts_at_once_fill_the_slots_and_no_more(yard: Yard) -> None:
    for number in range(5):
        await yard.place(f"SLOT-{number}", walk_seq=number, units_max=1)
    items = [await yard.item(f"CUP-{number}") for number in range(8)]

    async def receipt(item: int) -> list[int]:
        for _ in range(5):
            try:
                return await yard.bring(item, 1)
            except asyncpg.DeadlockDetectedError:
                continue
        raise AssertionError("no receipt is kept away for ever")

    made = await asyncio.gather(*(receipt(item) for item in items))
    assert sum(len(tasks) for tasks in made) == 5
    targets = [target for tasks in made for target in await yard.targets(tasks)]
    assert len(set(targets)) == 5
    assert await yard.stock_at(yard.dock_id) == (8, 5)
    assert await differences(yard.pool) == []


async def test_decimal_capacity_is_exact_to_the_smallest_unit(yard: Yard) -> None:
    # A metre of cable has 100 smallest units, 3 litres and 0.7 kg.
    cable = await yard.item(
        "CABLE", scale=2, unit="m", width_mm=1000, depth_mm=60, height_mm=50, mass_g=700
    )
    volume, mass, length = (
        await yard.place("VOLUME", volume_ml=100),
        await yard.place("MASS", mass_g_max=10),
        await yard.place("LENGTH", units_max=1),
    )
    async with staff_transaction(yard.pool) as connection:
        takes = [
            await moves.place_takes(connection, place, cable, yard.owner_id, "", "available")
            for place in (volume, mass, length)
        ]
    # 100 ml are 3.33 cm of 3 litres a metre; 10 g are 1.43 cm of 700 g a metre.
    assert takes == [3, 1, 100]
    await yard.put(cable, yard.dock_id, 500)
    task = await add(yard, cable, length, 67)
    with pytest.raises(Conflict):
        await add(yard, cable, length, 34)
    await finish(yard, task, 34)
    await add(yard, cable, length, 33)
    with pytest.raises(Conflict):
        await add(yard, cable, length, 1)


SIZES = st.tuples(st.integers(1, 400), st.integers(1, 400), st.integers(1, 3000))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scale=st.integers(0, 6),
    size=SIZES,
    mass_g=st.integers(1, 9999),
    here=st.integers(1, 5000),
    volume_ml=st.integers(1, 10**6),
    mass_g_max=st.integers(1, 10**6),
)
async def test_what_a_place_takes_is_the_largest_quantity_that_fits(
    yard: Yard, scale: int, size: tuple[int, int, int], mass_g: int, here: int,
    volume_ml: int, mass_g_max: int,
) -> None:  # fmt: skip
    item = await yard.item(
        unique("SKU").upper(), scale=scale, width_mm=size[0], depth_mm=size[1],
        height_mm=size[2], mass_g=mass_g,
    )  # fmt: skip
    bin = await yard.place(unique("BIN"), volume_ml=volume_ml, mass_g_max=mass_g_max)
    await yard.put(item, bin, here)
    async with staff_transaction(yard.pool) as connection:
        takes = await moves.place_takes(connection, bin, item, yard.owner_id, "", "available")
    one = 10**scale

    def fits(quantity: int) -> bool:
        whole = Fraction(here + quantity, one)
        volume = whole * size[0] * size[1] * size[2]
        return volume <= volume_ml * 1000 and whole * mass_g <= mass_g_max

    assert takes == 0 or fits(takes)
    assert not fits(takes + 1)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_a_move_does_only_what_the_table_lists(state: State, event: Event) -> None:
    if (state, event) in MOVES:
        assert after(state, event) is MOVES[state, event]
        return
    with pytest.raises(Conflict) as refused:
        after(state, event)
    assert refused.value.code == "wrong_state"
