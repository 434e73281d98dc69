"""From the scan to the PLC's acknowledgement: the whole house, and link and driver alone.

A wait begins when the code is read, before it is published, and ends when the PLC has taken the
tote's lane; `…_bare_us` ends when its answer is back with us.
"""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.broker import Broker, find_mosquitto
from api.log import configure_log
from api.serve import Supervisor
from api.settings import Settings
from benchmarks import sorter_child
from benchmarks.burden import Burden, burden
from benchmarks.home import own_home
from benchmarks.sorter_bare import Bare
from benchmarks.sorter_house import Books, add_totes, enter_conveyor, read_books
from benchmarks.sorter_line import MM_PER_COUNT, Line, Ran
from wms.database.pool import open_pool
from wms.database.port import free_port


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this part."""
    parser.add_argument("--items", type=int, default=3_000)
    parser.add_argument("--rate", type=float, default=100.0, help="items a second")
    parser.add_argument("--warm-up", type=int, default=300, help="items that are not measured")
    parser.add_argument("--lanes", type=int, default=8)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Runs the house, and then what it is made of by itself."""
    house = _whole(options)
    print("link and driver alone …", file=sys.stderr)
    alone = _bare(options, polled=False)
    print("the same by polling every 50 ms …", file=sys.stderr)
    polled = _bare(options, polled=True)
    return house | alone | polled


@dataclass(frozen=True, slots=True)
class _Seen:
    """A run of the whole house."""

    ran: Ran
    books: Books
    burden: Burden


def _whole(options: argparse.Namespace) -> dict[str, Any]:
    with own_home() as home:
        settings = Settings(home=home, port=0, log_level="warning")
        configure_log(settings, "bench")
        with Supervisor(settings, ("gateway",)) as supervisor:
            addresses = supervisor.addresses
            assert addresses.mqtt_url is not None
            line = _line(options, addresses.mqtt_url)
            print(f"{line.count} totes at {line.rate:.0f} a second …", file=sys.stderr)
            asyncio.run(_enter(addresses.database_url, line))
            with sorter_child.started("sorter_line", line) as running:
                before = burden(supervisor.pid("gateway"), home / "postgres")
                ran = Ran(**running.result())
                used = burden(supervisor.pid("gateway"), home / "postgres").since(before)
            seen = _Seen(ran, asyncio.run(_books(addresses.database_url)), used)
    return _figures(seen, line)


def _figures(seen: _Seen, line: Line) -> dict[str, Any]:
    ran, books = seen.ran, seen.books
    return {
        "items": line.count,
        "items_offered_per_s": line.rate,
        "items_per_s": round(ran.arrived / ran.seconds, 1),
        "p50_ms": quantile(ran.waits_ms, 0.5),
        "p99_ms": quantile(ran.waits_ms, 0.99),
        "max_ms": quantile(ran.waits_ms, 1.0),
        "gateway_cpu_ms_per_item": round(1_000 * seen.burden.application_s / line.count, 2),
        "database_cpu_ms_per_item": round(1_000 * seen.burden.database_s / line.count, 2),
        "items_recirculated": ran.plc.get("recirculations", 0),
        "items_missorted": ran.plc.get("missorts", 0),
        "items_not_booked_once": abs(books.movements - ran.arrived)
        + abs(books.moved_totes - ran.arrived)
        + abs(line.count - books.diverted),
    }


def _line(options: argparse.Namespace, mqtt_url: str) -> Line:
    return Line(
        mqtt_url=mqtt_url,
        plc_port=free_port(),
        first=1,
        count=options.items,
        rate=options.rate,
        warm_up=options.warm_up,
        lanes=options.lanes,
    )


async def _enter(database_url: str, line: Line) -> None:
    async with await open_pool(database_url, application="benchmark") as pool:
        house = await enter_conveyor(pool, line.lanes, line.plc_port, line.config)
        await add_totes(pool, house, line.first, line.count)


async def _books(database_url: str) -> Books:
    async with await open_pool(database_url, application="benchmark") as pool:
        return await read_books(pool)


def _bare(options: argparse.Namespace, *, polled: bool) -> dict[str, Any]:
    with (
        TemporaryDirectory(prefix="stowline-bench-") as name,
        Broker(Settings(home=Path(name)), find_mosquitto()) as broker,
    ):
        line = _line(options, broker.url)
        counts = line.plan.decision_mm // MM_PER_COUNT
        bare = Bare(broker.url, line.plc_port, counts, line.lanes, polled)
        with (
            sorter_child.started("sorter_bare", bare) as ours,
            sorter_child.started("sorter_line", line) as running,
        ):
            ran = Ran(**running.result())
            ours.ask_to_end()
            said = ours.result()
    name = "polled" if polled else "bare"
    figures = {
        f"items_per_s_{name}": round(ran.arrived / ran.seconds, 1),
        f"p50_ms_{name}": quantile(ran.waits_ms, 0.5),
        f"p99_ms_{name}": quantile(ran.waits_ms, 0.99),
    }
    if not polled:
        back_ms = said["waits_ms"][options.warm_up :]
        figures["p50_ms_bare_us"] = quantile(back_ms, 0.5)
        figures["p99_ms_bare_us"] = quantile(back_ms, 0.99)
    return figures


def quantile(values: list[float], share: float) -> float | None:
    """The value that so large a share does not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2)


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures for people."""
    if "p50_ms" not in result:
        return []
    return [
        ("items a second, offered · sorted", _pair(result, "items_offered_per_s", "items_per_s")),
        ("scan → PLC acknowledgement, p50 · p99 ms", _pair(result, "p50_ms", "p99_ms")),
        ("… link and driver alone", _pair(result, "p50_ms_bare", "p99_ms_bare")),
        ("… until the answer is back", _pair(result, "p50_ms_bare_us", "p99_ms_bare_us")),
        ("… asking every 50 ms instead", _pair(result, "p50_ms_polled", "p99_ms_polled")),
        (
            "CPU ms an item, gateway · database",
            _pair(result, "gateway_cpu_ms_per_item", "database_cpu_ms_per_item"),
        ),
        (
            "items missorted · not booked once",
            _pair(result, "items_missorted", "items_not_booked_once"),
        ),
    ]


def _pair(result: dict[str, Any], first: str, second: str) -> str:
    return f"{result[first]} · {result[second]}"
