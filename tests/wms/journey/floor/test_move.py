"""People who move goods: to the place that is shown, or to another that has room."""

from datetime import timedelta

import asyncpg
import pytest

from tests.builders import differences, rows
from tests.wms.journey.people import Handheld, person, verdict
from tests.wms.moving.yard import NOW, Yard, give_up_moves, open_yard
from wms.database.pool import staff_transaction
from wms.moving import commands as moving


@pytest.fixture
async def yard(pool: asyncpg.Pool) -> Yard:
    await give_up_moves(pool)
    return await open_yard(pool)


async def mover(yard: Yard) -> Handheld:
    """Somebody at the first move."""
    handheld = await person(yard.pool, "Mia", yard.warehouse_id)
    await handheld.do("move")
    return handheld


async def pause(yard: Yard, zone: str) -> int:
    async with staff_transaction(yard.pool) as connection:
        return await moving.pause_floor(
            connection, yard.warehouse_id, zone, "alarm", "staff:Zoe", NOW
        )


async def go_on(yard: Yard, pause_id: int) -> None:
    async with staff_transaction(yard.pool) as connection:
        await moving.end_pause(connection, pause_id, "staff:Zoe", NOW)


async def test_goods_go_from_the_dock_to_the_place_shown(yard: Yard) -> None:
    cup = await yard.item("CUP")
    bin = await yard.place("A-1")
    [task] = await yard.bring(cup, 6)
    mia = await mover(yard)
    assert (mia.screen["step"], mia.screen["target"]) == ("from", "RECEIVING")
    assert verdict(await mia.scan("A-1")) == "wrong_source"
    await mia.scan_all("RECEIVING")
    assert verdict(await mia.scan("RECEIVING")) == "wrong_item"
    await mia.scan_all("CUP")
    assert (mia.screen["step"], mia.screen["target"]) == ("to", "A-1")
    assert mia.screen["ask"]["quantity"] == 6
    await mia.scan_all("A-1")
    assert mia.screen["step"] == "wait"
    assert await yard.stock_at(bin) == (6, 0)
    assert (await yard.task(task))["state"] == "done"
    assert await differences(yard.pool) == []


async def test_a_part_goes_here_and_the_rest_into_another_bin_that_has_room(yard: Yard) -> None:
    cup = await yard.item("CUP")
    planned = await yard.place("A-1", walk_seq=1)
    await yard.place("FULL", walk_seq=2, units_max=1)
    other = await yard.place("B-1", walk_seq=3)
    await yard.bring(cup, 6)
    mia = await mover(yard)
    await mia.scan_all("RECEIVING", "CUP")
    assert verdict(await mia.scan("A-1", 7)) == "wrong_quantity"
    assert verdict(await mia.scan("A-1", 0)) == "wrong_quantity"
    await mia.scan("A-1", 4)
    assert (mia.screen["step"], mia.screen["ask"]["quantity"]) == ("to", 2)
    assert verdict(await mia.scan("FULL")) == "no_room"
    assert verdict(await mia.scan("NOWHERE")) == "wrong_place"
    await mia.scan_all("B-1")
    assert await yard.stock_at(planned) == (4, 0)
    assert await yard.stock_at(other) == (2, 0)
    assert await differences(yard.pool) == []


async def test_the_most_urgent_move_comes_first_and_a_skipped_one_last(yard: Yard) -> None:
    cup, bowl = await yard.item("CUP"), await yard.item("BOWL")
    await yard.place("CROSS", purpose="cross_dock", units_max=9)
    await yard.place("A-1")
    await yard.bring(cup, 1)
    await yard.bring(bowl, 1, cross_dock=1)
    mia = await mover(yard)
    assert mia.screen["lines"] == ["BOWL", "SKU BOWL"]
    assert verdict(await mia.do("skip")) == "ok"
    assert mia.screen["lines"] == ["CUP", "SKU CUP"]
    await mia.scan_all("RECEIVING", "CUP", "A-1")
    assert mia.screen["lines"] == ["BOWL", "SKU BOWL"]


async def test_what_is_missing_is_counted_and_lost_and_the_rest_goes_on(yard: Yard) -> None:
    cup = await yard.item("CUP")
    bin = await yard.place("A-1")
    [task] = await yard.bring(cup, 6)
    mia = await mover(yard)
    await mia.scan_all("RECEIVING")
    await mia.do("short")
    assert mia.screen["step"] == "short"
    assert verdict(await mia.do("count")) == "count_missing"
    assert verdict(await mia.do("count", 4)) == "ok"
    assert (mia.screen["step"], mia.screen["ask"]["quantity"]) == ("item", 4)
    await mia.scan_all("CUP", "A-1")
    assert await yard.stock_at(bin) == (4, 0)
    assert await yard.stock_at(yard.dock_id) == (0, 0)
    [lost] = await rows(
        yard.pool,
        "select sum(l.quantity)::bigint as quantity from movement_line l "
        "join place p on p.id = l.to_place_id and p.kind = 'loss' where l.item_id = $1",
        cup,
    )
    assert lost["quantity"] == 2
    assert (await yard.task(task))["state"] == "done"
    assert await differences(yard.pool) == []


