"""A warehouse, its staff, shops, items, stock and orders, entered through the house's commands."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import asyncpg

from devices.gs1 import check_digit
from routing.effort import Effort
from routing.pick.batch.baseline import first_come
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem
from tests.patience import PATIENCE_S
from wms.bins.place import Place, PlaceKind
from wms.database.pool import shop_transaction, staff_transaction
from wms.items.item import Item
from wms.journey import entry
from wms.journey.entry import OpeningStock
from wms.journey.order import intake, waybill
from wms.journey.order import payment as payments
from wms.journey.request import Request
from wms.journey.wave.wave import request_wave
from wms.journey.wave.wave_plan import plan_wave
from wms.orders.order import NewLine, NewOrder, NewPayment
from wms.outbox.command import Answer, body_hash
from wms.packing.carton import CartonType
from wms.picking.wave import Mode
from wms.stock.ledger import Difference
from wms.stock.queries import check_ledger
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop
from wms.tenants.staff import Role, Staff

NOW = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
PROMISE_LASTS = timedelta(minutes=30)
PRICE_MINOR = 255

BINS = ("A-01-01-1", "A-01-02-1", "A-02-01-1", "A-02-02-1")
CARTONS = (
    CartonType("C-S", 200, 150, 100, 50, 5_000),
    CartonType("C-M", 300, 200, 150, 100, 10_000),
    CartonType("C-L", 400, 300, 300, 200, 20_000),
)
PLACES = (
    *(
        Place(
            code, PlaceKind.BIN, "A", number // 2, number % 2, 1, 3_000 * (number // 2),
            2_000 * (number % 2) + 1_000, number,
        )
        for number, code in enumerate(BINS)
    ),
    Place("CART-01", PlaceKind.CART),
    Place("CART-02", PlaceKind.CART),
    Place("CONVEYOR", PlaceKind.CONVEYOR),
    Place("PACK-01", PlaceKind.PACKING, lane=1),
    Place("PACK-02", PlaceKind.PACKING, lane=2),
    Place("DOCK-1", PlaceKind.DEPARTURE),
    Place("SUPPLIER", PlaceKind.SUPPLIER),
    Place("CUSTOMER", PlaceKind.CUSTOMER),
    Place("LOSS", PlaceKind.LOSS),
)  # fmt: skip
LAYOUT: dict[str, object] = {
    "code": "MAIN",
    "name": "Main",
    "time_zone": "Europe/London",
    "aisles": 2,
    "aisle_length_mm": 5_000,
    "aisle_pitch_mm": 3_000,
    "depot_aisle": 0,
    "latitude": 52.5,
    "longitude": -1.5,
}

_numbers = count(1)


async def enter_house(pool: asyncpg.Pool) -> int:
    """The one warehouse of a database, with places, cartons and a carrier; its number."""
    async with staff_transaction(pool) as connection:
        warehouse_id = await entry.enter_warehouse(connection, LAYOUT)
        await entry.enter_places(connection, "MAIN", list(PLACES))
        await entry.enter_cartons(connection, list(CARTONS))
        await entry.enter_carrier(connection, "SIMEX", "Simex", "http://127.0.0.1:1", "secret")
    return warehouse_id


async def place_ids(connection: asyncpg.Connection) -> dict[str, int]:
    """The places of the house by their codes."""
    return {row["code"]: row["id"] for row in await connection.fetch("select id, code from place")}


async def add_shop(
    pool: asyncpg.Pool, *, scopes: tuple[str, ...] = (), sandbox: bool = False
) -> Shop:
    """A new tenant with its owner and one shop, as its key says it."""
    async with staff_transaction(pool) as connection:
        key = await tenants.create_key(connection, f"shop {next(_numbers)}", list(scopes), sandbox)
        shop = await tenant_rows.shop_of_key(connection, key)
        assert shop is not None
        # Nobody has its text, and a shop has places for two.
        await connection.execute("update api_key set revoked_at = now() where id = $1", shop.key_id)
    return replace(shop, key_id=0, prefix="")


def an_item(sku: str, edge_mm: int = 50, mass_g: int = 100) -> Item:
    """A cube with a GTIN of its own."""
    digits = f"200{next(_numbers):09d}"
    return Item(
        sku, f"NAME OF {sku}", edge_mm, edge_mm, edge_mm, mass_g,
        (digits + str(check_digit(digits)),),
    )  # fmt: skip


async def add_items(pool: asyncpg.Pool, shop: Shop, *items: Item) -> dict[str, int]:
    """Enters a shop's items; their numbers by SKU."""
    async with staff_transaction(pool) as connection:
        await entry.enter_items(connection, shop, list(items))
        rows = await connection.fetch("select id, sku from item where owner_id = $1", shop.owner_id)
    return {row["sku"]: row["id"] for row in rows}


async def add_stock(pool: asyncpg.Pool, shop: Shop, sku: str, **bins: int) -> None:
    """Puts stock of an item into bins, which are named by their place in BINS: `bin0=3`."""
    opening = [OpeningStock(sku, BINS[int(name[3:])], quantity) for name, quantity in bins.items()]
    async with staff_transaction(pool) as connection:
        await entry.enter_stock(connection, shop, opening, "", "test", NOW)


async def stocked_shop(pool: asyncpg.Pool, **quantities: int) -> Shop:
    """A shop in the house with that much of each item in the first bin: `MUG=10`."""
    await enter_house(pool)
    shop = await add_shop(pool)
    await add_items(pool, shop, *(an_item(sku) for sku in quantities))
    for sku, quantity in quantities.items():
        if quantity:
            await add_stock(pool, shop, sku, bin0=quantity)
    return shop


