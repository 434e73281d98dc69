"""The timers of the jobs role: what the house looks at by itself, and how often."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import structlog

from api.waves.rule import wave_rule
from api.wiring import House
from routing.error import NoPlan
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.journey.claim.claim import expire_promises
from wms.journey.goods.cycle import plan_counts
from wms.journey.goods.expiry import expire_lots
from wms.journey.goods.putaway import retry_putaways
from wms.journey.goods.refill import plan_refills
from wms.journey.goods.slotting import follow_slotting
from wms.journey.inbound.inbound_date import push_overdue
from wms.journey.replenish.alarm import watch_stock
from wms.journey.replenish.run import run_when_due
from wms.journey.route.route_timer import plan_when_due
from wms.journey.wave.wave_timer import release_when_due
from wms.stock import commands as stock

# What a job may fail by and be tried again; anything else is a defect and ends the role loudly.
PASSING = (WmsError, NoPlan, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
log = structlog.get_logger()


async def ticking(house: House, every_s: float, tick: Callable[[House], Awaitable[None]]) -> None:
    """Looks again and again, so many seconds after it has looked; a failure waits its turn."""
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


async def _replenish(house: House) -> None:
    run_id = await run_when_due(house.pool, house.settings.replenish_hour, house.now())
    if run_id is not None:
        log.info("replenishment_requested", run=run_id)


async def _watch_stock(house: House) -> None:
    told = await watch_stock(house.pool, house.now())
    if told:
        log.info("safety_stock_crossed", items=told)


async def _partition(house: House) -> None:
    async with staff_transaction(house.pool) as connection:
        await stock.extend_ledger(connection)


# Seconds from one look to the next.
TIMERS: tuple[tuple[float, Callable[[House], Awaitable[None]]], ...] = (
    (0.25, _release),
    (5.0, _expire),
    (10.0, _expire_lots),
    (60.0, _push_overdue),
    (5.0, _refill),
    (30.0, _place),
    (10.0, _follow_slotting),
    (5.0, _plan_routes),
    (60.0, _plan_counts),
    (60.0, _replenish),
    (30.0, _watch_stock),
    (3_600.0, _partition),
)
