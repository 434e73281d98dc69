"""Routes are planned before the vans leave, and kept only while they fit what is there."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from routing.delivery.draft import Draft, Progress, Watch
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from tests.builders import NOW, rows, value
from tests.wms.journey.route.yard import NORTH, ROADS, open_yard, rounds, solve_simply
from wms.error import Conflict
from wms.journey.route.route_plan import give_up_routes, plan_routes
from wms.journey.route.route_request import replan_departure, set_departure
from wms.shipping.limit import RouteLimits, Thought
from wms.shipping.route import Kind


async def test_routes_are_planned_while_the_departure_is_open(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    near, far = await yard.put_out(NORTH[0], NORTH[1])
    departure = await yard.departure()
    plan = await yard.plan(departure)
    assert set(rounds(plan)) == {"VAN-1"}
    assert sorted(rounds(plan)["VAN-1"]) == sorted([near, far])
    assert (plan["unserved"], plan["straight"]) == ([], True)
    [route] = plan["routes"]
    order = rounds(plan)["VAN-1"]
    # What is brought last goes in first.
    assert [stop["loading"] for stop in route["stops"]] == [2, 1]
    assert await yard.versions(departure) == [(1, "planned", "a planner asked for it")]
    again = await yard.plan(departure)
    assert rounds(again)["VAN-1"] == order
    assert [state for _, state, _ in await yard.versions(departure)] == ["superseded", "planned"]


async def test_each_order_is_expected_within_its_band(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(*NORTH[:3])
    departure = await yard.departure()
    await yard.plan(departure)
    calls = (await yard.reading(departure)).calls
    assert len(calls) == 3
    for call in calls.values():
        assert call.earliest_at <= call.expected_at <= call.latest_at
        assert call.expected_at > NOW
    told = await rows(
        house, "select order_id, data from event where type = 'order.eta_changed' order by seq"
    )
    assert {row["order_id"] for row in told} == set(calls)
    assert all(row["data"]["expected_before"] is None for row in told)
    # An equal plan changes nothing that a shop should hear of.
    await yard.plan(departure)
    assert len(await rows(house, "select 1 from event where type = 'order.eta_changed'")) == 3


async def test_an_address_without_coordinates_is_on_no_route_and_says_so(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, "VAN-1")
    known, unknown = await yard.put_out(NORTH[0], None)
    plan = await yard.plan(await yard.departure())
    assert rounds(plan) == {"VAN-1": [known]}
    [left] = plan["unserved"]
    assert left["order_id"] == unknown
    assert "no coordinates" in left["reasons"][0]["reason"]
    assert left["remedies"]


async def test_a_parcel_that_joins_during_the_search_has_it_begin_anew(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(NORTH[0])
    departure = await yard.departure()
    solved: list[int] = []

    async def solve(
        problem: DeliveryProblem, thought: Thought, warm: Draft | None, watch: Watch
    ) -> DeliveryPlan:
        if not solved:
            await yard.put_out(NORTH[1])
        solved.append(len(problem.stops))
        return await solve_simply(problem, thought, warm, watch)

    await replan_departure(house, departure, "staff:Pia", NOW)
    await plan_routes(house, departure, solve, ROADS, RouteLimits(), 1, NOW)
    assert solved == [1, 2]
    reading = await yard.reading(departure)
    assert reading.plan is not None and not reading.stale
    assert len(rounds(reading.plan)["VAN-1"]) == 2


async def test_what_changes_each_time_is_left_for_later(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(NORTH[0])
    departure = await yard.departure()

    async def solve(
        problem: DeliveryProblem, thought: Thought, warm: Draft | None, watch: Watch
    ) -> DeliveryPlan:
        await yard.put_out(NORTH[1])
        return await solve_simply(problem, thought, warm, watch)

    await replan_departure(house, departure, "staff:Pia", NOW)
    with pytest.raises(Conflict) as stale:
        await plan_routes(house, departure, solve, ROADS, RouteLimits(), 1, NOW)
    assert stale.value.code == "plan_stale"
    assert [state for _, state, _ in await yard.versions(departure)] == ["requested"]


async def test_whoever_asks_while_routes_are_planned_gets_that_plan(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(NORTH[0])
    departure = await yard.departure()
    asked = [await replan_departure(house, departure, "staff:Pia", NOW) for _ in range(2)]
    assert asked == [1, 1]
    assert len(await rows(house, "select 1 from job where kind = 'routes'")) == 1


async def test_routes_that_nobody_can_plan_are_refused_and_those_that_stand_stay(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(NORTH[0])
    departure = await yard.departure()
    plan = await yard.plan(departure)
    await replan_departure(house, departure, "staff:Pia", NOW)
    await give_up_routes(house, departure, "no plan holds")
    assert [state for _, state, _ in await yard.versions(departure)] == ["planned", "refused"]
    assert (await yard.reading(departure)).plan == plan


async def test_how_far_a_search_is_can_be_read(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(NORTH[0])
    departure = await yard.departure()
    seen: list[object] = []

    async def solve(
        problem: DeliveryProblem, thought: Thought, warm: Draft | None, watch: Watch
    ) -> DeliveryPlan:
        query = "select progress from departure_plan where state = 'requested'"
        while not seen:
            watch(Progress(0.5, 1_000.0, 0, 10))
            await asyncio.sleep(0.05)
            found = await value(house, query)
            if found is not None:
                seen.append(found)
        return await solve_simply(problem, thought, warm, watch)

    await replan_departure(house, departure, "staff:Pia", NOW)
    await plan_routes(house, departure, solve, ROADS, RouteLimits(), 1, NOW)
    assert seen == [{"share": 0.5, "cost": 1_000.0, "unserved": 0, "iterations": 10}]
    assert await value(house, "select progress from departure_plan") is None


async def test_a_carriers_departure_is_planned_when_it_closes_and_tells_nobody(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, own=False)
    orders = await yard.put_out(*NORTH[:2])
    departure = await yard.departure()
    await (await yard.load(*orders)).do("close")
    assert await yard.versions(departure) == [(1, "requested", "the departure closed")]
    plan = await yard.work(departure)
    assert list(rounds(plan)) == ["VAN-1"]
    assert (await yard.reading(departure)).calls == {}
    assert not await rows(house, "select 1 from event where type = 'order.eta_changed'")


async def test_a_departure_that_leaves_as_planned_is_not_planned_again(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, "VAN-1")
    orders = await yard.put_out(*NORTH[:2])
    departure = await yard.departure()
    await yard.plan(departure)
    loader = await yard.load(*orders)
    await loader.do("close")
    assert len(await yard.versions(departure)) == 1


async def test_what_is_left_behind_is_taken_off_the_routes(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    first, second = await yard.put_out(*NORTH[:2])
    departure = await yard.departure()
    await yard.plan(departure)
    await (await yard.load(first)).do("close")
    assert (await yard.versions(departure))[-1][1:] == (
        "requested",
        "other parcels left than were planned",
    )
    assert rounds(await yard.work(departure)) == {"VAN-1": [first]}
    assert second not in (await yard.reading(departure)).calls
    gone = await rows(
        house, "select data from event where type = 'order.eta_changed' and order_id = $1", second
    )
    assert gone[-1]["data"]["eta"] is None


async def test_own_vans_leave_after_the_cut_off_and_within_their_shift(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(NORTH[0])
    departure = await yard.departure()
    cut_off = NOW + timedelta(hours=3)
    await set_departure(house, departure, Kind.OWN_VANS, cut_off)
    [route] = (await yard.plan(departure))["routes"]
    assert datetime.fromisoformat(route["leaves_at"]) >= cut_off
    # After the last shift there is only the next day.
    late = NOW.replace(hour=22)
    await set_departure(house, departure, Kind.OWN_VANS, None)
    [route] = (await yard.plan(departure, late))["routes"]
    leaves_at = datetime.fromisoformat(route["leaves_at"])
    assert leaves_at == (late + timedelta(days=1)).replace(hour=6, minute=0)


async def test_own_vans_without_a_van_leave_everything_with_the_reason(house: asyncpg.Pool) -> None:
    yard = await open_yard(house)
    [order] = await yard.put_out(NORTH[0])
    plan = await yard.plan(await yard.departure())
    [left] = plan["unserved"]
    assert left["order_id"] == order
    assert "no van" in left["reasons"][0]["reason"]


async def test_what_own_vans_were_expected_at_is_taken_back_where_a_carrier_comes(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, "VAN-1")
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    await yard.plan(departure)
    await set_departure(house, departure, Kind.CARRIER, None)
    await yard.plan(departure)
    assert (await yard.reading(departure)).calls == {}
    [_, told] = await rows(
        house, "select data from event where type = 'order.eta_changed' order by seq"
    )
    assert told["data"]["eta"] is None and told["data"]["expected_before"]
    assert order