async def test_nothing_there_ends_the_move_and_frees_its_room(yard: Yard) -> None:
    cup = await yard.item("CUP")
    await yard.place("A-1", units_max=6)
    [task] = await yard.bring(cup, 6)
    mia = await mover(yard)
    await mia.do("short")
    assert verdict(await mia.do("count", 0)) == "ok"
    assert mia.screen["step"] == "wait"
    assert (await yard.task(task))["state"] == "void"
    assert await yard.stock_at(yard.dock_id) == (0, 0)
    assert await yard.targets(await yard.bring(cup, 6)) == {"A-1": 6}
    assert await differences(yard.pool) == []


async def test_a_count_of_enough_changes_nothing(yard: Yard) -> None:
    cup = await yard.item("CUP")
    await yard.place("A-1")
    await yard.bring(cup, 6)
    mia = await mover(yard)
    await mia.scan_all("RECEIVING")
    await mia.scan("CUP", 3)
    assert mia.screen["step"] == "short"
    assert verdict(await mia.do("count", 6)) == "enough_here"
    assert mia.screen["step"] == "item"
    assert await yard.stock_at(yard.dock_id) == (6, 6)


async def test_goods_in_hand_go_back_where_they_came_from(yard: Yard) -> None:
    cup = await yard.item("CUP")
    await yard.place("A-1")
    [task] = await yard.bring(cup, 6)
    mia = await mover(yard)
    await mia.scan_all("RECEIVING", "CUP", "RECEIVING")
    assert (mia.screen["step"], mia.screen["target"]) == ("from", "RECEIVING")
    assert (await yard.task(task))["quantity"] == 6
    assert await yard.stock_at(yard.dock_id) == (6, 6)


async def test_a_claim_that_ran_out_is_somebody_else_s(yard: Yard) -> None:
    cup = await yard.item("CUP")
    await yard.place("A-1")
    [task] = await yard.bring(cup, 6)
    mia, leo = await mover(yard), await mover(yard)
    assert (mia.screen["step"], leo.screen["step"]) == ("from", "wait")
    await rows(
        yard.pool, "update move_task set claimed_until = $2 where id = $1 returning id", task,
        NOW - timedelta(seconds=1),
    )  # fmt: skip
    await leo.do("move")
    assert (leo.screen["step"], leo.screen["target"]) == ("from", "RECEIVING")
    await mia.do("move")
    assert mia.screen["step"] == "wait"


async def test_a_paused_zone_loses_no_step(yard: Yard) -> None:
    cup = await yard.item("CUP")
    bin = await yard.place("A-1", zone="A", walk_seq=1, units_max=6)
    await yard.place("B-1", zone="B", walk_seq=2)
    [task] = await yard.bring(cup, 6)
    mia = await mover(yard)
    await mia.scan_all("RECEIVING", "CUP")
    pause_id = await pause(yard, "A")
    assert verdict(await mia.scan("A-1")) == "paused"
    assert mia.screen["step"] == "paused"
    await mia.do("refresh")
    assert mia.screen["step"] == "paused"
    # Nobody else gets it, nor any other move that touches the zone.
    leo = await mover(yard)
    assert leo.screen["step"] == "wait"
    await rows(
        yard.pool, "update move_task set claimed_until = $2 where id = $1 returning id", task,
        NOW - timedelta(hours=1),
    )  # fmt: skip
    await leo.do("move")
    assert leo.screen["step"] == "wait"
    await go_on(yard, pause_id)
    await leo.do("move")
    assert leo.screen["step"] == "wait"
    await mia.do("refresh")
    assert (mia.screen["step"], mia.screen["target"]) == ("to", "A-1")
    await mia.scan_all("A-1")
    assert await yard.stock_at(bin) == (6, 0)
    assert await differences(yard.pool) == []


async def test_a_paused_house_hands_out_nothing_until_it_goes_on(yard: Yard) -> None:
    cup = await yard.item("CUP")
    await yard.place("A-1", zone="A")
    await yard.bring(cup, 6)
    pause_id = await pause(yard, "")
    mia = await mover(yard)
    assert mia.screen["step"] == "paused"
    assert mia.screen["target"] == "ALL ZONES"
    await go_on(yard, pause_id)
    await mia.do("move")
    assert mia.screen["step"] == "from"


async def test_a_tote_is_emptied_by_its_own_code_and_then_free(yard: Yard) -> None:
    cup = await yard.item("CUP")
    bin = await yard.place("A-1")
    [tote] = await rows(
        yard.pool,
        "insert into handling_unit (warehouse_id, code, kind, place_id) "
        "values ($1, 'T-90001', 'tote', $2) returning id",
        yard.warehouse_id,
        yard.dock_id,
    )
    await yard.put(cup, yard.dock_id, 2, unit_id=tote["id"])
    async with staff_transaction(yard.pool) as connection:
        [task] = await yard.plan(cup, 2, unit_id=tote["id"], connection=connection)
    mia = await mover(yard)
    assert mia.screen["target"] == "T-90001"
    await mia.scan_all("T-90001", "CUP", "A-1")
    assert await yard.stock_at(bin) == (2, 0)
    assert (await yard.task(task))["state"] == "done"
    assert await differences(yard.pool) == []
