"""Webhooks to a receiver on this machine: deliveries a second, first try under load, lost."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import asyncpg

from api.data_key import read_keyset
from api.dispatch.sender import Sender, open_sender
from api.jobs.watch import Watch
from api.log import configure_log
from api.settings import Settings
from api.wiring import House
from benchmarks.burden import burden
from benchmarks.home import own_home
from benchmarks.machine import machine
from benchmarks.webhooks_crowd import Crowd
from benchmarks.webhooks_dead import ANSWERS, dead_receiver, enter_dead
from benchmarks.webhooks_naive import send_all
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade
from wms.database.pool import open_pool, staff_transaction
from wms.outbox import endpoint_commands as endpoints
from wms.outbox.endpoint_commands import ENDPOINTS_MAX
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop

ROOT = Path(__file__).resolve().parent.parent
POLL_S = 1.0
BACKLOG, LOAD, NAIVE = "backlog", "load", "naive"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--deliveries", type=int, default=6_000, help="sent from a full outbox")
    parser.add_argument("--per-s", type=float, default=300.0, help="events a second under load")
    parser.add_argument("--load-s", type=float, default=20.0, help="how long the load lasts")
    parser.add_argument("--naive", type=int, default=1_000, help="deliveries of the plain way")
    parser.add_argument("--events-each", type=int, default=4, help="events of each object")
    parser.add_argument("--endpoints", type=int, default=1)
    parser.add_argument("--slow-ms", type=float, default=0.0, help="that the receiver takes")
    parser.add_argument(
        "--dead", type=int, default=0, help="endpoints beside them that take calls and never answer"
    )
    parser.add_argument("--seed", type=int, default=7)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Sends from a full outbox, then what comes at a steady rate, then one by one."""
    if options.endpoints + options.dead > ENDPOINTS_MAX:
        raise SystemExit(f"A shop has {ENDPOINTS_MAX} endpoints at most, the dead ones included.")
    with own_home() as home:
        settings = Settings(
            home=home, webhook_private="yes", seed=options.seed, log_level="warning"
        )
        configure_log(settings, "bench")
        with EmbeddedPostgres(home / "postgres") as server:
            measured = asyncio.run(_measure(settings, server.url(), options))
    plain = {name: value for name, value in vars(options).items() if name not in ("name", "json")}
    return {"machine": machine(), "options": plain} | measured


async def _measure(settings: Settings, url: str, options: argparse.Namespace) -> dict[str, Any]:
    await upgrade(url)
    keyset = read_keyset(settings)
    async with (
        await open_pool(url, application="bench", keyset=keyset) as pool,
        _receiver(options.slow_ms / 1_000) as receiver,
        dead_receiver() as dead,
    ):
        shop = await _enter(pool, receiver, options.endpoints)
        house = House(settings, pool, Random(options.seed), keyset)
        stage = Stage(url, shop.tenant_id, options.events_each, options.endpoints, pool)
        naive_s = await _plain_way(stage, options.naive)
        await enter_dead(pool, shop, dead.url, options.dead)
        await _execute(pool, "analyze")
        ours = await _ours(house, stage, options)
        wanted = await _message_ids(pool)
        heard = await receiver.close()
    load_ms = sorted(1_000 * late_s for kind, late_s in heard["latencies_s"] if kind == LOAD)
    return ours | {
        "first_try_p50_ms": round(_share(load_ms, 0.5), 1),
        "first_try_p99_ms": round(_share(load_ms, 0.99), 1),
        "lost": len(wanted - heard["messages"].keys()),
        "doubled": sum(count - 1 for count in heard["messages"].values()),
        "out_of_order": heard["late"],
        "refused": heard["unsigned"],
        "dead_calls": dead.calls,
        "naive_deliveries_per_s": round(options.naive / naive_s, 1),
    }


@dataclass(frozen=True, slots=True)
class Stage:
    """Whose events are told, and where they wait."""

    url: str
    tenant_id: int
    events_each: int
    endpoints: int
    pool: asyncpg.Pool

    async def tell(self, name: str, deliveries: int, per_s: float = 0.0) -> float:
        """Lets a crowd write events for so many deliveries; the seconds that it took."""
        events = deliveries // self.endpoints
        crowd = Crowd(self.url, self.tenant_id, name, events, per_s, self.events_each)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.webhooks_crowd",
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        out, _ = await process.communicate(json.dumps(asdict(crowd)).encode())
        assert process.returncode == 0, "the crowd has failed"
        seconds: float = json.loads(out)
        return seconds

    async def waiting(self) -> int:
        """Messages that have not arrived where somebody answers."""
        async with staff_transaction(self.pool) as connection:
            count: int = await connection.fetchval(
                "select count(*) from outbox o join webhook_endpoint w on w.id = o.target "
                f"where o.done_at is null and o.dead_at is null and {ANSWERS}"
            )
        return count


