"""Journals of scans and of the sorter over the database: one transaction for what is there."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import asyncpg
import structlog

from api.gateway.decision import DecisionDesk
from api.gateway.lease import Lease
from devices.journal import InboundEvent
from devices.link.message import DeviceEvent
from devices.sorter.message import EventType, RingEvent
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.equipment.device import DeadTelegram
from wms.journey.device.dead_letter import REFUSALS, keep_telegram
from wms.journey.wave import ride, sort_batch, sort_effect
from wms.journey.wave.ride import Decision
from wms.journey.wave.sort import Divert
from wms.journey.wave.sort_batch import Answer
from wms.outbox import commands as outbox
from wms.sorting.plan import SorterPlan

_log = structlog.get_logger(__name__)
_BOOT_SEQ = 0


Effect = Callable[[asyncpg.Connection], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Taking:
    """A telegram with its effect, and what is told of its answer when both are kept.

    `decided` is what is to be kept before the effect.
    """

    telegram: DeadTelegram
    effect: Effect
    kept: Callable[[Answer], None]
    decided: Decision | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """What both journals of a sorter keep by: its lease, its plan, a clock, and who counts."""

    lease: Lease
    plan: SorterPlan
    desk: DecisionDesk
    now: Callable[[], datetime]
    counts: Counter[str]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: list[Sequence[Taking]] = field(default_factory=list)

    async def keep(self, takings: Sequence[Taking]) -> None:
        """Keep telegrams and their effects, in one transaction with those that wait meanwhile."""
        self._waiting.append(takings)
        try:
            async with self._turn:
                if not any(one is takings for one in self._waiting):
                    return
                batch = self._waiting[:]
                self._waiting.clear()
                try:
                    await self._keep([taking for one in batch for taking in one])
                except BaseException:
                    # The others try by themselves: each is told what became of its own.
                    self._waiting[:0] = [one for one in batch if one is not takings]
                    raise
        finally:
            self._waiting[:] = [one for one in self._waiting if one is not takings]

    async def _keep(self, takings: Sequence[Taking]) -> None:
        """Keep telegrams and their effects in one transaction.

        Where the house refuses one of the effects, each is kept by itself, and that one becomes a
        dead letter.
        """
        try:
            answers = await self._keep_all(takings)
        except REFUSALS as error:
            self.counts["batches_refused"] += len(takings) > 1
            _log.info("taken one by one", telegrams=len(takings), error=repr(error))
            for taking in takings:
                taking.kept(await self._keep_one(taking))
            return
        for taking, answer in zip(takings, answers, strict=True):
            taking.kept(answer)

    async def _keep_all(self, takings: Sequence[Taking]) -> list[Answer]:
        rows = [_row(taking.telegram) for taking in takings]
        async with staff_transaction(self.lease.pool) as connection:
            await self.lease.check(connection)
            new = await outbox.keep_telegrams(connection, rows)
            fresh = [place for place, row in enumerate(rows) if row[:3] in new]
            answers = await self._book(connection, [takings[place] for place in fresh])
        answer_of = dict(zip(fresh, answers, strict=True))
        return [answer_of.get(place) for place in range(len(takings))]

    async def _book(self, connection: asyncpg.Connection, fresh: Sequence[Taking]) -> list[Answer]:
        if len(fresh) > 1:
            together = await sort_batch.note_together(
                connection,
                self.lease.device_id,
                [taking.telegram for taking in fresh],
                [taking.decided for taking in fresh if taking.decided is not None],
                self.now(),
            )
            if together is not None:
                return together
            await sort_effect.lock_before(connection, [taking.telegram for taking in fresh])
        return [await self._take(connection, taking) for taking in fresh]

    async def _take(self, connection: asyncpg.Connection, taking: Taking) -> Answer:
        if taking.decided is not None:
            device_id = self.lease.device_id
            await ride.record_decisions(connection, device_id, [taking.decided], self.now())
        return await taking.effect(connection)

    async def _keep_one(self, taking: Taking) -> Answer:
        answer: Answer = None

        async def effect(connection: asyncpg.Connection) -> None:
            nonlocal answer
            answer = await self._take(connection, taking)

        async with staff_transaction(self.lease.pool) as connection:
            await self.lease.check(connection)
            refused = await keep_telegram(connection, taking.telegram, effect, self.now())
        if refused is not None:
            self.counts["effects_refused"] += 1
            said = taking.telegram
            _log.error("event without effect", device=said.device, kind=said.kind, error=refused)
        return answer


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

        async def effect(connection: asyncpg.Connection) -> Answer:
            return await sort_effect.note_scan(connection, telegram, keeping.now())

        def kept(expected: Answer) -> None:
            keeping.counts["scans_of_unexpected_totes"] += expected is False

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

        async def effect(connection: asyncpg.Connection) -> Answer:
            return await sort_effect.note_event(connection, telegram, keeping.now())

        def kept(verdict: Answer) -> None:
            if decided is not None:
                keeping.desk.stored([decided])
            self._tell(telegram, verdict)
            keeping.desk.settle(body)

        return Taking(telegram, effect, kept, decided)

    def _tell(self, telegram: DeadTelegram, verdict: Answer) -> None:
        if telegram.kind == EventType.UNKNOWN.name.lower():
            self._keeping.counts["strange_events"] += 1
            _log.error("event that the map does not have", strange=telegram.payload["strange"])
        if not isinstance(verdict, Divert):
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
