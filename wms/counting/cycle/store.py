"""SQL of the cycle of counts, and of what counts have found."""

from datetime import date, datetime

import asyncpg


async def planned_on(connection: asyncpg.Connection, warehouse_id: int, day: date) -> bool:
    planned: bool = await connection.fetchval(
        "select exists (select 1 from count_plan where warehouse_id = $1 and day = $2)",
        warehouse_id,
        day,
    )
    return planned


async def note_plan(
    connection: asyncpg.Connection, warehouse_id: int, day: date, tasks: int
) -> None:
    await connection.execute(
        "insert into count_plan (warehouse_id, day, tasks) values ($1, $2, $3)",
        warehouse_id,
        day,
        tasks,
    )


async def picks_since(
    connection: asyncpg.Connection, warehouse_id: int, since: datetime
) -> list[asyncpg.Record]:
    """How often each item was picked in a warehouse; a pick is one visit to a bin."""
    return await connection.fetch(
        """
        select l.item_id, count(*) as picks
        from movement m join movement_line l on l.movement_id = m.id
            and l.recorded_at = m.recorded_at
        join place p on p.id = l.from_place_id and p.warehouse_id = $1
        where m.kind = 'pick' and m.occurred_at >= $2 group by 1 order by 1
        """,
        warehouse_id,
        since,
    )


async def shelves_of(connection: asyncpg.Connection, warehouse_id: int) -> list[asyncpg.Record]:
    """Every bin that nobody is to count already, with the items in it."""
    return await connection.fetch(
        """
        select p.id, p.counted_at, array(select distinct b.item_id from balance b
            where b.place_id = p.id and b.on_hand > 0 order by 1) as item_ids
        from place p where p.warehouse_id = $1 and p.kind = 'bin'
          and not exists (select 1 from count_task t where t.place_id = p.id and t.item_id is null
                          and t.state in ('open', 'claimed', 'counted', 'review'))
        order by p.id
        """,
        warehouse_id,
    )


async def drift_since(
    connection: asyncpg.Connection, warehouse_id: int, since: datetime
) -> list[asyncpg.Record]:
    """What posted counts have found, by zone, item and reason."""
    return await connection.fetch(
        """
        select p.zone, o.name as owner, i.sku, i.scale, t.reason, count(*) as counts,
            count(*) filter (where l.counted = l.expected) as exact,
            coalesce(sum(l.applied) filter (where l.applied > 0), 0)::bigint as gained,
            coalesce(-sum(l.applied) filter (where l.applied < 0), 0)::bigint as lost,
            coalesce(sum(l.value_minor) filter (where l.applied > 0), 0)::bigint
                as gained_minor,
            coalesce(sum(l.value_minor) filter (where l.applied < 0), 0)::bigint as lost_minor,
            coalesce(sum(l.unapplied), 0)::bigint as unapplied
        from count_task t join count_line l on l.task_id = t.id
        join place p on p.id = t.place_id join item i on i.id = l.item_id
        join owner o on o.id = l.owner_id
        where t.warehouse_id = $1 and t.state = 'posted' and t.closed_at >= $2
        group by p.zone, o.name, i.id, t.reason order by p.zone, i.sku, i.id, t.reason
        """,
        warehouse_id,
        since,
    )
