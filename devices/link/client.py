"""The link's client: every device of a site over one MQTT v5 connection."""

import asyncio
import logging
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from enum import Enum

from devices.error import DecodeError, DeviceError
from devices.journal import BootJournal, CommandJournal, EventJournal
from devices.link.bad import BadKind, BadMessage, BadMessages
from devices.link.inbox import Inbox, Listeners
from devices.link.message import (
    PAYLOAD_BYTES_MAX,
    SCHEMA,
    Ack,
    Birth,
    Command,
    DeviceEvent,
    Reply,
    decode_birth,
    decode_event,
    decode_reply,
    decode_state,
    encode_ack,
)
from devices.link.outbox import Outbox, command_message
from devices.link.pause import Pause
from devices.link.presence import Presence
from devices.link.session import Arrival, BrokerAddress, Publication, Session
from devices.link.topic import Channel, DeviceName, parse_topic, site_filter
from devices.link.view import DeviceView, Views

__all__ = ["BadMessage", "BrokerAddress", "DeviceLink", "DeviceView", "Presence", "Whose"]

_log = logging.getLogger(__name__)
_CHANNELS = (Channel.META, Channel.STATE, Channel.EVT)
_KINDS = {
    Channel.META: BadKind.BIRTH,
    Channel.STATE: BadKind.STATE,
    Channel.EVT: BadKind.EVENT,
    Channel.RSP: BadKind.REPLY,
}


class Whose(Enum):
    """Who takes a device's events: this link, another one, or nobody, as it is not registered."""

    OURS = "ours"
    OTHERS = "others"
    NOBODYS = "nobodys"


