"""The jobs role: waybills, waves, routes, timers, and what has to leave the house."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg
import structlog

from api.connectors.work import carry_out_message
from api.departures.rule import route_limits
from api.dispatch.generator import Generators, open_generators
from api.dispatch.sender import Sender, open_sender
from api.jobs.road import open_roads
from api.jobs.solver import Solver, compile_kernels, kernels_compiled, note_compiled
from api.jobs.timer import PASSING, TIMERS, ticking
from api.jobs.watch import Watch
from api.replenishment.rule import stock_limits
from api.waves.rule import wave_limits
from api.wiring import House
from routing.error import NoPlan
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.journey.buyer.digital import deliver
from wms.journey.goods.slotting import plan_slotting
from wms.journey.order.waybill import prepare_waybills
from wms.journey.replenish.run import give_up_run, plan_run
from wms.journey.route.route_plan import Roads, give_up_routes, plan_routes
from wms.journey.route.route_request import plan_departed
from wms.journey.wave.wave_plan import give_up_wave, plan_wave
from wms.outbox import commands as outbox
from wms.shipping import queries as shipping

LEASE = timedelta(minutes=5)
POLL_S = 1.0
VANS_TICK_S = 10.0
WAVE_TRIES = 5
ROUTE_TRIES = 5
RUN_TRIES = 3
# A forecast of a large house takes its time; nobody should begin it a second time meanwhile.
LEASES = {"replenish": timedelta(hours=1)}
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Desk:
    """What jobs are done with: a process each for waves, re-slotting, routes and forecasts.

    compiled: whether the engines of routes are.
    """

    house: House
    solver: Solver
    slotter: Solver
    router: Solver
    forecaster: Solver
    roads: Roads
    generators: Generators
    compiled: asyncio.Event = field(default_factory=asyncio.Event)


async def run(house: House) -> None:
    """Works until it is cancelled."""
    solver = Solver(house.settings)
    # Re-slotting takes its time, which no wave should wait for; it starts when it is first asked.
    slotter = Solver(house.settings)
    # Nor for routes, whose process keeps the roads as well.
    router = Solver(house.settings, workers=house.settings.route_workers)
    # A forecast takes minutes in a large house; its process ends with it.
    forecaster = Solver(house.settings)
    assert house.settings.database_url is not None
    try:
        async with (
            open_sender(house) as sender,
            open_generators(house) as generators,
            Watch(house.settings.database_url, ("job", "outbox")) as watch,
            open_roads(house.settings, router) as roads,
            asyncio.TaskGroup() as group,
        ):
            desk = Desk(house, solver, slotter, router, forecaster, roads, generators)
            group.create_task(_warming(desk))
            group.create_task(_sending(sender, watch))
            for kind, width in (
                ("waybill", 8),
                ("digital", 8),
                ("connector", 4),
                ("generate", 16),
                ("wave", 1),
                ("routes", 1),
                ("slotting", 1),
                ("replenish", 1),
            ):
                group.create_task(_working(desk, watch, kind, width))
            for every_s, tick in TIMERS:
                group.create_task(ticking(house, every_s, tick))
    finally:
        for process in (solver, slotter, router, forecaster):
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
                jobs = await outbox.claim_jobs(
                    connection, [kind], width, now, now + LEASES.get(kind, LEASE)
                )
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
            await outbox.finish_job(connection, job, house.now())
            return
        await outbox.postpone_job(connection, job, error, house.now())
    log.warning("job_failed", kind=job["kind"], subject=job["subject"], error=error)


async def _make_waybills(desk: Desk, job: asyncpg.Record) -> None:
    fulfilment_order_id = job["payload"]["fulfilment_order_id"]
    await prepare_waybills(desk.house.pool, fulfilment_order_id, desk.house.now())


async def _deliver(desk: Desk, job: asyncpg.Record) -> None:
    await deliver(desk.house.pool, job["payload"]["fulfilment_order_id"], desk.house.now())


async def _generate(desk: Desk, job: asyncpg.Record) -> None:
    await desk.generators.make(job["payload"]["delivery_id"], job["attempts"])


async def _carry_out(desk: Desk, job: asyncpg.Record) -> None:
    # A refusal has been told; who knows that its reason is gone asks for it again.
    await carry_out_message(desk.house, job["payload"]["delivery_id"], refused_too=False)


async def _plan_slots(desk: Desk, job: asyncpg.Record) -> None:
    house, proposal_id = desk.house, job["payload"]["proposal_id"]
    await plan_slotting(house.pool, proposal_id, desk.slotter.solve_slots, house.now())


async def _plan_run(desk: Desk, job: asyncpg.Record) -> None:
    house, run_id = desk.house, job["payload"]["run_id"]
    try:
        await plan_run(
            house.pool,
            run_id,
            desk.forecaster.forecast,
            stock_limits(house.settings),
            house.now(),
        )
    except (WmsError, NoPlan) as error:
        if job["attempts"] < RUN_TRIES:
            raise
        await give_up_run(house.pool, run_id, str(error), house.now())
    finally:
        desk.forecaster.close()


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
    "digital": _deliver,
    "connector": _carry_out,
    "generate": _generate,
    "wave": _plan_wave,
    "routes": _plan_departure,
    "slotting": _plan_slots,
    "replenish": _plan_run,
}
