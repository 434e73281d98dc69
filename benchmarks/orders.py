"""Orders through HTTP to a promise and a waybill: processor time, latency, and flash sales."""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncpg

from api.log import configure_log
from api.serve import Supervisor
from api.settings import Settings
from benchmarks import orders_paid
from benchmarks.burden import burden, resident_mib
from benchmarks.buyer import Bought, Crowd
from benchmarks.home import own_home
from benchmarks.machine import machine
from benchmarks.shelf import LARGE, add_bundle, add_item, grow_large, sku, stock_house
from wms.database.pool import open_pool, staff_transaction
from wms.tenants import queries as tenants
from wms.tenants.shop import Shop

ROOT = Path(__file__).resolve().parent.parent
PLENTY = 1_000_000
ACCEPTED, REFUSED = 201, 422
SALE, BUNDLE, REST = "FLASH", "FLASH-SET", "FLASH-REST"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--orders", type=int, default=4_000, help="orders that are measured")
    parser.add_argument("--warm-up", type=int, default=500, help="orders before those")
    parser.add_argument("--lines", type=int, default=3, help="lines an order")
    parser.add_argument("--items", type=int, default=2_000, help="items on sale")
    parser.add_argument("--clients", type=int, default=16, help="connections kept open")
    parser.add_argument("--workers", type=int, default=1, help="processes that answer the API")
    parser.add_argument("--flash-stock", type=int, default=500)
    parser.add_argument("--flash-buyers", type=int, default=10_000)
    parser.add_argument("--flash-clients", type=int, default=100)
    parser.add_argument("--bundle", action="store_true", help="a second flash sale, with a bundle")
    parser.add_argument("--size", choices=("small", "large"), default="small", help=LARGE)
    parser.add_argument("--seed", type=int, default=7)
    orders_paid.arguments(parser)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Serves a house of its own, lets the buyers in, and looks into its books afterwards."""
    with own_home() as home, _served(home, options) as house:
        _note(f"{options.warm_up} orders to warm up …")
        house.buy("warm", options.warm_up, options.seed, options.clients)
        # What the server does by itself within a minute: a house does not live in its first one.
        asyncio.run(_analyze(house.database_url))
        _note(f"{options.orders} orders …")
        measured = _measure(house, options)
        _note(f"{options.flash_buyers} buyers for {options.flash_stock} pieces …")
        flash = _flash(house, options, [SALE])
        measured |= {f"flash_{name}": value for name, value in flash.items()}
        if options.bundle:
            _note("the same with a bundle …")
            flash = _flash(house, options, [BUNDLE, f"{SALE}-2"])
            measured |= {f"bundle_{name}": value for name, value in flash.items()}
        measured["orphans"] = asyncio.run(_orphans(house.database_url))
    measured |= orders_paid.run(options)
    return {"machine": machine(), "options": _plain(options)} | measured


@dataclass(frozen=True, slots=True)
class House:
    """A served house: where it is, who sells, and which processes answer."""

    home: Path
    database_url: str
    port: int
    pid: int
    key: str
    lines: int
    skus: list[str]

    def buy(
        self, name: str, orders: int, seed: int, clients: int, skus: list[str] | None = None
    ) -> Bought:
        """Lets a crowd in, in a process of its own."""
        wanted, lines = (self.skus, self.lines) if skus is None else (skus, 1)
        crowd = Crowd("127.0.0.1", self.port, self.key, name, clients, orders, lines, wanted, seed)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.buyer"],
            cwd=ROOT,
            input=json.dumps(asdict(crowd)),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return Bought(**json.loads(done.stdout))


@contextmanager
def _served(home: Path, options: argparse.Namespace) -> Iterator[House]:
    # The whole crowd comes with one key: its limit is kept, and never met.
    settings = Settings(
        home=home,
        port=0,
        api_workers=options.workers,
        log_level="warning",
        key_requests_per_s=100_000,
        key_burst=1_000_000,
    )
    configure_log(settings, "bench")
    with Supervisor(settings, ("api",)) as supervisor:
        supervisor.wait_ready()
        url = supervisor.addresses.database_url
        key = asyncio.run(_enter(url, options))
        port = int(supervisor.addresses.api_url.rpartition(":")[2])
        skus = [sku(number) for number in range(options.items)]
        yield House(home, url, port, supervisor.pid("api"), key, options.lines, skus)


async def _enter(url: str, options: argparse.Namespace) -> str:
    async with await open_pool(url, application="benchmark") as pool:
        key = await stock_house(pool, options.items, 1, PLENTY)
        async with staff_transaction(pool) as connection:
            shop = await tenants.shop_of_key(connection, key)
        assert shop is not None
        await add_item(pool, shop, SALE, options.flash_stock)
        if options.bundle:
            await _enter_bundle(pool, shop, options.flash_stock)
    if options.size == "large":
        await grow_large(url)
    return key


async def _enter_bundle(pool: asyncpg.Pool, shop: Shop, quantity: int) -> None:
    await add_item(pool, shop, f"{SALE}-2", quantity)
    await add_item(pool, shop, REST, PLENTY)
    await add_bundle(pool, shop, BUNDLE, [f"{SALE}-2", REST])


def _measure(house: House, options: argparse.Namespace) -> dict[str, Any]:
    database = house.home / "postgres"
    before = burden(house.pid, database)
    bought = house.buy("measured", options.orders, options.seed + 1, options.clients)
    taken = burden(house.pid, database).since(before)
    accepted = bought.count(ACCEPTED)
    each = 1_000 / max(1, accepted)
    return {
        "orders": options.orders,
        "accepted": accepted,
        "orders_per_s": round(accepted / bought.wall_s, 1),
        "cpu_ms_per_order": round((taken.application_s + taken.database_s) * each, 2),
        "cpu_ms_application": round(taken.application_s * each, 2),
        "cpu_ms_database": round(taken.database_s * each, 2),
        "p50_ms": round(bought.latency_ms(0.5), 1),
        "p99_ms": round(bought.latency_ms(0.99), 1),
        "api_worker_mib": round(resident_mib(house.pid)),
    }


def _flash(house: House, options: argparse.Namespace, skus: list[str]) -> dict[str, Any]:
    buyers, clients = options.flash_buyers, options.flash_clients
    bought = house.buy(skus[0], buyers, options.seed + 2, clients, skus)
    books = asyncio.run(_books(house.database_url, skus[0], skus[-1]))
    return {
        "stock": options.flash_stock,
        "buyers": buyers,
        "sold": books["sold"],
        "told_sold": bought.count(ACCEPTED),
        "told_sold_out": bought.count(REFUSED),
        "in_order": books["in_order"],
        "orders_per_s": round(buyers / bought.wall_s, 1),
        "p99_ms": round(bought.latency_ms(0.99), 1),
    }


async def _books(url: str, name: str, scarce: str) -> dict[str, Any]:
    """What was sold of the scarce item, and whether every winner was admitted before any loser."""
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(
            """
            select
                (select coalesce(sum(p.quantity), 0)::bigint from promise p
                 join availability a on a.id = p.availability_id
                 join item i on i.id = a.item_id
                 where i.sku = $2 and p.state = 'open') as sold,
                (select max(o.admission) from shop_order o
                 where o.external_order_id like $1 || '-%') as last_winner,
                (select min(d.admission) from refused_demand d
                 where d.external_order_id like $1 || '-%') as first_loser
            """,
            name,
            scarce,
        )
    finally:
        await connection.close()
    assert row is not None
    won, lost = row["last_winner"], row["first_loser"]
    return {"sold": row["sold"], "in_order": won is None or lost is None or won < lost}


async def _analyze(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("analyze")
    await connection.close()


async def _orphans(url: str) -> int:
    """Orders that lack a promise on a line, and promises that are of no accepted order."""
    connection = await asyncpg.connect(url)
    try:
        found: int = await connection.fetchval(
            """
            select (select count(distinct o.id) from shop_order o
                    join fulfilment_order f on f.order_id = o.id
                    join fulfilment_line l on l.fulfilment_order_id = f.id
                    where coalesce((select sum(p.quantity) from promise p
                                    where p.order_line_id = l.order_line_id
                                      and p.fulfilment_line_id = l.id), 0) <> l.quantity)
                 + (select count(*) from shop_order o
                    where not exists (select 1 from fulfilment_order f where f.order_id = o.id))
                 + (select count(*) from promise p
                    left join order_line l on l.id = p.order_line_id
                    left join shop_order o on o.id = l.order_id and o.state = 'accepted'
                    where o.id is null)
                 + (select count(*) from availability a
                    where a.promised <> coalesce((select sum(p.quantity - p.kept) from promise p
                        where p.availability_id = a.id and p.supply = 'stock'
                          and p.state in ('open', 'firm')), 0))
            """
        )
    finally:
        await connection.close()
    return found


def _plain(options: argparse.Namespace) -> dict[str, object]:
    return {name: value for name, value in vars(options).items() if name not in ("name", "json")}


def _note(text: str) -> None:
    print(text, file=sys.stderr)


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The result for people."""
    return [(name, str(value)) for name, value in result.items() if name != "machine"]
