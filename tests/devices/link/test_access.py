"""A broker that asks for TLS and passwords: each device is held to its own topics."""

import asyncio
import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from devices.link.access import Account, access_file, password_file
from devices.link.client import BrokerAddress, DeviceLink, Presence
from devices.link.message import DeviceEvent, DeviceState, encode_event, encode_state
from devices.link.topic import Channel, DeviceName
from tests.devices.journal import MemoryEventJournal
from tests.devices.link.broker import AT, Broker
from tests.devices.link.test_client import until
from wms.equipment.credential import Credential, new_credential, password_hash

OURS = DeviceName("main", "sort", "scanner", "SCN-01")
FOREIGN = DeviceName("main", "sort", "scanner", "SCN-02")
HOUSE = DeviceName("main", "house", "gateway", "stowline")
NOT_AUTHORISED = 0x87


def make_certificates(folder: Path) -> None:
    """An authority, and a certificate of 127.0.0.1 that it signed."""
    openssl = shutil.which("openssl")
    assert openssl is not None, "openssl comes with every Debian"
    request = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    (folder / "server.ext").write_text("subjectAltName=IP:127.0.0.1\n")
    signed = "-extfile server.ext -out server.crt"
    for line in (
        f"{request} -x509 -days 2 -subj /CN=test-authority -keyout ca.key -out ca.crt",
        f"{request} -subj /CN=127.0.0.1 -keyout server.key -out server.csr",
        f"x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 {signed}",
    ):
        subprocess.run([openssl, *line.split()], cwd=folder, check=True, capture_output=True)


@dataclass
class Guarded:
    """A broker with TLS, and the accounts that it knows."""

    broker: Broker
    ca: Path
    device: Credential
    house: Credential

    def address(self, of: Credential, password: str | None = None) -> BrokerAddress:
        return BrokerAddress(
            host="127.0.0.1",
            port=self.broker.port,
            user=of.username,
            password=password or of.password,
            tls=True,
            ca=str(self.ca),
        )


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    make_certificates(tmp_path)
    device, house = new_credential("main", "SCN-01"), new_credential("main", "stowline")
    accounts = [
        Account(device.username, device.password_hash, OURS),
        Account(house.username, house.password_hash, HOUSE, whole_site=True),
    ]
    (tmp_path / "passwords").write_text(password_file(accounts))
    (tmp_path / "acl").write_text(access_file(accounts))
    broker = Broker(
        tmp_path,
        f"cafile {tmp_path}/ca.crt\ncertfile {tmp_path}/server.crt\nkeyfile {tmp_path}/server.key\n"
        f"allow_anonymous false\npassword_file {tmp_path}/passwords\nacl_file {tmp_path}/acl\n",
    )
    await broker.start()
    yield Guarded(broker, tmp_path / "ca.crt", device, house)
    broker.kill()


class Talker:
    """A device that tries whatever it is told, and what the broker made of it."""

    def __init__(self, guarded: Guarded) -> None:
        self.heard: list[str] = []
        self.connected = False
        self.answers: dict[int, int] = {}
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="SCN-01", protocol=mqtt.MQTTv5
        )
        self.client.username_pw_set(guarded.device.username, guarded.device.password)
        self.client.tls_set(str(guarded.ca))
        self.client.on_connect = self._on_connect
        self.client.on_publish = self._on_publish
        self.client.on_message = self._on_message
        self.client.connect_async("127.0.0.1", guarded.broker.port, keepalive=60)
        self.client.loop_start()

    def _on_connect(self, *_rest: Any) -> None:
        self.client.subscribe("wh/v1/#", qos=1)
        self.connected = True

    def _on_publish(
        self, _client: mqtt.Client, _data: Any, mid: int, reason: Any, _properties: Any
    ) -> None:
        self.answers[mid] = reason.value

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.heard.append(message.topic)

    async def say(self, topic: str, payload: bytes = b"{}") -> int:
        """Publish, and give the broker's reason code."""
        mid = self.client.publish(topic, payload, qos=1).mid
        await until(lambda: mid in self.answers)
        return self.answers[mid]

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


async def test_a_device_is_held_to_its_own_topics_and_the_house_hears_all(
    guarded: Guarded,
) -> None:
    journal = MemoryEventJournal()
    link = DeviceLink(
        guarded.address(guarded.house),
        "main",
        journal,
        client_id="house",
        presence=Presence(HOUSE, 1),
    )
    task = asyncio.create_task(link.run())
    talker = Talker(guarded)
    try:
        await until(lambda: link.connected.is_set() and talker.connected)
        event = encode_event(DeviceEvent(7, 1, AT, "T-00042"))
        for channel in (Channel.META, Channel.EVT, Channel.RSP, Channel.STATE, Channel.TEL):
            said = event if channel is Channel.EVT else encode_state(DeviceState(True, 7))
            assert await talker.say(OURS.topic(channel), said) != NOT_AUTHORISED
        for topic in (
            FOREIGN.topic(Channel.EVT),
            FOREIGN.topic(Channel.STATE),
            OURS.topic(Channel.ACK),
            OURS.topic(Channel.CMD),
            HOUSE.topic(Channel.STATE),
            DeviceName("other", "sort", "scanner", "SCN-01").topic(Channel.EVT),
            "wh/v1/main/sort/scanner/SCN-01/evt/more",
        ):
            assert await talker.say(topic, event) == NOT_AUTHORISED, topic
        await until(lambda: bool(talker.heard))
        assert [event.device for event in journal.events] == [str(OURS)]
        assert set(link.devices) == {OURS}
    finally:
        talker.stop()
        task.cancel()
        await asyncio.wait({task})
    # It asked for everything, and heard its acknowledgement and nothing of anyone else.
    assert set(talker.heard) == {OURS.topic(Channel.ACK)}


@pytest.mark.parametrize("broken", ["password", "authority"])
async def test_a_wrong_password_and_an_unknown_authority_end_in_no_connection(
    guarded: Guarded, broken: str, tmp_path: Path
) -> None:
    address = guarded.address(guarded.house, "wrong" if broken == "password" else None)
    if broken == "authority":
        other = tmp_path / "other"
        other.mkdir()
        make_certificates(other)
        address = guarded.address(guarded.house)
        address = BrokerAddress(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.password,
            tls=True,
            ca=str(other / "ca.crt"),
        )
    link = DeviceLink(address, "main", MemoryEventJournal(), client_id="house")
    task = asyncio.create_task(link.run())
    await until(lambda: link.counts["connect_failed"] >= 2)
    assert link.counts["connected"] == 0
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


def test_mosquittos_own_tool_makes_the_same_hash_of_a_password(tmp_path: Path) -> None:
    tool = shutil.which("mosquitto_passwd", path=f"{os.defpath}:/usr/local/bin")
    assert tool is not None, "it comes with Mosquitto"
    made = tmp_path / "made"
    subprocess.run([tool, "-b", "-c", str(made), "SCN-01", "secret"], check=True)
    line = made.read_text().strip()
    salt = b64decode(line.split("$")[3])
    assert line == f"SCN-01:{password_hash('secret', salt)}"
