"""From payment to waybill: orders that come and are paid at a steady rate, to a carrier that hears.

The API's and the jobs role's own processes work; the carrier is the simulator's, over HTTP. Orders
come by the clock, whether or not those before them were answered, so that what is slow is not
spared.
"""

import argparse
import asyncio
import random
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiohttp import web

from api.log import configure_log
from api.serve import Addresses, Supervisor
from api.settings import Settings
from benchmarks.buyer import ADDRESS, PRICE
from benchmarks.home import own_home
from benchmarks.shelf import sku, stock_house
from sim.carrier import Carrier
from sim.tally import Tally
from wms.database.pool import open_pool, staff_transaction
from wms.database.port import free_port
from wms.journey import entry
from wms.packing.carton import CartonType

GOAL_MS = 60_000
PLENTY = 1_000_000
WARM_UP = 40
LINES = 3
PATIENCE_S = 300.0
LOOK_S = 0.5
SECRET = "benchmark"
CARTONS = [
    CartonType("C-S", 200, 150, 100, 50, 5_000),
    CartonType("C-M", 300, 200, 150, 100, 10_000),
    CartonType("C-L", 400, 300, 300, 200, 20_000),
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this part of the benchmark."""
    parser.add_argument(
        "--paid-orders", type=int, default=1_000, help="orders timed from paid to waybill; 0: none"
    )
    parser.add_argument("--paid-rate", type=float, default=20.0, help="of these a second")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """What paid orders waited for their waybill and their carrier; nothing where none are asked."""
    if not options.paid_orders:
        return {}
    print(f"{options.paid_orders} paid orders at {options.paid_rate} a second …", file=sys.stderr)
    with own_home() as home:
        settings = _settings(home, options)
        configure_log(settings, "bench")
        with Supervisor(settings, ("api", "jobs")) as supervisor:
            supervisor.wait_ready()
            return asyncio.run(_run(supervisor.addresses, options))


def _settings(home: Path, options: argparse.Namespace) -> Settings:
    return Settings(
        home=home,
        port=0,
        api_workers=options.workers,
        log_level="warning",
        # All come with one key: its limit is kept, and never met.
        key_requests_per_s=100_000,
        key_burst=1_000_000,
    )


@dataclass(frozen=True, slots=True)
class _Shop:
    """A shop that pushes orders and payments over HTTP."""

    session: aiohttp.ClientSession
    api_url: str
    key: str
    items: int

    async def buy(self, name: str, rng: random.Random) -> bool:
        """One order, paid as soon as it is accepted; whether both were."""
        chosen = rng.sample(range(self.items), LINES)
        body: dict[str, Any] = {
            "external_order_id": name,
            "placed_at": datetime.now(UTC).isoformat(),
            "currency": "GBP",
            "customer": {"name": "Ada Merton", "reference": "17850"},
            "ship_to": ADDRESS,
            "lines": [{"sku": sku(n), "quantity": 1, "unit_price": PRICE} for n in chosen],
        }
        order = await self._post("/v1/orders", name, body, 201)
        if order is None:
            return False
        paid = {"state": "paid", "amount": order["total"], "at": datetime.now(UTC).isoformat()}
        return await self._post(f"/v1/orders/{order['id']}/payments", name, paid, 200) is not None

    async def _post(
        self, path: str, name: str, body: dict[str, Any], wanted: int
    ) -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": name}
        async with self.session.post(self.api_url + path, json=body, headers=headers) as answer:
            found: dict[str, Any] = await answer.json(content_type=None)
            if answer.status != wanted:
                print(f"{path}: {answer.status} {found.get('detail')}", file=sys.stderr)
                return None
            return found


async def _run(addresses: Addresses, options: argparse.Namespace) -> dict[str, Any]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        carrier = Carrier(
            session, "", SECRET, options.seed, 0.0, lambda: datetime.now(UTC), Tally()
        )
        port = free_port()
        runner = web.AppRunner(carrier.application())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        key = await _enter(addresses.database_url, f"http://127.0.0.1:{port}", options.items)
        shop = _Shop(session, addresses.api_url, key, options.items)
        found = await _measure(shop, addresses.database_url, options)
        await runner.cleanup()
    return found | {"paid_pickups_told": len(carrier.pickups)}


async def _enter(url: str, carrier_url: str, items: int) -> str:
    async with await open_pool(url, application="benchmark") as pool:
        key = await stock_house(pool, items, 1, PLENTY)
        async with staff_transaction(pool) as connection:
            await entry.enter_cartons(connection, CARTONS)
            await entry.enter_carrier(connection, "SIMEX", "Simex", carrier_url, SECRET)
    return key


async def _measure(shop: _Shop, url: str, options: argparse.Namespace) -> dict[str, Any]:
    rng = random.Random(options.seed)
    await asyncio.gather(*(shop.buy(f"before-{number}", rng) for number in range(WARM_UP)))
    await _until_ready(url, "before", WARM_UP)
    began_s = time.perf_counter()
    buying: list[asyncio.Task[bool]] = []
    for number in range(options.paid_orders):
        await asyncio.sleep(max(0.0, began_s + number / options.paid_rate - time.perf_counter()))
        buying.append(asyncio.create_task(shop.buy(f"paid-{number}", rng)))
    came = sum(await asyncio.gather(*buying))
    wall_s = time.perf_counter() - began_s
    await _until_ready(url, "paid", came)
    return {"paid_per_s": round(came / wall_s, 1)} | await _waits(url, options.paid_orders)


async def _until_ready(url: str, name: str, orders: int) -> None:
    """Waits until the carrier knows of all of these orders, or patience ends."""
    connection = await asyncpg.connect(url)
    try:
        for _ in range(int(PATIENCE_S / LOOK_S)):
            ready = await connection.fetchval(
                """
                select count(*) from fulfilment_order f join shop_order o on o.id = f.order_id
                where o.external_order_id like $1 || '-%' and f.pickup_requested_at is not null
                """,
                name,
            )
            if ready >= orders:
                return
            await asyncio.sleep(LOOK_S)
    finally:
        await connection.close()


async def _waits(url: str, orders: int) -> dict[str, Any]:
    """The clocks of all paid orders; what has no waybill in the end counts as missing."""
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(
            """
            select count(*) filter (where told is not null) as ready,
                percentile_cont(array[0.5, 0.99, 1]) within group (order by made) as waybill_ms,
                percentile_cont(array[0.5, 0.99, 1]) within group (order by told) as pickup_ms,
                count(*) filter (where told > $1) as late, sum(touches)::bigint as touches,
                count(*) filter (where at_risk_at is not null) as at_risk
            from (select f.at_risk_at,
                    extract(epoch from f.waybill_ready_at - o.paid_at)::float8 * 1000 as made,
                    extract(epoch from f.pickup_requested_at - o.paid_at)::float8 * 1000 as told,
                    (select count(*) from human_touch h where h.order_id = o.id) as touches
                  from fulfilment_order f join shop_order o on o.id = f.order_id
                  where o.external_order_id like 'paid-%') w
            """,
            float(GOAL_MS),
        )
    finally:
        await connection.close()
    assert row is not None
    return {
        "paid_orders": orders,
        "paid_missing": orders - row["ready"],
        "paid_to_waybill_ms": _latency(row["waybill_ms"]),
        "paid_to_pickup_ms": _latency(row["pickup_ms"]),
        "paid_goal_p99_ms": GOAL_MS,
        "paid_past_goal": row["late"],
        "paid_at_risk": row["at_risk"],
        "paid_human_touches": row["touches"] or 0,
    }


def _latency(ms: list[float] | None) -> dict[str, int] | None:
    if ms is None:
        return None
    return dict(zip(("p50", "p99", "max"), map(round, ms), strict=True))
