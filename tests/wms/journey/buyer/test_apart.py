"""What is sent by mail is no goods of the floor: nobody buys, walks, counts or plans for it."""

from datetime import timedelta

import asyncpg
import pytest

from tests.builders import NOW, rows, value
from tests.wms.journey.buyer.shelf import buy_by_mail, digital_shop, parts, pay_and_work
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.journey.goods.cycle import plan_counts
from wms.picking import queries as picking
from wms.replenishment import queries as replenishment

SINCE, UNTIL = NOW - timedelta(days=1), NOW + timedelta(days=1)


async def test_replenishment_sees_only_what_is_kept(house: asyncpg.Pool) -> None:
    shop = await digital_shop(house, codes=3, MUG=5)
    order = await buy_by_mail(house, shop, ("MUG", 2), ("GAME", 1))
    await pay_and_work(house, shop, order)
    with pytest.raises(Refused):
        await buy_by_mail(house, shop, ("GAME", 9))
    assert await value(house, "select count(*) from refused_demand") == 1
    async with staff_transaction(house) as connection:
        kept = await replenishment.kept_items(connection)
        ordered = await replenishment.ordered(connection, SINCE, UNTIL)
        refused = await replenishment.refused(connection, SINCE, UNTIL)
        lines = await replenishment.lines_by_day(connection, SINCE, UNTIL)
    [mug] = await rows(house, "select id from item where sku = 'MUG'")
    assert [row["item_id"] for row in kept] == [mug["id"]]
    assert [row["item_id"] for row in ordered] == [mug["id"]]
    assert refused == []
    assert [row["lines"] for row in lines] == [1]


async def test_no_wave_takes_it_and_nobody_counts_it(house: asyncpg.Pool) -> None:
    shop = await digital_shop(house, codes=1, MUG=5)
    order = await buy_by_mail(house, shop, ("MUG", 1), ("GAME", 1))
    await pay_and_work(house, shop, order)
    _, shipped = await parts(house, order)
    async with staff_transaction(house) as connection:
        warehouse_id = await connection.fetchval("select min(id) from warehouse")
        waiting = await picking.waiting_for_release(connection, warehouse_id, NOW, 100)
    assert [row["id"] for row in waiting] == [shipped]
    await plan_counts(house, 1_000, NOW)
    found = (
        "select count(*) from count_task t join item i on i.id = t.item_id where i.digital <> ''"
    )
    assert await value(house, found) == 0
