"""The usual way beside ours: QoS 1, sessions that last, and a broker that writes everything down.

`python -m benchmarks.sorter_naive` is the subscriber, to be killed at any moment; a `Keeper` as
JSON comes in on standard input.
"""

import asyncio
import getpass
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from api.broker import find_mosquitto
from benchmarks import sorter_child
from benchmarks.sorter_keeper import Keeper
from wms.database.pool import open_pool, staff_transaction
from wms.database.port import answers, free_port

TOPIC = "naive/evt"
_SESSION_S = 3_600
_SETTLE_S = 10.0
_LOOK_S = 0.01
_CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
user {user}
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1
max_queued_messages 0
log_type none
"""


class NoMosquitto(RuntimeError):
    """There is no broker here that writes sessions down."""


@contextmanager
def _broker(folder: Path, port: int) -> Iterator["list[subprocess.Popen[bytes]]"]:
    """One that runs, in a list whose only member is replaced by whoever kills it."""
    program = find_mosquitto()
    if program is None:
        raise NoMosquitto("mosquitto is not installed")
    config = folder / "naive.conf"
    config.write_text(_CONFIG.format(port=port, user=getpass.getuser(), folder=folder))
    running = [_start_broker(program, config, port)]
    try:
        yield running
    finally:
        running[0].terminate()
        running[0].wait()


def _start_broker(program: Path, config: Path, port: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([program, "-c", config], stderr=subprocess.DEVNULL)
    while not answers(port):
        if process.poll() is not None:
            raise NoMosquitto("mosquitto does not start with persistence")
        time.sleep(_LOOK_S)
    return process


def run_naive(
    database_url: str, folder: Path, events: int, rate: float, plan: list[tuple[str, float]]
) -> Counter[str]:
    """Sends events at that rate while broker and subscriber are killed; lost, doubled and sent.

    The table of effects is empty before. Raises: NoMosquitto.
    """
    port = free_port()
    keeper = Keeper(database_url, f"mqtt://127.0.0.1:{port}", str(folder / "naive"))
    with _broker(folder, port) as broker:
        link = sorter_child.start("sorter_naive", keeper)
        try:
            # The session has to be there before the first event is.
            time.sleep(_SETTLE_S / 2)
            publisher = _client("naive-publisher", port)
            waiting = list(plan)
            began_s = time.monotonic()
            for number in range(events):
                while (now_s := time.monotonic() - began_s) < number / rate:
                    time.sleep(max(number / rate - now_s, 0))
                publisher.publish(TOPIC, json.dumps({"seq": number + 1}), qos=1)
                while waiting and waiting[0][1] <= time.monotonic() - began_s:
                    what, _ = waiting.pop(0)
                    if what == "broker":
                        _kill_broker(broker, folder, port)
                    else:
                        link.kill()
                        link = sorter_child.start("sorter_naive", keeper)
            seen = _settled(database_url)
            publisher.disconnect()
            publisher.loop_stop()
        finally:
            sorter_child.end(link)
    doubled = sum(count - 1 for count in seen.values())
    return Counter(sent=events, lost=events - len(seen), doubled=doubled)


def _kill_broker(broker: "list[subprocess.Popen[bytes]]", folder: Path, port: int) -> None:
    broker[0].kill()
    broker[0].wait()
    program = find_mosquitto()
    assert program is not None
    broker[0] = _start_broker(program, folder / "naive.conf", port)


def _client(name: str, port: int) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5)
    client.reconnect_delay_set(1, 1)
    session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    session.SessionExpiryInterval = _SESSION_S
    client.connect("127.0.0.1", port, keepalive=10, clean_start=False, properties=session)
    client.loop_start()
    return client


def _settled(database_url: str) -> Counter[int]:
    """What arrived, once nothing more does."""
    seen, since_s = asyncio.run(_seen(database_url)), time.monotonic()
    while time.monotonic() - since_s < _SETTLE_S:
        time.sleep(_SETTLE_S / 10)
        now = asyncio.run(_seen(database_url))
        if now.total() != seen.total():
            seen, since_s = now, time.monotonic()
    return seen


async def _seen(database_url: str) -> Counter[int]:
    async with (
        await open_pool(database_url, application="benchmark") as pool,
        staff_transaction(pool) as connection,
    ):
        rows = await connection.fetch("select seq from benchmark_effect where device = 'naive'")
    return Counter(row["seq"] for row in rows)


async def _subscribe(keeper: Keeper) -> None:
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    def on_message(_client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        # It is acknowledged when this returns, as paho does it by itself.
        loop.call_soon_threadsafe(arrived.put_nowait, bytes(message.payload))

    async with await open_pool(keeper.database_url, application="benchmark") as pool:
        client = _client("naive-subscriber", urlsplit(keeper.mqtt_url).port or 1883)
        client.on_message = on_message
        client.subscribe(TOPIC, qos=1)
        while True:
            said = json.loads(await arrived.get())
            async with staff_transaction(pool) as connection:
                await connection.execute(
                    "insert into benchmark_effect (device, boot, seq) values ('naive', 1, $1)",
                    said["seq"],
                )


if __name__ == "__main__":
    asyncio.run(_subscribe(Keeper(**json.load(sys.stdin))))
