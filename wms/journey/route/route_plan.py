"""Plan a departure's routes: read, solve with no transaction open, save if it is still the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from time import monotonic

import asyncpg

from routing.delivery.arrival import arrival_bands
from routing.delivery.draft import Draft, Progress, Watch
from routing.delivery.loading import loading_order
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.delivery.travel import Travel
from routing.road.point import Point
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict
from wms.journey.route.route_request import JOB, reading_of
from wms.shipping import queries as shipping
from wms.shipping import route_commands as routes
from wms.shipping.agenda import Agenda, agenda_of
from wms.shipping.limit import RouteLimits, Thought
from wms.shipping.route import Kind, Reading, State
from wms.shipping.route_plan import Planned, Way, calls_of, kept_plan, legs_of

# Each further plan of the same version is given so many times less thought.
HASTE = (1, 4, 4)
PROGRESS_EVERY_S = 0.5
NOTHING_LEFT = DeliveryPlan((), (), 0.0, "none", "no stop is left to plan", "none", 0, 0.0)

Solve = Callable[[DeliveryProblem, Thought, Draft | None, Watch], Awaitable[DeliveryPlan]]


@dataclass(frozen=True, slots=True)
class Roads:
    """What lies between points, and the lines that vans drive on along each list of points.

    Where no roads are known, `ways` answers nothing.
    """

    travel: Callable[[Sequence[Point]], Awaitable[Travel]]
    ways: Callable[[Sequence[Sequence[Point]]], Awaitable[Sequence[Way]]]


async def plan_routes(
    pool: asyncpg.Pool,
    departure_id: int,
    solve: Solve,
    roads: Roads,
    limits: RouteLimits,
    seed: int,
    now: datetime,
) -> None:
    """Plans the version of a departure's routes that was asked for.

    `solve` answers a problem in a process of its own, from a draft to begin with where there is
    one, and tells how far it is. A plan under which parcels, wishes or vans have changed is made
    again at once, with less thought.

    Raises:
        Conflict: `plan_stale`, it changed each time; plan it again later.
        NoPlan: no plan passed the audit.
    """
    for tried, haste in enumerate(HASTE, start=1):
        limits = limits.hurried(haste)
        try:
            await _plan_once(pool, departure_id, solve, roads, limits, seed, now)
        except Conflict as conflict:
            if conflict.code != "plan_stale" or tried == len(HASTE):
                raise
        else:
            return


async def _plan_once(
    pool: asyncpg.Pool,
    departure_id: int,
    solve: Solve,
    roads: Roads,
    limits: RouteLimits,
    seed: int,
    now: datetime,
) -> None:
    async with staff_transaction(pool) as connection:
        asked = await shipping.plan_in_state(connection, departure_id, State.REQUESTED)
        reading = await shipping.read_departure(connection, departure_id)
    if asked is None or reading is None:
        return
    version: int = asked["version"]
    if not reading.going:
        await give_up_routes(pool, departure_id, "No parcel of it can be planned.")
        return
    agenda = agenda_of(reading, now)
    began_s = monotonic()
    plan, problem = NOTHING_LEFT, None
    if agenda.stops:
        problem = agenda.problem(await roads.travel(agenda.points))
        async with _told(pool, departure_id, version) as watch:
            plan = await _solved(problem, agenda, solve, limits, seed, watch)
    planned = await _planned(agenda, problem, plan, roads, began_s)
    await _save(pool, reading, version, seed, planned, now)


async def _solved(
    problem: DeliveryProblem,
    agenda: Agenda,
    solve: Solve,
    limits: RouteLimits,
    seed: int,
    watch: Watch,
) -> DeliveryPlan:
    warm, kind = agenda.warm(), agenda.reading.kind
    thought = limits.thought(kind, len(problem.stops), seed, warm=warm is not None)
    return await solve(problem, thought, warm, watch)


async def _planned(
    agenda: Agenda,
    problem: DeliveryProblem | None,
    plan: DeliveryPlan,
    roads: Roads,
    began_s: float,
) -> Planned:
    """The plan with arrivals, orders of loading, and the lines on the map."""
    if problem is None:
        return Planned(agenda, plan, (), (), (), 0.0)
    lines = await roads.ways([legs_of(agenda, route) for route in plan.routes])
    return Planned(
        agenda,
        plan,
        tuple(arrival_bands(problem, route) for route in plan.routes),
        tuple(loading_order(route)[0] for route in plan.routes),
        tuple(lines),
        monotonic() - began_s,
    )


@again_on_deadlock
async def _save(
    pool: asyncpg.Pool,
    reading: Reading,
    version: int,
    seed: int,
    planned: Planned,
    now: datetime,
) -> None:
    async with staff_transaction(pool) as connection:
        current = await reading_of(connection, reading.departure_id)
        asked = await shipping.plan_in_state(connection, reading.departure_id, State.REQUESTED)
        if asked is None or asked["version"] != version:
            return
        if current.digest != reading.digest:
            raise Conflict(
                "plan_stale",
                f"Parcels, wishes or vans of departure {reading.departure_id} have changed.",
            )
        await routes.save_plan(connection, current, version, seed, kept_plan(planned), now)
        # Nobody knows when a carrier comes: what own vans were expected at before is taken back.
        calls = calls_of(planned) if current.kind is Kind.OWN_VANS else []
        await routes.expect_calls(connection, current, calls, JOB, now)


@again_on_deadlock
async def give_up_routes(pool: asyncpg.Pool, departure_id: int, reason: str) -> None:
    """Refuses routes that could not be planned; those that stand stay."""
    async with staff_transaction(pool) as connection:
        await routes.lock_departure(connection, departure_id)
        asked = await shipping.plan_in_state(connection, departure_id, State.REQUESTED)
        if asked is not None:
            await routes.refuse_plan(connection, departure_id, asked["version"], reason)


@asynccontextmanager
async def _told(pool: asyncpg.Pool, departure_id: int, version: int) -> AsyncIterator[Watch]:
    """Somebody to tell how far a search is, who writes the newest of it down now and then."""
    newest: list[Progress] = []

    def watch(progress: Progress) -> None:
        newest[:] = [progress]

    async def write() -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY_S)
            if newest:
                progress = asdict(newest.pop())
                async with staff_transaction(pool) as connection:
                    await routes.set_progress(connection, departure_id, version, progress)

    writing = asyncio.create_task(write())
    try:
        yield watch
    finally:
        writing.cancel()
        # A plan is not given up because nobody could be told how far it was.
        await asyncio.gather(writing, return_exceptions=True)
