"""The jobs role: waybills, waves, routes, timers, and what has to leave the house."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import asyncpg
import structlog

from api.departures.rule import route_limits
from api.dispatch.sender import Sender
from api.jobs.road import open_roads
from api.jobs.solver import Solver, compile_kernels, kernels_compiled, note_compiled
from api.jobs.watch import Watch
from api.waves.rule import wave_limits, wave_rule
from api.wiring import House
from routing.error import NoPlan
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.journey.claim.claim import expire_promises
from wms.journey.goods.cycle import plan_counts
from wms.journey.goods.expiry import expire_lots
from wms.journey.goods.putaway import retry_putaways
from wms.journey.goods.refill import plan_refills
from wms.journey.goods.slotting import follow_slotting, plan_slotting
from wms.journey.inbound.inbound_date import push_overdue
from wms.journey.order.waybill import prepare_waybills
from wms.journey.route.route_plan import Roads, give_up_routes, plan_routes
from wms.journey.route.route_request import plan_departed
from wms.journey.route.route_timer import plan_when_due
from wms.journey.wave.wave_plan import give_up_wave, plan_wave
from wms.journey.wave.wave_timer import release_when_due
from wms.outbox import commands as outbox
from wms.shipping import queries as shipping
from wms.stock import commands as stock

LEASE = timedelta(minutes=5)
POLL_S = 1.0
WAVE_TICK_S = 0.25
PROMISE_TICK_S = 5.0
EXPIRY_TICK_S = 10.0
OVERDUE_TICK_S = 60.0
REFILL_TICK_S = 5.0
PUTAWAY_TICK_S = 30.0
PARTITION_TICK_S = 3_600.0
COUNT_TICK_S = 60.0
SLOTTING_TICK_S = 10.0
ROUTE_TICK_S = 5.0
VANS_TICK_S = 10.0
WAVE_TRIES = 5
ROUTE_TRIES = 5
# What a job may fail by and be tried again; anything else is a defect and ends the role loudly.
PASSING = (WmsError, NoPlan, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Desk:
    """What jobs are done with: a process for waves, one for re-slotting, and one for routes.

    compiled: whether the engines of routes are.
    """

    house: House
    solver: Solver
    slotter: Solver
    router: Solver
    roads: Roads
    compiled: asyncio.Event = field(default_factory=asyncio.Event)


async def run(house: House) -> None:
    """Works until it is cancelled."""
    solver = Solver(house.settings)
    # Re-slotting takes its time, which no wave should wait for; it starts when it is first asked.
    slotter = Solver(house.settings)
    # Nor for routes, whose process keeps the roads as well.
    router = Solver(house.settings, workers=house.settings.route_workers)
    assert house.settings.database_url is not None
    try:
        async with (
            aiohttp.ClientSession() as client,
            Watch(house.settings.database_url, ("job", "outbox")) as watch,
            open_roads(house.settings, router) as roads,
            asyncio.TaskGroup() as group,
        ):
            desk = Desk(house, solver, slotter, router, roads)
            group.create_task(_warming(desk))
            group.create_task(_sending(Sender(house, client), watch))
            for kind, width in (("waybill", 8), ("wave", 1), ("routes", 1), ("slotting", 1)):
                group.create_task(_working(desk, watch, kind, width))
            group.create_task(_ticking(house, WAVE_TICK_S, _release))
            group.create_task(_ticking(house, PROMISE_TICK_S, _expire))
            group.create_task(_ticking(house, EXPIRY_TICK_S, _expire_lots))
            group.create_task(_ticking(house, OVERDUE_TICK_S, _push_overdue))
            group.create_task(_ticking(house, REFILL_TICK_S, _refill))
            group.create_task(_ticking(house, PUTAWAY_TICK_S, _place))
            group.create_task(_ticking(house, PARTITION_TICK_S, _partition))
            group.create_task(_ticking(house, COUNT_TICK_S, _plan_counts))
            group.create_task(_ticking(house, SLOTTING_TICK_S, _follow_slotting))
            group.create_task(_ticking(house, ROUTE_TICK_S, _plan_routes))
    finally:
        for process in (solver, slotter, router):
            process.close()


async def _warming(desk: Desk) -> None:
    # What few waves need is compiled beside the others, and kept on the disk for them.
    aside = Solver(desk.house.settings)
    try:
        if kernels_compiled(desk.house.settings):
            await desk.solver.warm_up()
        else:
            await compile_kernels(desk.solver, aside)
            await aside.warm_up_choice()
            note_compiled(desk.house.settings)
            # Idle until then, it need not keep its memory; it is started anew.
            aside.close()
        await _until_vans(desk.house)
        await aside.warm_up_routes()
        desk.compiled.set()
    except* NoPlan as errors:
        log.warning("solver_not_warm", error=str(errors.exceptions[0]))
    finally:
        aside.close()


async def _until_vans(house: House) -> None:
    """Waits until the house has vans of its own: until then nobody needs their engines."""
    while True:
        try:
            async with staff_transaction(house.pool) as connection:
                if await shipping.vans(connection, None):
                    return
        except PASSING as error:
            log.warning("vans_not_looked_at", error=str(error))
        await asyncio.sleep(VANS_TICK_S)


async def _sending(sender: Sender, watch: Watch) -> None:
    async with sender:
        while True:
            try:
                taken = await sender.take_due()
            except PASSING as error:
                log.warning("sending_interrupted", error=str(error))
                taken = 0
            if taken == 0:
                await sender.wait(watch.wait("outbox", POLL_S))


async def _working(desk: Desk, watch: Watch, kind: str, width: int) -> None:
    house = desk.house
    while True:
        try:
            async with staff_transaction(house.pool) as connection:
                now = house.now()
                jobs = await outbox.claim_jobs(connection, [kind], width, now, now + LEASE)
            await asyncio.gather(*(_work(desk, job) for job in jobs))
        except PASSING as error:
            log.warning("work_interrupted", kind=kind, error=str(error))
            jobs = []
        if not jobs:
            await watch.wait("job", POLL_S)


async def _work(desk: Desk, job: asyncpg.Record) -> None:
    house = desk.house
    try:
        await WORK[job["kind"]](desk, job)
        error = None
    except PASSING as failure:
        error = f"{type(failure).__name__}: {failure}"
    async with staff_transaction(house.pool) as connection:
        if error is None:
            await outbox.finish_job(connection, job["id"], house.now())
            return
        await outbox.postpone_job(connection, job["id"], job["attempts"], error, house.now())
    log.warning("job_failed", kind=job["kind"], subject=job["subject"], error=error)


async def _make_waybills(desk: Desk, job: asyncpg.Record) -> None:
    fulfilment_order_id = job["payload"]["fulfilment_order_id"]
    await prepare_waybills(desk.house.pool, fulfilment_order_id, desk.house.now())


async def _plan_slots(desk: Desk, job: asyncpg.Record) -> None:
    house, proposal_id = desk.house, job["payload"]["proposal_id"]
    await plan_slotting(house.pool, proposal_id, desk.slotter.solve_slots, house.now())


async def _plan_wave(desk: Desk, job: asyncpg.Record) -> None:
    house, wave_id = desk.house, job["payload"]["wave_id"]
    try:
        await plan_wave(
            house.pool,
            wave_id,
            desk.solver.solve_batches,
            house.now(),
            choose=desk.solver.choose_wave,
            limits=wave_limits(house.settings),
        )
    except (WmsError, NoPlan) as error:
        if job["attempts"] < WAVE_TRIES:
            raise
        await give_up_wave(house.pool, wave_id, str(error), house.now())


async def _plan_departure(desk: Desk, job: asyncpg.Record) -> None:
    house, departure_id = desk.house, job["payload"]["departure_id"]
    if "version" not in job["payload"]:
        await plan_departed(house.pool, departure_id, house.now())
        return
    try:
        await plan_routes(
            house.pool,
            departure_id,
            desk.router.solve_routes,
            desk.roads,
            route_limits(house.settings, compiled=desk.compiled.is_set()),
            house.seed(),
            house.now(),
        )
    except (WmsError, NoPlan) as error:
        if job["attempts"] < ROUTE_TRIES:
            raise
        await give_up_routes(house.pool, departure_id, str(error))


WORK = {
    "waybill": _make_waybills,
    "wave": _plan_wave,
    "routes": _plan_departure,
    "slotting": _plan_slots,
}


async def _ticking(house: House, every_s: float, tick: Callable[[House], Awaitable[None]]) -> None:
    while True:
        try:
            await tick(house)
        except PASSING as error:
            log.warning("tick_failed", tick=tick.__name__, error=str(error))
        await asyncio.sleep(every_s)


async def _release(house: House) -> None:
    rule = wave_rule(house.settings)
    for wave_id in await release_when_due(house.pool, rule, house.seed(), house.now()):
        log.info("wave_requested", wave=wave_id)


async def _expire(house: House) -> None:
    await expire_promises(house.pool, house.now())


async def _expire_lots(house: House) -> None:
    await expire_lots(house.pool, house.now())


async def _push_overdue(house: House) -> None:
    await push_overdue(house.pool, house.now())


async def _refill(house: House) -> None:
    made = await plan_refills(house.pool, house.now())
    if made:
        log.info("refills_planned", moves=made)


async def _place(house: House) -> None:
    retried = await retry_putaways(house.pool, house.now())
    if retried.unplaced:
        log.warning("goods_without_a_place", balances=retried.unplaced, moves=retried.tasks)


async def _follow_slotting(house: House) -> None:
    await follow_slotting(house.pool, house.now())


async def _plan_routes(house: House) -> None:
    lead = timedelta(seconds=house.settings.route_lead_s)
    for departure_id in await plan_when_due(house.pool, lead, house.now()):
        log.info("routes_requested", departure=departure_id)


async def _plan_counts(house: House) -> None:
    asked = await plan_counts(house.pool, house.settings.counts_per_day, house.now())
    if asked:
        log.info("counts_planned", counts=asked)


async def _partition(house: House) -> None:
    async with staff_transaction(house.pool) as connection:
        await stock.extend_ledger(connection)
