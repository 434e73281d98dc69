"""Many devices over one connection: what they say at once, and what they are told."""

from collections.abc import Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from devices.link.message import (
    Birth,
    DeviceEvent,
    DeviceState,
    decode_ack,
    encode_birth,
    encode_event,
    encode_state,
)
from devices.link.topic import Channel, DeviceName, parse_topic, site_filter
from tests.devices.link.broker import AT, Broker


class Crowd:
    """Devices with two events each; `upto` is what each was acknowledged."""

    def __init__(self, broker: Broker, names: Sequence[DeviceName]) -> None:
        self.upto: dict[DeviceName, int] = {}
        self._names = names
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="crowd", protocol=mqtt.MQTTv5
        )
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_ack
        self._client.connect_async("127.0.0.1", broker.port, keepalive=60)
        self._client.loop_start()

    def _on_connect(self, client: mqtt.Client, *_rest: Any) -> None:
        client.subscribe(site_filter(self._names[0].site, Channel.ACK), qos=1)

    def _on_ack(self, _client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        name, _ = parse_topic(message.topic)
        self.upto[name] = max(self.upto.get(name, 0), decode_ack(bytes(message.payload)).upto)

    def be_born(self) -> None:
        """All say that they are there."""
        birth, state = encode_birth(Birth(1, ("code128",))), encode_state(DeviceState(True, 1))
        for name in self._names:
            self._client.publish(name.topic(Channel.META), birth, qos=1)
            self._client.publish(name.topic(Channel.STATE), state, qos=1)

    def speak(self) -> None:
        """All say again what was not acknowledged."""
        for name in self._names:
            for seq in range(self.upto.get(name, 0) + 1, 3):
                event = DeviceEvent(1, seq, AT, f"T-{seq:05d}")
                self._client.publish(name.topic(Channel.EVT), encode_event(event), qos=0)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
