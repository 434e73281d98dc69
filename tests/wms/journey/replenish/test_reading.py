"""What a run takes for demand and for work, read from the real books."""

from datetime import date, datetime, timedelta

import asyncpg

from tests.builders import NOW, add_items, an_item, buy, order_id_of, pay, rows, value
from tests.wms.journey.replenish.season import DAYS, leave, run, second_warehouse, sell, seller
from wms.database.pool import staff_transaction
from wms.journey.claim.claim import expire_promises
from wms.journey.claim.supply import announce_supply
from wms.replenishment import queries
from wms.tenants.shop import Shop

WEEKS = (4, 6, 5, 5, 7, 4, 5) * (DAYS // 7)
SINCE, UNTIL = NOW - timedelta(days=30), NOW + timedelta(days=1)
LATE = NOW + timedelta(hours=2)


async def change(house: asyncpg.Pool, statement: str, *arguments: object) -> None:
    """Something that the test says of the books."""
    async with staff_transaction(house) as connection:
        await connection.execute(statement, *arguments)


async def refuse(house: asyncpg.Pool, number: str, quantity: int, at: datetime) -> None:
    """An order that was refused for want of goods."""
    await change(
        house,
        "insert into refused_demand (tenant_id, item_id, quantity, available, external_order_id, "
        "at) select tenant_id, id, $1, 0, $2, $3 from item",
        quantity,
        number,
        at,
    )


async def wanted(house: asyncpg.Pool) -> list[tuple[date, int]]:
    """What was ordered a day."""
    async with staff_transaction(house) as connection:
        found = await queries.ordered(connection, SINCE, UNTIL)
    return [(row["day"], row["quantity"] * row["lines"]) for row in found]


async def missed(house: asyncpg.Pool) -> list[tuple[date, int]]:
    """What was wanted and refused a day."""
    async with staff_transaction(house) as connection:
        found = await queries.refused(connection, SINCE, UNTIL)
    return [(row["day"], row["quantity"]) for row in found]


async def work(house: asyncpg.Pool, today: date) -> asyncpg.Record:
    async with staff_transaction(house) as connection:
        warehouse_id = await connection.fetchval("select min(id) from warehouse")
        return await queries.work_of(connection, warehouse_id, SINCE, today)


async def test_a_day_is_the_warehouse_s_own(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    evening = NOW.replace(hour=20)
    await buy(house, shop, ("MUG", 3), now=evening)
    assert await wanted(house) == [(evening.date(), 3)]
    await change(house, "update warehouse set time_zone = 'Asia/Tokyo'")
    assert await wanted(house) == [(evening.date() + timedelta(days=1), 3)]


async def test_an_order_that_is_not_paid_in_time_is_no_demand_and_no_work(
    house: asyncpg.Pool,
) -> None:
    shop = await seller(house, "MUG")
    await buy(house, shop, ("MUG", 3))
    paid = await buy(house, shop, ("MUG", 4))
    await pay(house, shop, paid)
    assert sum(quantity for _, quantity in await wanted(house)) == 7
    await expire_promises(house, LATE)
    assert await wanted(house) == [(NOW.date(), 4)]
    async with staff_transaction(house) as connection:
        [lines] = await queries.lines_by_day(connection, SINCE, UNTIL)
    assert lines["lines"] == 1
    assert (await work(house, NOW.date() + timedelta(days=1)))["waiting"] == 1


async def test_what_waits_for_today_was_ordered_before_it_and_is_of_no_sandbox(
    house: asyncpg.Pool,
) -> None:
    shop = await seller(house, "MUG")
    for back in (2, 1, 0):
        at = NOW - timedelta(days=back)
        await pay(house, shop, await buy(house, shop, ("MUG", 1), now=at), now=at)
    # Today's lines are expected already as part of the day.
    assert (await work(house, NOW.date()))["waiting"] == 2
    await change(house, "update shop_order set sandbox = true where id = 1")
    assert (await work(house, NOW.date()))["waiting"] == 1


async def test_an_order_that_is_refused_for_days_is_wanted_once(house: asyncpg.Pool) -> None:
    await seller(house, "MUG")
    for back, quantity in ((3, 9), (2, 9), (1, 8)):
        await refuse(house, "again and again", quantity, NOW - timedelta(days=back))
    assert await missed(house) == [((NOW - timedelta(days=3)).date(), 9)]


async def test_a_refused_order_that_is_accepted_later_or_given_up_is_not_missed(
    house: asyncpg.Pool,
) -> None:
    shop = await seller(house, "MUG")
    await refuse(house, "later", 3, NOW - timedelta(days=1))
    await refuse(house, "given up", 5, NOW - timedelta(days=1))
    await buy(house, shop, ("MUG", 3), number="later")
    given_up = await buy(house, shop, ("MUG", 5), number="given up")
    await change(
        house,
        "update shop_order set state = 'cancelled' where id = $1",
        order_id_of(given_up),
    )
    assert await missed(house) == []
    assert await wanted(house) == [(NOW.date(), 3)]


async def test_a_part_of_a_bundle_that_is_accepted_later_is_not_missed(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG", "SET")
    await refuse(house, "later", 3, NOW - timedelta(days=1))
    await change(
        house, "delete from refused_demand d using item i where i.id = d.item_id and i.sku = 'SET'"
    )
    await buy(house, shop, ("MUG", 3), number="later")
    # The line is of the bundle that was sold, its part is what is fetched.
    await change(house, "update order_line set item_id = (select id from item where sku = 'SET')")
    assert await missed(house) == []
    assert await wanted(house) == [(NOW.date(), 3)]


async def test_an_order_that_was_paid_when_its_goods_were_gone_is_missed_demand(
    house: asyncpg.Pool,
) -> None:
    shop = await seller(house, "MUG", on_hand=3)
    late = await buy(house, shop, ("MUG", 3))
    await expire_promises(house, LATE)
    await pay(house, shop, await buy(house, shop, ("MUG", 3), now=LATE), now=LATE)
    await pay(house, shop, late, now=LATE)
    await change(house, "update refused_demand set at = $1", LATE)
    assert await wanted(house) == [(NOW.date(), 3)]
    assert await missed(house) == [(LATE.date(), 3)]


async def _waiting(house: asyncpg.Pool, shop: Shop, quantity: int) -> None:
    """A paid order for goods that are still on their way."""
    await change(
        house,
        "with o as (insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, "
        "body_hash, state, currency, total_minor, customer, ship_to, placed_at, received_at, "
        "paid_at) values ($1, $2, $3, 'backorder', '', 'accepted', 'GBP', 0, '{}', '{}', $4, $4, "
        "$4) returning id), f as (insert into fulfilment_order (tenant_id, order_id, warehouse_id, "
        "state, firm_at) select $1, o.id, w.id, 'backordered', $4 from o, warehouse w returning "
        "id), l as (insert into order_line (tenant_id, order_id, line, item_id, quantity, "
        "unit_price_minor) select $1, o.id, 1, i.id, $5, 0 from o, item i returning id, item_id), "
        "a as (update availability set backordered = $5), fl as (insert into fulfilment_line "
        "(tenant_id, fulfilment_order_id, order_line_id, item_id, quantity) "
        "select $1, f.id, l.id, l.item_id, $5 from f, l returning id, order_line_id) "
        "insert into promise (tenant_id, availability_id, order_line_id, fulfilment_line_id, "
        "quantity, admission, state, supply, expected_at) select $1, a.id, fl.order_line_id, "
        "fl.id, $5, 0, 'firm', 'inbound', $4 from fl, availability a",
        shop.tenant_id,
        shop.shop_id,
        shop.owner_id,
        NOW,
        quantity,
    )


async def test_an_order_that_waits_for_goods_is_demand_and_not_served(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await leave(house, shop, "MUG", 0)
    await run(house)
    before = await value(house, "select rate from service_loop")
    async with staff_transaction(house) as connection:
        [item] = await connection.fetch("select a.* from availability a")
        await announce_supply(
            connection, tenant_id=shop.tenant_id, owner_id=shop.owner_id, item_id=item["item_id"],
            warehouse_id=item["warehouse_id"], source="test", quantity=50, actor="test", now=NOW,
            expected_at=NOW + timedelta(days=3),
        )  # fmt: skip
    await _waiting(house, shop, 9)
    assert await wanted(house) and (await wanted(house))[-1] == (NOW.date(), 9)
    await run(house, now=NOW + timedelta(days=1))
    after = await value(house, "select rate from service_loop")
    assert isinstance(before, float) and isinstance(after, float) and after > before
    achieved = await value(house, "select achieved from stock_policy")
    assert achieved == 1 - 9 / (sum(WEEKS) + 9)


async def test_what_is_held_back_serves_nobody_and_is_bought_on_top(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await leave(house, shop, "MUG", 100)
    await run(house)
    assert await value(house, "select count(*) from replenishment_proposal") == 0
    await change(house, "update availability set held_back = 100")
    await run(house, now=NOW + timedelta(hours=1))
    [proposal] = await rows(house, "select * from replenishment_proposal")
    assert (proposal["free"], proposal["quantity"]) == (0, proposal["order_up_to"])
    assert await value(house, "select below_since from stock_policy") is not None


async def test_what_a_warehouse_holds_back_is_not_spared_for_another(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await add_items(house, shop, an_item("CUP"))
    north = await second_warehouse(house, shop, MUG=20)
    await change(house, "update availability set held_back = 15 where warehouse_id = $1", north)
    await leave(house, shop, "MUG", 0)
    await run(house)
    transfer = "select quantity from replenishment_proposal where kind = 'transfer'"
    assert await value(house, transfer) == 5
