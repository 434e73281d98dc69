"""A yard: own vans, orders that stand packed at the dock, and routes planned by the simple rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import count
from typing import Any

import asyncpg

from routing.delivery.baseline import baseline
from routing.delivery.draft import Draft, Watch
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.delivery.timetable import plan_of
from routing.delivery.travel import Travel
from routing.road.point import Point
from routing.road.straight import straight_travel
from tests.builders import NOW, add_items, add_shop, add_stock, an_item, firm_order, rows, value
from tests.wms.journey.desk import Desk, open_desk
from tests.wms.journey.people import (
    Handheld,
    loader_at_dock,
    packed_order,
    sorted_order,
    sscc_of,
)
from wms.database.pool import staff_transaction
from wms.journey.route.route_plan import Roads, plan_routes
from wms.journey.route.route_progress import LateReport, StopReport, report_progress
from wms.journey.route.route_request import replan_departure
from wms.journey.route.route_wish import make_wish
from wms.outbox.command import Answer
from wms.shipping import queries as shipping
from wms.shipping.commands import set_carrier
from wms.shipping.limit import RouteLimits, Thought
from wms.shipping.route import Reading
from wms.shipping.route_commands import enter_van
from wms.shipping.van import Van
from wms.shipping.wish import Wish
from wms.tenants.shop import Shop

A_VAN = Van(
    code="VAN-1",
    mass_g_max=1_000_000,
    volume_ml_max=8_000_000,
    shift_from=time(6),
    shift_to=time(20),
)
# The house is at 52.5, -1.5: each is some kilometres farther north.
NORTH = tuple((52.5 + 0.05 * step, -1.5) for step in range(1, 9))

_numbers = count(1)


async def solve_simply(
    problem: DeliveryProblem, thought: Thought, warm: Draft | None, watch: Watch
) -> DeliveryPlan:
    """Routes by the simple rule: a plan without a search."""
    return plan_of(problem, baseline(problem), why="it is a test", seconds=0.0)


async def by_straight_lines(points: Sequence[Point]) -> Travel:
    """What lies between points as the crow flies."""
    return straight_travel(points)


async def no_lines(rounds: Sequence[Sequence[Point]]) -> tuple[()]:
    """No roads are known."""
    return ()


ROADS = Roads(by_straight_lines, no_lines)


@dataclass(frozen=True, slots=True)
class Yard:
    """A house with own vans, a shop whose orders they bring, and a planner."""

    house: asyncpg.Pool
    shop: Shop
    desk: Desk

    async def enter_van(self, code: str, **changed: Any) -> None:
        """Enters a van."""
        async with staff_transaction(self.house) as connection:
            [warehouse] = await connection.fetch("select id from warehouse")
            await enter_van(connection, warehouse["id"], replace(A_VAN, code=code, **changed))

    async def put_out(self, *points: Point | None) -> list[int]:
        """Packs an order for each of these doors and puts it out at the dock; their numbers."""
        fulfilments = [await firm_order(self.house, self.shop, ("MUG", 1)) for _ in points]
        await sorted_order(self.house, *fulfilments)
        orders = []
        for fulfilment_id, point in zip(fulfilments, points, strict=True):
            await packed_order(self.house, fulfilment_id)
            order_id = await value(
                self.house, "select order_id from fulfilment_order where id = $1", fulfilment_id
            )
            assert isinstance(order_id, int)
            orders.append(order_id)
            where = (None, None) if point is None else point
            address = {"latitude": where[0], "longitude": where[1]}
            async with staff_transaction(self.house) as connection:
                await connection.execute(
                    "update shop_order set ship_to = ship_to || $2 where id = $1", order_id, address
                )
        return orders

    async def departure(self) -> int:
        """The number of the departure that is open."""
        found = await value(self.house, "select id from departure where state = 'open'")
        assert isinstance(found, int)
        return found

    async def reading(self, departure_id: int) -> Reading:
        """All that its routes depend on."""
        async with staff_transaction(self.house) as connection:
            reading = await shipping.read_departure(connection, departure_id)
        assert reading is not None
        return reading

    async def plan(self, departure_id: int, now: datetime = NOW) -> dict[str, Any]:
        """Asks for routes and plans them; the plan that stands then."""
        await replan_departure(self.house, departure_id, "staff:Pia", now)
        return await self.work(departure_id, now)

    async def work(self, departure_id: int, now: datetime = NOW) -> dict[str, Any]:
        """Plans what was asked for; the plan that stands then."""
        limits = RouteLimits()
        await plan_routes(self.house, departure_id, solve_simply, ROADS, limits, 7, now)
        plan = (await self.reading(departure_id)).plan
        assert plan is not None
        return plan

    async def wish(self, departure_id: int, order_id: int, **words: Any) -> None:
        """What the planner wants for an order: `van="VAN-1"`."""
        wish = Wish(**words)
        await make_wish(self.house, departure_id, order_id, wish, self.desk.staff.actor, NOW)

    async def report(
        self,
        departure_id: int,
        report: StopReport | LateReport,
        now: datetime = NOW,
        key: str | None = None,
    ) -> Answer:
        """Tells how far the vans are."""
        request = self.desk.request("departure/progress", [departure_id, repr(report)], key)
        return await report_progress(self.house, departure_id, report, request, now)

    async def load(self, *order_ids: int) -> Handheld:
        """Loads the parcels of these orders; the loader, who has not closed yet."""
        loader = await loader_at_dock(self.house)
        for order_id in order_ids:
            fulfilment_id = await value(
                self.house, "select id from fulfilment_order where order_id = $1", order_id
            )
            assert isinstance(fulfilment_id, int)
            await loader.scan_all(f"]C100{await sscc_of(self.house, fulfilment_id)}")
        return loader

    async def versions(self, departure_id: int) -> list[tuple[int, str, str]]:
        """Number, state and reason of all versions, the first first."""
        found = await rows(
            self.house,
            "select version, state, reason from departure_plan where departure_id = $1 order by 1",
            departure_id,
        )
        return [tuple(row) for row in found]


async def open_yard(house: asyncpg.Pool, *vans: str, own: bool = True) -> Yard:
    """A house whose carrier is itself, with these vans; one that is not own has a carrier's."""
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=50)
    yard = Yard(house, shop, await open_desk(house))
    for code in vans:
        await yard.enter_van(code)
    async with staff_transaction(house) as connection:
        await set_carrier(connection, "SIMEX", None, own)
    return yard


def rounds(plan: dict[str, Any]) -> dict[str, list[int]]:
    """Each van's orders in the sequence in which it comes to them."""
    return {
        route["van"]: [stop["order_id"] for stop in route["stops"]]
        for route in plan["routes"]
        if route["stops"]
    }
