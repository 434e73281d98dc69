"""A fixed scanner over the sorter's belt, speaking MQTT v5.

It keeps every event until the house has acknowledged it and sends it again after half a second,
so that neither a broker without memory nor a gateway that is away loses a scan.
"""

import asyncio
import socket
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.error import DecodeError
from devices.link.message import (
    Birth,
    DeviceEvent,
    DeviceState,
    decode_ack,
    encode_birth,
    encode_event,
    encode_state,
)
from devices.link.topic import Channel, DeviceName
from sim.chance import fraction

RESEND_S = 0.5
# So many of the oldest are on their way at a time: a house that was away must not be buried.
WINDOW = 100
_KEEPALIVE_S = 10
_RECONNECT_S = 0.2
_RECONNECT_S_MAX = 0.5
_SPREAD = 0.25
_CODE_128 = "]C0"


def reconnect_s(name: DeviceName, seed: int) -> tuple[float, float]:
    """Give a scanner's first pause before it connects again, and the longest; they double between.

    Each has its own, so that those that lost a broker together do not come back together.
    """
    own = 1 + _SPREAD * (2 * fraction(seed, "reconnect", str(name)) - 1)
    return _RECONNECT_S * own, _RECONNECT_S_MAX * own


@dataclass(slots=True)
class _Kept:
    payload: bytes
    sent_s: float


class Scanner:
    """One scanner; `clock` is its own clock, `read` its trigger.

    It reads what it sees at its `read_rate`, a share of 1; which code it misses the seed decides.
    """

    def __init__(
        self,
        name: DeviceName,
        mqtt_url: str,
        *,
        boot: int,
        clock: Callable[[], datetime],
        read_rate: float = 1.0,
        seed: int = 1,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.connected = asyncio.Event()
        self._name = name
        self._boot = boot
        self._clock = clock
        self._read_rate = read_rate
        self._seed = seed
        self._seq = 0
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._url = urlsplit(mqtt_url)
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{name.device}-{boot}",
            protocol=mqtt.MQTTv5,
        )

    @property
    def unacknowledged(self) -> int:
        """How many events the house has not acknowledged yet."""
        return len(self._kept)

    async def run(self) -> None:
        """Be on the broker until cancelled, reconnecting for ever."""
        loop = asyncio.get_running_loop()
        self._hook(loop)
        client = self._client
        will = encode_state(DeviceState(False, self._boot))
        client.will_set(self._name.topic(Channel.STATE), will, qos=1, retain=True)
        if self._url.username is not None:
            client.username_pw_set(self._url.username, self._url.password)
        if self._url.scheme == "mqtts":
            client.tls_set()
        # Typed as whole seconds, but only ever added, doubled and compared.
        client.reconnect_delay_set(*reconnect_s(self._name, self._seed))  # type: ignore[arg-type]
        port = self._url.port or (8883 if self._url.scheme == "mqtts" else 1883)
        client.connect_async(self._url.hostname or "127.0.0.1", port, keepalive=_KEEPALIVE_S)
        client.loop_start()
        try:
            await self._resend()
        finally:
            client.publish(self._name.topic(Channel.STATE), will, qos=1, retain=True)
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)

    def see(self, *codes: str, track: int | None = None, sends: int = 1) -> int:
        """Read the codes that pass, or miss them; gives how many different ones were read."""
        read: set[str] = set()
        for code in codes:
            self.counts["seen"] += 1
            if fraction(self._seed, "read", self.counts["seen"], code) < self._read_rate:
                self.read(code, track, sends=sends)
                read.add(code)
            else:
                self.counts["missed"] += 1
        return len(read)

    def read(self, code: str, track: int | None = None, *, sends: int = 1) -> None:
        """Read a code that passes; `track` is the sorter's number for what carries it.

        It is sent so often at once: 0 is an event that the network swallowed, and that the later
        ones overtake.
        """
        self._seq += 1
        event = DeviceEvent(
            boot=self._boot,
            seq=self._seq,
            at=self._clock(),
            raw=code,
            aim=_CODE_128,
            trigger=track,
        )
        kept = self._kept[self._seq] = _Kept(encode_event(event), 0.0)
        self.counts["read"] += 1
        for _ in range(sends if len(self._kept) <= WINDOW else 0):
            self._send(kept)
        if not sends:
            kept.sent_s = time.monotonic()

    def _send(self, kept: _Kept) -> None:
        if self.connected.is_set():
            kept.sent_s = time.monotonic()
            self.counts["sent"] += 1
            self._client.publish(self._name.topic(Channel.EVT), kept.payload, qos=1)

    async def _resend(self) -> None:
        while True:
            await asyncio.sleep(RESEND_S / 5)
            late_s = time.monotonic() - RESEND_S
            for kept in list(islice(self._kept.values(), WINDOW)):
                if kept.sent_s <= late_s:
                    self.counts["sent_again"] += kept.sent_s > 0
                    self._send(kept)

    def _hook(self, loop: asyncio.AbstractEventLoop) -> None:
        # These run in paho's thread: they only hand over to the loop.
        def on_connect(
            _client: mqtt.Client,
            _userdata: Any,
            _flags: mqtt.ConnectFlags,
            reason: ReasonCode,
            _properties: Properties | None,
        ) -> None:
            if not reason.is_failure:
                loop.call_soon_threadsafe(self._on_line)

        def on_disconnect(
            _client: mqtt.Client,
            _userdata: Any,
            _flags: mqtt.DisconnectFlags,
            _reason: ReasonCode,
            _properties: Properties | None,
        ) -> None:
            loop.call_soon_threadsafe(self.connected.clear)

        def on_message(_client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
            loop.call_soon_threadsafe(self._acknowledged, bytes(message.payload))

        def on_socket_open(_client: mqtt.Client, _userdata: Any, sock: Any) -> None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        self._client.on_socket_open = on_socket_open
        self._client.on_connect = on_connect
        self._client.on_disconnect = on_disconnect
        self._client.on_message = on_message

    def _on_line(self) -> None:
        client, name = self._client, self._name
        client.subscribe(name.topic(Channel.ACK), qos=1)
        birth = encode_birth(Birth(self._boot, ("read",)))
        client.publish(name.topic(Channel.META), birth, qos=1, retain=True)
        state = encode_state(DeviceState(True, self._boot))
        client.publish(name.topic(Channel.STATE), state, qos=1, retain=True)
        self.counts["connected"] += 1
        self.connected.set()
        for kept in islice(self._kept.values(), WINDOW):
            self._send(kept)

    def _acknowledged(self, payload: bytes) -> None:
        try:
            ack = decode_ack(payload)
        except DecodeError:
            self.counts["bad_acks"] += 1
            return
        if ack.boot != self._boot:
            return
        while self._kept and next(iter(self._kept)) <= ack.upto:
            self._kept.popitem(last=False)
            self.counts["acknowledged"] += 1
