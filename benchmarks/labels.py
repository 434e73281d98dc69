"""Labels through power cuts, cut lines, empty printers and kills: lost, doubled and unsure."""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg

from api.gateway.kill import KillPoint, kills_done
from api.log import configure_log
from api.settings import Settings
from benchmarks.home import own_home
from benchmarks.labels_fault import Room
from benchmarks.labels_house import SITE, enter_printers, queue_labels, sscc, states_of_labels
from benchmarks.labels_peer import Sender
from benchmarks.machine import machine
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade
from wms.database.pool import open_pool

POINTS = (
    KillPoint.BEFORE_BEGIN,
    KillPoint.AFTER_BEGIN,
    KillPoint.AFTER_SENT,
    KillPoint.BEFORE_FINISH,
    KillPoint.AFTER_FINISH,
)
# A gateway that has just been started works off so many labels before a kill point strikes.
KILL_AT_FIRST = 7
QUIET_S = 3.0
SAY_S = 10.0
OPEN = ("queued", "sent")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--jobs", type=int, default=1_000)
    parser.add_argument("--printers", type=int, default=4)
    parser.add_argument("--share", type=float, default=0.14, help="of labels that a fault strikes")
    parser.add_argument("--kills", type=int, default=10, help="at named points, beside the share")
    parser.add_argument("--print-s", type=float, default=0.05, help="that a label takes to print")
    parser.add_argument("--minutes", type=float, default=30.0, help="after which it is given up")
    parser.add_argument("--seed", type=int, default=7)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Prints through the real gateway in a process of its own, then the plain way."""
    with own_home() as home:
        configure_log(Settings(home=home, log_level="warning"), "bench")
        with EmbeddedPostgres(home / "postgres") as server:
            ours = asyncio.run(_ours(server.url(), home, options))
    peer = asyncio.run(_peer(options))
    plain = {name: value for name, value in vars(options).items() if name not in ("name", "json")}
    return {"machine": machine(), "options": plain} | ours | peer


async def _ours(url: str, home: Path, options: argparse.Namespace) -> dict[str, Any]:
    await upgrade(url)
    names = _names(options)
    room = Room(names, options.share, options.seed, options.print_s)
    async with AsyncExitStack() as stack, await open_pool(url, application="bench") as pool:
        await enter_printers(pool, await room.open(stack))
        await queue_labels(pool, options.jobs, names)
        gateway = Gateway(url, home, options.kills)
        room.killed = gateway.kill
        began_s = time.monotonic()
        keeping = asyncio.create_task(gateway.keep())
        try:
            async with asyncio.timeout(60 * options.minutes):
                await _until_done(pool, keeping, room)
            seconds = time.monotonic() - began_s
            # What is still on its way to a printer would come out now.
            await asyncio.sleep(QUIET_S)
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})
        states = await states_of_labels(pool)
    return _judged(states, room) | {
        "seconds": round(seconds, 1),
        "kills": dict(Counter(kill.partition(":")[0] for kill in kills_done(gateway.log))),
        "starts": gateway.starts,
    }


async def _until_done(pool: asyncpg.Pool, keeping: "asyncio.Task[None]", room: Room) -> None:
    said_s = time.monotonic()
    while True:
        states = Counter((await states_of_labels(pool)).values())
        left = sum(states[state] for state in OPEN)
        if not left:
            return
        if time.monotonic() - said_s > SAY_S:
            said_s = time.monotonic()
            print(f"{left} labels left …", file=sys.stderr)
        room.check()
        if keeping.done():
            keeping.result()
        await asyncio.sleep(0.5)


def _judged(states: dict[str, str], room: Room) -> dict[str, Any]:
    """Compares what the house believes with what lies in the trays."""
    tray = room.tray()
    said = Counter(states.values())
    return {
        "jobs": len(states),
        "lost": sum(1 for one, state in states.items() if not tray[one] and state == "printed"),
        "doubled": sum(1 for one in states if tray[one] > 1),
        "unsure": said["unsure"],
        "failed": said["failed"],
        "strangers": sum(count for one, count in tray.items() if one not in states),
        "faults": dict(sorted(room.struck.items())),
        "fault_share": round(sum(room.struck.values()) / len(states), 3),
    }


async def _peer(options: argparse.Namespace) -> dict[str, Any]:
    names = _names(options)
    room = Room(names, options.share, options.seed, options.print_s)
    async with AsyncExitStack() as stack:
        ports = await room.open(stack)
        senders = {name: Sender(port) for name, port in ports.items()}
        room.killed = lambda name: senders[name].kill()
        wanted = {
            name: [sscc(number) for number in range(1 + place, options.jobs + 1, len(names))]
            for place, name in enumerate(names)
        }
        began_s = time.monotonic()
        async with asyncio.timeout(60 * options.minutes), asyncio.TaskGroup() as tasks:
            sending = [tasks.create_task(senders[name].print_all(wanted[name])) for name in names]
            while not all(one.done() for one in sending):
                room.check()
                await asyncio.sleep(0.1)
        seconds = time.monotonic() - began_s
        await asyncio.sleep(QUIET_S)
    tray = room.tray()
    ssccs = [one for mine in wanted.values() for one in mine]
    return {
        "peer_lost": sum(1 for one in ssccs if not tray[one]),
        "peer_doubled": sum(1 for one in ssccs if tray[one] > 1),
        "peer_fault_share": round(sum(room.struck.values()) / len(ssccs), 3),
        "peer_seconds": round(seconds, 1),
    }


def _names(options: argparse.Namespace) -> list[str]:
    return [f"PRN-{number:02d}" for number in range(1, options.printers + 1)]


class Gateway:
    """The gateway in a process of its own, started again whenever it was killed."""

    def __init__(self, url: str, home: Path, kills: int) -> None:
        self.starts = 0
        self.log = home / "kills"
        self._home = home
        self._process: asyncio.subprocess.Process | None = None
        self._settings = {
            "STOWLINE_DATABASE_URL": url,
            "STOWLINE_HOME": str(home),
            # Printers need no broker, and the gateway is not held up by one that is away.
            "STOWLINE_MQTT_URL": "mqtt://127.0.0.1:1",
            "STOWLINE_SITE": SITE,
            "STOWLINE_GATEWAY_NAME": "bench",
            "STOWLINE_KILL_LOG": str(self.log),
            "STOWLINE_LOG_LEVEL": "error",
        }
        if kills:
            self._settings["STOWLINE_KILL_AT"] = ",".join(
                f"{POINTS[one % len(POINTS)]}:{KILL_AT_FIRST + one // len(POINTS)}"
                for one in range(kills)
            )

    def kill(self, _printer: str) -> None:
        """End it with no warning."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def keep(self) -> None:
        """Keep it running until cancelled."""
        with (self._home / "gateway.log").open("ab") as log:
            try:
                while True:
                    self.starts += 1
                    self._process = await asyncio.create_subprocess_exec(
                        sys.executable,
                        "-m",
                        "api.gateway",
                        env=dict(os.environ) | self._settings,
                        stdout=log,
                        stderr=log,
                    )
                    code = await self._process.wait()
                    if code >= 0:
                        raise RuntimeError(f"the gateway ended by itself: {code}")
            finally:
                self.kill("")
                if self._process is not None:
                    await self._process.wait()


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The result for people."""
    return [(name, str(value)) for name, value in result.items() if name != "machine"]
