"""The broker speaks MQTT 5 on loopback, comes back after a crash, and ends with us."""

import os
import queue
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from api.broker import Broker, find_mosquitto
from api.settings import Settings
from tests.patience import PATIENCE_S

# paho's classes for properties have no types of their own.
_properties: Any = Properties

KINDS = ("mosquitto", "embedded")


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Broker:
    """Each of the two brokers that we can start."""
    mosquitto = find_mosquitto() if request.param == "mosquitto" else None
    if request.param == "mosquitto" and mosquitto is None:
        pytest.skip("no mosquitto on this machine")
    return Broker(Settings(home=tmp_path), mosquitto)


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


class _Client:
    """A client of MQTT 5 that waits for what it asks."""

    def __init__(self, url: str, name: str, will: str | None = None) -> None:
        self.messages: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        self._events: queue.Queue[str] = queue.Queue()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.on_message = lambda client, data, message: self.messages.put(message)
        self._client.on_connect = lambda *ignored: self._events.put("connected")
        self._client.on_subscribe = lambda *ignored: self._events.put("subscribed")
        if will:
            self._client.will_set(will, b"gone", qos=1, retain=True)
        self._client.connect("127.0.0.1", _port(url))
        self._client.loop_start()
        assert self._events.get(timeout=PATIENCE_S) == "connected"

    def subscribe(self, topic: str) -> None:
        self._client.subscribe(topic, qos=1)
        assert self._events.get(timeout=PATIENCE_S) == "subscribed"

    def publish(self, topic: str, text: str, *, retain: bool = False, answer: str = "") -> None:
        properties: Any = _properties(PacketTypes.PUBLISH)
        if answer:
            properties.ResponseTopic = answer
            properties.CorrelationData = b"77"
        self._client.publish(topic, text, 1, retain, properties).wait_for_publish(PATIENCE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def vanish(self) -> None:
        """Ends without a goodbye."""
        self._client.loop_stop()
        link: Any = self._client.socket()
        link.shutdown(socket.SHUT_RDWR)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_message_keeps_its_answer_topic_and_its_number(broker: Broker) -> None:
    with broker:
        reader, writer = _Client(broker.url, "reader"), _Client(broker.url, "writer")
        reader.subscribe("wh/#")
        writer.publish("wh/cmd", "go", answer="wh/rsp")
        message = reader.messages.get(timeout=PATIENCE_S)
        assert (message.topic, message.payload, message.qos) == ("wh/cmd", b"go", 1)
        properties: Any = message.properties
        told = properties.json()
        assert told["ResponseTopic"] == "wh/rsp"
        assert bytes.fromhex(told["CorrelationData"]) == b"77"
        reader.close()
        writer.close()


def test_a_late_reader_learns_that_a_device_vanished(broker: Broker) -> None:
    with broker:
        watcher = _Client(broker.url, "watcher")
        watcher.subscribe("wh/dev/state")
        device = _Client(broker.url, "device", will="wh/dev/state")
        device.publish("wh/dev/state", "here", retain=True)
        assert watcher.messages.get(timeout=PATIENCE_S).payload == b"here"
        device.vanish()
        assert watcher.messages.get(timeout=PATIENCE_S).payload == b"gone"
        late = _Client(broker.url, "late")
        late.subscribe("wh/dev/state")
        message = late.messages.get(timeout=PATIENCE_S)
        assert (message.payload, message.retain) == (b"gone", True)
        late.close()
        watcher.close()


def test_it_listens_on_loopback_only(broker: Broker) -> None:
    with broker:
        started = psutil.Process(broker.pid)
        listening = [
            link.laddr.ip
            for process in (started, *started.children(recursive=True))
            for link in process.net_connections("tcp")
            if link.status == psutil.CONN_LISTEN
        ]
        assert listening == ["127.0.0.1"]


def test_a_crashed_broker_comes_back_on_its_port(broker: Broker) -> None:
    with broker:
        before, port = broker.pid, _port(broker.url)
        os.kill(before, signal.SIGKILL)
        _wait(lambda: broker.pid != before and _is_open(port))
    assert not _is_open(port)


def test_a_broker_that_is_killed_on_purpose_comes_back_too(broker: Broker) -> None:
    with broker:
        before, port = broker.pid, _port(broker.url)
        assert broker.kill()
        _wait(lambda: broker.pid != before and _is_open(port))


def test_a_broker_that_runs_between_its_kills_comes_back_as_soon_as_after_the_first(
    tmp_path: Path,
) -> None:
    with Broker(Settings(home=tmp_path), find_mosquitto(), steady_s=0.3) as broker:
        port = _port(broker.url)
        for _ in range(4):
            before = broker.pid
            os.kill(before, signal.SIGKILL)
            _wait(lambda pid=before: broker.pid != pid)  # type: ignore[misc]
            _wait(lambda: _is_open(port))
            # By what is counted of its failures it is decided how long the next start waits.
            _wait(lambda: broker._children.failures("broker") == 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_broker_ends_with_its_killed_owner(tmp_path: Path, kind: str) -> None:
    if kind == "mosquitto" and find_mosquitto() is None:
        pytest.skip("no mosquitto on this machine")
    program = "find_mosquitto()" if kind == "mosquitto" else "None"
    code = (
        "import sys, time; from pathlib import Path; "
        "from api.broker import Broker, find_mosquitto; from api.settings import Settings; "
        f"broker = Broker(Settings(home=Path(sys.argv[1])), {program}); "
        "print(broker.start(), flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    port = _port(owner.stdout.readline().strip())
    assert _is_open(port)
    owner.kill()
    owner.wait()
    owner.stdout.close()
    _wait(lambda: not _is_open(port))


def test_a_named_broker_is_used_as_it_is(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, mqtt_url="mqtt://broker.example:1883")
    with Broker(settings, find_mosquitto()) as broker:
        assert broker.url == "mqtt://broker.example:1883"
        assert not broker.kill()
    assert not list(tmp_path.iterdir())
