"""A real Mosquitto, and a device that keeps what was not acknowledged."""

import asyncio
import os
import shutil
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
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
from devices.link.topic import Channel, DeviceName
from tests.patience import PATIENCE_S
from tests.port import own_port

AT = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def mosquitto_program() -> str:
    """Give Mosquitto's path; without it the test is skipped, in CI it fails."""
    found = shutil.which("mosquitto", path=f"{os.defpath}:/usr/sbin:/usr/local/sbin")
    if found is None:
        reason = "mosquitto is not installed"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return found


class Broker:
    """Mosquitto as a child process, without persistence, that can be killed and started again.

    `guard` is what stands in its configuration instead of letting everybody in.
    """

    def __init__(self, folder: Path, guard: str = "allow_anonymous true\n") -> None:
        self._program = mosquitto_program()
        self.port = own_port()
        self._config = folder / "mosquitto.conf"
        # As root it would give its rights up, and could not read what lies in a test's folder.
        user = "user root\n" if os.geteuid() == 0 else ""
        self._config.write_text(f"{user}listener {self.port} 127.0.0.1\n{guard}")
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._spawn()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                return

    def _spawn(self) -> None:
        command = [self._program, "-c", str(self._config)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class Scanner:
    """Publishes its events and sends those again that are not acknowledged."""

    def __init__(self, broker: Broker, name: DeviceName, boot: int) -> None:
        self.name, self.boot = name, boot
        self.kept: dict[int, bytes] = {}
        self.seq = 0
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=name.device, protocol=mqtt.MQTTv5
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_ack
        will = encode_state(DeviceState(False, boot))
        self._client.will_set(name.topic(Channel.STATE), will, qos=1, retain=True)
        self._client.connect_async("127.0.0.1", broker.port, keepalive=60)
        self._client.loop_start()

    def _on_connect(self, client: mqtt.Client, *_rest: Any) -> None:
        client.subscribe(self.name.topic(Channel.ACK), qos=1)
        birth = encode_birth(Birth(self.boot, ("code128",)))
        client.publish(self.name.topic(Channel.META), birth, qos=1, retain=True)
        state = encode_state(DeviceState(True, self.boot))
        client.publish(self.name.topic(Channel.STATE), state, qos=1, retain=True)

    def _on_ack(self, _client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        ack = decode_ack(bytes(message.payload))
        if ack.boot == self.boot:
            for seq in [seq for seq in tuple(self.kept) if seq <= ack.upto]:
                self.kept.pop(seq, None)

    def scan_on(self, track: int, code: str) -> None:
        self._keep(DeviceEvent(self.boot, self.seq + 1, AT, code, "]C0", track), publish=True)

    def scan(self, raw: str, *, publish: bool = True) -> None:
        self._keep(DeviceEvent(self.boot, self.seq + 1, AT, raw, "]C1", self.seq + 1), publish)

    def _keep(self, event: DeviceEvent, publish: bool) -> None:
        self.seq = event.seq
        self.kept[self.seq] = encode_event(event)
        if publish:
            self.send(self.kept[self.seq])

    def send(self, payload: bytes) -> None:
        if self._client.is_connected():
            self._client.publish(self.name.topic(Channel.EVT), payload, qos=0)

    def send_again(self) -> None:
        for _, payload in sorted(self.kept.copy().items()):
            self.send(payload)

    def drop(self) -> None:
        """Be gone without a word, as by a power cut; the broker then says the last will."""
        sock: Any = self._client.socket()
        self._client.reconnect_delay_set(600, 600)
        sock.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
