"""A pick light: carries each numbered command out once, and answers again what it did before."""

import asyncio
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from devices.link.message import (
    Birth,
    Command,
    DeviceState,
    Reply,
    decode_command,
    encode_birth,
    encode_reply,
    encode_state,
)
from devices.link.topic import Channel, DeviceName
from tests.devices.link.broker import Broker


class Light:
    """Speaks MQTT v5; `mute` keeps its answers back, as a device does that hangs."""

    def __init__(self, broker: Broker, name: DeviceName, boot: int = 1) -> None:
        self.name, self.boot = name, boot
        self.lit: list[int] = []
        self.heard: list[Command] = []
        self.expiries: list[int | None] = []
        self.retained: list[bool] = []
        self.last = (0, 0)
        self.mute = False
        self.refuse = ""
        self.subscribed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=name.device, protocol=mqtt.MQTTv5
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_command
        will = encode_state(DeviceState(False, boot))
        self._client.will_set(name.topic(Channel.STATE), will, qos=1, retain=True)
        self._client.connect_async("127.0.0.1", broker.port, keepalive=60)
        self._client.loop_start()

    def _on_connect(self, client: mqtt.Client, *_rest: Any) -> None:
        client.subscribe(self.name.topic(Channel.CMD), qos=1)

    def _on_subscribe(self, client: mqtt.Client, *_rest: Any) -> None:
        birth = encode_birth(Birth(self.boot, ("light",)))
        client.publish(self.name.topic(Channel.META), birth, qos=1, retain=True)
        state = encode_state(DeviceState(True, self.boot))
        client.publish(self.name.topic(Channel.STATE), state, qos=1, retain=True)
        self._loop.call_soon_threadsafe(self.subscribed.set)

    def _on_command(self, client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        command = decode_command(bytes(message.payload))
        self.heard.append(command)
        self.retained.append(message.retain)
        self.expiries.append(getattr(message.properties, "MessageExpiryInterval", None))
        reply = Reply(data={"volts": 24})
        if command.epoch is not None and command.seq is not None:
            fresh = (command.epoch, command.seq) > self.last
            if fresh and not self.refuse:
                self.lit.append(command.seq)
            self.last = max(self.last, (command.epoch, command.seq))
            ok = not self.refuse
            reply = Reply(command.epoch, self.last[1], command.seq, ok, self.refuse, {"lit": ok})
        if self.mute:
            return
        properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        given: Any = message.properties
        properties.CorrelationData = given.CorrelationData
        client.publish(given.ResponseTopic, encode_reply(reply), qos=1, properties=properties)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def drop(self) -> None:
        """Be gone without a word, as by a power cut; the broker then says the last will."""
        sock: Any = self._client.socket()
        self._client.on_connect = None
        self._client.reconnect_delay_set(600, 600)
        sock.shutdown(2)
