"""Events through kills of the broker and of our process: what is lost, doubled, and when it is on.

The simulated scanners keep what is not acknowledged; the link keeps inbox row and effect together.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from api.broker import Broker, find_mosquitto
from api.settings import Settings
from benchmarks import sorter_child
from benchmarks.home import own_home
from benchmarks.sorter_crowd import Crowd, Told
from benchmarks.sorter_keeper import EFFECT, Keeper
from benchmarks.sorter_naive import NoMosquitto, run_naive
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade
from wms.database.port import answers

_LOOK_S = 0.005
_START_S = 20.0


@dataclass(frozen=True, slots=True)
class Course:
    """How many events at which rate, and how often broker and process are killed meanwhile."""

    events: int
    rate: float
    broker_kills: int
    process_kills: int
    scanners: int = 4


@dataclass(frozen=True, slots=True)
class Kill:
    """A kill: when, when what was killed ran again, and when an event read after it was kept."""

    what: str
    at_s: float
    runs_again_s: float

    def back_s(self, told: Told) -> tuple[float, float] | None:
        """How long after the kill, and after the return, an event read since was acknowledged.

        None where nothing was read since.
        """
        both = zip(told.read_s, told.acknowledged_s, strict=True)
        after = [done_s for read_s, done_s in both if read_s > self.at_s and done_s > 0]
        if not after:
            return None
        first_s = min(after)
        return first_s - self.at_s, first_s - self.runs_again_s


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the events."""

    sent: int
    lost: int
    doubled: int
    out_of_order: int
    kills: list[Kill]
    told: Told


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this part."""
    parser.add_argument("--kill-events", type=int, default=6_000)
    parser.add_argument("--kill-rate", type=float, default=200.0, help="events a second")
    parser.add_argument("--kills", type=int, default=3, help="of the broker, and of our process")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Runs one course with a database and a broker of its own."""
    course = Course(options.kill_events, options.kill_rate, options.kills, options.kills)
    with own_home() as home, EmbeddedPostgres(home / "postgres") as server:
        asyncio.run(upgrade(server.url(), server))
        outcome = run_course(course, home, server.url())
        naive = _naive(course, home, server.url())
    backs = [(kill.what, kill.back_s(outcome.told)) for kill in outcome.kills]
    return naive | {
        "events_sent": outcome.sent,
        "events_lost": outcome.lost,
        "events_doubled": outcome.doubled,
        "events_out_of_order": outcome.out_of_order,
        "events_sent_again": outcome.told.sent_again,
        "back_after_broker_kill_s": _rounded(backs, "broker", 0),
        "back_after_broker_return_s": _rounded(backs, "broker", 1),
        "back_after_process_kill_s": _rounded(backs, "process", 0),
    }


def _naive(course: Course, home: Path, database_url: str) -> dict[str, Any]:
    """The usual way through the same; nothing where there is no Mosquitto."""
    print("the usual way: QoS 1 and a broker that writes it down …", file=sys.stderr)
    try:
        found = run_naive(database_url, home, course.events, course.rate, _plan(course))
    except NoMosquitto as error:
        print(error, file=sys.stderr)
        return {}
    return {"naive_events_lost": found["lost"], "naive_events_doubled": found["doubled"]}


def _rounded(
    backs: list[tuple[str, tuple[float, float] | None]], what: str, which: int
) -> list[float]:
    return [round(back[which], 2) for name, back in backs if name == what and back is not None]


