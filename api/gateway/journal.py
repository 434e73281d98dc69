"""Journals of scans and of the sorter over the database: one transaction an event."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime

import asyncpg
import structlog

from api.gateway.decision import DecisionDesk, tote_of
from api.gateway.lease import Lease
from devices.journal import InboundEvent
from devices.link.message import DeviceEvent
from devices.sorter.register import EventType, RingEvent
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.error import WmsError
from wms.journey.wave import sort
from wms.outbox import commands as outbox

_log = structlog.get_logger(__name__)
_OUT_OF_SIGHT = (EventType.RECIRCULATED, EventType.REJECTED, EventType.LOST)
_BOOT_SEQ = 0


class ScanJournal:
    """Keeps scans, and notes on which track a tote rides."""

    def __init__(self, lease: Lease, now: Callable[[], datetime], counts: Counter[str]) -> None:
        self._lease = lease
        self._now = now
        self._counts = counts

    async def resume(self, device: str, boot: int) -> int:
        """Gives how far a scanner's boot came."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            return await equipment.last_telegram(connection, device, boot) or 0

    async def accept(self, event: InboundEvent[DeviceEvent]) -> None:
        """Keeps a scan and its effect."""
        body, now = event.body, self._now()
        tote = tote_of(body)
        payload: dict[str, object] = {
            "at": body.at.isoformat(),
            "aim": body.aim,
            "raw": body.raw,
            "trigger": body.trigger,
        }

        async def effect(connection: asyncpg.Connection) -> None:
            if tote is None or body.trigger is None:
                return
            if not await sort.record_read(connection, tote, body.trigger, now):
                self._counts["scans_of_unexpected_totes"] += 1

        await _keep(self._lease, event, "scan", payload, effect, self._counts)


class SorterJournal:
    """Keeps the sorter's events, and books diverts."""

    def __init__(
        self,
        lease: Lease,
        desk: DecisionDesk,
        now: Callable[[], datetime],
        counts: Counter[str],
    ) -> None:
        self._lease = lease
        self._desk = desk
        self._now = now
        self._counts = counts

    async def resume(self, device: str, boot: int) -> int:
        """Gives how far a PLC's boot came; a boot that is new puts what rides in quarantine."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            last = await equipment.last_telegram(connection, device, boot)
            if last is not None:
                return last
            heard = await equipment.was_heard(connection, device)
            await outbox.keep_telegram(connection, device, boot, _BOOT_SEQ, "boot", {})
            riding = await sort.quarantine_riding(connection) if heard else 0
        if heard:
            self._desk.forget()
            _log.warning("sorter restarted", device=device, boot=boot, riding=riding)
        return 0

    async def accept(self, event: InboundEvent[RingEvent]) -> None:
        """Keeps an event and its effect."""
        body = event.body
        tote = self._desk.tote_on(body.track)

        async def effect(connection: asyncpg.Connection) -> None:
            if body.type is EventType.DIVERTED:
                await self._divert(connection, event, tote)
            elif body.type in _OUT_OF_SIGHT:
                recirculated = body.type is EventType.RECIRCULATED
                await sort.record_lost_sight(connection, tote, recirculated=recirculated)

        payload: dict[str, object] = asdict(body) | {"tote": tote}
        await _keep(self._lease, event, body.type.name.lower(), payload, effect, self._counts)
        self._desk.settle(body)

    async def _divert(
        self, connection: asyncpg.Connection, event: InboundEvent[RingEvent], tote: str | None
    ) -> None:
        body = event.body
        divert = await sort.record_divert(
            connection,
            track=body.track,
            lane=body.actual,
            tote_code=tote,
            planned=body.planned,
            reason=body.reason.name.lower(),
            now=self._now(),
            command_id=f"{event.device}/{event.boot}/{event.seq}",
            device=self._lease.name,
        )
        self._counts[f"divert_{divert}"] += 1
        log = _log.info if divert is sort.Divert.RIGHT else _log.error
        log("tote diverted", tote=tote, track=body.track, lane=body.actual, verdict=divert)


async def _keep(
    lease: Lease,
    event: InboundEvent[object],
    kind: str,
    payload: dict[str, object],
    effect: Callable[[asyncpg.Connection], Awaitable[None]],
    counts: Counter[str],
) -> None:
    async with staff_transaction(lease.pool) as connection:
        await lease.check(connection)
        if not await outbox.keep_telegram(
            connection, event.device, event.boot, event.seq, kind, payload
        ):
            return
        try:
            async with connection.transaction():
                await effect(connection)
        except (WmsError, asyncpg.IntegrityConstraintViolationError) as error:
            # It would be refused again each time and stop its device: it is kept without effect.
            counts["effects_refused"] += 1
            _log.error("event without effect", device=event.device, kind=kind, error=str(error))
