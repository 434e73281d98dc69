"""The jobs role: waybills, waves, routes, timers, and what has to leave the house."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import aiohttp
import asyncpg
import structlog

from api.dispatch.sender import Sender
from api.jobs.solver import Solver
from api.jobs.watch import Watch
from api.wiring import House
from routing.error import NoPlan
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.journey.claim import expire_promises
from wms.journey.departure import plan_routes
from wms.journey.wave import release_when_due
from wms.journey.wave_plan import give_up_wave, plan_wave
from wms.journey.waybill import prepare_waybills
from wms.outbox import commands as outbox
from wms.stock import commands as stock

LEASE = timedelta(minutes=5)
POLL_S = 1.0
WAVE_TICK_S = 0.25
PROMISE_TICK_S = 5.0
PARTITION_TICK_S = 3_600.0
WAVE_TRIES = 5
# What a job may fail by and be tried again; anything else is a defect and ends the role loudly.
PASSING = (WmsError, NoPlan, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
log = structlog.get_logger()


async def run(house: House) -> None:
    """Works until it is cancelled."""
    solver = Solver(house.settings)
    assert house.settings.database_url is not None
    try:
        async with (
            aiohttp.ClientSession() as client,
            Watch(house.settings.database_url, ("job", "outbox")) as watch,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(_warming(solver))
            group.create_task(_sending(Sender(house, client), watch))
            for kinds, width in ((["waybill"], 8), (["wave"], 1), (["routes"], 1)):
                group.create_task(_working(house, solver, watch, kinds, width))
            group.create_task(_ticking(house, WAVE_TICK_S, _release))
            group.create_task(_ticking(house, PROMISE_TICK_S, _expire))
            group.create_task(_ticking(house, PARTITION_TICK_S, _partition))
    finally:
        solver.close()


async def _warming(solver: Solver) -> None:
    try:
        await solver.warm_up()
    except NoPlan as error:
        log.warning("solver_not_warm", error=str(error))


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


async def _working(
    house: House, solver: Solver, watch: Watch, kinds: list[str], width: int
) -> None:
    while True:
        try:
            async with staff_transaction(house.pool) as connection:
                now = house.now()
                jobs = await outbox.claim_jobs(connection, kinds, width, now, now + LEASE)
            await asyncio.gather(*(_work(house, solver, job) for job in jobs))
        except PASSING as error:
            log.warning("work_interrupted", kinds=kinds, error=str(error))
            jobs = []
        if not jobs:
            await watch.wait("job", POLL_S)


async def _work(house: House, solver: Solver, job: asyncpg.Record) -> None:
    try:
        await _do(house, solver, job)
        error = None
    except PASSING as failure:
        error = f"{type(failure).__name__}: {failure}"
    async with staff_transaction(house.pool) as connection:
        if error is None:
            await outbox.finish_job(connection, job["id"], house.now())
            return
        await outbox.postpone_job(connection, job["id"], job["attempts"], error, house.now())
    log.warning("job_failed", kind=job["kind"], subject=job["subject"], error=error)


async def _do(house: House, solver: Solver, job: asyncpg.Record) -> None:
    payload = job["payload"]
    if job["kind"] == "waybill":
        await prepare_waybills(house.pool, payload["fulfilment_order_id"], house.now())
    elif job["kind"] == "routes":
        await plan_routes(house.pool, payload["departure_id"], solver.solve_routes, house.seed())
    else:
        assert job["kind"] == "wave"
        try:
            await plan_wave(house.pool, payload["wave_id"], solver.solve_batches, house.now())
        except (WmsError, NoPlan) as error:
            if job["attempts"] < WAVE_TRIES:
                raise
            await give_up_wave(house.pool, payload["wave_id"], str(error), house.now())


async def _ticking(house: House, every_s: float, tick: Callable[[House], Awaitable[None]]) -> None:
    while True:
        try:
            await tick(house)
        except PASSING as error:
            log.warning("tick_failed", tick=tick.__name__, error=str(error))
        await asyncio.sleep(every_s)


async def _release(house: House) -> None:
    settings = house.settings
    wave_id = await release_when_due(
        house.pool,
        settings.wave_min_orders,
        timedelta(seconds=settings.wave_max_wait_s),
        house.seed(),
        house.now(),
    )
    if wave_id is not None:
        log.info("wave_requested", wave=wave_id)


async def _expire(house: House) -> None:
    await expire_promises(house.pool, house.now())


async def _partition(house: House) -> None:
    # Only the owner of the tables may add to them: `stowline migrate` does; here it is watched.
    async with staff_transaction(house.pool) as connection:
        months = await stock.partitions_ahead(connection, house.now())
    if months < 2:
        log.error("ledger_partitions_run_out", months=months, cure="run `stowline migrate`")
