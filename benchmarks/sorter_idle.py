"""Many devices that have nothing to say: what the gateway takes to stay in touch with them."""

import argparse
import asyncio
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from api.log import configure_log
from api.serve import Supervisor
from api.settings import Settings
from benchmarks import sorter_child
from benchmarks.home import own_home
from benchmarks.sorter_crowd import Crowd, Told, scanner_name
from benchmarks.sorter_decision import quantile
from benchmarks.sorter_house import AREA, SITE
from wms.database.pool import open_pool, staff_transaction
from wms.journey import entry
from wms.journey.entry import DeviceEntry

_SETTLE_S = 5.0
_START_S = 90.0
_LOOK_S = 0.1
_CROWD = 125
_RATE = 200.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this part."""
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--idle-seconds", type=float, default=20.0)


@dataclass(frozen=True, slots=True)
class _Idle:
    resident_mib: float
    share: float


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Watches the gateway while all are there and silent, and then has each of them read twice."""
    with own_home() as home:
        settings = Settings(home=home, port=0, log_level="warning")
        configure_log(settings, "bench")
        with Supervisor(settings, ("gateway",)) as supervisor:
            addresses = supervisor.addresses
            assert addresses.mqtt_url is not None
            asyncio.run(_enter(addresses.database_url, options.devices))
            gateway = psutil.Process(supervisor.pid("gateway"))
            crowds = _crowds(options, addresses.mqtt_url, home)
            print(f"{options.devices} devices …", file=sys.stderr)
            with ExitStack() as stack:
                reading = [
                    stack.enter_context(sorter_child.started("sorter_crowd", crowd))
                    for crowd in crowds
                ]
                _wait_for([Path(crowd.ready) for crowd in crowds])
                time.sleep(_SETTLE_S)
                idle = _watch(gateway, options.idle_seconds)
                told = [Told(**one.result()) for one in reading]
            busy_mib = gateway.memory_info().rss / 2**20
    return _figures(options, idle, busy_mib, told)


def _crowds(options: argparse.Namespace, mqtt_url: str, folder: Path) -> list[Crowd]:
    """So many processes that none needs more sockets than `select` can look at."""
    return [
        Crowd(
            mqtt_url=mqtt_url,
            scanners=(scanners := min(_CROWD, options.devices + 1 - first)),
            events=2 * scanners,
            rate=_RATE * scanners / options.devices,
            ready=str(folder / f"ready{first}"),
            # The first are ready some seconds before the last.
            silent_s=2 * _SETTLE_S + options.idle_seconds,
            first=first,
        )
        for first in range(1, options.devices + 1, _CROWD)
    ]


def _figures(
    options: argparse.Namespace, idle: _Idle, busy_mib: float, told: list[Told]
) -> dict[str, Any]:
    read_s = [at_s for one in told for at_s in one.read_s]
    done_s = [at_s for one in told for at_s in one.acknowledged_s]
    both = zip(read_s, done_s, strict=True)
    waits_ms = [1_000 * (done - read) for read, done in both if done > 0]
    return {
        "devices": options.devices,
        "devices_resident_mib": round(idle.resident_mib, 1),
        "devices_resident_mib_after": round(busy_mib, 1),
        "devices_idle_core_share": round(idle.share, 4),
        "devices_unheard": len(read_s) - len(waits_ms),
        "devices_p50_ms": quantile(waits_ms, 0.5),
        "devices_p99_ms": quantile(waits_ms, 0.99),
    }


async def _enter(database_url: str, devices: int) -> None:
    async with (
        await open_pool(database_url, application="benchmark") as pool,
        staff_transaction(pool) as connection,
    ):
        for number in range(1, devices + 1):
            name = scanner_name(number)
            await entry.enter_device(
                connection, DeviceEntry(SITE, AREA, "scanner", name.device, None, {})
            )


def _wait_for(ready: list[Path]) -> None:
    deadline_s = time.monotonic() + _START_S
    while not all(path.exists() for path in ready):
        if time.monotonic() > deadline_s:
            raise RuntimeError("not all devices came to the broker")
        time.sleep(_LOOK_S)


def _watch(process: psutil.Process, seconds: float) -> _Idle:
    before, began_s = process.cpu_times(), time.monotonic()
    time.sleep(seconds)
    after, took_s = process.cpu_times(), time.monotonic() - began_s
    used_s = after.user + after.system - before.user - before.system
    return _Idle(process.memory_info().rss / 2**20, used_s / took_s)


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures for people."""
    if "devices" not in result:
        return []
    return [
        (
            f"{result['devices']} devices: resident, idle · share of a core",
            f"{result['devices_resident_mib']} MiB · {result['devices_idle_core_share']:.1%}",
        ),
        (
            "… each read twice: not heard · p50 · p99 ms until acknowledged",
            " · ".join(str(result[f"devices_{name}"]) for name in ("unheard", "p50_ms", "p99_ms")),
        ),
    ]