class DeviceLink:
    """Receives the events of a site until cancelled, each once and in order, and sends commands.

    An event is acknowledged after the journal accepted it; whatever was not acknowledged is sent
    again by its device. `only` names the devices to listen to, None all of them; `whose` says
    of each of those who takes its events, by default this link. `commands` is where what we ask of
    devices is kept; it wants `now`. With `boots`, nothing is taken of a device that counts its
    boots anew. With a `presence`, the broker tells others whether we are there.

    The callbacks run in the event loop and must not block: `on_view` when a device's birth or
    state came; `on_event` once for each event that the journal did not accept before, at its
    arrival and before it is stored, for answers that may not wait; `on_bad` for each message that
    was not taken; `on_connection` when the broker is there or gone.
    """

    def __init__(
        self,
        address: BrokerAddress,
        site: str,
        journal: EventJournal[DeviceEvent],
        *,
        client_id: str,
        only: frozenset[DeviceName] | None = None,
        on_view: Callable[[DeviceName, DeviceView], None] | None = None,
        on_event: Callable[[DeviceName, DeviceEvent], None] | None = None,
        on_bad: Callable[[BadMessage], None] | None = None,
        on_connection: Callable[[bool], None] | None = None,
        whose: Callable[[DeviceName], Whose] | None = None,
        presence: Presence | None = None,
        commands: CommandJournal | None = None,
        boots: BootJournal | None = None,
        now: Callable[[], datetime] | None = None,
        counts: Counter[str] | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter() if counts is None else counts
        self.connected = asyncio.Event()
        self._bad = BadMessages(self.counts, on_bad)
        self._address = address
        self._site = site
        self._client_id = client_id
        self._only = only
        self._whose = whose
        self._views = Views(self._came_back, on_view)
        self._on_connection = on_connection
        self._presence = presence
        self._session: Session | None = None
        self._is_unreachable = False
        self._questions: dict[bytes, asyncio.Future[Reply]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._inbox = Inbox(
            journal,
            Listeners(self._acknowledge, on_event, self._repeated, self._bad.keep_old_boot),
            self.counts,
            boots,
            self._is_running,
        )
        self._outbox: Outbox | None = None
        if commands is not None:
            assert now is not None, "commands expire by a clock"
            self._outbox = Outbox(commands, now, self._publish, self._is_away, self.counts)

    @property
    def devices(self) -> dict[DeviceName, DeviceView]:
        """What each device last said of itself."""
        return self._views.devices

    @property
    def bad(self) -> deque[BadMessage]:
        """The last messages that were not taken."""
        return self._bad.last

    def ring(self) -> None:
        """Look for commands that wait in the journal."""
        if self._outbox is not None:
            self._outbox.ring()

    def look_again(self) -> None:
        """Have births and states sent again, after other devices were registered."""
        if self._session is not None and self._only is None:
            said = (Channel.META, Channel.STATE)
            self._session.subscribe([site_filter(self._site, channel) for channel in said])

    async def ask(
        self, name: DeviceName, op: str, args: dict[str, object] | None = None, *, within_s: float
    ) -> Reply:
        """Ask a device something that changes nothing, and give its answer.

        Raises: DeviceError, there is no connection or no answer in time.
        """
        correlation = secrets.token_bytes(8)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._questions[correlation] = answer
        message = command_message(name, Command(op, args or {}), max(1, int(within_s)), correlation)
        try:
            if not self._publish(message):
                raise DeviceError(f"{name} was not asked: the broker is away")
            async with asyncio.timeout(within_s):
                return await answer
        except TimeoutError as error:
            raise DeviceError(f"{name} did not answer within {within_s:g} s") from error
        finally:
            del self._questions[correlation]

    async def run(self) -> None:
        """Hold the connection, reconnecting within half a second for ever.

        One that is taken over by another with our name is won back after growing pauses only.
        """
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            if self._outbox is not None:
                tasks.create_task(self._outbox.run())
            pause = Pause()
            while True:
                await asyncio.sleep(await self._one_session(pause))

    async def _one_session(self, pause: Pause) -> float:
        """Hold one connection to its end; how long to wait before the next."""
        will = None if self._presence is None else self._presence.state(online=False)
        session = Session(self._address, self._client_id, self._filters(), will, self._receive)
        try:
            await session.open()
            began_s = time.monotonic()
            self._on_line(session)
            ending = await session.ended()
        except DeviceError as error:
            if not self._is_unreachable:
                _log.warning("%s; trying on", error)
            self._is_unreachable = True
            self.counts["connect_failed"] += 1
            return pause.unreachable()
        finally:
            self._off_line()
            await session.close()
        wait_s = pause.ended(time.monotonic() - began_s, taken_over=ending.taken_over)
        self.counts["taken_over"] += ending.taken_over
        _log.warning("%s; trying again in %g s", ending.reason, wait_s)
        return wait_s

    def _on_line(self, session: Session) -> None:
        self._session = session
        self._is_unreachable = False
        self._views.connected()
        self.counts["connected"] += 1
        if self._presence is not None:
            session.publish(self._presence.birth())
            session.publish(self._presence.state(online=True))
        if self._outbox is not None:
            self._outbox.connected()
        self.connected.set()
        if self._on_connection is not None:
            self._on_connection(True)

    def _off_line(self) -> None:
        if self._session is None:
            return
        self._session = None
        self.counts["disconnected"] += 1
        self.connected.clear()
        if self._on_connection is not None:
            self._on_connection(False)

    def _filters(self) -> list[str]:
        channels = _CHANNELS if self._only is not None else (*_CHANNELS, Channel.RSP)
        if self._only is not None:
            return [name.topic(channel) for name in sorted(self._only) for channel in channels]
        return [site_filter(self._site, channel) for channel in channels]

    def _receive(self, arrival: Arrival) -> None:
        topic, payload = arrival.topic, arrival.payload
        try:
            name, channel = parse_topic(topic)
        except DecodeError as error:
            self._bad.keep(BadKind.TOPIC, topic, payload, str(error))
            return
        if self._presence is not None and name == self._presence.name:
            return
        whose = self._whose(name) if self._whose is not None else Whose.OURS
        fault = self._fault(name, channel, whose, payload)
        if fault is not None:
            self._bad.keep(fault[0], topic, payload, fault[1], str(name))
            return
        try:
            self._take(name, channel, whose, arrival)
        except DecodeError as error:
            self._bad.keep(_KINDS[channel], topic, payload, str(error), str(name))

    def _fault(
        self, name: DeviceName, channel: Channel, whose: Whose, payload: bytes
    ) -> tuple[BadKind, str] | None:
        if name.site != self._site:
            return BadKind.WRONG_SITE, f"{name.site} is not the site {self._site}"
        if whose is Whose.NOBODYS:
            # What was retained for a device that is gone is cleared with an empty payload.
            return (BadKind.UNKNOWN_DEVICE, f"{name} is not registered") if payload else None
        if len(payload) > PAYLOAD_BYTES_MAX:
            return BadKind.TOO_LARGE, f"{len(payload)} bytes, {PAYLOAD_BYTES_MAX} at most"
        return None

    def _take(self, name: DeviceName, channel: Channel, whose: Whose, arrival: Arrival) -> None:
        payload = arrival.payload
        if channel is Channel.EVT and whose is not Whose.NOBODYS:
            self._take_event(name, whose, arrival.topic, payload)
        elif channel is Channel.META and payload and whose is not Whose.NOBODYS:
            birth = decode_birth(payload)
            if birth.schema != SCHEMA:
                reason = f"schema {birth.schema} is spoken, {SCHEMA} is read"
                self._bad.keep(BadKind.WRONG_SCHEMA, arrival.topic, payload, reason, str(name))
            self._take_birth(name, birth, arrival)
        elif channel is Channel.STATE and payload and whose is not Whose.NOBODYS:
            self._views.take(name, decode_state(payload))
        elif channel is Channel.RSP and whose is not Whose.NOBODYS:
            self._take_reply(name, decode_reply(payload), arrival.correlation)

    def _take_birth(self, name: DeviceName, birth: Birth, arrival: Arrival) -> None:
        view = self.devices.get(name)
        before = None if view is None else view.boot
        if before is not None and birth.boot < before:
            reason = f"born with boot {birth.boot} after boot {before}"
            self._bad.keep(BadKind.OLD_BOOT, arrival.topic, arrival.payload, reason, str(name))
            self._inbox.born_anew(name)
        self._views.take(name, birth)

    def _take_event(self, name: DeviceName, whose: Whose, topic: str, payload: bytes) -> None:
        assert self._tasks is not None, "what arrives is received by a link that runs"
        event, view = decode_event(payload), self.devices.get(name)
        if view is not None and not view.speaks(event.boot):
            # It is not acknowledged: its device keeps it until we can read it.
            reason = f"an event of a schema other than {SCHEMA}"
            self._bad.keep(BadKind.WRONG_SCHEMA, topic, payload, reason, str(name))
        elif whose is Whose.OURS:
            self._inbox.take(self._tasks, name, event)

    def _take_reply(self, name: DeviceName, reply: Reply, correlation: bytes | None) -> None:
        question = self._questions.get(correlation) if correlation is not None else None
        if question is not None:
            if not question.done():
                question.set_result(reply)
        elif self._outbox is not None:
            self._outbox.answered(name, reply)

    def _repeated(self, name: DeviceName, event: DeviceEvent) -> None:
        view = self.devices.get(name)
        boot = None if view is None else view.boot
        if boot is not None and event.boot < boot:
            self._bad.keep_replay(name, event, boot)

    def _is_running(self, name: DeviceName, boot: int) -> bool:
        # One that was never born, as far as we know, may run with this boot.
        view = self.devices.get(name)
        return view is None or view.birth is None or boot >= view.birth.boot

    def _acknowledge(self, name: DeviceName, boot: int, upto: int) -> None:
        # Without a connection it is left out: the device asks again by sending again.
        if upto > 0:
            self._publish(Publication(name.topic(Channel.ACK), encode_ack(Ack(boot, upto))))

    def _publish(self, publication: Publication) -> bool:
        return self._session is not None and self._session.publish(publication)

    def _is_away(self, name: DeviceName) -> bool:
        view = self.devices.get(name)
        return self._session is None or (view is not None and view.online is False)

    def _came_back(self, name: DeviceName) -> None:
        if self._outbox is not None:
            self._outbox.came_back(name)
