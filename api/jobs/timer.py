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
from wms.error import Conflict, WmsError
from wms.journey.buyer.erasure import erase_old
from wms.journey.buyer.news import tell_buyers
from wms.journey.buyer.sealing import seal_when_new
from wms.journey.buyer.trail import chain_news
from wms.journey.buyer.vault import expire_codes
from wms.journey.claim.claim import expire_promises
from wms.journey.goods.cycle import plan_counts
from wms.journey.goods.expiry import expire_lots
from wms.journey.goods.putaway import retry_putaways
from wms.journey.goods.refill import plan_refills
from wms.journey.goods.slotting import follow_slotting
from wms.journey.handoff.rule import follow_rules
from wms.journey.handoff.sop import watch_steps
from wms.journey.inbound.inbound_date import push_overdue
from wms.journey.order.quote import drop_old_quotes
from wms.journey.order.schedule import open_due
from wms.journey.order.suspect import learn_usual
from wms.journey.order.watch import tell_overdue_holds, warn_of_promises
from wms.journey.replenish.alarm import watch_stock
from wms.journey.replenish.run import run_when_due
from wms.journey.route.route_timer import plan_when_due
from wms.journey.shop.connector import forget_messages
from wms.journey.shop.endpoint import forget_deliveries
from wms.journey.shop.sale import admit_all
from wms.journey.wave.wave_timer import release_when_due
from wms.stock import commands as stock

# An alarm comes when so much of a promise is over, at the latest.
EARLY = 0.8
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


async def _admit(house: House) -> None:
    await admit_all(house.pool, house.now())


async def _expire_lots(house: House) -> None:
    await expire_lots(house.pool, house.now())


async def _open_due(house: House) -> None:
    opened = await open_due(house.pool, house.now())
    if opened:
        log.info("scheduled_orders_opened", fulfilment_orders=opened)


async def _drop_quotes(house: House) -> None:
    await drop_old_quotes(house.pool, house.now())


async def _watch_orders(house: House) -> None:
    settings = house.settings
    promised = timedelta(seconds=settings.waybill_promise_s)
    # Whatever the settings say, an alarm is of use only before the promise is broken.
    alarm = min(EARLY * promised, timedelta(seconds=settings.waybill_alarm_s))
    late = await warn_of_promises(house.pool, promised, alarm, house.now())
    if late:
        log.warning("promise_at_risk", fulfilment_orders=late)
    overdue = await tell_overdue_holds(house.pool, house.now())
    if overdue:
        log.warning("holds_overdue", holds=overdue)


async def _learn_usual(house: House) -> None:
    items = await learn_usual(house.pool, house.now())
    if items:
        log.info("usual_learnt", items=items)


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


async def _chain_audit(house: House) -> None:
    try:
        made = await chain_news(house.pool, house.now())
    except Conflict as cut:
        log.error("audit_cut", error=cut.detail)
        return
    for batch in made:
        # Who keeps the log sees later whether a batch was cut off the end.
        log.info(
            "audit_batch",
            tenant=batch.tenant_id,
            number=batch.number,
            entries=batch.entries,
            hash=batch.hash.hex(),
        )


async def _seal(house: House) -> None:
    written = await seal_when_new(house.pool)
    if written:
        log.info("personal_data_sealed", rows=written)


async def _erase_old(house: House) -> None:
    days = house.settings.personal_days
    if days:
        done = await erase_old(house.pool, timedelta(days=days), house.now())
        if done:
            log.info("buyers_forgotten", orders=done)


async def _tell_buyers(house: House) -> None:
    await tell_buyers(house.pool, house.now())


async def _expire_codes(house: House) -> None:
    expired = await expire_codes(house.pool, house.now())
    if expired:
        log.info("digital_codes_expired", codes=expired)


async def _partition(house: House) -> None:
    async with staff_transaction(house.pool) as connection:
        await stock.extend_ledger(connection)


async def _forget_deliveries(house: House) -> None:
    kept = timedelta(days=house.settings.delivery_days)
    deleted = await forget_deliveries(house.pool, kept, house.now())
    if deleted:
        log.info("deliveries_deleted", messages=deleted)


async def _forget_messages(house: House) -> None:
    kept = timedelta(days=house.settings.delivery_days)
    deleted = await forget_messages(house.pool, kept, house.now())
    if deleted:
        log.info("connector_messages_deleted", messages=deleted)


async def _follow_rules(house: House) -> None:
    wait = timedelta(seconds=house.settings.refund_wait_s)
    opened = await follow_rules(house.pool, wait, house.now())
    if opened:
        log.info("tickets_opened", tickets=opened)


async def _watch_steps(house: House) -> None:
    seen = await watch_steps(house.pool, house.now())
    if seen.overdue or seen.raised:
        log.warning("steps_overdue", new=seen.overdue, raised=seen.raised)


# Seconds from one look to the next.
TIMERS: tuple[tuple[float, Callable[[House], Awaitable[None]]], ...] = (
    (0.25, _release),
    (5.0, _expire),
    (1.0, _admit),
    (10.0, _expire_lots),
    (5.0, _open_due),
    (5.0, _watch_orders),
    (5.0, _follow_rules),
    (15.0, _watch_steps),
    (600.0, _learn_usual),
    (3_600.0, _drop_quotes),
    (60.0, _push_overdue),
    (5.0, _refill),
    (30.0, _place),
    (10.0, _follow_slotting),
    (5.0, _plan_routes),
    (60.0, _plan_counts),
    (60.0, _replenish),
    (30.0, _watch_stock),
    (2.0, _chain_audit),
    (60.0, _seal),
    (600.0, _erase_old),
    (1.0, _tell_buyers),
    (30.0, _expire_codes),
    (3_600.0, _partition),
    (600.0, _forget_deliveries),
    (3_600.0, _forget_messages),
)