def new_order(lines: list[tuple[str, int]], external_order_id: str) -> NewOrder:
    """An order of these SKUs and quantities at one price, to one address."""
    body = [external_order_id, lines]
    return NewOrder(
        external_order_id=external_order_id,
        placed_at=NOW,
        currency="GBP",
        customer={},
        ship_to={
            "name": "A. Buyer",
            "lines": ["1 High Street"],
            "postal_code": "LS1 4AP",
            "city": "Leeds",
            "country": "GB",
            "latitude": 53.8,
            "longitude": -1.55,
        },
        service="standard",
        lines=tuple(NewLine(sku, quantity, PRICE_MINOR) for sku, quantity in lines),
        total_minor=sum(quantity * PRICE_MINOR for _, quantity in lines),
        body_hash=body_hash(body),
    )


async def buy(
    pool: asyncpg.Pool,
    shop: Shop,
    *lines: tuple[str, int],
    number: str | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> Answer:
    """Places an order; under an order number and a key of its own where none is given."""
    order = new_order(list(lines), number or f"order {next(_numbers)}")
    request = Request(shop, key or f"key {next(_numbers)}", "orders", order.body_hash)
    return await intake.place_order(pool, request, order, PROMISE_LASTS, now)


async def pay(
    pool: asyncpg.Pool,
    shop: Shop,
    order: Answer,
    *,
    amount_minor: int | None = None,
    currency: str = "GBP",
    state: str = "paid",
    key: str | None = None,
    now: datetime = NOW,
) -> Answer:
    """Tells of a payment, by default of the whole amount."""
    total = order.body["total"]
    assert isinstance(total, dict)
    amount = total["amount_minor"] if amount_minor is None else amount_minor
    payment = NewPayment(state, amount, currency, "", now)
    digest = body_hash([state, amount, currency])
    request = Request(shop, key or f"key {next(_numbers)}", "payments", digest)
    return await payments.take_payment(pool, request, order_id_of(order), payment, now)


def order_id_of(order: Answer) -> int:
    """The number of an order that was answered."""
    order_id = order.body["id"]
    assert isinstance(order_id, int)
    return order_id


def fulfilment_id_of(order: Answer) -> int:
    """The number of the one fulfilment order of an order that was answered."""
    fulfilments = order.body["fulfilment_orders"]
    assert isinstance(fulfilments, list)
    fulfilment_order_id = fulfilments[0]["id"]
    assert isinstance(fulfilment_order_id, int)
    return fulfilment_order_id


async def firm_order(pool: asyncpg.Pool, shop: Shop, *lines: tuple[str, int]) -> int:
    """A paid order with its waybills made; the number of its fulfilment order."""
    order = await buy(pool, shop, *lines)
    await pay(pool, shop, order)
    fulfilment_order_id = fulfilment_id_of(order)
    assert await waybill.prepare_waybills(pool, fulfilment_order_id, NOW)
    return fulfilment_order_id


async def solve_first_come(problem: BatchProblem, effort: Effort) -> BatchPlan:
    """Carts filled first come, first served: a plan without a search."""
    return first_come(problem)


async def planned_wave(
    pool: asyncpg.Pool,
    *fulfilment_order_ids: int,
    release: bool = False,
    mode: Mode = Mode.CLUSTER,
    now: datetime = NOW,
) -> int:
    """A wave of these orders, or of all that wait, planned; its number."""
    only = list(fulfilment_order_ids) or None
    wave_id = await request_wave(
        pool, "test", only, release_when_planned=release, seed=1, now=now, mode=mode
    )
    await plan_wave(pool, wave_id, solve_first_come, now)
    return wave_id


async def add_staff(pool: asyncpg.Pool, name: str, role: Role = Role.OPERATOR) -> str:
    """One of the staff, signed in at a handheld; the session's token."""
    badge = f"B-{next(_numbers)}"
    async with staff_transaction(pool) as connection:
        await entry.enter_staff(connection, name, role, badge, "1234")
        token, _ = await tenants.sign_in(connection, badge, "1234", f"HH {name}", NOW)
    return token


def planner(name: str = "Pat") -> Staff:
    """One of the staff who plans, as a session says it."""
    later = NOW + timedelta(days=1)
    return Staff(1, name, Role.PLANNER, 1, "desk", "menu", {}, later)


async def differences(pool: asyncpg.Pool) -> list[Difference]:
    """What the checker of ledger and balances finds."""
    async with staff_transaction(pool) as connection:
        return await check_ledger(connection)


async def rows(pool: asyncpg.Pool, query: str, *arguments: object) -> list[asyncpg.Record]:
    """What a query of a test's own finds, over all tenants."""
    async with staff_transaction(pool) as connection:
        return await connection.fetch(query, *arguments)


async def value(pool: asyncpg.Pool, query: str, *arguments: object) -> object:
    """The one value that a query of a test's own finds, over all tenants."""
    async with staff_transaction(pool) as connection:
        found: object = await connection.fetchval(query, *arguments)
    return found


async def settle(pool: asyncpg.Pool) -> None:
    """Until no transaction runs that is older than an event; another database may have one."""
    query = (
        "select exists (select 1 from event where xid >= pg_snapshot_xmin(pg_current_snapshot()))"
    )
    async with asyncio.timeout(PATIENCE_S):
        while await value(pool, query):
            await asyncio.sleep(0.02)


async def availability(pool: asyncpg.Pool, shop: Shop, sku: str) -> tuple[int, int]:
    """How much of an item may be sold, and how much of that is promised."""
    async with shop_transaction(pool, shop.tenant_id) as connection:
        row = await connection.fetchrow(
            "select sellable, promised from availability a join item i on i.id = a.item_id "
            "where i.sku = $1",
            sku,
        )
    assert row is not None
    return row["sellable"], row["promised"]
