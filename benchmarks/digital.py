"""Digital goods from their payment to their buyer's mail server: how soon, none lost or doubled."""

import argparse
import asyncio
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from random import Random
from typing import Any

import asyncpg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from api.data_key import read_keyset
from api.dispatch.sender import Sender, open_sender
from api.jobs.watch import Watch
from api.log import configure_log
from api.settings import Settings
from api.wiring import House
from benchmarks.home import own_home
from benchmarks.machine import machine
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade
from wms.database.pool import open_pool, staff_transaction
from wms.digital.digital import NewCode
from wms.items.item import Item
from wms.journey import entry
from wms.journey.buyer import vault
from wms.journey.buyer.digital import deliver
from wms.journey.order.intake import place_order
from wms.journey.order.payment import take_payment
from wms.journey.request import Request
from wms.orders.order import NewLine, NewOrder, NewPayment
from wms.outbox import commands as outbox
from wms.outbox.command import body_hash
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop

LASTS, LEASE = timedelta(hours=1), timedelta(minutes=5)
LAYOUT: dict[str, object] = {
    "code": "MAIN",
    "name": "Main",
    "time_zone": "Europe/London",
    "aisles": 1,
    "aisle_length_mm": 5_000,
    "aisle_pitch_mm": 3_000,
    "depot_aisle": 0,
    "latitude": 52.5,
    "longitude": -1.5,
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--orders", type=int, default=1_000)
    parser.add_argument("--per-s", type=float, default=20.0, help="payments a second")
    parser.add_argument("--seed", type=int, default=7)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Pays orders at a steady rate, and watches their codes arrive at a mail server."""
    office = Office()
    controller = Controller(office, hostname="127.0.0.1", port=0)
    # Of the ports of this machine the system chooses one that is free.
    controller.port = _free_port()
    controller.start()
    try:
        with own_home() as home:
            settings = Settings(
                home=home,
                seed=options.seed,
                log_level="warning",
                smtp_url=f"smtp://127.0.0.1:{controller.port}?tls=no",
                mail_from="post@house.example",
            )
            configure_log(settings, "bench")
            with EmbeddedPostgres(home / "postgres") as server:
                measured = asyncio.run(_measure(settings, server.url(), options, office))
    finally:
        controller.stop()
    plain = {name: value for name, value in vars(options).items() if name not in ("name", "json")}
    return {"machine": machine(), "options": plain} | measured


# aiosmtpd asks for all members, and early releases of Python 3.11 cannot tell those of slots.
@dataclass
class Office:
    """A mail server that notes when each order's mail came, and with which code."""

    came_s: dict[str, float] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    mails: int = 0

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content)
        number = str(message["Subject"]).split()[2].rstrip(":")
        part = message.get_payload(0)
        assert not isinstance(part, str)
        text = str(part.get_payload(decode=True), "utf-8")  # type: ignore[arg-type]
        self.came_s.setdefault(number, time.perf_counter())
        self.codes[text.partition("Game: ")[2].split()[0]] += 1
        self.mails += 1
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


