"""Routes are planned by themselves near the cut-off, and anew when something has changed."""

from datetime import timedelta

import asyncpg

from tests.builders import NOW
from tests.wms.journey.route.yard import NORTH, open_yard
from wms.journey.route.route_plan import give_up_routes
from wms.journey.route.route_request import set_departure
from wms.journey.route.route_timer import plan_when_due
from wms.shipping.route import REPLAN_EVERY, Kind

LEAD = timedelta(minutes=30)
LATER = NOW + REPLAN_EVERY


async def test_a_departure_is_planned_when_its_cut_off_is_near_and_not_before(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(NORTH[0])
    departure = await yard.departure()
    assert await plan_when_due(house, LEAD, NOW) == []
    await set_departure(house, departure, Kind.OWN_VANS, NOW + timedelta(hours=1))
    assert await plan_when_due(house, LEAD, NOW) == []
    near = NOW + timedelta(minutes=31)
    assert await plan_when_due(house, LEAD, near) == [departure]
    assert await plan_when_due(house, LEAD, near) == []
    await yard.work(departure, near)
    assert await plan_when_due(house, LEAD, near + REPLAN_EVERY) == []


async def test_a_parcel_that_joins_has_the_routes_planned_anew_but_not_too_often(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.put_out(NORTH[0])
    departure = await yard.departure()
    await yard.plan(departure)
    assert await plan_when_due(house, LEAD, LATER) == []
    await yard.put_out(NORTH[1])
    assert await plan_when_due(house, LEAD, LATER - timedelta(seconds=1)) == []
    assert await plan_when_due(house, LEAD, LATER) == [departure]
    assert (await yard.versions(departure))[-1][2] == "1 more to bring than were planned"
    await yard.work(departure, LATER)
    assert await plan_when_due(house, LEAD, LATER + REPLAN_EVERY) == []


async def test_a_wish_has_the_routes_planned_anew(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1", "VAN-2")
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    await yard.plan(departure)
    await yard.wish(departure, order, van="VAN-2")
    assert await plan_when_due(house, LEAD, LATER) == [departure]


async def test_what_was_given_up_is_tried_again_after_a_while(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    await yard.plan(departure)
    await yard.wish(departure, order, priority=3)
    assert await plan_when_due(house, LEAD, LATER) == [departure]
    await give_up_routes(house, departure, "no plan holds")
    assert await plan_when_due(house, LEAD, LATER + REPLAN_EVERY) == []
    assert await plan_when_due(house, LEAD, LATER + 10 * REPLAN_EVERY) == [departure]


async def test_a_carriers_departure_without_a_cut_off_is_left_alone(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, own=False)
    orders = await yard.put_out(NORTH[0])
    assert await plan_when_due(house, LEAD, LATER) == []
    await (await yard.load(*orders)).do("close")
    assert await plan_when_due(house, LEAD, LATER) == []