async def _ours(house: House, stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    _note(f"{options.deliveries} deliveries that wait …")
    await stage.tell(BACKLOG, options.deliveries)
    deliveries = await stage.waiting()
    database = house.settings.home / "postgres"
    async with open_sender(house) as sender, Watch(stage.url, ("outbox",)) as watch:
        before, began_s, cpu_s = (
            burden(os.getpid(), database),
            time.perf_counter(),
            time.process_time(),
        )
        sending = asyncio.create_task(_sending(sender, watch))
        await _until_sent(stage, sending)
        wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
        database_s = burden(os.getpid(), database).since(before).database_s
        _note(f"{options.per_s} events a second for {options.load_s} s …")
        events = int(options.per_s * options.load_s)
        told_s = await stage.tell(LOAD, events * options.endpoints, options.per_s)
        await _until_sent(stage, sending)
        sending.cancel()
        await asyncio.wait({sending})
    return {
        "deliveries_per_s": round(deliveries / wall_s, 1),
        "cpu_ms_per_delivery": round(1_000 * cpu_s / deliveries, 3),
        "database_cpu_ms_per_delivery": round(1_000 * database_s / deliveries, 3),
        "load_events_per_s": round(events / told_s, 1),
    }


async def _sending(sender: Sender, watch: Watch) -> None:
    """What the jobs role does."""
    while True:
        if await sender.take_due() == 0:
            await sender.wait(watch.wait("outbox", POLL_S))


async def _until_sent(stage: Stage, sending: "asyncio.Task[None]") -> None:
    while await stage.waiting():
        if sending.done():
            sending.result()
        await asyncio.sleep(0.1)


async def _plain_way(stage: Stage, deliveries: int) -> float:
    _note(f"{deliveries} deliveries one by one …")
    await stage.tell(NAIVE, deliveries)
    async with aiohttp.ClientSession() as client:
        began_s = time.perf_counter()
        await send_all(stage.pool, client)
        return time.perf_counter() - began_s


class Receiver:
    """The receiver's process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}"

    def trust(self, path: str, secret: str) -> None:
        """Tells it which secret signs what comes to a path."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{path} {secret}\n".encode())

    async def close(self) -> dict[str, Any]:
        """What it has heard."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        out, _ = await self._process.communicate()
        heard: dict[str, Any] = json.loads(out)
        return heard


@asynccontextmanager
async def _receiver(slow_s: float) -> AsyncIterator[Receiver]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.webhooks_receiver",
        str(slow_s),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield Receiver(process, int(await process.stdout.readline()))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _enter(pool: asyncpg.Pool, receiver: Receiver, many: int) -> Shop:
    async with staff_transaction(pool) as connection:
        key = await tenants.create_key(connection, "benchmark", [], sandbox=False)
        shop = await tenant_rows.shop_of_key(connection, key)
        assert shop is not None
        for number in range(many):
            path = f"/hooks/{number}"
            _, secret = await endpoints.add_endpoint(
                connection, shop.tenant_id, shop.shop_id, receiver.url + path, ["*"]
            )
            receiver.trust(path, secret)
    return shop


async def _message_ids(pool: asyncpg.Pool) -> set[str]:
    """Every message that there was for somebody who answers."""
    async with staff_transaction(pool) as connection:
        found = await connection.fetch(
            "select o.message_id from outbox o join webhook_endpoint w on w.id = o.target "
            f"where {ANSWERS}"
        )
    return {row["message_id"] for row in found}


async def _execute(pool: asyncpg.Pool, command: str) -> None:
    async with staff_transaction(pool) as connection:
        await connection.execute("reset role")
        await connection.execute(command)


def _share(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def _note(text: str) -> None:
    print(text, file=sys.stderr)


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The result for people."""
    return [(name, str(value)) for name, value in result.items() if name != "machine"]
