"""What a sorter's gateway writes down beside events: decisions, link state, lanes and alarms."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from api.gateway.decision import DecisionDesk
from api.gateway.lease import DATABASE_FAULTS, Lease, LeaseLost
from devices.sorter.driver import HANDS_ON, SorterDriver, SorterState
from devices.sorter.message import EventType, Mode, RingEvent
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment
from wms.error import WmsError
from wms.journey.wave import ride
from wms.sorting import commands as sorting
from wms.sorting import queries as sorting_rows

_log = structlog.get_logger(__name__)
_GATHER_S = 0.25
_STATE_GATHER_S = 1.0
# A ring that is full for a moment is the belt's pace and nobody's trouble.
_HELD_S = 1.0
_AGAIN_S = 1.0
_BATCH = 200
_ALARM_BITS = 16
_MODES = {Mode.MANUAL: "is in manual mode", Mode.EMERGENCY_STOP: "is in emergency stop"}
_Key = tuple[str, str]


class DecisionKeeper:
    """Stores decisions with their items, in batches, out of the way of the next decision."""

    def __init__(self, lease: Lease, desk: DecisionDesk, now: Callable[[], datetime]) -> None:
        self._lease = lease
        self._desk = desk
        self._now = now

    async def run(self) -> None:
        """Store until cancelled."""
        while True:
            await self._desk.something_kept.wait()
            await asyncio.sleep(_GATHER_S)
            self._desk.something_kept.clear()
            try:
                await self.store()
            except (LeaseLost, *DATABASE_FAULTS) as error:
                _log.warning("decisions not stored", error=repr(error))
                await asyncio.sleep(_AGAIN_S)
                self._desk.something_kept.set()

    async def store(self) -> None:
        """Store what waits."""
        waiting = list(self._desk.kept.values())
        for start in range(0, len(waiting), _BATCH):
            decisions = waiting[start : start + _BATCH]
            try:
                early = await self._write(decisions)
            except WmsError:
                # One of them does not fit what was stored meanwhile: each stands for itself.
                early = [one for each in decisions for one in await self._write_one(each)]
            early = [one for one in early if self._desk.rides(one.reading.track)]
            self._desk.stored([one for one in decisions if one not in early])
            if early:
                self._desk.something_kept.set()

    async def _write(self, decisions: list[ride.Decision]) -> list[ride.Decision]:
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            device_id, now = self._lease.device_id, self._now()
            return await ride.record_decisions(connection, device_id, decisions, now)

    async def _write_one(self, decision: ride.Decision) -> list[ride.Decision]:
        try:
            return await self._write([decision])
        except WmsError as error:
            _log.warning("decision not kept", track=decision.reading.track, error=error.detail)
            return []


class StateReport:
    """Keeps for everybody how a sorter stands, and which alarms."""

    def __init__(
        self,
        lease: Lease,
        driver: SorterDriver,
        desk: DecisionDesk,
        now: Callable[[], datetime],
    ) -> None:
        self._lease = lease
        self._driver = driver
        self._desk = desk
        self._now = now
        self._jammed: set[int] = set()
        self._bits: dict[int, float] = {}
        self._standing: dict[_Key, str] | None = None
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Have the state written soon."""
        self._watch_bits()
        self._rung.set()

    def _watch_bits(self) -> None:
        """Remember since when each of the PLC's own alarms stands."""
        status, now_s = self._driver.status, time.monotonic()
        alarms = 0 if status is None else status.alarms
        standing = [bit for bit in range(_ALARM_BITS) if alarms >> bit & 1]
        if set(standing) - self._bits.keys():
            asyncio.get_running_loop().call_later(1.1 * _HELD_S, self._rung.set)
        self._bits = {bit: self._bits.get(bit, now_s) for bit in standing}

    def happened(self, event: RingEvent) -> None:
        """Take a jam, or its end."""
        if event.type is EventType.JAM:
            self._jammed.add(event.actual or event.planned)
        elif event.type is EventType.JAM_CLEARED:
            self._jammed.discard(event.actual or event.planned)
        else:
            return
        self.ring()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            try:
                await self._write()
            except (LeaseLost, *DATABASE_FAULTS) as error:
                _log.warning("sorter's state not written", error=repr(error))
                self._rung.set()
                await asyncio.sleep(_AGAIN_S)
            await asyncio.sleep(_STATE_GATHER_S)

    async def _write(self) -> None:
        device_id, now, wanted = self._lease.device_id, self._now(), self._alarms()
        driver, status = self._driver, self._driver.status
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            await equipment.note_state(
                connection,
                device_id,
                online=driver.state is not SorterState.DOWN,
                boot=status.boot if status is not None else None,
                link=driver.state,
                detail=self._detail(),
                now=now,
            )
            if self._standing is None:
                rows = await sorting_rows.standing_alarms(connection, device_id)
                self._standing = {(row["kind"], row["subject"]): row["said"] for row in rows}
            new = [(*key, said) for key, said in wanted.items() if self._standing.get(key) != said]
            over = sorted(self._standing.keys() - wanted.keys())
            await sorting.raise_alarms(connection, device_id, new, now)
            await sorting.clear_alarms(connection, device_id, over, now)
        for kind, subject, said in new:
            _log.warning("sorter alarm", kind=kind, subject=subject, said=said)
        self._standing = wanted

    def _detail(self) -> dict[str, object]:
        driver, status = self._driver, self._driver.status
        detail: dict[str, object] = {"circuit": driver.circuit, "fault": driver.fault}
        if status is not None:
            detail |= {
                "mode": status.mode.name.lower(),
                "alarms": status.alarms,
                "belt_speed_mm_s": status.belt_speed_mm_s,
                "lanes_full": sorted(status.lanes_full),
                "lanes_fault": sorted(status.lanes_fault),
            }
        return detail

    def _alarms(self) -> dict[_Key, str]:
        """Everything that is not as it should be, by kind and subject."""
        name, status = self._driver.name.rpartition("/")[2], self._driver.status
        alarms = dict(self._desk.alarms)
        if self._driver.state is SorterState.DOWN:
            why = self._driver.fault or "no connection yet"
            alarms["link", ""] = f"{name} is away: {why}"
        elif self._driver.state is SorterState.STALE:
            alarms["link", ""] = f"{name} answers, but its heart stands still"
        if status is None:
            return alarms
        if status.mode in HANDS_ON:
            alarms["mode", ""] = f"{name} {_MODES[status.mode]}: the house waits"
        for bit, since_s in self._bits.items():
            if time.monotonic() - since_s >= _HELD_S:
                alarms["plc", str(bit)] = f"{name} reports its alarm {bit}"
        for lane in status.lanes_fault:
            alarms["lane_fault", str(lane)] = f"Lane {lane} has a fault"
        for lane in self._jammed:
            where = f"lane {lane}" if lane else "the belt"
            alarms["jam", str(lane)] = f"Jam at {where}"
        return alarms
