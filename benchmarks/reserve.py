"""Bins reserved in one call for many lines, against locking and updating line by line."""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import asyncpg

from api.log import configure_log
from api.settings import Settings
from benchmarks.home import own_home
from benchmarks.machine import machine
from benchmarks.shelf import LARGE, grow_large, stock_house
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade
from wms.database.pool import open_pool, staff_transaction
from wms.stock import commands as stock
from wms.stock.want import Want

PIECES_MAX = 3
Reserve = Callable[[asyncpg.Connection, int, list[Want], datetime], Awaitable[object]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--bins", type=int, default=4, help="bins of each item")
    parser.add_argument("--quantity", type=int, default=2_000, help="pieces in each bin")
    parser.add_argument("--hot", type=int, default=100, help="items that many lines are of")
    parser.add_argument("--hot-share", type=float, default=0.2, help="share of those lines")
    parser.add_argument("--lines", type=int, nargs="+", default=[3, 30], help="lines a call")
    parser.add_argument("--size", choices=("small", "large"), default="small", help=LARGE)
    parser.add_argument("--seed", type=int, default=7)


@dataclass(slots=True)
class Tally:
    """What the clients of one measurement did."""

    lines: int = 0
    deadlocks: int = 0
    latencies_s: list[float] = field(default_factory=list)

    def p99_ms(self) -> float:
        """The latency that 99 of 100 calls did not pass."""
        ordered = sorted(self.latencies_s)
        return 1_000 * ordered[int(0.99 * len(ordered))]


@dataclass(frozen=True, slots=True)
class Shelves:
    """A stocked database, and the items that are asked for."""

    warehouse_id: int
    item_ids: list[int]
    reserved_before: int
    options: argparse.Namespace

    def wants(self, rng: random.Random, lines: int, numbers: Iterator[int]) -> list[Want]:
        """Lines of a few pieces each, a share of them of the hot items."""
        hot = self.item_ids[: self.options.hot]
        return [
            Want(
                next(numbers),
                rng.choice(hot if rng.random() < self.options.hot_share else self.item_ids),
                rng.randint(1, PIECES_MAX),
            )
            for _ in range(lines)
        ]


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measures both ways with the same clients on the same shelves, one after the other."""
    with own_home() as home:
        configure_log(Settings(home=home, log_level="warning"), "bench")
        with EmbeddedPostgres(home / "postgres") as server:
            measured = asyncio.run(_run(server.url(), options))
    plain = {name: value for name, value in vars(options).items() if name not in ("name", "json")}
    return {"machine": machine(), "options": plain} | measured


async def _run(url: str, options: argparse.Namespace) -> dict[str, Any]:
    await upgrade(url)
    async with await open_pool(url, application="bench", size_max=options.clients) as pool:
        await stock_house(pool, options.items, options.bins, options.quantity)
        if options.size == "large":
            await grow_large(url)
        shelves = await _shelves(pool, url, options)
        measured: dict[str, Any] = {"bare_commits_per_s": await _bare_commits(pool, options)}
        oversold = deadlocks = 0
        for lines in options.lines:
            for name, reserve in (("", _at_once), ("naive_", _line_by_line)):
                print(f"{name or 'set_'}{lines} …", file=sys.stderr)
                tally = await _measure(pool, shelves, reserve, lines)
                measured[f"{name}lines_per_s_{lines}"] = round(tally.lines / options.seconds)
                measured[f"{name}p99_ms_{lines}"] = round(tally.p99_ms(), 1)
                if reserve is _at_once:
                    deadlocks += tally.deadlocks
                oversold += await _clear(url, shelves.reserved_before)
            ratio = measured[f"lines_per_s_{lines}"] / measured[f"naive_lines_per_s_{lines}"]
            measured[f"ratio_{lines}"] = round(ratio, 2)
    return measured | {"oversold": oversold, "deadlocks": deadlocks}


async def _shelves(pool: asyncpg.Pool, url: str, options: argparse.Namespace) -> Shelves:
    async with staff_transaction(pool) as connection:
        warehouse_id = await connection.fetchval("select id from warehouse order by id limit 1")
        rows = await connection.fetch("select id from item order by id limit $1", options.items)
        before = await connection.fetchval("select coalesce(max(id), 0) from reservation")
    await _clear(url, before)
    return Shelves(warehouse_id, [row["id"] for row in rows], before, options)


async def _measure(pool: asyncpg.Pool, shelves: Shelves, reserve: Reserve, lines: int) -> Tally:
    tally = Tally()
    numbers = count(1)
    ends_s = time.perf_counter() + shelves.options.seconds

    async def client(number: int) -> None:
        rng = random.Random(shelves.options.seed * 1_000 + number)
        while time.perf_counter() < ends_s:
            wants = shelves.wants(rng, lines, numbers)
            began_s = time.perf_counter()
            try:
                async with staff_transaction(pool) as connection:
                    await reserve(connection, shelves.warehouse_id, wants, datetime.now(UTC))
            except asyncpg.DeadlockDetectedError:
                tally.deadlocks += 1
                continue
            tally.latencies_s.append(time.perf_counter() - began_s)
            tally.lines += lines

    await asyncio.gather(*(client(number) for number in range(shelves.options.clients)))
    return tally


async def _at_once(
    connection: asyncpg.Connection, warehouse_id: int, wants: list[Want], now: datetime
) -> None:
    await stock.reserve_lines(connection, warehouse_id, wants, now)


async def _line_by_line(
    connection: asyncpg.Connection, warehouse_id: int, wants: list[Want], now: datetime
) -> None:
    """The plain way: for each line its bins locked, then updated; items in one order for all."""
    for want in sorted(wants, key=lambda want: want.item_id):
        left = want.quantity
        rows = await connection.fetch(
            """
            select b.id, b.tenant_id, b.on_hand - b.reserved as free
            from balance b join place p on p.id = b.place_id
            join warehouse w on w.id = p.warehouse_id
            where b.item_id = $1 and p.warehouse_id = $2 and p.kind = 'bin'
              and b.status = 'available' and not p.blocked_out and b.on_hand > b.reserved
              and coalesce(days_left(b.expires_on, $3, w.time_zone), 0) >= 0
            order by b.expires_on nulls last, p.walk_seq, b.id for no key update of b
            """,
            want.item_id,
            warehouse_id,
            now,
        )
        for row in rows:
            taken = min(left, row["free"])
            if taken <= 0:
                continue
            await connection.execute(
                "update balance set reserved = reserved + $2 where id = $1", row["id"], taken
            )
            await connection.execute(
                "insert into reservation (tenant_id, balance_id, fulfilment_line_id, quantity) "
                "values ($1, $2, $3, $4)",
                row["tenant_id"],
                row["id"],
                want.fulfilment_line_id,
                taken,
            )
            left -= taken
            if not left:
                break


async def _bare_commits(pool: asyncpg.Pool, options: argparse.Namespace) -> int:
    """Durable commits of one row each, with as many clients: the machine's own limit."""
    numbers = count(1)
    done = 0
    ends_s = time.perf_counter() + options.seconds

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < ends_s:
            async with pool.acquire() as connection:
                await connection.execute("set role stowline_staff")
                while time.perf_counter() < ends_s:
                    await connection.execute(
                        "insert into device_inbox (device, boot, seq, kind, payload) "
                        "values ('bench', 1, $1, 'bench', '{}')",
                        next(numbers),
                    )
                    done += 1
                await connection.execute("set role stowline_shop")

    await asyncio.gather(*(client() for _ in range(options.clients)))
    seconds: float = options.seconds
    return round(done / seconds)


async def _clear(url: str, after: int) -> int:
    """Frees what was reserved past a number; how many balances were oversold or do not add up."""
    connection = await asyncpg.connect(url)
    try:
        wrong: int = await connection.fetchval(
            """
            select count(*) from balance b
            left join (select balance_id, sum(quantity) as quantity from reservation group by 1) r
              on r.balance_id = b.id
            where b.reserved > b.on_hand or b.reserved <> coalesce(r.quantity, 0)
            """
        )
        await connection.execute(
            """
            with freed as (delete from reservation where id > $1 returning balance_id, quantity)
            update balance b set reserved = b.reserved - f.quantity
            from (select balance_id, sum(quantity) as quantity from freed group by 1) f
            where b.id = f.balance_id
            """,
            after,
        )
        await connection.execute("vacuum analyze balance, reservation, place, item")
    finally:
        await connection.close()
    return wrong


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The result for people."""
    return [(name, str(value)) for name, value in result.items() if name != "machine"]
