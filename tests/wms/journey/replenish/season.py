"""A house with weeks of demand behind it: orders on past days, a supplier, a second warehouse."""

from datetime import datetime, timedelta

import asyncpg

from api.jobs.solve import demand
from tests.builders import NOW, PLACES, add_items, add_shop, add_staff, add_stock, an_item
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.inbound.supplier import put_supplier, put_supplier_item
from wms.journey.replenish.run import plan_run, request_run
from wms.journey.replenish.saving import Limits
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash
from wms.replenishment.case import Terms
from wms.replenishment.forecasted import Forecasted, Question
from wms.replenishment.purchase import Supplier
from wms.replenishment.purchase import Terms as Sold
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop
from wms.tenants.staff import Role

DAYS = 42
LIMITS = Limits(Terms(97.0, cover_days=7, lead_days=10, transfer_days=2), work_hours=8.0)


async def forecast(question: Question) -> Forecasted:
    """The real forecast, in this process."""
    return demand(question)


async def planner(house: asyncpg.Pool, key: str) -> StaffRequest:
    """A planner's request under a key."""
    token = await add_staff(house, f"Petra {key}", Role.PLANNER)
    async with staff_transaction(house) as connection:
        staff = await tenant_rows.staff_of_token(connection, token, NOW)
    assert staff is not None
    return StaffRequest(staff, key, "replenish", body_hash([key]))


async def run(house: asyncpg.Pool, *, now: datetime = NOW, limits: Limits = LIMITS) -> int:
    """A run that was asked for and planned; its number."""
    request = await planner(house, f"run {now.isoformat()} {limits}")
    answer = await request_run(house, request, now)
    run_id = answer.body["id"]
    assert isinstance(run_id, int)
    await plan_run(house, run_id, forecast, limits, now)
    return run_id


async def seller(house: asyncpg.Pool, *skus: str, on_hand: int = 1_000) -> Shop:
    """A shop with so much of each item in the first bin."""
    shop = await add_shop(house)
    await add_items(house, shop, *(an_item(sku) for sku in skus))
    for sku in skus:
        await add_stock(house, shop, sku, bin0=on_hand)
    return shop


async def sell(
    house: asyncpg.Pool, shop: Shop, sku: str, *daily: int, until: datetime = NOW
) -> None:
    """Orders of so much on each of the days that end yesterday, long handed over."""
    async with staff_transaction(house) as connection:
        for back, quantity in enumerate(reversed(daily), start=1):
            if quantity:
                at = until - timedelta(days=back)
                await _sold(connection, shop, sku, quantity, at)


async def _sold(
    connection: asyncpg.Connection, shop: Shop, sku: str, quantity: int, at: datetime
) -> None:
    """One order of the past, without the goods that left long ago."""
    await connection.execute(
        """
        with o as (
            insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash,
                state, payment_state, currency, total_minor, customer, ship_to, placed_at,
                received_at, paid_at)
            values ($1, $2, $3, 'past ' || gen_random_uuid(), '', 'accepted', 'paid', 'GBP', 0,
                '{}', '{}', $6, $6, $6) returning id
        ), f as (
            insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, firm_at,
                handed_over_at)
            select $1, o.id, (select min(id) from warehouse), 'closed', $6, $6 from o returning id
        ), l as (
            insert into order_line (tenant_id, order_id, line, item_id, quantity, unit_price_minor)
            select $1, o.id, 1, i.id, $5, 0 from o, item i
            where i.owner_id = $3 and i.sku = $4 returning id, item_id
        )
        insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id,
            quantity, picked, packed)
        select $1, f.id, l.id, l.item_id, $5, $5, $5 from f, l
        """,
        shop.tenant_id,
        shop.shop_id,
        shop.owner_id,
        sku,
        quantity,
        at,
    )


async def bought_from(
    house: asyncpg.Pool,
    shop: Shop,
    sku: str,
    *,
    code: str = "STOKE",
    lead_days: int = 5,
    minimum: int = 1,
    multiple: int = 1,
    prices: tuple[tuple[int, int], ...] = ((1, 100),),
) -> None:
    """A supplier that sells an item."""
    supplier = Supplier(code, code.title(), "GBP", lead_days)
    await put_supplier(house, shop, supplier)
    await put_supplier_item(house, shop, code, sku, Sold(minimum, multiple, prices))


async def leave(house: asyncpg.Pool, shop: Shop, sku: str, quantity: int) -> None:
    """Takes free goods out of the first warehouse's bins until so much is free of promises."""
    async with staff_transaction(house) as connection:
        row = await connection.fetchrow(
            "select b.*, a.sellable - a.promised as free, p.warehouse_id from balance b "
            "join item i on i.id = b.item_id join place p on p.id = b.place_id "
            "join availability a on a.item_id = i.id and a.warehouse_id = p.warehouse_id "
            "where i.owner_id = $1 and i.sku = $2 and b.on_hand > 0 order by b.id limit 1",
            shop.owner_id,
            sku,
        )
        assert row is not None and row["free"] >= quantity
        if row["free"] == quantity:
            return
        loss = await bins.place_of_kind(connection, row["warehouse_id"], "loss")
        goods = Goods(row["owner_id"], row["item_id"])
        line = Line(goods, row["free"] - quantity, row["place_id"], loss["id"])
        await stock.post(
            connection, shop.tenant_id, "adjustment", [line], command_id=f"leave {sku}",
            actor="test", now=NOW,
        )  # fmt: skip


async def second_warehouse(house: asyncpg.Pool, shop: Shop, **on_hand: int) -> int:
    """Another warehouse with so much of each item; its number."""
    layout: dict[str, object] = {
        "code": "NORTH", "name": "North", "time_zone": "Europe/London", "aisles": 2,
        "aisle_length_mm": 5_000, "aisle_pitch_mm": 3_000,
    }  # fmt: skip
    async with staff_transaction(house) as connection:
        warehouse_id = await entry.enter_warehouse(connection, layout)
        await entry.enter_places(connection, "NORTH", list(PLACES))
        opening = [
            entry.OpeningStock(sku, "A-01-01-1", quantity) for sku, quantity in on_hand.items()
        ]
        await entry.enter_stock(connection, shop, opening, "", "test", NOW, "NORTH")
    return warehouse_id
