"""Journals of scans and of the sorter over the database: one transaction an event."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime

import asyncpg
import structlog

from api.gateway.decision import DecisionDesk
from api.gateway.lease import Lease
from devices.journal import InboundEvent
from devices.link.message import DeviceEvent
from devices.sorter.register import EventType, RingEvent
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.equipment.device import DeadTelegram
from wms.journey.device.dead_letter import keep_telegram
from wms.journey.wave import ride, sort_effect
from wms.journey.wave.sort import Divert
from wms.outbox import commands as outbox
from wms.sorting.plan import SorterPlan

_log = structlog.get_logger(__name__)
_BOOT_SEQ = 0


@dataclass(frozen=True, slots=True)
class Keeping:
    """What both journals of a sorter keep by: its lease, its plan, a clock, and who counts."""

    lease: Lease
    plan: SorterPlan
    desk: DecisionDesk
    now: Callable[[], datetime]
    counts: Counter[str]

    async def keep(
        self, telegram: DeadTelegram, effect: Callable[[asyncpg.Connection], Awaitable[None]]
    ) -> None:
        """Keep a telegram and its effect; one that the house refuses becomes a dead letter."""
        async with staff_transaction(self.lease.pool) as connection:
            await self.lease.check(connection)
            refused = await keep_telegram(connection, telegram, effect, self.now())
        if refused is not None:
            self.counts["effects_refused"] += 1
            _log.error(
                "event without effect", device=telegram.device, kind=telegram.kind, error=refused
            )


class ScanJournal:
    """Keeps scans, and notes on which track a unit rides."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping

    async def resume(self, device: str, boot: int) -> int:
        """Gives how far a scanner's boot came."""
        lease = self._keeping.lease
        async with staff_transaction(lease.pool) as connection:
            await lease.check(connection)
            return await equipment.last_telegram(connection, device, boot) or 0

    async def accept(self, event: InboundEvent[DeviceEvent]) -> None:
        """Keeps a scan and its effect."""
        keeping, body = self._keeping, event.body
        unit, read = keeping.desk.reading_of(body)
        payload: dict[str, object] = {
            "at": body.at.isoformat(),
            "aim": body.aim,
            "raw": body.raw,
            "trigger": body.trigger,
            "read": read,
            "unit": unit,
            "sorter_id": keeping.lease.device_id,
        }
        telegram = DeadTelegram(event.device, event.boot, event.seq, sort_effect.SCAN, payload)

        async def effect(connection: asyncpg.Connection) -> None:
            if not await sort_effect.note_scan(connection, telegram, keeping.now()):
                keeping.counts["scans_of_unexpected_totes"] += 1

        await keeping.keep(telegram, effect)


class SorterJournal:
    """Keeps the sorter's events, and books diverts."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping

    async def resume(self, device: str, boot: int) -> int:
        """Gives how far a PLC's boot came; a boot that is new puts what rides in quarantine."""
        lease = self._keeping.lease
        async with staff_transaction(lease.pool) as connection:
            await lease.check(connection)
            last = await equipment.last_telegram(connection, device, boot)
            if last is not None:
                return last
            heard = await equipment.was_heard(connection, device)
            await outbox.keep_telegram(connection, device, boot, _BOOT_SEQ, "boot", {})
            riding = 0
            if heard:
                riding = await ride.lose_all(connection, lease.device_id, self._keeping.now())
        if heard:
            self._keeping.desk.forget()
            self._keeping.counts["plc_restarts"] += 1
            _log.warning("sorter restarted", device=device, boot=boot, riding=riding)
        return 0

    async def accept(self, event: InboundEvent[RingEvent]) -> None:
        """Keeps an event and its effect, after what was decided for its track."""
        keeping, body = self._keeping, event.body
        lane = keeping.plan.lane(body.actual)
        payload: dict[str, object] = asdict(body) | {
            "reason": body.reason.name.lower(),
            "tote": keeping.desk.tote_on(body.track),
            "sorter_id": keeping.lease.device_id,
            "place": lane.place,
            "set_aside": body.actual in keeping.plan.set_aside,
            "purge_after_wave": keeping.plan.purge_after_wave,
        }
        kind = body.type.name.lower()
        telegram = DeadTelegram(event.device, event.boot, event.seq, kind, payload)
        decided = keeping.desk.kept.get(body.track)
        verdict: list[Divert | None] = []

        async def effect(connection: asyncpg.Connection) -> None:
            now, device_id = keeping.now(), keeping.lease.device_id
            if decided is not None and body.type is not EventType.INDUCTED:
                await ride.record_decisions(connection, device_id, [decided], now)
            verdict.append(await sort_effect.note_event(connection, telegram, now))

        await keeping.keep(telegram, effect)
        if decided is not None and verdict and body.type is not EventType.INDUCTED:
            keeping.desk.stored([decided])
        self._tell(telegram, verdict[0] if verdict else None)
        keeping.desk.settle(body)

    def _tell(self, telegram: DeadTelegram, verdict: Divert | None) -> None:
        if telegram.kind == EventType.UNKNOWN.name.lower():
            self._keeping.counts["strange_events"] += 1
            _log.error("event that the map does not have", strange=telegram.payload["strange"])
        if verdict is None:
            return
        self._keeping.counts[f"divert_{verdict}"] += 1
        log = _log.info if verdict is Divert.RIGHT else _log.error
        said = telegram.payload
        log(
            "unit diverted",
            unit=said["tote"],
            track=said["track"],
            lane=said["actual"],
            verdict=verdict,
        )
