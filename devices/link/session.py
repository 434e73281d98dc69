"""One connection to the broker, from its CONNECT to its end.

The next one is a new client: paho's queue would else send what has expired since, and before what
the journal says comes first.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from devices.error import DeviceError

_KEEPALIVE_S = 5
_CONNECT_S = 2.0
_OPEN_S = 5.0
_WATCH_S = 1.0
_TAKEN_OVER = 0x8E
_REFUSED = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is; user and password only where it asks for them.

    `ca` is the file of the authority that signed the broker's certificate, by default those of
    the system; `cert` and `key` are our own certificate, where the broker asks for one.
    """

    host: str
    port: int = 1883
    user: str | None = None
    password: str | None = None
    tls: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it came."""

    topic: str
    payload: bytes
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """A message to send with QoS 1; `expires_s` is how long the broker may hold it."""

    topic: str
    payload: bytes
    retain: bool = False
    expires_s: int | None = None
    response_topic: str | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a connection ended; `taken_over`, because another one has our name."""

    reason: str
    taken_over: bool = False


class Session:
    """A connection; `on_message` runs in the event loop."""

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        filters: Sequence[str],
        will: Publication | None,
        on_message: Callable[[Arrival], None],
    ) -> None:
        self._address = address
        self._filters = filters
        self._will = will
        self._on_message = on_message
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[Ending] = self._loop.create_future()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )

    async def open(self) -> None:
        """Connect and subscribe.

        Raises: DeviceError
        """
        client, address = self._client, self._address
        self._hook()
        if address.user is not None:
            client.username_pw_set(address.user, address.password)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        client.connect_timeout = _CONNECT_S
        try:
            if address.tls:
                client.tls_set(address.ca, address.cert, address.key)
            await asyncio.to_thread(
                client.connect, address.host, address.port, _KEEPALIVE_S, clean_start=True
            )
        except OSError as error:
            raise DeviceError(f"the broker is not reached: {error}") from error
        client.loop_start()
        either: set[asyncio.Future[Any]] = {self._opened, self._ended}
        await asyncio.wait(either, timeout=_OPEN_S, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            raise DeviceError(self._ended.result().reason)
        if not self._opened.done():
            raise DeviceError(f"the broker did not answer within {_OPEN_S:g} s")

    async def ended(self) -> Ending:
        """Wait for the end."""
        while not self._ended.done():
            await asyncio.wait({self._ended}, timeout=_WATCH_S)
            # It starts only where paho's thread is over; what that one said last comes first.
            if self._client.loop_start() is MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._loop.call_soon(self._end, "the client's thread died")
        return self._ended.result()

    def publish(self, publication: Publication) -> bool:
        """Send a message; False where there is no connection, and nothing is kept for later."""
        if not self._opened.done() or self._ended.done():
            return False
        properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if publication.expires_s is not None:
            properties.MessageExpiryInterval = publication.expires_s
        if publication.response_topic is not None:
            properties.ResponseTopic = publication.response_topic
        if publication.correlation is not None:
            properties.CorrelationData = publication.correlation
        sent = self._client.publish(
            publication.topic,
            publication.payload,
            qos=1,
            retain=publication.retain,
            properties=properties,
        )
        return sent.rc is MQTTErrorCode.MQTT_ERR_SUCCESS

    def subscribe(self, filters: Sequence[str]) -> None:
        """Subscribe, again or anew; what is retained comes again."""
        options = SubscribeOptions(qos=1, noLocal=True)
        self._client.subscribe([(topic, options) for topic in filters])

    async def close(self) -> None:
        """End the connection; the broker then says our last will, if there is one."""
        reason = None
        if self._will is not None:
            reason = ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")
        self._client.disconnect(reason)
        await asyncio.to_thread(self._client.loop_stop)

    def _hook(self) -> None:
        # These run in paho's thread: they only hand over to the loop.
        def on_connect(
            _client: mqtt.Client,
            _userdata: Any,
            _flags: mqtt.ConnectFlags,
            reason: ReasonCode,
            _properties: Properties | None,
        ) -> None:
            if reason.is_failure:
                self._hand_over(self._end, f"the broker refused the connection: {reason}")
            elif self._filters:
                self.subscribe(self._filters)
            else:
                self._hand_over(self._open)

        def on_subscribe(
            _client: mqtt.Client,
            _userdata: Any,
            _mid: int,
            reasons: list[ReasonCode],
            _properties: Properties | None,
        ) -> None:
            refused = [reason for reason in reasons if reason.value >= _REFUSED]
            if refused:
                self._hand_over(self._end, f"the broker refused a subscription: {refused[0]}")
            else:
                self._hand_over(self._open)

        def on_disconnect(
            _client: mqtt.Client,
            _userdata: Any,
            _flags: mqtt.DisconnectFlags,
            reason: ReasonCode,
            _properties: Properties | None,
        ) -> None:
            taken_over = reason.value == _TAKEN_OVER
            self._hand_over(self._end, f"the broker is gone: {reason}", taken_over)

        def on_message(_client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
            self._hand_over(self._on_message, _arrival(message))

        self._client.on_connect = on_connect
        self._client.on_subscribe = on_subscribe
        self._client.on_disconnect = on_disconnect
        self._client.on_message = on_message
        self._client.on_socket_open = _send_at_once

    def _hand_over(self, call: Callable[..., None], *arguments: Any) -> None:
        # The loop may be closed already where a process ends in a hurry.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _open(self) -> None:
        if not self._opened.done():
            self._opened.set_result(None)

    def _end(self, reason: str, taken_over: bool = False) -> None:
        if not self._ended.done():
            self._ended.set_result(Ending(reason, taken_over))


def _arrival(message: mqtt.MQTTMessage) -> Arrival:
    try:
        topic = message.topic
    except UnicodeDecodeError:
        topic = "no UTF-8"
    correlation = getattr(message.properties, "CorrelationData", None)
    return Arrival(topic, bytes(message.payload), correlation)


def _send_at_once(_client: mqtt.Client, _userdata: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
