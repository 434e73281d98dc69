"""The scanner, on a real broker."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from devices.link.message import (
    Ack,
    DeviceEvent,
    DeviceState,
    decode_birth,
    decode_event,
    decode_state,
    encode_ack,
)
from devices.link.topic import Channel, DeviceName
from sim.scanner import Scanner, reconnect_s
from tests.patience import PATIENCE_S
from tests.port import own_port

NAME = DeviceName("main", "sort", "scanner", "SCN-01")
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


class Broker:
    """A mosquitto that can be killed and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self.port = own_port()
        self._file = folder / "mosquitto.conf"
        self._file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._file)], stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class House:
    """Whatever the house gets to hear of the scanner."""

    def __init__(self, port: int) -> None:
        self.events: list[DeviceEvent] = []
        self.states: list[DeviceState] = []
        self.births: list[int] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe("wh/v1/main/#", qos=1)
        self._client.on_message = self._take
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def _take(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        if message.topic == NAME.topic(Channel.EVT):
            self.events.append(decode_event(payload))
        elif message.topic == NAME.topic(Channel.STATE):
            self.states.append(decode_state(payload))
        elif message.topic == NAME.topic(Channel.META):
            self.births.append(decode_birth(payload).boot)

    def times(self, seq: int) -> int:
        """How often an event came."""
        return sum(event.seq == seq for event in list(self.events))

    def acknowledge(self, upto: int, boot: int = 7) -> None:
        self._client.publish(NAME.topic(Channel.ACK), encode_ack(Ack(boot, upto)), qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@asynccontextmanager
async def running(broker: Broker) -> AsyncIterator[tuple[Scanner, House]]:
    house = House(broker.port)
    url = f"mqtt://127.0.0.1:{broker.port}"
    moment = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    scanner = Scanner(NAME, url, boot=7, clock=lambda: moment)
    work = asyncio.create_task(scanner.run())
    try:
        yield scanner, house
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await asyncio.to_thread(house.close)


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.005)


async def until(house: House, count: int) -> None:
    await _until(lambda: len(house.events) >= count)


async def until_acknowledged(scanner: Scanner) -> None:
    await _until(lambda: scanner.unacknowledged == 0)


async def test_a_scan_is_sent_with_its_track_and_again_until_it_is_acknowledged(
    broker: Broker,
) -> None:
    async with running(broker) as (scanner, house):
        scanner.read("T-00001", 4711)
        scanner.read("T-00002", 4712)
        await until(house, 4)
        first = house.events[0]
        assert (first.boot, first.seq, first.raw, first.trigger) == (7, 1, "T-00001", 4711)
        assert {event.seq for event in house.events} == {1, 2}
        house.acknowledge(2, boot=6)
        await asyncio.sleep(0.2)
        assert scanner.unacknowledged == 2
        house.acknowledge(1)
        await _until(lambda: scanner.unacknowledged == 1)
        house.acknowledge(2)
        await until_acknowledged(scanner)
        # Events overtake each other nowhere: with the third, all that were sent before are here.
        scanner.read("T-00003", 4713)
        await _until(lambda: house.times(3) > 0)
        times = house.times(1), house.times(2)
        await _until(lambda: house.times(3) > 2)
        assert (house.times(1), house.times(2)) == times


async def test_a_scan_outlives_a_broker_without_memory(broker: Broker) -> None:
    async with running(broker) as (scanner, house):
        async with asyncio.timeout(PATIENCE_S):
            await scanner.connected.wait()
        broker.kill()
        scanner.read("T-00001", 1)
        await asyncio.sleep(0.2)
        assert house.events == []
        broker.start()
        await until(house, 1)
        assert house.events[0].raw == "T-00001"
        house.acknowledge(1)
        await until_acknowledged(scanner)


async def test_a_scanner_is_back_after_its_broker(broker: Broker) -> None:
    async with running(broker) as (scanner, _house):
        async with asyncio.timeout(PATIENCE_S):
            await scanner.connected.wait()
        for away_s in (0.0, 0.9):
            broker.kill()
            await _until(lambda: not scanner.connected.is_set())
            await asyncio.sleep(away_s)
            broker.start()
            await _until(scanner.connected.is_set)


def test_scanners_that_lost_a_broker_together_come_back_one_by_one() -> None:
    names = [DeviceName("main", "sort", "scanner", f"SCN-{n:03d}") for n in range(500)]
    pauses = [reconnect_s(name, 1) for name in names]
    assert pauses == [reconnect_s(name, 1) for name in names]
    assert len(set(pauses)) == 500
    assert min(first for first, _ in pauses) >= 0.15
    assert max(longest for _, longest in pauses) <= 0.625


async def test_birth_and_state_are_told_and_the_end_too(broker: Broker) -> None:
    async with running(broker) as (_scanner, house):
        await _until(lambda: bool(house.states and house.births))
        assert house.births[-1] == 7
        assert house.states[-1] == DeviceState(True, 7)
    late = House(broker.port)
    await _until(lambda: bool(late.states))
    await asyncio.to_thread(late.close)
    assert late.states == [DeviceState(False, 7)]


def test_a_scanner_misses_its_share_and_the_seed_says_which() -> None:
    def read(seed: int, rate: float) -> list[int]:
        scanner = Scanner(
            NAME,
            "mqtt://127.0.0.1:1",
            boot=7,
            clock=lambda: datetime(2010, 12, 1, tzinfo=UTC),
            read_rate=rate,
            seed=seed,
        )
        return [scanner.see(f"T-{number:05d}", track=number) for number in range(1_000)]

    assert set(read(1, 1.0)) == {1}
    assert set(read(1, 0.0)) == {0}
    assert 850 < sum(read(1, 0.9)) < 950
    assert read(1, 0.9) == read(1, 0.9) != read(2, 0.9)


def test_several_codes_on_one_parcel_are_several_reads() -> None:
    scanner = Scanner(
        NAME, "mqtt://127.0.0.1:1", boot=7, clock=lambda: datetime(2010, 12, 1, tzinfo=UTC)
    )
    assert scanner.see("T-00001", "SL1", track=1) == 2
    assert scanner.see("T-00001", "T-00001", track=2) == 1
    assert scanner.unacknowledged == 4
