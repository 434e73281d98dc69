"""Connections that come and go: births, last wills, and a name that two want."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from devices.link.bad import BadKind
from devices.link.client import BrokerAddress, DeviceLink, Presence, Whose
from devices.link.message import (
    Birth,
    DeviceEvent,
    DeviceState,
    decode_state,
    encode_birth,
    encode_event,
    encode_state,
)
from devices.link.topic import Channel, DeviceName
from tests.devices.journal import MemoryEventJournal
from tests.devices.link.broker import AT, Broker, Scanner
from tests.devices.link.test_client import until

pytestmark = pytest.mark.asyncio
HOUSE = DeviceName("main", "house", "gateway", "stowline")
SCANNER = DeviceName("main", "sort", "scanner", "SCN-01")
STRANGER = DeviceName("main", "sort", "scanner", "SCN-99")


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path)
    await broker.start()
    yield broker
    broker.kill()


@asynccontextmanager
async def running(link: DeviceLink) -> AsyncIterator[DeviceLink]:
    task = asyncio.create_task(link.run())
    try:
        await until(link.connected.is_set)
        yield link
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()


def house_link(broker: Broker, boot: int, **more: Any) -> DeviceLink:
    address = BrokerAddress(host="127.0.0.1", port=broker.port)
    return DeviceLink(
        address,
        "main",
        MemoryEventJournal(),
        client_id="stowline-main",
        presence=Presence(HOUSE, boot),
        **more,
    )


class Listener:
    """Hears everything, and says what it is told."""

    def __init__(self, broker: Broker) -> None:
        self.last: dict[str, bytes] = {}
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="listener", protocol=mqtt.MQTTv5
        )
        self.client.on_connect = lambda client, *_rest: client.subscribe("wh/v1/#", qos=1)
        self.client.on_message = self._on_message
        self.client.connect_async("127.0.0.1", broker.port)
        self.client.loop_start()

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.last[message.topic] = bytes(message.payload)

    def state(self, name: DeviceName = HOUSE) -> DeviceState | None:
        payload = self.last.get(name.topic(Channel.STATE))
        return None if payload is None else decode_state(payload)

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
async def listener(broker: Broker) -> AsyncIterator[Listener]:
    listener = Listener(broker)
    yield listener
    listener.stop()


async def test_others_are_told_whether_the_house_is_there_after_every_connect_and_its_end(
    broker: Broker, listener: Listener
) -> None:
    async with running(house_link(broker, 3)) as link:
        await until(lambda: listener.state() == DeviceState(True, 3))
        broker.kill()
        await until(lambda: not link.connected.is_set())
        listener.last.clear()
        await broker.start()
        await until(lambda: listener.state() == DeviceState(True, 3))
        assert listener.last[HOUSE.topic(Channel.META)] == encode_birth(Birth(3))
    await until(lambda: listener.state() == DeviceState(False, 3))


async def test_the_next_holder_takes_the_session_and_the_last_one_does_not_fight(
    broker: Broker, listener: Listener
) -> None:
    async with running(house_link(broker, 3)) as first:
        async with running(house_link(broker, 4)) as second:
            await until(lambda: first.counts["disconnected"] == 1)
            await until(lambda: listener.state() == DeviceState(True, 4))
            assert second.connected.is_set() and not first.connected.is_set()
            assert second.counts["disconnected"] == 0
        assert first.counts["connected"] == 1


async def test_a_last_will_of_an_earlier_boot_says_nothing_of_the_one_born_since(
    broker: Broker, listener: Listener
) -> None:
    async with running(house_link(broker, 1)) as link:
        view = link.devices
        say = listener.client.publish
        say(SCANNER.topic(Channel.META), encode_birth(Birth(8)), qos=1)
        say(SCANNER.topic(Channel.STATE), encode_state(DeviceState(True, 8)), qos=1)
        say(SCANNER.topic(Channel.STATE), encode_state(DeviceState(False, 7)), qos=1)
        await until(lambda: SCANNER in view and view[SCANNER].state == DeviceState(False, 7))
        assert view[SCANNER].online is True
        say(SCANNER.topic(Channel.STATE), encode_state(DeviceState(False, 8)), qos=1)
        await until(lambda: view[SCANNER].online is False)


async def test_what_is_wrong_with_a_message_is_told_by_kind_and_harms_no_other_device(
    broker: Broker, listener: Listener
) -> None:
    def whose(name: DeviceName) -> Whose:
        return Whose.NOBODYS if name == STRANGER else Whose.OURS

    told: list[tuple[BadKind, str]] = []
    link = house_link(
        broker, 1, whose=whose, on_bad=lambda bad: told.append((bad.kind, bad.device))
    )
    scanner = Scanner(broker, SCANNER, 7)
    say = listener.client.publish
    event = encode_event(DeviceEvent(7, 1, AT, "T-00042"))
    other = DeviceName("main", "pack", "scale", "SCL-01")
    async with running(link):
        say(STRANGER.topic(Channel.EVT), event, qos=1)
        say("wh/v1/main/nobody/evt", event, qos=1)
        say(other.topic(Channel.EVT), b"x" * 1_000_000, qos=1)
        say(other.topic(Channel.EVT), bytes(range(256)), qos=1)
        say(other.topic(Channel.STATE), b'{"online": "yes"}', qos=1)
        say(other.topic(Channel.RSP), b"[]", qos=1)
        say(other.topic(Channel.META), encode_birth(Birth(7, schema=2)), qos=1)
        say(other.topic(Channel.EVT), event, qos=1)
        scanner.scan("good")
        await until(lambda: not scanner.kept, scanner.send_again)
        await until(lambda: link.counts["bad"] == 7)
    scanner.stop()
    named = str(other)
    assert sorted(told) == sorted(
        [
            (BadKind.UNKNOWN_DEVICE, str(STRANGER)),
            (BadKind.TOO_LARGE, named),
            (BadKind.EVENT, named),
            (BadKind.STATE, named),
            (BadKind.REPLY, named),
            (BadKind.WRONG_SCHEMA, named),
            (BadKind.WRONG_SCHEMA, named),
        ]
    )
    sizes = {bad.kind: (len(bad.payload), bad.payload_bytes) for bad in link.bad}
    assert sizes[BadKind.TOO_LARGE] == (512, 1_000_000)
    assert link.counts["events"] == 1


async def test_a_replay_and_a_birth_of_an_old_boot_are_told_and_have_no_effect(
    broker: Broker,
) -> None:
    journal = MemoryEventJournal()
    address = BrokerAddress(host="127.0.0.1", port=broker.port)
    link = DeviceLink(address, "main", journal, client_id="house")
    async with running(link):
        scanner = Scanner(broker, SCANNER, 7)
        scanner.scan("before")
        await until(lambda: not scanner.kept, scanner.send_again)
        scanner.stop()
        reborn = Scanner(broker, SCANNER, 8)
        reborn.scan("after")
        await until(lambda: not reborn.kept, reborn.send_again)
        replay = encode_event(DeviceEvent(7, 1, AT, "before"))
        reborn.send(replay)
        await until(lambda: link.counts["bad_replay"] == 1)
        reborn.drop()
        await until(lambda: link.devices[SCANNER].online is False)
        reset = Scanner(broker, SCANNER, 1)
        await until(lambda: link.counts["bad_old_boot"] == 1)
        assert link.bad[-1].reason == "born with boot 1 after boot 8"
        for scanner in (reset, reborn):
            scanner.stop()
    assert journal.sequence(str(SCANNER)) == [(7, 1), (8, 1)]
