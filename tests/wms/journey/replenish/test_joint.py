"""What one supplier brings is planned and ordered together, on the real database."""

from datetime import timedelta

import asyncpg

from tests.builders import NOW, rows, value
from tests.wms.journey.replenish.season import (
    DAYS,
    bought_from,
    leave,
    planner,
    run,
    sell,
    seller,
)
from wms.database.pool import staff_transaction
from wms.journey.inbound.supplier import put_supplier
from wms.journey.replenish.decision import Wish, approve_proposals
from wms.replenishment.purchase import OrderTerms, Supplier
from wms.tenants.shop import Shop

WEEKS = (4, 6, 5, 5, 7, 4, 5) * (DAYS // 7)
PROPOSED = (
    "select p.*, i.sku, i.mass_g, s.code from replenishment_proposal p "
    "join item i on i.id = p.item_id left join supplier s on s.id = p.supplier_id "
    "where p.state = 'proposed' order by i.sku"
)


async def two_from_stoke(house: asyncpg.Pool, terms: OrderTerms, *, left: int = 60) -> Shop:
    """A shop without a cup and with so many mugs, both from one supplier with these terms."""
    shop = await seller(house, "CUP", "MUG")
    for sku, here in (("CUP", 0), ("MUG", left)):
        await sell(house, shop, sku, *WEEKS)
        await bought_from(house, shop, sku, multiple=6)
        await leave(house, shop, sku, here)
    await put_supplier(house, shop, Supplier("STOKE", "Stoke", "GBP", 5, 0, terms))
    return shop


async def test_two_items_of_one_supplier_become_one_order_that_fills_the_truck(
    house: asyncpg.Pool,
) -> None:
    await two_from_stoke(house, OrderTerms())
    await run(house)
    [alone] = await rows(house, PROPOSED)
    truck_g = alone["mass_g"] * (alone["quantity"] + 90)
    await _set_truck(house, truck_g)
    await run(house, now=NOW + timedelta(hours=1))
    cup, mug = await rows(house, PROPOSED)
    assert (cup["sku"], mug["sku"]) == ("CUP", "MUG")
    assert {cup["code"], mug["code"]} == {"STOKE"}
    # Full to the last box of six, and never fuller.
    loaded = sum(each["quantity"] * each["mass_g"] for each in (cup, mug))
    assert truck_g - 6 * cup["mass_g"] < loaded <= truck_g
    assert f"fills the truck with {cup['quantity'] - alone['quantity']} more" in cup["reason"]
    assert f"fills the truck with {mug['quantity']}, before it is due" in mug["reason"]
    wishes = [Wish(cup["id"]), Wish(mug["id"])]
    await approve_proposals(house, await planner(house, "approve"), wishes, NOW)
    [order] = await rows(house, "select * from purchase_order")
    assert order["state"] == "sent"
    lines = await rows(house, "select quantity from purchase_line order by line")
    assert {line["quantity"] for line in lines} == {cup["quantity"], mug["quantity"]}


async def _set_truck(house: asyncpg.Pool, mass_g: int) -> None:
    async with staff_transaction(house) as connection:
        await connection.execute("update supplier set truck_mass_g = $1", mass_g)


async def test_an_order_comes_to_the_least_that_its_supplier_takes(house: asyncpg.Pool) -> None:
    await two_from_stoke(house, OrderTerms(minimum_order_minor=25_000))
    await run(house)
    cup, mug = await rows(house, PROPOSED)
    assert 25_000 <= (cup["quantity"] + mug["quantity"]) * 100 < 25_000 + 600
    assert "brings the order to the least of 250.00 GBP with" in cup["reason"]
    assert "before it is due" in mug["reason"]


async def test_an_order_that_cannot_come_to_the_least_says_so(house: asyncpg.Pool) -> None:
    await two_from_stoke(house, OrderTerms(minimum_order_minor=9_000_000))
    await run(house)
    [cup] = await rows(house, PROPOSED)
    assert "below the least of 90,000.00 GBP: more would last beyond 60 days" in cup["reason"]


async def test_what_an_order_costs_says_how_long_it_lasts(house: asyncpg.Pool) -> None:
    await two_from_stoke(house, OrderTerms(order_cost_minor=200))
    await run(house)
    [cup] = await rows(house, PROPOSED)
    # The root of 2 * 200 / (2 items * 5 a day * 100 * 20 % / 365): four weeks, not one.
    assert 24 * 5 <= cup["order_up_to"] - cup["reorder_point"] <= 31 * 6
    assert "days, by an order's cost of 2.00 GBP" in cup["reason"]


async def test_lead_times_are_those_that_were_seen(house: asyncpg.Pool) -> None:
    shop = await two_from_stoke(house, OrderTerms())
    await run(house)
    before = await _held(house)
    # Said are five days; it took 3, 7 and 11. Of two orders nothing would be known.
    await _received(house, shop, 3, 7)
    await run(house, now=NOW + timedelta(hours=1))
    assert await _held(house) == before
    await _received(house, shop, 11)
    await run(house, now=NOW + timedelta(hours=2))
    days, safety = await _held(house)
    assert (before[0], days) == (6, 8)
    assert safety > before[1]
    assert "STOKE brings it in 7 days, give or take 4" in str(
        await value(house, "select reason from replenishment_proposal where state = 'proposed'")
    )


async def test_an_order_that_is_overdue_counts_before_it_is_here(house: asyncpg.Pool) -> None:
    shop = await two_from_stoke(house, OrderTerms())
    await _received(house, shop, 5, 5, 5)
    await _received(house, shop, None, back=60)
    await run(house)
    # After a month it is taken for forgotten.
    assert (await _held(house))[0] == 6
    await _received(house, shop, None, back=25)
    await run(house, now=NOW + timedelta(hours=1))
    # Twenty days late once in four times: five on average.
    assert (await _held(house))[0] == 12


async def _held(house: asyncpg.Pool) -> tuple[int, int]:
    [row] = await rows(
        house,
        "select p.protection_days, p.safety_stock from stock_policy p "
        "join item i on i.id = p.item_id where i.sku = 'CUP'",
    )
    return row["protection_days"], row["safety_stock"]


async def _received(house: asyncpg.Pool, shop: Shop, *days: int | None, back: int = 60) -> None:
    """Orders sent so long ago of which the first goods came after so many days, or never."""
    sent = NOW - timedelta(days=back)
    async with staff_transaction(house) as connection:
        for after in days:
            order_id = await connection.fetchval(
                "insert into purchase_order (tenant_id, owner_id, shop_id, supplier_id, "
                "warehouse_id, currency, total_minor, made_by, made_at, sent_at, expected_at, "
                "state) select s.tenant_id, s.owner_id, $1, s.id, (select min(id) from warehouse), "
                "'GBP', 0, 'test', $2, $2, $2, $3 from supplier s returning id",
                shop.shop_id,
                sent,
                "sent" if after is None else "received",
            )
            await connection.execute(
                "insert into purchase_line (tenant_id, purchase_order_id, line, item_id, quantity, "
                "price_minor, amount_minor) select tenant_id, $1, 1, id, 6, 100, 600 "
                "from item where sku = 'CUP'",
                order_id,
            )
            if after is not None:
                await _came(connection, order_id, sent + timedelta(days=after))


async def _came(connection: asyncpg.Connection, order_id: int, at: object) -> None:
    inbound_id = await connection.fetchval(
        "insert into inbound_shipment (tenant_id, owner_id, warehouse_id, kind, supplier_id, "
        "purchase_order_id, state, made_by, made_at, expected_at, supply_at) select tenant_id, "
        "owner_id, warehouse_id, 'asn', supplier_id, id, 'closed', 'test', sent_at, sent_at, "
        "sent_at "
        "from purchase_order where id = $1 returning id",
        order_id,
    )
    await connection.execute(
        "insert into receipt (tenant_id, inbound_id, movement_id, actor, received_at) "
        "select tenant_id, id, -id, 'test', $2 from inbound_shipment where id = $1",
        inbound_id,
        at,
    )