def run_course(course: Course, home: Path, database_url: str) -> Outcome:
    """Has scanners read while broker and link are killed in turn, and compares at the end.

    `database_url` is a migrated database's that saw no other course, by its owner.
    """
    asyncio.run(_execute(database_url, EFFECT))
    with Broker(Settings(home=home), find_mosquitto()) as broker:
        keeper = Keeper(database_url, broker.url, str(home / "keeper"))
        crowd = Crowd(broker.url, course.scanners, course.events, course.rate)
        link = sorter_child.start("sorter_keeper", keeper)
        try:
            _wait_for(Path(keeper.ready))
            with sorter_child.started("sorter_crowd", crowd) as reading:
                kills = []
                began_s = _wait_for_events(database_url)
                for what, after_s in _plan(course):
                    time.sleep(max(began_s + after_s - time.monotonic(), 0))
                    if what == "broker":
                        kills.append(_kill_broker(broker))
                    else:
                        at_s = link.kill()
                        link = sorter_child.start("sorter_keeper", keeper)
                        kills.append(Kill(what, at_s, time.monotonic()))
                told = Told(**reading.result())
        finally:
            sorter_child.end(link)
    return asyncio.run(_compare(database_url, course, kills, told))


def _plan(course: Course) -> list[tuple[str, float]]:
    """Kills in turn, evenly over the time of reading."""
    names = [
        name
        for turn in range(max(course.broker_kills, course.process_kills))
        for name, often in (("broker", course.broker_kills), ("process", course.process_kills))
        if turn < often
    ]
    step_s = course.events / course.rate / (len(names) + 1)
    return [(name, (turn + 1) * step_s) for turn, name in enumerate(names)]


def _kill_broker(broker: Broker) -> Kill:
    port = int(broker.url.rpartition(":")[2])
    at_s = time.monotonic()
    # With a guard before it, the broker is its shell's child: the whole group is killed.
    os.killpg(os.getpgid(broker.pid), signal.SIGKILL)
    while answers(port):
        time.sleep(_LOOK_S)
    while not answers(port):
        time.sleep(_LOOK_S)
    return Kill("broker", at_s, time.monotonic())


def _wait_for(ready: Path) -> None:
    deadline_s = time.monotonic() + _START_S
    while not ready.exists():
        if time.monotonic() > deadline_s:
            raise RuntimeError("the link does not stand")
        time.sleep(_LOOK_S)


def _wait_for_events(database_url: str) -> float:
    deadline_s = time.monotonic() + _START_S
    while not asyncio.run(_fetch(database_url, "select 1 from benchmark_effect limit 1")):
        if time.monotonic() > deadline_s:
            raise RuntimeError("no event arrived")
        time.sleep(_LOOK_S)
    return time.monotonic()


async def _compare(database_url: str, course: Course, kills: list[Kill], told: Told) -> Outcome:
    rows = await _fetch(database_url, "select device, seq from benchmark_effect order by number")
    effects = Counter((row["device"], row["seq"]) for row in rows)
    last: dict[str, int] = {}
    out_of_order = 0
    for row in rows:
        out_of_order += row["seq"] < last.get(row["device"], 0)
        last[row["device"]] = row["seq"]
    return Outcome(
        sent=course.events,
        lost=course.events - len(effects),
        doubled=sum(count - 1 for count in effects.values()),
        out_of_order=out_of_order,
        kills=kills,
        told=told,
    )


async def _execute(database_url: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _fetch(database_url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database_url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(query)
        return rows
    finally:
        await connection.close()


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures for people."""
    if "events_sent" not in result:
        return []
    return [
        (
            "events lost · doubled · out of order",
            " · ".join(
                str(result[f"events_{name}"]) for name in ("lost", "doubled", "out_of_order")
            )
            + f" of {result['events_sent']:,}",
        ),
        (
            "… QoS 1 and a broker that writes it down: lost · doubled",
            f"{result.get('naive_events_lost', '—')} · {result.get('naive_events_doubled', '—')}",
        ),
        ("on again after the broker was killed", _seconds(result["back_after_broker_kill_s"])),
        ("… after it ran again", _seconds(result["back_after_broker_return_s"])),
        ("… after our process was killed", _seconds(result["back_after_process_kill_s"])),
    ]


def _seconds(values: list[float]) -> str:
    return " · ".join(f"{value:.2f} s" for value in values)
