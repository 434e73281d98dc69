"""What the gateway does with a sorter while it holds its lease."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from api.gateway.bell import Bell, wait_for
from api.gateway.decision import DecisionDesk
from api.gateway.equipment import Sorter
from api.gateway.journal import Keeping, ScanJournal, SorterJournal
from api.gateway.keeper import BadKeeper
from api.gateway.kill import Killer
from api.gateway.lane import LaneTable
from api.gateway.lane_order import LaneOrders
from api.gateway.lease import DATABASE_FAULTS, Lease, LeaseLost
from api.gateway.report import DecisionKeeper, StateReport
from devices.link.client import BrokerAddress, DeviceLink
from devices.sorter.driver import SorterAddress, SorterDriver, SorterState
from devices.sorter.message import RingEvent
from devices.sorter.register import WORD_MAX
from wms.database.pool import staff_transaction
from wms.journey.wave import ride
from wms.journey.wave.parcel_sort import ways_over
from wms.sorting import queries as sorting

_log = structlog.get_logger(__name__)
POLL_S = 2.0
# A wave binds totes one after the other: one look at the table serves many of them.
_GATHER_S = 0.05


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all devices of a gateway share."""

    broker: BrokerAddress
    site: str
    now: Callable[[], datetime]
    routes_changed: Bell
    labels_changed: Bell
    counts: Counter[str]
    killer: Killer = field(default_factory=Killer)


@dataclass(frozen=True, slots=True)
class _Station:
    """What one sorter is served with."""

    lease: Lease
    lanes: LaneTable
    desk: DecisionDesk
    orders: LaneOrders
    report: StateReport
    around: Surroundings


async def serve_sorter(lease: Lease, sorter: Sorter, around: Surroundings) -> None:
    """Decides, confirms and books what passes a sorter, until cancelled."""
    lanes = LaneTable(sorter.plan)
    desk = DecisionDesk(lanes, sorter.decision_counts, around.routes_changed.ring)
    desk.counts = around.counts
    keeping = Keeping(lease, sorter.plan, desk, around.now, around.counts)

    def happened(event: RingEvent) -> None:
        desk.happened(event)
        report.happened(event)

    stood: list[tuple[SorterState, int]] = []

    def changed() -> None:
        desk.changed(driver.status)
        report.ring()
        if driver.status is None or stood == [(driver.state, driver.status.boot)]:
            return
        stood[:] = [(driver.state, driver.status.boot)]
        if driver.state is SorterState.RUN:
            # Lanes that staff closed are told to a PLC that may just have restarted.
            around.routes_changed.ring()

    driver = SorterDriver(
        str(sorter.device),
        SorterAddress(host=sorter.host, port=sorter.port),
        around.killer.events(SorterJournal(keeping)),
        (lease.fence - 1) % WORD_MAX + 1,
        on_event=happened,
        on_change=changed,
    )
    desk.sorter, desk.commander = around.killer.sorter(driver), driver
    report = StateReport(lease, driver, desk, around.now)
    keeper = DecisionKeeper(lease, desk, around.now)
    orders = LaneOrders(lease, driver, around.now)
    station = _Station(lease, lanes, desk, orders, report, around)
    scans = ScanJournal(keeping)
    bad = BadKeeper(lease, around.site, around.now)
    link = DeviceLink(
        around.broker,
        around.site,
        around.killer.events(scans),
        client_id=f"stowline-{sorter.device.device}-{lease.holder}-{lease.fence}",
        only=sorter.scanners,
        on_event=desk.scanned,
        on_bad=bad.note_boots,
        boots=scans,
    )
    await _refresh(station)
    await _recall(lease, desk)
    report.ring()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(driver.run())
        tasks.create_task(desk.run())
        tasks.create_task(link.run())
        tasks.create_task(bad.run())
        tasks.create_task(keeper.run())
        tasks.create_task(report.run())
        tasks.create_task(_follow_routes(station))
        tasks.create_task(_follow_orders(station))


async def _follow_routes(station: _Station) -> None:
    changed = station.around.routes_changed
    while True:
        rung = changed.next()
        await _refresh(station)
        station.desk.reconsider()
        station.report.ring()
        await wait_for(rung, POLL_S)
        await asyncio.sleep(_GATHER_S)


async def _follow_orders(station: _Station) -> None:
    changed = station.around.routes_changed
    while True:
        rung = changed.next()
        await station.orders.work()
        await wait_for(rung, POLL_S)
        await asyncio.sleep(_GATHER_S)


async def _recall(lease: Lease, desk: DecisionDesk) -> None:
    """Tells the desk what rode when the last gateway stopped."""
    while True:
        try:
            async with staff_transaction(lease.pool) as connection:
                rows = await sorting.items_riding(connection, lease.device_id)
            break
        except DATABASE_FAULTS as error:
            _log.warning("what rides is not read yet", error=repr(error))
            await asyncio.sleep(POLL_S)
    desk.recall(
        (row["track"], row["unit"], row["lane"] or 0, row["state"] == "acknowledged")
        for row in rows
        if row["state"] != "recirculated"
    )


async def _refresh(station: _Station) -> None:
    """Reads the ways and the lanes, and gives up what was not seen for long."""
    lease, now, units = station.lease, station.around.now(), station.desk.units
    try:
        async with staff_transaction(lease.pool) as connection:
            ways = await ways_over(connection, station.lanes.plan, now, units)
            closed = await sorting.closed_lanes(connection, lease.device_id)
            standing = await sorting.standing_in_lanes(connection, lease.device_id)
        await _give_up(station)
    except (LeaseLost, *DATABASE_FAULTS) as error:
        _log.warning("routes not read; the last ones stand", error=repr(error))
        return
    station.lanes.replace(ways)
    station.lanes.replace_lanes(
        {row["lane"]: row["closed_why"] for row in closed},
        {row["lane"]: row["standing"] for row in standing},
    )


async def _give_up(station: _Station) -> None:
    lease, now = station.lease, station.around.now()
    gone = station.desk.gone()
    async with staff_transaction(lease.pool) as connection:
        await lease.check(connection)
        for track, unit in gone:
            _log.warning("unit lost on the sorter", track=track, unit=unit)
            await ride.lose_track(connection, lease.device_id, track, now)
        await ride.lose_forgotten(connection, lease.device_id, now)
