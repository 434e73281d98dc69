"""What a planner looks up: how an item is held, what is expected of it, and the days ahead."""

from datetime import datetime
from itertools import groupby

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import format_quantity
from wms.journey.order.order_view import moment
from wms.journey.replenish.reading import house_day
from wms.replenishment import commands as replenishment
from wms.replenishment import queries as rows_of
from wms.replenishment.capacity import DayOfWork, bottlenecks
from wms.tenants import queries as tenants


async def _item(connection: asyncpg.Connection, shop: str, sku: str) -> asyncpg.Record:
    known = await tenants.shop_of_name(connection, shop)
    if known is None:
        raise NotFound("unknown_shop", f"There is no shop {shop!r}.")
    found = await items.items_of_skus(connection, known.owner_id, [canonical_sku(sku)])
    if not found:
        raise NotFound("unknown_item", f"No item has the SKU {sku!r}.")
    return found[0]


async def stock_view(
    connection: asyncpg.Connection,
    shop: str,
    sku: str,
    warehouse: str | None,
    service_percent: float,
) -> dict[str, object]:
    """An item's levels and forecast; `service_percent` is the house's.

    Raises:
        NotFound: `unknown_shop`, `unknown_item`, `unknown_warehouse`; `no_forecast` yet.
    """
    item = await _item(connection, shop, sku)
    place = await bins.the_warehouse(connection, warehouse)
    row = await rows_of.forecast_of(connection, item["id"], place["id"])
    if row is None:
        raise NotFound("no_forecast", f"{item['sku']} has not been forecast in {place['code']}.")
    amounts = ("safety_stock", "reorder_point", "order_up_to")
    names = ("from_day", "mean", "high", "past_from", "past", "protection_days", "protection_mean",
             "demand_class", "model", "reason", "flags", "achieved")  # fmt: skip
    own = row["service_percent"]
    return (
        {name: row[name] for name in names}
        | {name: format_quantity(row[name], item["scale"]) for name in amounts}
        | {
            "item": item["sku"],
            "warehouse": place["code"],
            "service_percent": service_percent if own is None else own,
            "below_since": moment(row["below_since"]),
            "quantiles": {
                f"{level:g}": value
                for level, value in zip(row["levels"], row["quantiles"], strict=True)
            },
        }
    )


async def set_service(
    pool: asyncpg.Pool,
    shop: str,
    sku: str,
    warehouse: str | None,
    service_percent: float | None,
    now: datetime,
) -> None:
    """Sets an item's own fill rate, or with None the house's again.

    Raises:
        NotFound: `unknown_shop`, `unknown_item`, `unknown_warehouse`.
    """
    async with staff_transaction(pool) as connection:
        item = await _item(connection, shop, sku)
        place = await bins.the_warehouse(connection, warehouse)
        await replenishment.set_service(connection, item, place["id"], service_percent, now)


async def capacity_view(connection: asyncpg.Connection, now: datetime) -> dict[str, object]:
    """The days ahead of all warehouses, and those on which picking or sorting will not keep up."""
    if not await bins.warehouses(connection):
        return {"days": [], "bottlenecks": []}
    rows = await rows_of.capacity_days(connection, await house_day(connection, now))
    names = ("warehouse", "day", "waiting", "lines", "lines_high", "pick_capacity", "sort_capacity")
    found: list[dict[str, object]] = []
    for warehouse, group in groupby(rows, key=lambda row: row["warehouse"]):
        days = [DayOfWork(**{name: row[name] for name in names[1:]}) for row in group]
        found += [
            {
                "warehouse": warehouse,
                "day": each.day,
                "work": str(each.work),
                "lines": each.lines,
                "capacity": each.capacity,
                "sure": each.sure,
            }
            for each in bottlenecks(days)
        ]
    return {"days": [{name: row[name] for name in names} for row in rows], "bottlenecks": found}
