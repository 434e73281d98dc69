"""The link's client: every device of a site over one MQTT v5 connection."""

import asyncio
import logging
import socket
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from devices.error import DecodeError
from devices.journal import EventJournal, InboundEvent, deliver, resume
from devices.link.message import (
    Ack,
    Birth,
    DeviceEvent,
    DeviceState,
    decode_birth,
    decode_event,
    decode_state,
    encode_ack,
)
from devices.link.stream import Stream
from devices.link.topic import Channel, DeviceName, parse_topic, site_filter

_log = logging.getLogger(__name__)
_BAD_KEPT = 100
_BAD_BYTES_KEPT = 512
_QUEUE = 2_000
_BOOTS_KEPT = 8
_DEVICES_MAX = 2_000
_KEEPALIVE_S = 10
_RECONNECT_S = (1, 2)


@dataclass(frozen=True, slots=True)
class BadMessage:
    """A message that could not be read; `payload` holds its first 512 bytes."""

    topic: str
    payload: bytes
    reason: str


@dataclass(slots=True)
class DeviceView:
    """What a device last said of itself."""

    birth: Birth | None = None
    state: DeviceState | None = None


@dataclass(slots=True)
class _Line:
    name: DeviceName
    queue: asyncio.Queue[DeviceEvent]
    streams: dict[int, Stream] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is; user and password only where it asks for them."""

    host: str
    port: int = 1883
    user: str | None = None
    password: str | None = None
    tls: bool = False


class DeviceLink:
    """Receives the events of a site until cancelled, each once and in order.

    An event is acknowledged after the journal accepted it; whatever was not acknowledged is sent
    again by its device. Each device has a task of its own, so that one whose events cannot be
    stored does not stop the others. `only` names the devices to listen to, None all of them.

    Both callbacks run in the event loop and must not block: `on_view` when a device's birth or
    state changed; `on_event` once for each event that the journal did not accept before, at its
    arrival and before it is stored, for answers that may not wait.
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
    ) -> None:
        self.devices: dict[DeviceName, DeviceView] = {}
        self.counts: Counter[str] = Counter()
        self.bad: deque[BadMessage] = deque(maxlen=_BAD_KEPT)
        self.connected = asyncio.Event()
        self._address = address
        self._journal = journal
        self._only = only
        self._on_view = on_view
        self._on_event = on_event
        self._filters = [
            site_filter(site, channel) for channel in (Channel.META, Channel.STATE, Channel.EVT)
        ]
        self._lines: dict[DeviceName, _Line] = {}
        self._bad_logged: set[str] = set()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5
        )

    async def run(self) -> None:
        """Hold the connection, reconnecting within 1 to 2 s for ever."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            self._hook(loop, tasks)
            client, address = self._client, self._address
            client.reconnect_delay_set(*_RECONNECT_S)
            if address.user is not None:
                client.username_pw_set(address.user, address.password)
            if address.tls:
                client.tls_set()
            client.connect_async(address.host, address.port, keepalive=_KEEPALIVE_S)
            client.loop_start()
            try:
                await loop.create_future()
            finally:
                client.disconnect()
                # paho's thread may sleep up to 2 s before its next attempt to connect.
                await asyncio.to_thread(client.loop_stop)

    def _hook(self, loop: asyncio.AbstractEventLoop, tasks: asyncio.TaskGroup) -> None:
        # These callbacks run in paho's thread: they only hand over to the loop.
        def on_connect(
            client: mqtt.Client,
            _userdata: Any,
            _flags: mqtt.ConnectFlags,
            reason: ReasonCode,
            _properties: Properties | None,
        ) -> None:
            if not reason.is_failure:
                client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in self._filters])
            loop.call_soon_threadsafe(self._connection, reason)

        def on_disconnect(
            _client: mqtt.Client,
            _userdata: Any,
            _flags: mqtt.DisconnectFlags,
            reason: ReasonCode,
            _properties: Properties | None,
        ) -> None:
            loop.call_soon_threadsafe(self._disconnection, reason)

        def on_message(_client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
            loop.call_soon_threadsafe(self._receive, tasks, message.topic, message.payload)

        def on_socket_open(_client: mqtt.Client, _userdata: Any, sock: Any) -> None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        self._client.on_connect = on_connect
        self._client.on_disconnect = on_disconnect
        self._client.on_message = on_message
        self._client.on_socket_open = on_socket_open

    def _connection(self, reason: ReasonCode) -> None:
        if reason.is_failure:
            self.counts["refused_by_broker"] += 1
            _log.error("the broker refused the connection: %s", reason)
            return
        self.counts["connected"] += 1
        self.connected.set()

    def _disconnection(self, reason: ReasonCode) -> None:
        self.counts["disconnected"] += 1
        self.connected.clear()
        _log.warning("the broker is gone: %s", reason)

    def _receive(self, tasks: asyncio.TaskGroup, topic: str, message: bytes | bytearray) -> None:
        payload = bytes(message)
        try:
            name, channel = parse_topic(topic)
            if self._only is not None and name not in self._only:
                return
            if channel is Channel.EVT:
                self._queue(tasks, name, decode_event(payload))
            elif channel is Channel.META and payload:
                self._view(name).birth = decode_birth(payload)
                self._tell(name)
            elif channel is Channel.STATE and payload:
                self._view(name).state = decode_state(payload)
                self._tell(name)
        except DecodeError as error:
            self._keep_bad(topic, payload, str(error))

    def _queue(self, tasks: asyncio.TaskGroup, name: DeviceName, event: DeviceEvent) -> None:
        line = self._lines.get(name)
        if line is None and len(self._lines) >= _DEVICES_MAX:
            self.counts["events_turned_away"] += 1
            return
        if line is not None and event.boot in line.streams:
            self._announce(line, line.streams[event.boot], event)
        if line is None:
            line = self._lines[name] = _Line(name, asyncio.Queue(_QUEUE))
            tasks.create_task(self._serve(line), name=f"device {name}")
        try:
            line.queue.put_nowait(event)
        except asyncio.QueueFull:
            # The device keeps it and sends it again.
            self.counts["events_turned_away"] += 1

    async def _serve(self, line: _Line) -> None:
        while True:
            event = await line.queue.get()
            stream = await self._stream(line, event.boot)
            self._announce(line, stream, event)
            doubles, beyond = stream.doubles, stream.beyond
            ready = stream.push(event)
            self.counts["doubles"] += stream.doubles - doubles
            self.counts["events_turned_away"] += stream.beyond - beyond
            for following in ready:
                body = InboundEvent(str(line.name), following.boot, following.seq, following)
                await deliver(self._journal, body)
                self.counts["events"] += 1
                self._acknowledge(line.name, following.boot, following.seq)
            if stream.doubles > doubles:
                self._acknowledge(line.name, event.boot, stream.released)

    def _announce(self, line: _Line, stream: Stream, event: DeviceEvent) -> None:
        if self._on_event is not None and stream.announce(event):
            self._on_event(line.name, event)

    async def _stream(self, line: _Line, boot: int) -> Stream:
        stream = line.streams.get(boot)
        if stream is None:
            released = await resume(self._journal, str(line.name), boot)
            stream = line.streams[boot] = Stream(released)
            if len(line.streams) > _BOOTS_KEPT:
                del line.streams[next(iter(line.streams))]
        return stream

    def _acknowledge(self, name: DeviceName, boot: int, upto: int) -> None:
        # Without a connection it is left out: the device asks again by sending again.
        if upto > 0 and self._client.is_connected():
            self._client.publish(name.topic(Channel.ACK), encode_ack(Ack(boot, upto)), qos=1)

    def _view(self, name: DeviceName) -> DeviceView:
        return self.devices.setdefault(name, DeviceView())

    def _tell(self, name: DeviceName) -> None:
        if self._on_view is not None:
            self._on_view(name, self.devices[name])

    def _keep_bad(self, topic: str, payload: bytes, reason: str) -> None:
        self.counts["bad"] += 1
        self.bad.append(BadMessage(topic, payload[:_BAD_BYTES_KEPT], reason))
        kind = reason.partition(":")[0]
        if kind not in self._bad_logged and len(self._bad_logged) < _BAD_KEPT:
            self._bad_logged.add(kind)
            _log.warning("bad message on %s, further ones are only counted: %s", topic, reason)
