"""SQL of forecasts, of what items are held by, and of the days that will be full."""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg

from wms.replenishment.service import Held

Rows = list[dict[str, object]]
# So many rows go to the database in one statement.
AT_ONCE = 1_000


async def save_forecasts(connection: asyncpg.Connection, run_id: int, rows: Rows) -> None:
    """The newest forecast of each, in place of the one before."""
    for at in range(0, len(rows), AT_ONCE):
        await connection.execute(
            """
            insert into demand_forecast (item_id, warehouse_id, tenant_id, run_id, from_day, mean,
                high, past_from, past, protection_days, protection_mean, levels, quantiles,
                demand_class, model, reason, explained, flags)
            select r.item_id, r.warehouse_id, r.tenant_id, $1, r.from_day, r.mean, r.high,
                r.past_from, r.past, r.protection_days, r.protection_mean, r.levels, r.quantiles,
                r.demand_class, r.model, r.reason, r.explained, r.flags
            from jsonb_to_recordset($2) r(item_id bigint, warehouse_id bigint, tenant_id bigint,
                from_day date, mean float8[], high float8[], past_from date, past float8[],
                protection_days int, protection_mean float8, levels float8[], quantiles float8[],
                demand_class text, model text, reason text, explained text, flags text[])
            on conflict (item_id, warehouse_id) do update set run_id = excluded.run_id,
                from_day = excluded.from_day, mean = excluded.mean, high = excluded.high,
                past_from = excluded.past_from, past = excluded.past,
                protection_days = excluded.protection_days,
                protection_mean = excluded.protection_mean, levels = excluded.levels,
                quantiles = excluded.quantiles, demand_class = excluded.demand_class,
                model = excluded.model, reason = excluded.reason,
                explained = excluded.explained, flags = excluded.flags
            """,
            run_id,
            rows[at : at + AT_ONCE],
        )


async def save_levels(
    connection: asyncpg.Connection, run_id: int, rows: Rows, now: datetime
) -> None:
    """What each item is held by from now on; a service of its own stays."""
    for at in range(0, len(rows), AT_ONCE):
        await connection.execute(
            """
            insert into stock_policy (item_id, warehouse_id, tenant_id, run_id, protection_days,
                safety_stock, reorder_point, order_up_to, achieved, updated_at)
            select r.item_id, r.warehouse_id, r.tenant_id, $1, r.protection_days, r.safety_stock,
                r.reorder_point, r.order_up_to, r.achieved, $3
            from jsonb_to_recordset($2) r(item_id bigint, warehouse_id bigint, tenant_id bigint,
                protection_days int, safety_stock bigint, reorder_point bigint, order_up_to bigint,
                achieved float8)
            on conflict (item_id, warehouse_id) do update set run_id = excluded.run_id,
                protection_days = excluded.protection_days, safety_stock = excluded.safety_stock,
                reorder_point = excluded.reorder_point, order_up_to = excluded.order_up_to,
                achieved = excluded.achieved, updated_at = excluded.updated_at
            """,
            run_id,
            rows[at : at + AT_ONCE],
            now,
        )


async def service_loops(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """How the services of all groups stand."""
    return await connection.fetch("select percent, rate, usual, day from service_loop")


async def save_loops(connection: asyncpg.Connection, held: Sequence[Held]) -> None:
    """How the services stand now; a group that nothing is held for any more is forgotten."""
    await connection.execute("delete from service_loop")
    await connection.executemany(
        "insert into service_loop (percent, rate, usual, day) values ($1, $2, $3, $4)",
        [(each.percent, each.rate, each.usual, each.day) for each in held],
    )


async def set_service(
    connection: asyncpg.Connection,
    item: asyncpg.Record,
    warehouse_id: int,
    service_percent: float | None,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into stock_policy (item_id, warehouse_id, tenant_id, service_percent, updated_at)
        values ($1, $2, $3, $4, $5)
        on conflict (item_id, warehouse_id) do update set
            service_percent = excluded.service_percent, updated_at = excluded.updated_at
        """,
        item["id"],
        warehouse_id,
        item["tenant_id"],
        service_percent,
        now,
    )


async def forecast_of(
    connection: asyncpg.Connection, item_id: int, warehouse_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select f.*, p.safety_stock, p.reorder_point, p.order_up_to, p.service_percent, p.achieved,
            p.below_since
        from demand_forecast f left join stock_policy p
          on p.item_id = f.item_id and p.warehouse_id = f.warehouse_id
        where f.item_id = $1 and f.warehouse_id = $2
        """,
        item_id,
        warehouse_id,
    )


async def crossed(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """What fell below its safety stock or is above it again since anybody looked, locked."""
    return await connection.fetch(
        """
        select p.item_id, p.warehouse_id, p.tenant_id, p.safety_stock, p.reorder_point,
            p.below_since, i.sku, i.scale, w.code as warehouse,
            greatest(0, a.sellable - a.promised - a.held_back) as free,
            greatest(0, a.inbound - a.backordered) as coming
        from stock_policy p join item i on i.id = p.item_id
        join warehouse w on w.id = p.warehouse_id
        join availability a on a.item_id = p.item_id and a.warehouse_id = p.warehouse_id
         and a.channel = ''
        where p.run_id is not null
          and (a.sellable - a.promised - a.held_back < p.safety_stock)
              = (p.below_since is null)
        order by p.item_id, p.warehouse_id for no key update of p skip locked
        """
    )


async def set_below(
    connection: asyncpg.Connection, item_id: int, warehouse_id: int, since: datetime | None
) -> None:
    await connection.execute(
        "update stock_policy set below_since = $3 where item_id = $1 and warehouse_id = $2",
        item_id,
        warehouse_id,
        since,
    )


async def below(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """What is below its safety stock, since when; the longest first."""
    return await connection.fetch(
        """
        select p.*, i.sku, i.name, i.scale, w.code as warehouse,
            greatest(0, a.sellable - a.promised - a.held_back) as free,
            greatest(0, a.inbound - a.backordered) as coming
        from stock_policy p join item i on i.id = p.item_id
        join warehouse w on w.id = p.warehouse_id
        join availability a on a.item_id = p.item_id and a.warehouse_id = p.warehouse_id
         and a.channel = ''
        where p.below_since is not null order by p.below_since, i.sku limit $1
        """,
        limit,
    )


async def save_capacity(connection: asyncpg.Connection, run_id: int, rows: Rows) -> None:
    """The next days of all warehouses, in place of what was expected before."""
    await connection.execute("delete from capacity_day")
    await connection.execute(
        """
        insert into capacity_day (warehouse_id, day, run_id, waiting, lines, lines_high,
            pick_capacity, sort_capacity)
        select r.warehouse_id, r.day, $1, r.waiting, r.lines, r.lines_high, r.pick_capacity,
            r.sort_capacity
        from jsonb_to_recordset($2) r(warehouse_id bigint, day date, waiting int, lines float8,
            lines_high float8, pick_capacity float8, sort_capacity float8)
        """,
        run_id,
        rows,
    )


async def capacity_days(connection: asyncpg.Connection, today: date) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select c.*, w.code as warehouse from capacity_day c "
        "join warehouse w on w.id = c.warehouse_id where c.day >= $1 order by w.id, c.day",
        today,
    )
