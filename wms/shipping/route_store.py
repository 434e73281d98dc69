"""SQL of departures, their route plans, and planners' wishes."""

from datetime import datetime

import asyncpg

DROPS = """
    select d.parcel_id, d.tenant_id, d.loaded_at, w.tracking_number, o.ship_to, o.id as order_id,
        p.mass_g,
        c.inner_width_mm::bigint * c.inner_depth_mm * c.inner_height_mm / 1000 as volume_ml
    from departure_parcel d
    join parcel p on p.id = d.parcel_id
    join waybill w on w.parcel_id = p.id and w.state = 'made'
    join fulfilment_order f on f.id = p.fulfilment_order_id
    join shop_order o on o.id = f.order_id
    left join carton c on c.warehouse_id = f.warehouse_id and c.code = p.carton_code
    where d.departure_id = $1 order by w.id
"""


async def departure_for_update(
    connection: asyncpg.Connection, departure_id: int
) -> asyncpg.Record | None:
    """A departure, kept from closing and from another plan until the transaction ends."""
    return await connection.fetchrow(
        "select * from departure where id = $1 for no key update", departure_id
    )


async def departure_of_id(
    connection: asyncpg.Connection, departure_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select d.*, w.latitude, w.longitude, w.time_zone, w.code as warehouse, p.code as place,
            c.code as carrier
        from departure d join warehouse w on w.id = d.warehouse_id
        join place p on p.id = d.place_id join carrier c on c.id = d.carrier_id
        where d.id = $1
        """,
        departure_id,
    )


async def departures_before(
    connection: asyncpg.Connection, state: str | None, before: int | None, limit: int
) -> list[asyncpg.Record]:
    """The newest departures below a number, with their parcels counted."""
    return await connection.fetch(
        """
        select d.*, w.code as warehouse, p.code as place, c.code as carrier, n.parcels, n.loaded
        from departure d join warehouse w on w.id = d.warehouse_id
        join place p on p.id = d.place_id join carrier c on c.id = d.carrier_id
        cross join lateral (select count(*) as parcels, count(loaded_at) as loaded
            from departure_parcel where departure_id = d.id) n
        where ($1::text is null or d.state = $1) and ($2::bigint is null or d.id < $2)
        order by d.id desc limit $3
        """,
        state,
        before,
        limit,
    )


async def set_departure(
    connection: asyncpg.Connection, departure_id: int, kind: str, cut_off_at: datetime | None
) -> None:
    await connection.execute(
        "update departure set kind = $2, cut_off_at = $3 where id = $1",
        departure_id,
        kind,
        cut_off_at,
    )


async def drops_of_departure(
    connection: asyncpg.Connection, departure_id: int
) -> list[asyncpg.Record]:
    """Its parcels, put out or loaded, with their orders' addresses."""
    return await connection.fetch(DROPS, departure_id)


async def wishes_of_departure(
    connection: asyncpg.Connection, departure_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from departure_wish where departure_id = $1 order by order_id", departure_id
    )


async def upsert_wish(
    connection: asyncpg.Connection,
    departure_id: int,
    order_id: int,
    tenant_id: int,
    van: str | None,
    forbidden: list[str],
    skills: list[str],
    priority: int,
    note: str,
    made_by: str,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into departure_wish (departure_id, order_id, tenant_id, van, forbidden, skills,
            priority, note, made_by, made_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (departure_id, order_id) do update set van = excluded.van,
            forbidden = excluded.forbidden, skills = excluded.skills,
            priority = excluded.priority, note = excluded.note, made_by = excluded.made_by,
            made_at = excluded.made_at
        """,
        departure_id,
        order_id,
        tenant_id,
        van,
        forbidden,
        skills,
        priority,
        note,
        made_by,
        now,
    )


async def delete_wish(connection: asyncpg.Connection, departure_id: int, order_id: int) -> bool:
    gone = await connection.fetchval(
        "delete from departure_wish where departure_id = $1 and order_id = $2 returning 1",
        departure_id,
        order_id,
    )
    return gone is not None


async def plans_of_departure(
    connection: asyncpg.Connection, departure_id: int
) -> list[asyncpg.Record]:
    """All versions without their routes, the newest first."""
    return await connection.fetch(
        """
        select departure_id, version, state, asked_by, reason, asked_at, progress, planned_at,
            refusal, plan ->> 'engine' as engine, plan ->> 'why' as why,
            plan ->> 'travel' as travel, (plan ->> 'straight')::boolean as straight,
            (plan ->> 'distance_m')::bigint as distance_m,
            (plan ->> 'cost')::float8 as cost, (plan ->> 'baseline_cost')::float8 as baseline_cost,
            jsonb_array_length(plan -> 'routes') as vans,
            jsonb_array_length(plan -> 'unserved') as unserved,
            (plan ->> 'solve_s')::float8 as solve_s
        from departure_plan where departure_id = $1 order by version desc
        """,
        departure_id,
    )


async def plan_of_version(
    connection: asyncpg.Connection, departure_id: int, version: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from departure_plan where departure_id = $1 and version = $2",
        departure_id,
        version,
    )


async def plan_in_state(
    connection: asyncpg.Connection, departure_id: int, state: str
) -> asyncpg.Record | None:
    """The plan that is requested, or the one that stands; there is at most one of either."""
    return await connection.fetchrow(
        "select * from departure_plan where departure_id = $1 and state = $2", departure_id, state
    )


async def last_plan(connection: asyncpg.Connection, departure_id: int) -> asyncpg.Record | None:
    """The newest version in whatever state, without its routes."""
    return await connection.fetchrow(
        """
        select departure_id, version, state, asked_at, digest, refusal from departure_plan
        where departure_id = $1 order by version desc limit 1
        """,
        departure_id,
    )


async def insert_plan(
    connection: asyncpg.Connection,
    departure_id: int,
    asked_by: str,
    reason: str,
    now: datetime,
) -> int:
    version: int = await connection.fetchval(
        """
        insert into departure_plan (departure_id, version, asked_by, reason, asked_at)
        select $1, coalesce(max(version), 0) + 1, $2, $3, $4
        from departure_plan where departure_id = $1 returning version
        """,
        departure_id,
        asked_by,
        reason,
        now,
    )
    return version


async def set_progress(
    connection: asyncpg.Connection, departure_id: int, version: int, progress: dict[str, object]
) -> None:
    await connection.execute(
        """
        update departure_plan set progress = $3
        where departure_id = $1 and version = $2 and state = 'requested'
        """,
        departure_id,
        version,
        progress,
    )


async def set_plan_state(
    connection: asyncpg.Connection, departure_id: int, version: int, state: str, refusal: str | None
) -> None:
    await connection.execute(
        """
        update departure_plan set state = $3, refusal = coalesce($4, refusal), progress = null
        where departure_id = $1 and version = $2
        """,
        departure_id,
        version,
        state,
        refusal,
    )


async def save_plan(
    connection: asyncpg.Connection,
    departure_id: int,
    version: int,
    state: str,
    digest: str,
    seed: int,
    plan: dict[str, object],
    now: datetime,
) -> None:
    await connection.execute(
        """
        update departure_plan set state = $3, digest = $4, seed = $5, plan = $6,
            planned_at = $7, progress = null
        where departure_id = $1 and version = $2
        """,
        departure_id,
        version,
        state,
        digest,
        seed,
        plan,
        now,
    )


async def departures_to_plan(
    connection: asyncpg.Connection, until: datetime
) -> list[asyncpg.Record]:
    """The departures whose routes may have to be planned now, and nobody is planning.

    They have parcels, and either a plan that could be stale or a cut-off by `until`. One that is
    closed is looked at only while its own vans are out.
    """
    return await connection.fetch(
        """
        select d.id, d.cut_off_at from departure d
        where (d.state = 'open'
               or d.kind = 'own_vans' and exists (select 1 from departure_stop s
                   where s.departure_id = d.id and s.state in ('planned', 'begun')))
          and (d.cut_off_at <= $1
               or exists (select 1 from departure_plan p where p.departure_id = d.id))
          and not exists (select 1 from departure_plan p
              where p.departure_id = d.id and p.state = 'requested')
          and exists (select 1 from departure_parcel p where p.departure_id = d.id)
        order by d.id
        """,
        until,
    )