async def _measure(
    settings: Settings, url: str, options: argparse.Namespace, office: Office
) -> dict[str, Any]:
    await upgrade(url)
    keyset = read_keyset(settings)
    async with await open_pool(url, application="bench", keyset=keyset) as pool:
        shop = await _enter(pool, options.orders)
        print(f"{options.orders} orders …", file=sys.stderr)
        numbers = [await _buy(pool, shop, number) for number in range(options.orders)]
        house = House(settings, pool, Random(options.seed), keyset)
        async with open_sender(house) as sender, Watch(url, ("job", "outbox")) as watch:
            tasks = [
                asyncio.create_task(_working(house, watch)),
                asyncio.create_task(_sending(sender, watch)),
            ]
            paid_s = await _pay_all(pool, shop, numbers, options.per_s)
            async with asyncio.timeout(120):
                while len(office.came_s) < options.orders:
                    await asyncio.sleep(0.1)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
    waits = sorted(office.came_s[name] - at for name, at in paid_s.items())
    return {
        "paid_to_mail_p50_ms": round(1_000 * waits[len(waits) // 2], 1),
        "paid_to_mail_p99_ms": round(1_000 * waits[int(0.99 * (len(waits) - 1))], 1),
        "paid_to_mail_max_ms": round(1_000 * waits[-1], 1),
        "lost": options.orders - len(office.came_s),
        "doubled": sum(count - 1 for count in office.codes.values()),
    }


async def _enter(pool: asyncpg.Pool, codes: int) -> Shop:
    async with staff_transaction(pool) as connection:
        await entry.enter_warehouse(connection, LAYOUT)
        key = await tenants.create_key(connection, "benchmark", [], sandbox=False)
        shop = await tenant_rows.shop_of_key(connection, key)
        assert shop is not None
        game = Item("GAME", "Game", 1, 1, 1, 1, digital="code")
        await entry.enter_items(connection, shop, [game])
    new = [NewCode(f"CODE-{number:06d}") for number in range(codes)]
    request = Request(shop, "codes", "codes", body_hash("codes"))
    await vault.add_codes(pool, request, "GAME", new, datetime.now(UTC))
    return shop


async def _buy(pool: asyncpg.Pool, shop: Shop, number: int) -> tuple[str, int]:
    name = f"B{number}"
    order = NewOrder(
        external_order_id=name,
        placed_at=datetime.now(UTC),
        currency="EUR",
        customer={"name": "Ada Merton", "email": "ada@merton.example"},
        ship_to={"name": "Ada Merton", "lines": ["12 Mill Lane"], "postal_code": "LU1 2AB",
                 "city": "Luton", "country": "GB"},
        service="standard",
        lines=(NewLine("GAME", 1, 1_999),),
        total_minor=1_999,
        body_hash=body_hash(name),
    )  # fmt: skip
    request = Request(shop, name, "order", order.body_hash)
    answer = await place_order(pool, request, order, LASTS, datetime.now(UTC))
    return name, int(str(answer.body["id"]))


async def _pay_all(
    pool: asyncpg.Pool, shop: Shop, numbers: list[tuple[str, int]], per_s: float
) -> dict[str, float]:
    """Pays the orders at that rate; when each was paid."""
    paid_s: dict[str, float] = {}
    began_s = time.perf_counter()

    async def pay(place: int, name: str, order_id: int) -> None:
        await asyncio.sleep(max(0.0, began_s + place / per_s - time.perf_counter()))
        now = datetime.now(UTC)
        payment = NewPayment("paid", 1_999, "EUR", name, now)
        request = Request(shop, f"pay {name}", "payment", body_hash(name))
        paid_s[name] = time.perf_counter()
        await take_payment(pool, request, order_id, payment, now)

    places = asyncio.Semaphore(4)

    async def one(place: int, name: str, order_id: int) -> None:
        async with places:
            await pay(place, name, order_id)

    await asyncio.gather(*(one(place, *each) for place, each in enumerate(numbers)))
    return paid_s


async def _working(house: House, watch: Watch) -> None:
    """What the jobs role does with jobs of this kind."""
    while True:
        async with staff_transaction(house.pool) as connection:
            now = house.now()
            jobs = await outbox.claim_jobs(connection, ["digital"], 8, now, now + LEASE)
        await asyncio.gather(*(_work(house, job) for job in jobs))
        if not jobs:
            await watch.wait("job", 1.0)


async def _work(house: House, job: asyncpg.Record) -> None:
    await deliver(house.pool, job["payload"]["fulfilment_order_id"], house.now())
    async with staff_transaction(house.pool) as connection:
        await outbox.finish_job(connection, job, house.now())


async def _sending(sender: Sender, watch: Watch) -> None:
    while True:
        if await sender.take_due() == 0:
            await sender.wait(watch.wait("outbox", 1.0))


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The result for people."""
    return [(name, str(value)) for name, value in result.items() if name != "machine"]
