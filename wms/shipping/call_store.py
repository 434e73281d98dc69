"""SQL of when own vans are expected where, what became of it, and who is late."""

from datetime import datetime

import asyncpg


async def lateness_of_departure(
    connection: asyncpg.Connection, departure_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from departure_van where departure_id = $1 order by van", departure_id
    )


async def upsert_lateness(
    connection: asyncpg.Connection,
    departure_id: int,
    van: str,
    late_s: int,
    ready_at: datetime,
    said_by: str,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into departure_van (departure_id, van, late_s, ready_at, said_by, said_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (departure_id, van) do update set late_s = excluded.late_s,
            ready_at = excluded.ready_at, said_by = excluded.said_by, said_at = excluded.said_at
        """,
        departure_id,
        van,
        late_s,
        ready_at,
        said_by,
        now,
    )


async def delete_lateness(
    connection: asyncpg.Connection, departure_id: int, van: str, until: datetime
) -> None:
    """Forgets that a van is late, where that was said by this moment."""
    await connection.execute(
        "delete from departure_van where departure_id = $1 and van = $2 and said_at <= $3",
        departure_id,
        van,
        until,
    )


async def calls_of_departure(
    connection: asyncpg.Connection, departure_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from departure_stop where departure_id = $1 order by van, position", departure_id
    )


async def replace_calls(
    connection: asyncpg.Connection, departure_id: int, calls: list[dict[str, object]]
) -> list[asyncpg.Record]:
    """Writes what is expected anew; what was visited stays, and so does what shops were told.

    Answers the orders that are expected no more.
    """
    gone = await connection.fetch(
        """
        with gone as (
            delete from departure_stop where departure_id = $1 and state in ('planned', 'begun')
              and not order_id = any($2::bigint[]) returning order_id, tenant_id, told_at
        )
        select g.*, array(select w.tracking_number from fulfilment_order f
                join parcel p on p.fulfilment_order_id = f.id
                join waybill w on w.parcel_id = p.id and w.state = 'made'
                where f.order_id = g.order_id and f.warehouse_id = (
                    select warehouse_id from departure where id = $1)
                order by w.id) as tracking_numbers
        from gone g order by g.order_id
        """,
        departure_id,
        [call["order_id"] for call in calls],
    )
    await connection.execute(
        """
        insert into departure_stop (departure_id, order_id, tenant_id, van, position, loading,
            earliest_at, expected_at, latest_at, leaves_at)
        select $1, c.order_id, c.tenant_id, c.van, c.position, c.loading, c.earliest_at,
            c.expected_at, c.latest_at, c.leaves_at
        from jsonb_to_recordset($2) c(order_id bigint, tenant_id bigint, van text,
            position integer, loading integer, earliest_at timestamptz, expected_at timestamptz,
            latest_at timestamptz, leaves_at timestamptz)
        on conflict (departure_id, order_id) do update set van = excluded.van,
            position = excluded.position, loading = excluded.loading,
            earliest_at = excluded.earliest_at, expected_at = excluded.expected_at,
            latest_at = excluded.latest_at, leaves_at = excluded.leaves_at
        """,
        departure_id,
        calls,
    )
    return gone


async def set_outcome(
    connection: asyncpg.Connection,
    departure_id: int,
    order_id: int,
    outcome: str,
    at: datetime,
    note: str,
) -> None:
    await connection.execute(
        """
        update departure_stop set state = $3, happened_at = $4, note = $5
        where departure_id = $1 and order_id = $2
        """,
        departure_id,
        order_id,
        outcome,
        at,
        note,
    )


async def free_begun(connection: asyncpg.Connection, departure_id: int, van: str) -> None:
    """Nobody is on the way to a stop of this van any more."""
    await connection.execute(
        """
        update departure_stop set state = 'planned', happened_at = null
        where departure_id = $1 and van = $2 and state = 'begun'
        """,
        departure_id,
        van,
    )


async def set_expected_told(
    connection: asyncpg.Connection, departure_id: int, order_ids: list[int]
) -> None:
    await connection.execute(
        """
        update departure_stop set told_at = expected_at
        where departure_id = $1 and order_id = any($2::bigint[])
        """,
        departure_id,
        order_ids,
    )


async def van_of_parcel(connection: asyncpg.Connection, parcel_id: int) -> asyncpg.Record | None:
    """The van that a parcel's order goes by, and when its goods go in, of how many stops."""
    return await connection.fetchrow(
        """
        select s.van, s.loading, (select max(o.loading) from departure_stop o
            where o.departure_id = s.departure_id and o.van = s.van) as stops
        from departure_parcel d join parcel p on p.id = d.parcel_id
        join fulfilment_order f on f.id = p.fulfilment_order_id
        join departure_stop s on s.departure_id = d.departure_id and s.order_id = f.order_id
        where d.parcel_id = $1
        """,
        parcel_id,
    )


async def next_into_vans(connection: asyncpg.Connection, departure_id: int) -> list[asyncpg.Record]:
    """The parcel that should go into each van next: the last stop's goods go in first."""
    return await connection.fetch(
        """
        select distinct on (s.van) s.van, w.tracking_number
        from departure_stop s
        join fulfilment_order f on f.order_id = s.order_id
        join parcel p on p.fulfilment_order_id = f.id
        join departure_parcel d on d.parcel_id = p.id and d.departure_id = s.departure_id
        join waybill w on w.parcel_id = p.id and w.state = 'made'
        where s.departure_id = $1 and d.loaded_at is null
        order by s.van, s.loading, p.id
        """,
        departure_id,
    )
