"""A replenishment run on the real database: what it reads, what it leaves, what it proposes."""

from datetime import timedelta

import asyncpg
import pytest

from tests.builders import NOW, add_items, an_item, buy, rows, value
from tests.wms.journey.replenish.season import (
    DAYS,
    LIMITS,
    bought_from,
    forecast,
    leave,
    planner,
    run,
    second_warehouse,
    sell,
    seller,
)
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.journey.claim.promotion import put_promotion
from wms.journey.replenish.run import give_up_run, plan_run, request_run, run_when_due
from wms.promise.promotion import PromotedItem, Promotion
from wms.replenishment.forecasted import Forecasted, Question

WEEK = (4, 6, 5, 5, 7, 4, 5)
WEEKS = WEEK * (DAYS // 7)


async def test_what_is_sold_every_day_is_bought_before_it_runs_out(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await bought_from(house, shop, "MUG", lead_days=5, minimum=12, multiple=12)
    await leave(house, shop, "MUG", 10)
    await run(house)
    [proposal] = await rows(house, "select * from replenishment_proposal")
    assert (proposal["kind"], proposal["state"]) == ("purchase", "proposed")
    assert proposal["quantity"] % 12 == 0
    # Six days until a new order is here, of about five a day.
    assert 25 <= proposal["reorder_point"] <= 50
    assert proposal["safety_stock"] < proposal["reorder_point"]
    assert 1 <= proposal["days_left"] <= 3
    assert "at 97 %" in proposal["reason"] and "STOKE brings it in 5 days" in proposal["reason"]
    [kept] = await rows(house, "select * from demand_forecast")
    assert 4 <= sum(kept["mean"]) / len(kept["mean"]) <= 6.5
    assert kept["past"][-7:] == [float(day) for day in WEEK]
    [ended] = await rows(house, "select * from replenishment_run")
    assert (ended["state"], ended["series"], ended["proposals"]) == ("done", 1, 1)


async def test_what_there_is_enough_of_or_is_on_its_way_is_not_proposed(
    house: asyncpg.Pool,
) -> None:
    shop = await seller(house, "MUG", "CUP")
    for sku in ("MUG", "CUP"):
        await sell(house, shop, sku, *WEEKS)
        await bought_from(house, shop, sku)
    await leave(house, shop, "CUP", 3)
    await run(house)
    assert await value(house, "select count(*) from replenishment_proposal") == 1
    # A draft that a shop made itself counts as well as one that was sent.
    await _draft(house, "CUP", 500)
    await run(house, now=NOW + timedelta(hours=1))
    assert await value(house, "select count(*) from replenishment_proposal") == 1
    assert await value(house, "select state from replenishment_proposal") == "superseded"


async def _draft(house: asyncpg.Pool, sku: str, quantity: int) -> None:
    async with staff_transaction(house) as connection:
        await connection.execute(
            "with p as (insert into purchase_order (tenant_id, owner_id, shop_id, supplier_id, "
            "warehouse_id, currency, total_minor, made_by, made_at) select s.tenant_id, "
            "s.owner_id, h.id, s.id, (select min(id) from warehouse), 'GBP', 0, 'test', now() "
            "from supplier s join shop h on h.owner_id = s.owner_id returning id, tenant_id) "
            "insert into purchase_line (tenant_id, purchase_order_id, line, item_id, quantity, "
            "price_minor, amount_minor) select p.tenant_id, p.id, 1, i.id, $2, 0, 0 "
            "from p, item i where i.sku = $1",
            sku,
            quantity,
        )


async def test_another_warehouse_gives_what_it_can_spare_before_anything_is_bought(
    house: asyncpg.Pool,
) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await bought_from(house, shop, "MUG")
    await second_warehouse(house, shop, MUG=20)
    await leave(house, shop, "MUG", 5)
    await run(house)
    transfer, purchase = await rows(
        house, "select * from replenishment_proposal order by kind desc"
    )
    assert (transfer["kind"], transfer["quantity"]) == ("transfer", 20)
    assert "NORTH can spare it, 2 days away" in transfer["reason"]
    assert purchase["kind"] == "purchase"
    assert purchase["quantity"] + 20 + 5 == purchase["order_up_to"]


async def test_what_nobody_sells_to_us_is_said_and_not_forgotten(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await leave(house, shop, "MUG", 0)
    await run(house)
    [proposal] = await rows(house, "select * from replenishment_proposal")
    assert proposal["supplier_id"] is None
    assert "enter a supplier" in proposal["reason"]


async def test_cancelled_and_sandbox_orders_are_no_demand_and_refused_ones_are(
    house: asyncpg.Pool,
) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", 3, 3, 3, 3)
    async with staff_transaction(house) as connection:
        await connection.execute("update shop_order set sandbox = true where id = 1")
        await connection.execute("update shop_order set state = 'cancelled' where id = 2")
        for number in ("lost", "lost", "other"):
            await connection.execute(
                "insert into refused_demand (tenant_id, item_id, quantity, available, "
                "external_order_id, at) select tenant_id, id, 9, 0, $1, $2 from item",
                number,
                NOW - timedelta(days=3),
            )
    await run(house)
    # The two newest orders are out; an order that is sent again and again is wanted once.
    assert await value(house, "select past from demand_forecast") == [3.0, 3.0 + 18.0, 0.0, 0.0]


async def test_a_day_out_of_stock_is_unknown_not_zero(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *(5, 5, 0, 0, 5))
    async with staff_transaction(house) as connection:
        await connection.execute(
            "insert into unsellable_interval (tenant_id, item_id, warehouse_id, from_at, to_at) "
            "select tenant_id, item_id, warehouse_id, $1, $2 from availability",
            NOW - timedelta(days=3, hours=8),
            NOW - timedelta(days=2, hours=8),
        )
    await run(house)
    past = await value(house, "select past from demand_forecast")
    assert isinstance(past, list)
    assert past == [5.0, 5.0, None, 0.0, 5.0]


async def test_a_promotion_ahead_is_named_with_what_it_adds(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    promoted = (20, 22, 18, 25)
    await sell(house, shop, "MUG", *WEEKS, *promoted, *WEEK, *promoted, *WEEKS)
    await bought_from(house, shop, "MUG")
    await leave(house, shop, "MUG", 0)
    for code, back in (("SPRING", DAYS + 15), ("SUMMER", DAYS + 4), ("ADVENT", -2)):
        starts = NOW - timedelta(days=back)
        promotion = Promotion(
            code, code.title(), starts, starts + timedelta(days=3, hours=9), (PromotedItem("MUG"),)
        )
        await put_promotion(house, shop, promotion, NOW)
    await run(house)
    [proposal] = await rows(house, "select * from replenishment_proposal")
    assert "promotion from 3 Dec to 6 Dec adds " in proposal["reason"]


async def test_an_item_may_have_a_service_of_its_own(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG", "CUP")
    daily = (0, 9, 1, 0, 14, 0, 2) * (DAYS // 7)
    for sku in ("MUG", "CUP"):
        await sell(house, shop, sku, *daily)
    async with staff_transaction(house) as connection:
        await connection.execute(
            "insert into stock_policy (item_id, warehouse_id, tenant_id, service_percent, "
            "updated_at) select a.item_id, a.warehouse_id, a.tenant_id, 99.9, now() "
            "from availability a join item i on i.id = a.item_id where i.sku = 'CUP'"
        )
    await run(house)
    held = await rows(
        house,
        "select i.sku, p.* from stock_policy p join item i on i.id = p.item_id order by i.sku",
    )
    assert held[0]["reorder_point"] > held[1]["reorder_point"]
    assert [row["service_percent"] for row in held] == [99.9, None]


async def test_what_was_refused_lifts_what_is_held(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await leave(house, shop, "MUG", 5)
    await run(house)
    before = await value(house, "select rate from service_loop where percent = 97")
    async with staff_transaction(house) as connection:
        await connection.execute(
            "insert into refused_demand (tenant_id, item_id, quantity, available, "
            "external_order_id, at) select tenant_id, id, 9, 0, 'lost', $1 from item",
            NOW,
        )
    await run(house, now=NOW + timedelta(days=1))
    [loop] = await rows(house, "select * from service_loop")
    assert isinstance(before, float) and loop["rate"] > before
    assert loop["day"] == NOW.date()


async def test_a_house_without_items_or_orders_gets_an_empty_answer(house: asyncpg.Pool) -> None:
    await run(house)
    await seller(house, "MUG")
    await run(house, now=NOW + timedelta(hours=1))
    assert await value(house, "select count(*) from replenishment_proposal") == 0
    assert await value(house, "select min(series) from replenishment_run") == 0


async def test_no_transaction_is_open_while_it_is_forecast(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)

    async def looking(question: Question) -> Forecasted:
        busy = await value(
            house,
            "select count(*) from pg_stat_activity where state like 'idle in transaction%' "
            "and datname = current_database()",
        )
        assert busy == 0
        # What is ordered meanwhile counts when the proposals are made.
        if question.history.series[0].startswith("lines"):
            await buy(house, shop, ("MUG", 990))
        return await forecast(question)

    answer = await request_run(house, await planner(house, "busy"), NOW)
    run_id = answer.body["id"]
    assert isinstance(run_id, int)
    await plan_run(house, run_id, looking, LIMITS, NOW)
    assert await value(house, "select free from replenishment_proposal") == 10


async def test_the_night_s_run_is_asked_for_once_a_day_from_its_hour_on(
    house: asyncpg.Pool,
) -> None:
    assert await run_when_due(house, 2, NOW) is None
    await sell(house, await seller(house, "MUG"), "MUG", 1)
    night = NOW.replace(hour=1)
    assert await run_when_due(house, 2, night) is None
    first = await run_when_due(house, 2, NOW)
    assert first is not None
    assert await run_when_due(house, 2, NOW + timedelta(hours=3)) is None
    assert await run_when_due(house, 2, NOW + timedelta(days=1)) is not None
    assert await value(house, "select count(*) from job where kind = 'replenish'") == 2


async def test_a_run_that_cannot_be_forecast_ends_with_its_reason(house: asyncpg.Pool) -> None:
    answer = await request_run(house, await planner(house, "bad"), NOW)
    run_id = answer.body["id"]
    assert isinstance(run_id, int)
    limits = type(LIMITS)(LIMITS.terms, LIMITS.work_hours, holidays="ATLANTIS")
    with pytest.raises(Refused, match="ATLANTIS"):
        await plan_run(house, run_id, forecast, limits, NOW)
    await give_up_run(house, run_id, "no holidays", NOW)
    [row] = await rows(house, "select * from replenishment_run")
    assert (row["state"], row["reason"]) == ("refused", "no holidays")
    await plan_run(house, run_id, forecast, LIMITS, NOW)
    assert await value(house, "select state from replenishment_run") == "refused"


async def test_a_bulk_order_is_planned_apart(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS[:-1], 400)
    await bought_from(house, shop, "MUG")
    await leave(house, shop, "MUG", 0)
    await run(house)
    assert "1 bulk order(s) of 400 left out" in str(
        await value(house, "select reason from replenishment_proposal")
    )


async def test_items_are_forecast_in_every_warehouse_that_keeps_them(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await add_items(house, shop, an_item("NEVER"))
    await second_warehouse(house, shop, MUG=20, NEVER=5)
    await run(house)
    found = await rows(
        house,
        "select i.sku, w.code from demand_forecast f join item i on i.id = f.item_id "
        "join warehouse w on w.id = f.warehouse_id order by 1, 2",
    )
    assert [tuple(row) for row in found] == [("MUG", "MAIN"), ("MUG", "NORTH"), ("NEVER", "NORTH")]
    assert await value(house, "select count(*) from replenishment_proposal") == 0
