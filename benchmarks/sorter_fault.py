"""A day's pace under every fault that a sorter has: what was decided late, and where that went.

A late decision is safe where the PLC let the tote go round; it is counted where it did anything
else. Our process is killed at its worst moments as well.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from typing import Any

from api.log import configure_log
from api.serve import Supervisor
from api.settings import Settings
from benchmarks import sorter_child
from benchmarks.home import own_home
from benchmarks.sorter_decision import quantile
from benchmarks.sorter_house import Books, add_totes, enter_conveyor, read_books, tote_lane
from benchmarks.sorter_storm import LANES, Storm, Weathered
from wms.database.pool import open_pool, staff_transaction
from wms.database.port import free_port
from wms.stock import queries as stock

KILL_AT = "before-accept:60,after-accept:150,before-assign:40,after-assign:80"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this part."""
    parser.add_argument("--fault-items", type=int, default=400)
    parser.add_argument("--fault-rate", type=float, default=10_000.0, help="items an hour")
    parser.add_argument("--window", type=float, default=0.5, help="s from scan to last moment")
    parser.add_argument("--seed", type=int, default=7)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Runs the house through the faults and compares its books with what stands where."""
    with own_home() as home:
        log = home / "kills"
        settings = Settings(
            home=home, port=0, log_level="error", seed=options.seed, kill_at=KILL_AT, kill_log=log
        )
        configure_log(settings, "bench")
        with Supervisor(settings, ("gateway",)) as supervisor:
            addresses = supervisor.addresses
            assert addresses.mqtt_url is not None
            storm = Storm(
                mqtt_url=addresses.mqtt_url,
                plc_port=free_port(),
                count=options.fault_items,
                rate=options.fault_rate / 3_600,
                window_s=options.window,
                seed=options.seed,
            )
            print(f"{storm.count} totes at {storm.rate:.2f} a second …", file=sys.stderr)
            asyncio.run(_enter(addresses.database_url, storm))
            weathered = _weather(storm, supervisor)
            read = asyncio.run(_read(addresses.database_url))
        kills = log.read_text().split() if log.exists() else []
    return _figures(storm, weathered, read, kills)


def _weather(storm: Storm, supervisor: Supervisor) -> Weathered:
    with sorter_child.started("sorter_storm", storm) as running:
        assert running.process.stdout is not None
        for text in running.process.stdout:
            said = json.loads(text)
            if "strike" not in said:
                return Weathered(**said)
            supervisor.kill_broker()
    raise RuntimeError("the simulated sorter ended without a word")


async def _enter(database_url: str, storm: Storm) -> None:
    async with await open_pool(database_url, application="benchmark") as pool:
        house = await enter_conveyor(pool, LANES, storm.plc_port, storm.config)
        await add_totes(pool, house, 1, storm.count)


_EVENTS = """
select kind, payload ->> 'reason' as reason, (payload ->> 'planned')::int as planned,
    (payload ->> 'actual')::int as actual
from device_inbox where device like '%/sorter/%' and seq > 0
"""


async def _read(database_url: str) -> tuple[Books, Counter[str], int]:
    """The books, what the sorter reported, and how many balances differ from the ledger."""
    async with await open_pool(database_url, application="benchmark") as pool:
        books = await read_books(pool)
        async with staff_transaction(pool) as connection:
            rows = await connection.fetch(_EVENTS)
            differences = await stock.check_ledger(connection)
    told: Counter[str] = Counter()
    for row in rows:
        told[row["kind"]] += 1
        told[f"{row['kind']} {row['reason']}"] += 1
        told["diverted without a lane"] += row["kind"] == "diverted" and not row["planned"]
    return books, told, len(differences)


def _figures(
    storm: Storm,
    weathered: Weathered,
    read: tuple[Books, Counter[str], int],
    kills: list[str],
) -> dict[str, Any]:
    books, told, differences = read
    astray = sum(lane != tote_lane(tote, LANES) for tote, lane in weathered.arrived)
    return {
        "fault_items": storm.count,
        "fault_items_per_h": round(storm.rate * 3_600),
        "fault_window_s": storm.window_s,
        "faults_struck": weathered.strikes,
        "process_kills": kills,
        "late_decisions": told["diverted without a lane"] + astray,
        "late_recirculated": told["recirculated no_decision"],
        "recirculated": told["recirculated"],
        "commands_too_late": weathered.plc.get("command_too_late", 0),
        "fault_items_missing": len(weathered.missing),
        "fault_items_booked": books.diverted,
        "fault_ledger_differences": differences,
        "fault_p50_ms": quantile(weathered.waits_ms, 0.5),
        "fault_p99_ms": quantile(weathered.waits_ms, 0.99),
        "totes_brought_back_by_hand": weathered.hands.get("totes_brought_back", 0),
    }


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures for people."""
    if "late_decisions" not in result:
        return []
    struck = result["faults_struck"]
    return [
        (
            f"{result['fault_items']} items at {result['fault_items_per_h']:,} an hour under",
            _dotted(
                f"{sum(count > 0 for count in struck.values())} faults",
                f"{sum(struck.values())} times",
                f"{len(result['process_kills'])} kills of our process",
            ),
        ),
        (
            "decided late · of these not gone round",
            _dotted(
                result["late_recirculated"] + result["late_decisions"], result["late_decisions"]
            ),
        ),
        (
            "items missing · booked · ledger differences",
            _dotted(
                result["fault_items_missing"],
                result["fault_items_booked"],
                result["fault_ledger_differences"],
            ),
        ),
    ]


def _dotted(*values: object) -> str:
    return " · ".join(map(str, values))
