"""Forward bins are refilled for the orders that wait, though they hold their least."""

import asyncpg

from tests import builders
from tests.builders import differences, rows
from tests.wms.moving.yard import NOW, Yard
from wms.database.pool import staff_transaction
from wms.journey.goods.refill import plan_refills


async def moves_of(pool: asyncpg.Pool) -> list[tuple[str, int, str]]:
    """The refills that wait: to where, how much and why."""
    found = await rows(
        pool,
        "select g.code, t.quantity, t.reason from move_task t "
        "join place g on g.id = t.to_place_id where t.kind = 'refill' order by t.id",
    )
    return [(row["code"], row["quantity"], row["reason"]) for row in found]


async def test_orders_that_wait_refill_a_bin_above_its_least(pool: asyncpg.Pool) -> None:
    shop = await builders.stocked_shop(pool, MUG=6)
    [house] = await rows(pool, "select id from warehouse where code = 'MAIN'")
    async with staff_transaction(pool) as connection:
        places = await builders.place_ids(connection)
    [mug] = await rows(pool, "select id from item where owner_id = $1", shop.owner_id)
    yard = Yard(pool, shop.tenant_id, shop.owner_id, house["id"], 0, places["SUPPLIER"])
    reserve = await yard.place(f"R-{shop.shop_id}", purpose="reserve")
    await rows(
        pool,
        "insert into refill_rule (tenant_id, owner_id, warehouse_id, item_id, place_id, "
        "quantity_min, quantity_max, updated_at) values ($1, $2, $3, $4, $5, 2, 10, $6) "
        "returning id",
        shop.tenant_id, shop.owner_id, house["id"], mug["id"], places[builders.BINS[0]], NOW,
    )  # fmt: skip
    await yard.put(mug["id"], reserve, 50)
    await builders.firm_order(pool, shop, ("MUG", 6))
    assert await plan_refills(pool, NOW) == 0
    await builders.firm_order(pool, shop, ("MUG", 3))
    assert await plan_refills(pool, NOW) == 1
    assert await moves_of(pool) == [(builders.BINS[0], 4, "orders wait")]
    assert await plan_refills(pool, NOW) == 0
    assert await differences(pool) == []
