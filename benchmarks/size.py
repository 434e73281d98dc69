"""Years of work in one database: how long checking the ledger takes, what a worker needs."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from api.log import configure_log
from api.serve import Supervisor
from api.settings import Settings
from benchmarks.burden import resident_mib
from benchmarks.growth import grow
from benchmarks.home import own_home
from benchmarks.machine import machine
from wms.database.pool import open_pool, staff_transaction
from wms.tenants import commands as tenants

__all__ = ["arguments", "grow", "rows", "run"]

ROOT = Path(__file__).resolve().parent.parent
SOLVERS = ("ortools", "numba", "llvmlite", "pandas")
CHECK_S_MAX = 60
WORKER_MIB_MAX = 300


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--balances", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=10_000_000, help="lines of the ledger")
    parser.add_argument("--reservations", type=int, default=100_000, help="open ones")
    parser.add_argument("--requests", type=int, default=500, help="to the API before it is weighed")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Grows a database of its own, checks its ledger, and weighs an API worker in front of it."""
    with own_home() as home:
        settings = Settings(home=home, port=0, api_workers=1, log_level="warning")
        configure_log(settings, "bench")
        with Supervisor(settings, ("api",)) as supervisor:
            supervisor.wait_ready()
            url = supervisor.addresses.database_url
            began_s = time.monotonic()
            asyncio.run(grow(url, options.balances, options.lines, options.reservations, _note))
            grown_s = time.monotonic() - began_s
            _note("check ledger …")
            began_s = time.monotonic()
            checked = _check(url)
            check_s = time.monotonic() - began_s
            _note(f"{options.requests} requests …")
            _ask(supervisor.addresses.api_url, asyncio.run(_key(url)), options.requests)
            pid = supervisor.pid("api")
            worker_mib = resident_mib(pid)
            solvers = _solvers(pid)
    return {
        "machine": machine(),
        "balances": checked["balances"],
        "lines": checked["lines"],
        "reservations": options.reservations,
        "grow_s": round(grown_s, 1),
        "check_s": round(check_s, 1),
        "check_s_max": CHECK_S_MAX,
        "differences": len(checked["differences"]),
        "worker_mib": round(worker_mib),
        "worker_mib_max": WORKER_MIB_MAX,
        "solvers_loaded": solvers,
    }


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The result for people."""
    return [
        ("balances", f"{result['balances']:,}"),
        ("ledger lines", f"{result['lines']:,}"),
        ("open reservations", f"{result['reservations']:,}"),
        ("time to grow", f"{result['grow_s']} s"),
        ("check ledger", f"{result['check_s']} s (wanted ≤ {CHECK_S_MAX} s)"),
        ("differences", str(result["differences"])),
        ("API worker", f"{result['worker_mib']} MiB (wanted ≤ {WORKER_MIB_MAX})"),
        ("solvers loaded by it", ", ".join(result["solvers_loaded"]) or "none"),
    ]


def _check(url: str) -> dict[str, Any]:
    """What `stowline check ledger` says of that database."""
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "check", "ledger", "--json"],
        cwd=ROOT,
        env=os.environ | {"STOWLINE_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


async def _key(url: str) -> str:
    async with (
        await open_pool(url, application="benchmark") as pool,
        staff_transaction(pool) as own,
    ):
        return await tenants.create_key(own, "grown", [], sandbox=False)


def _ask(api_url: str, key: str, requests: int) -> None:
    """Reads the levels and the items of the grown shop, page after page."""
    after = {"inventory/levels": "", "items": ""}
    for number in range(requests):
        path = list(after)[number % 2]
        request = urllib.request.Request(
            f"{api_url}/v1/{path}?limit=500&after={after[path]}",
            headers={"Authorization": f"Bearer {key}"},
        )
        with urllib.request.urlopen(request) as answer:
            after[path] = json.load(answer)["next"] or ""


def _solvers(pid: int) -> list[str]:
    """Which solvers' libraries a role's processes have in memory."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    loaded = {mapped.path for process in processes for mapped in process.memory_maps()}
    return [name for name in SOLVERS if any(f"/{name}/" in path for path in loaded)]


def _note(text: str) -> None:
    print(text, file=sys.stderr)
