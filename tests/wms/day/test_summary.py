"""A day's summary counts what the books say, and the books say where everything is."""

import asyncpg

from tests.builders import BINS, add_stock, availability, firm_order, stocked_shop
from tests.wms.journey.people import (
    loader_at_dock,
    packed_order,
    print_labels,
    sorted_order,
    sscc_of,
)
from wms.database.pool import staff_transaction
from wms.day import queries as day


async def test_a_day_of_two_orders_of_which_one_left(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=10, CUP=10)
    async with staff_transaction(pool) as connection:
        before = await day.day_summary(connection)
    assert (before.orders_accepted, before.lines, before.paid_to_waybill_ms) == (0, 0, None)
    gone = await firm_order(pool, shop, ("MUG", 3), ("CUP", 2))
    await firm_order(pool, shop, ("MUG", 1))
    await sorted_order(pool, gone)
    await packed_order(pool, gone)
    await print_labels(pool)
    sscc = await sscc_of(pool, gone)
    loader = await loader_at_dock(pool)
    await loader.scan_all(f"]C100{sscc}")
    await loader.do("close")
    await add_stock(pool, shop, "CUP", bin2=4)
    async with staff_transaction(pool) as connection:
        summary = await day.day_summary(connection)
        books = await day.books(connection)
    assert (summary.orders_accepted, summary.orders_shipped, summary.orders_held) == (2, 1, ())
    assert (summary.lines, summary.units_picked, summary.parcels) == (2, 5, 1)
    assert (summary.labels_printed, summary.oversold_units, summary.human_touches) == (1, 0, 0)
    assert summary.routes_waiting == 1
    assert 0 < summary.pick_distance_mm <= summary.baseline_distance_mm
    assert summary.paid_to_waybill_ms is not None and summary.paid_to_waybill_ms.max == 0
    assert books.bins == {BINS[0]: {"MUG": 7, "CUP": 8}, BINS[2]: {"CUP": 4}}
    assert books.parcels == {sscc: {"MUG": 3, "CUP": 2}}
    assert await availability(pool, shop, "MUG") == (7, 1)
