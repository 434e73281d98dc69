"""Journals of scans and of the sorter over the database: one transaction for what is there."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
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
from wms.journey.device.dead_letter import REFUSALS, keep_telegram
from wms.journey.wave import ride, sort_effect
from wms.journey.wave.sort import Divert
from wms.outbox import commands as outbox
from wms.sorting.plan import SorterPlan

_log = structlog.get_logger(__name__)
_BOOT_SEQ = 0


Effect = Callable[[asyncpg.Connection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Taking:
    """A telegram with its effect, and what is told when both are kept."""

    telegram: DeadTelegram
    effect: Effect
    kept: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Keeping:
    """What both journals of a sorter keep by: its lease, its plan, a clock, and who counts."""

    lease: Lease
    plan: SorterPlan
    desk: DecisionDesk
    now: Callable[[], datetime]
    counts: Counter[str]

    async def keep(self, takings: Sequence[Taking]) -> None:
        """Keep telegrams and their effects in one transaction.

        Where the house refuses one of the effects, each is kept by itself, and that one becomes a
        dead letter.
        """
        try:
            await self._keep_all(takings)
        except REFUSALS as error:
            self.counts["batches_refused"] += len(takings) > 1
            _log.info("taken one by one", telegrams=len(takings), error=repr(error))
            for taking in takings:
                await self._keep_one(taking)
                taking.kept()
            return
        for taking in takings:
            taking.kept()

    async def _keep_all(self, takings: Sequence[Taking]) -> None:
        rows = [_row(taking.telegram) for taking in takings]
        async with staff_transaction(self.lease.pool) as connection:
            await self.lease.check(connection)
            new = await outbox.keep_telegrams(connection, rows)
            fresh = [taking for taking in takings if _row(taking.telegram)[:3] in new]
            await sort_effect.lock_before(connection, [taking.telegram for taking in fresh])
            for taking in fresh:
                await taking.effect(connection)

    async def _keep_one(self, taking: Taking) -> None:
        async with staff_transaction(self.lease.pool) as connection:
            await self.lease.check(connection)
            refused = await keep_telegram(connection, taking.telegram, taking.effect, self.now())
        if refused is not None:
            self.counts["effects_refused"] += 1
            said = taking.telegram
            _log.error("event without effect", device=said.device, kind=said.kind, error=refused)


def _row(telegram: DeadTelegram) -> outbox.Telegram:
    return telegram.device, telegram.boot, telegram.seq, telegram.kind, telegram.payload


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

    async def latest_boot(self, device: str) -> int | None:
        """Gives the highest boot that was heard of a scanner."""
        lease = self._keeping.lease
        async with staff_transaction(lease.pool) as connection:
            await lease.check(connection)
            (latest,) = await equipment.latest_boots(connection, [device])
        return latest

    async def accept(self, event: InboundEvent[DeviceEvent]) -> None:
        """Keeps a scan and its effect."""
        await self.accept_all([event])

    async def accept_all(self, events: Sequence[InboundEvent[DeviceEvent]]) -> None:
        """Keeps scans and their effects."""
        await self._keeping.keep([self._taking(event) for event in events])

    def _taking(self, event: InboundEvent[DeviceEvent]) -> Taking:
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
        } | keeping.desk.pass_of(body)
        telegram = DeadTelegram(event.device, event.boot, event.seq, sort_effect.SCAN, payload)
        expected = [True]

        async def effect(connection: asyncpg.Connection) -> None:
            expected[0] = await sort_effect.note_scan(connection, telegram, keeping.now())

        def kept() -> None:
            keeping.counts["scans_of_unexpected_totes"] += not expected[0]

        return Taking(telegram, effect, kept)


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
        await self.accept_all([event])

    async def accept_all(self, events: Sequence[InboundEvent[RingEvent]]) -> None:
        """Keeps events and their effects, each after what was decided for its track."""
        await self._keeping.keep([self._taking(event) for event in events])

    def _taking(self, event: InboundEvent[RingEvent]) -> Taking:
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
        if body.type is EventType.INDUCTED:
            decided = None
        verdict: list[Divert | None] = [None]

        async def effect(connection: asyncpg.Connection) -> None:
            now, device_id = keeping.now(), keeping.lease.device_id
            if decided is not None:
                await ride.record_decisions(connection, device_id, [decided], now)
            verdict[0] = await sort_effect.note_event(connection, telegram, now)

        def kept() -> None:
            if decided is not None:
                keeping.desk.stored([decided])
            self._tell(telegram, verdict[0])
            keeping.desk.settle(body)

        return Taking(telegram, effect, kept)

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
