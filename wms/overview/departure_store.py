"""The SQL of the planners' view of departures. It only reads, over all tenants, as staff."""

import asyncpg

_DEPARTURE_ROW = """
    select d.id, p.code as place, c.name as carrier, d.kind, d.state, d.opened_at, d.cut_off_at,
        d.closed_at, n.parcels, n.loaded, s.vans, s.distance_m
    from departure d
    join place p on p.id = d.place_id
    join carrier c on c.id = d.carrier_id
    cross join lateral (select count(*) as parcels, count(loaded_at) as loaded
        from departure_parcel where departure_id = d.id) n
    left join lateral (select jsonb_array_length(plan -> 'routes') as vans,
            (plan ->> 'distance_m')::float8::bigint as distance_m
        from departure_plan where departure_id = d.id and state = 'planned') s on true
"""


async def departure_rows(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """The newest departures."""
    return await connection.fetch(f"{_DEPARTURE_ROW} order by d.id desc limit $1", limit)


async def departure_row(connection: asyncpg.Connection, departure_id: int) -> asyncpg.Record | None:
    """One departure."""
    return await connection.fetchrow(f"{_DEPARTURE_ROW} where d.id = $1", departure_id)


async def plan_text(
    connection: asyncpg.Connection, departure_id: int, version: int | None
) -> asyncpg.Record | None:
    """A version's plan: that one, or the one that stands."""
    return await connection.fetchrow(
        """
        select version, plan from departure_plan
        where departure_id = $1 and plan is not null
          and (version = $2 or $2::integer is null and state = 'planned')
        """,
        departure_id,
        version,
    )


async def newest_with_routes(connection: asyncpg.Connection) -> int | None:
    """The newest departure that has routes, else the newest; None where there is none."""
    departure_id: int | None = await connection.fetchval(
        """
        select d.id from departure d
        order by exists (select 1 from departure_plan p
            where p.departure_id = d.id and p.state in ('planned', 'requested')) desc, d.id desc
        limit 1
        """
    )
    return departure_id


async def routes_can_be_planned(
    connection: asyncpg.Connection, departure_id: int, *, first: bool
) -> bool:
    """Whether something waits for its van and nobody is planning it; `first` is before any plan."""
    may: bool = await connection.fetchval(
        """
        select not exists (select 1 from departure_plan p
                where p.departure_id = $1 and p.state = 'requested')
          and $2 <> exists (select 1 from departure_plan p
                where p.departure_id = $1 and p.state = 'planned')
          and exists (select 1 from departure_parcel d
                join departure e on e.id = d.departure_id
                join parcel p on p.id = d.parcel_id
                join fulfilment_order f on f.id = p.fulfilment_order_id
                where d.departure_id = $1 and (e.state = 'open' or d.loaded_at is not null)
                  and not exists (select 1 from departure_stop s where s.departure_id = $1
                    and s.order_id = f.order_id and s.state in ('served', 'failed')))
        """,
        departure_id,
        first,
    )
    return may
