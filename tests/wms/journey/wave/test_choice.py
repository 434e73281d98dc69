"""Which orders a wave takes where more wait: those that lie together, and nobody waits for ever."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import chain, combinations

import asyncpg
import pytest

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.batch.baseline import first_come
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem
from routing.pick.floor.layout import Door, Layout, Side, Stop
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from tests.builders import (
    BINS,
    NOW,
    add_items,
    add_stock,
    an_item,
    firm_order,
    rows,
    solve_first_come,
    stocked_shop,
    value,
)
from tests.wms.journey.people import holds_of, person, state_of
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.wave.wave import request_wave
from wms.journey.wave.wave_plan import plan_wave
from wms.picking.choice import ELSEWHERE
from wms.picking.limit import Limits
from wms.picking.wave import Mode
from wms.tenants.shop import Shop

LIMITS = Limits(orders_max=3)


async def best_choice(problem: WaveProblem, effort: Effort) -> WaveChoice:
    """The best choice of all, by trying them."""
    best: tuple[float, tuple[int, ...], tuple[int, ...]] | None = None
    numbers = range(len(problem.orders))
    for orders in chain.from_iterable(combinations(numbers, n) for n in numbers):
        units = sum(quantity for order in orders for _, quantity in problem.orders[order])
        if not problem.units_min <= units <= problem.units_max or problem.must - set(orders):
            continue
        items = {item for order in orders for item, _ in problem.orders[order]}
        aisles = tuple(
            number for number, row in enumerate(problem.aisles) if items & {item for item, _ in row}
        )
        if best is None or units / len(aisles) > best[0]:
            best = units / len(aisles), orders, aisles
    if best is None:
        raise NoPlan("no choice is large enough")
    units = round(best[0] * len(best[2]))
    return WaveChoice(best[1], best[2], units, best[0], True, "all tried")


async def wave_of_all(
    house: asyncpg.Pool, now: datetime = NOW, limits: Limits = LIMITS
) -> asyncpg.Record:
    """A wave of whoever waits, chosen and planned."""
    wave = await request_wave(house, "test", None, release_when_planned=True, seed=1, now=now)
    await plan_wave(house, wave, solve_first_come, now, choose=best_choice, limits=limits)
    [row] = await rows(house, "select * from wave where id = $1", wave)
    return row


async def two_aisles(house: asyncpg.Pool) -> Shop:
    """A shop with mugs in the first aisle and cups in the second."""
    shop = await stocked_shop(house, MUG=50)
    await add_items(house, shop, an_item("CUP"))
    await add_stock(house, shop, "CUP", bin2=50)
    return shop


async def test_orders_that_lie_together_go_before_one_that_lies_apart(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    first = await firm_order(house, shop, ("MUG", 1))
    apart = await firm_order(house, shop, ("CUP", 1))
    near = [await firm_order(house, shop, ("MUG", 1)) for _ in range(2)]
    wave = await wave_of_all(house)
    assert wave["left_out"] == [{"order": apart, "reason": ELSEWHERE}]
    assert {await state_of(house, order) for order in [first, *near]} == {"released"}
    assert (await state_of(house, apart), await holds_of(house, apart)) == ("open", [])
    assert (wave["choice"]["waiting"], wave["choice"]["aisles"]) == (4, 1)
    assert wave["choice"]["method"] == "all tried"


async def test_nobody_is_overtaken_for_longer_than_is_said(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    limits = replace(LIMITS, overtaken_max=timedelta(minutes=10))
    apart = 0
    for minute in range(0, 30, 2):
        now = NOW + timedelta(minutes=minute)
        for _ in range(4 if minute == 0 else 3):
            order = await firm_order(house, shop, ("CUP" if minute and not apart else "MUG", 1))
            apart = apart or (order if minute else 0)
            # A new order counts from the moment that it came.
            async with staff_transaction(house) as connection:
                await connection.execute(
                    "update fulfilment_order set waybill_ready_at = $2 where id = $1", order, now
                )
        await wave_of_all(house, now, limits)
        if apart and await state_of(house, apart) == "released":
            break
    assert 0 < minute <= 2 + 10


async def test_the_first_in_rank_goes_whatever_it_costs(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    first = await firm_order(house, shop, ("CUP", 1))
    others = [await firm_order(house, shop, ("MUG", 1)) for _ in range(4)]
    await wave_of_all(house)
    assert await state_of(house, first) == "released"
    states = [await state_of(house, order) for order in others]
    assert states.count("released") == 2


async def test_who_is_asked_for_by_name_is_not_overtaken(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    named = [await firm_order(house, shop, ("CUP" if n % 2 else "MUG", 1)) for n in range(5)]
    wave = await request_wave(house, "test", named, release_when_planned=True, seed=1, now=NOW)
    await plan_wave(house, wave, solve_first_come, NOW, choose=best_choice, limits=LIMITS)
    assert {await state_of(house, order) for order in named} == {"released"}


async def test_without_an_answer_they_go_by_rank(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    orders = [await firm_order(house, shop, ("CUP" if n % 2 else "MUG", 1)) for n in range(5)]

    async def no_choice(problem: WaveProblem, effort: Effort) -> WaveChoice:
        raise NoPlan("the solving process died")

    wave = await request_wave(house, "test", None, release_when_planned=True, seed=1, now=NOW)
    await plan_wave(house, wave, solve_first_come, NOW, choose=no_choice, limits=LIMITS)
    states = [await state_of(house, order) for order in orders]
    assert states == ["released"] * 3 + ["open"] * 2
    [row] = await rows(house, "select left_out, choice from wave where id = $1", wave)
    assert [entry["order"] for entry in row["left_out"]] == orders[3:]
    assert row["choice"] is None


async def test_the_pickers_get_no_more_than_they_can_do(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    async with staff_transaction(house) as connection:
        await connection.execute("update warehouse set pickers = 1, lines_per_picker_hour = 2")
    for _ in range(5):
        await firm_order(house, shop, ("MUG", 1))
    await wave_of_all(house)
    count = "select count(*) from fulfilment_order where state = 'released'"
    assert await value(house, count) == 2


class Watched:
    """A solver that notes what it was asked, and how much time it was given."""

    def __init__(self) -> None:
        self.asked: list[tuple[BatchProblem, Effort]] = []

    async def solve(self, problem: BatchProblem, effort: Effort) -> BatchPlan:
        self.asked.append((problem, effort))
        assert isinstance(problem.floor, Layout)
        plain = replace(problem.floor, cross_aisles_mm=(), aisle_width_mm=0, drops=())
        return first_come(replace(problem, floor=plain))


@pytest.mark.parametrize(
    ("minutes", "seconds"), [(240, 60.0), (31, 60.0), (30.5, 30.0), (30, 18.0), (2, 18.0)]
)
async def test_a_plan_gets_what_the_cut_off_leaves_after_the_walk(
    house: asyncpg.Pool, minutes: float, seconds: float
) -> None:
    shop = await two_aisles(house)
    order = await firm_order(house, shop, ("MUG", 1))
    # The clocks of the warehouse are those of London in winter.
    cut_off = (NOW + timedelta(minutes=minutes)).time()
    async with staff_transaction(house) as connection:
        # One picker, for whom one line is half an hour's work.
        await connection.execute("update warehouse set pickers = 1, lines_per_picker_hour = 2")
        await connection.execute("update carrier set cut_off = $1", cut_off)
    watched = Watched()
    wave = await request_wave(house, "test", [order], release_when_planned=False, seed=7, now=NOW)
    await plan_wave(house, wave, watched.solve, NOW, limits=Limits(solve_s_max=60.0))
    [(_, effort)] = watched.asked
    assert effort.seconds == pytest.approx(seconds, abs=0.5)
    assert (effort.seed, effort.iterations) == (7, Limits().iterations)


async def test_parts_that_share_no_cart_share_the_time(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    orders = [await firm_order(house, shop, ("MUG", 1)) for _ in range(3)]
    watched = Watched()
    wave = await request_wave(
        house, "test", orders, release_when_planned=False, seed=1, now=NOW, mode=Mode.DISCRETE
    )
    await plan_wave(house, wave, watched.solve, NOW, limits=Limits(solve_s_max=60.0))
    given = [effort.seconds for _, effort in watched.asked]
    # What one did not use, the next ones may.
    assert given == pytest.approx([20, 30, 60], abs=1)


async def test_a_plan_keeps_what_it_knows_of_itself(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    order = await firm_order(house, shop, ("MUG", 1), ("CUP", 1))
    async with staff_transaction(house) as connection:
        await connection.execute("update carrier set cut_off = $1", time(12))

    async def solve(problem: BatchProblem, effort: Effort) -> BatchPlan:
        plan = first_come(problem)
        batches = tuple(replace(batch, seconds=90.0) for batch in plan.batches)
        return replace(plan, batches=batches, bound_mm=plan.distance_mm - 1)

    wave = await request_wave(house, "test", [order], release_when_planned=True, seed=1, now=NOW)
    await plan_wave(house, wave, solve, NOW)
    [row] = await rows(house, "select * from wave where id = $1", wave)
    assert row["bound_mm"] == row["distance_mm"] - 1
    assert (row["walk_s"], row["solve_s_max"]) == (90.0, Limits().solve_s_max)
    assert 0 <= row["solve_s"] < row["solve_s_max"]
    [cart] = await rows(house, "select * from pick_batch where wave_id = $1", wave)
    assert cart["due_at"] == NOW.replace(hour=12, minute=0)
    assert (cart["walk_s"], cart["tasks_planned"]) == (90.0, 2)


async def test_what_has_to_leave_first_is_walked_for_first(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    slow = await firm_order(house, shop, ("MUG", 1))
    await wave_of_all(house)
    fast = await firm_order(house, shop, ("MUG", 1))
    async with staff_transaction(house) as connection:
        await connection.execute("update carrier set cut_off = $1", time(12))
    await wave_of_all(house)
    await (await person(house, "Pia")).do("pick")
    taken = await value(
        house,
        "select s.fulfilment_order_id from pick_batch k join batch_slot s on s.batch_id = k.id "
        "where k.state = 'claimed'",
    )
    assert (slow != fast, taken) == (True, fast)


async def test_walks_are_planned_over_the_floor_as_it_is_told(house: asyncpg.Pool) -> None:
    shop = await two_aisles(house)
    async with staff_transaction(house) as connection:
        told = {"code": "MAIN", "cross_aisles_mm": [2_000], "drop_aisle": 1, "drop_at_back": True}
        await entry.enter_warehouse(connection, told | {"aisle_width_mm": 1_200})
        await connection.execute("update place set x_mm = x_mm + 900 where code = $1", BINS[2])
    order = await firm_order(house, shop, ("MUG", 1), ("CUP", 1))
    watched = Watched()
    wave = await request_wave(house, "test", [order], release_when_planned=True, seed=1, now=NOW)
    await plan_wave(house, wave, watched.solve, NOW)
    [(problem, _)] = watched.asked
    assert isinstance(problem.floor, Layout)
    assert problem.floor.cross_aisles_mm == (2_000,)
    assert problem.floor.aisle_width_mm == 1_200
    assert problem.floor.drops == (Door(1, at_back=True),)
    stops = [stop for load in problem.loads for stop in load.stops if isinstance(stop, Stop)]
    sides = {stop.aisle: stop.side for stop in stops}
    assert sides == {0: Side.LEFT, 1: Side.RIGHT}
    assert await state_of(house, order) == "released"
