"""SQL of the ways that totes take over the sorter."""

from datetime import datetime

import asyncpg

_UNPACKED = "f.state in ('released', 'picking', 'picked', 'sorted')"


async def insert_route(
    connection: asyncpg.Connection,
    tote_id: int,
    fulfilment_order_id: int,
    tenant_id: int,
    place_id: int,
    lane: int,
) -> None:
    """The way of a tote; a tote that is used again forgets its last one."""
    await connection.execute(
        """
        insert into sort_route (tote_id, fulfilment_order_id, tenant_id, place_id, lane)
        values ($1, $2, $3, $4, $5)
        on conflict (tote_id) do update set
            fulfilment_order_id = excluded.fulfilment_order_id, tenant_id = excluded.tenant_id,
            place_id = excluded.place_id, lane = excluded.lane, state = 'expected', track = null,
            scanned_at = null, decided_at = null, diverted_at = null, recirculations = 0,
            missorts = 0, device_id = null, actual_lane = null
        """,
        tote_id,
        fulfilment_order_id,
        tenant_id,
        place_id,
        lane,
    )


async def delete_routes(connection: asyncpg.Connection, tote_ids: list[int]) -> None:
    """Forgets the ways of totes that go nowhere any more."""
    await connection.execute("delete from sort_route where tote_id = any($1)", tote_ids)


async def routes_under_way(connection: asyncpg.Connection, seen: list[str]) -> list[asyncpg.Record]:
    """Where totes go; one in the reject lane is on its way again once it is put on the belt.

    So is one that stands at its packing place, and may be one of those `seen` on a belt.
    """
    return await connection.fetch(
        f"""
        select u.code as unit, p.code as place, r.lane, f.order_id, f.id as serial,
            case when r.state in ('rejected', 'diverted') then 0 else r.recirculations end
                as rounds,
            (select k.due_at from batch_slot s join pick_batch k on k.id = s.batch_id
             where s.fulfilment_order_id = f.id and s.tote_id = r.tote_id
             order by s.id desc limit 1) as due_at
        from sort_route r join handling_unit u on u.id = r.tote_id
        join fulfilment_order f on f.id = r.fulfilment_order_id
        join place p on p.id = r.place_id
        where r.state <> 'diverted'
            or (u.code = any($1) and {_UNPACKED})
        """,
        seen,
    )


async def route_for_fall(
    connection: asyncpg.Connection, tote_code: str, place: str | None, lane: int
) -> asyncpg.Record | None:
    """The way of a tote, and the place where it fell: the named one, else that of the lane.

    Its fulfilment order is locked before it, so that its last tote knows that it is the last.
    """
    return await connection.fetchrow(
        """
        with f as materialized (
            select f.id, f.state, r.tote_id from sort_route r
            join handling_unit u on u.id = r.tote_id
            join fulfilment_order f on f.id = r.fulfilment_order_id
            where u.code = $1 for no key update of f
        )
        select r.*, u.warehouse_id, f.state as fulfilment_state,
            case when $2::text is null
                then (select id from place where warehouse_id = u.warehouse_id and lane = $3)
                else (select id from place where warehouse_id = u.warehouse_id and code = $2)
            end as fell_at
        from f join sort_route r on r.tote_id = f.tote_id
        join handling_unit u on u.id = r.tote_id
        where r.fulfilment_order_id = f.id for no key update of r
        """,
        tote_code,
        place,
        lane,
    )


async def lock_orders(connection: asyncpg.Connection, tote_codes: list[str]) -> None:
    """Locks the fulfilment orders of several totes as all do who lock several: by number."""
    await connection.execute(
        """
        select 1 from fulfilment_order where id in (
            select r.fulfilment_order_id from sort_route r
            join handling_unit u on u.id = r.tote_id where u.code = any($1))
        order by id for no key update
        """,
        tote_codes,
    )


async def set_read(
    connection: asyncpg.Connection,
    tote_code: str,
    track: int,
    scanned_at: datetime,
    decided_at: datetime,
) -> int | None:
    """Notes on which track a tote rides; its tenant, None where no such tote is on its way.

    One that stood at its packing place already was carried back, and is on its way again.
    """
    tenant_id: int | None = await connection.fetchval(
        f"""
        update sort_route r
        set state = 'inducted', track = $2, scanned_at = $3, decided_at = $4,
            recirculations = case when r.state in ('rejected', 'diverted') then 0
                else r.recirculations end
        from handling_unit u, fulfilment_order f
        where u.code = $1 and r.tote_id = u.id and f.id = r.fulfilment_order_id
          and (r.state <> 'diverted' or {_UNPACKED})
        returning r.tenant_id
        """,
        tote_code,
        track,
        scanned_at,
        decided_at,
    )
    return tenant_id


async def set_diverted(
    connection: asyncpg.Connection, tote_id: int, device_id: int | None, lane: int, now: datetime
) -> bool:
    """Notes that a tote fell at its packing place; whether its order is picked and stands whole."""
    complete: bool = await connection.fetchval(
        """
        update sort_route r
        set state = 'diverted', diverted_at = $4, device_id = $2, actual_lane = $3
        from fulfilment_order f
        where r.tote_id = $1 and f.id = r.fulfilment_order_id
        returning f.state = 'picked' and not exists (
            select 1 from sort_route o join handling_unit u on u.id = o.tote_id
            where o.fulfilment_order_id = f.id and o.tote_id <> $1
              and (o.state <> 'diverted' or u.place_id <> o.place_id))
        """,
        tote_id,
        device_id,
        lane,
        now,
    )
    return complete


async def set_rejected(connection: asyncpg.Connection, tote_code: str) -> None:
    await connection.execute(
        """
        update sort_route r set state = 'rejected', track = null from handling_unit u
        where u.code = $1 and r.tote_id = u.id and r.state in ('expected', 'inducted')
        """,
        tote_code,
    )


async def set_missorted(connection: asyncpg.Connection, tote_id: int) -> None:
    await connection.execute(
        """
        update sort_route set state = 'expected', track = null, missorts = missorts + 1
        where tote_id = $1
        """,
        tote_id,
    )


async def set_expected_again(
    connection: asyncpg.Connection, tote_code: str, recirculated: int
) -> None:
    await connection.execute(
        """
        update sort_route r
        set state = 'expected', track = null, recirculations = recirculations + $2
        from handling_unit u
        where u.code = $1 and r.tote_id = u.id and r.state in ('expected', 'inducted')
        """,
        tote_code,
        recirculated,
    )


async def forget_tracks(connection: asyncpg.Connection, units: list[str]) -> None:
    await connection.execute(
        """
        update sort_route r set state = 'expected', track = null from handling_unit u
        where u.id = r.tote_id and r.state = 'inducted' and u.code = any($1)
        """,
        units,
    )


async def place_of_lane(
    connection: asyncpg.Connection, warehouse_id: int, lane: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select id, code from place where warehouse_id = $1 and lane = $2", warehouse_id, lane
    )


async def stands_complete(connection: asyncpg.Connection, fulfilment_order_id: int) -> bool:
    """Whether all totes of a picked order stand at its packing place."""
    complete: bool = await connection.fetchval(
        """
        select f.state = 'picked'
            and exists (select 1 from sort_route r where r.fulfilment_order_id = f.id)
            and not exists (
                select 1 from sort_route r join handling_unit u on u.id = r.tote_id
                where r.fulfilment_order_id = f.id
                  and (r.state <> 'diverted' or u.place_id <> r.place_id))
        from fulfilment_order f where f.id = $1
        """,
        fulfilment_order_id,
    )
    return complete


async def wave_on_the_belt(connection: asyncpg.Connection, tote: str) -> asyncpg.Record | None:
    """The wave of a tote, how many of its totes are still to come, and its lanes so far."""
    return await connection.fetchrow(
        """
        select k.wave_id, count(*) filter (where r.state <> 'diverted') as to_come,
            bool_or(k.state not in ('dropped', 'void')) as walking,
            array_agg(distinct r.actual_lane) filter (where r.state = 'diverted'
                and r.actual_lane is not null) as lanes
        from pick_batch k join batch_slot s on s.batch_id = k.id
        left join sort_route r on r.tote_id = s.tote_id
            and r.fulfilment_order_id = s.fulfilment_order_id
        where k.wave_id = (
            select k.wave_id from batch_slot s join pick_batch k on k.id = s.batch_id
            join handling_unit u on u.id = s.tote_id
            where u.code = $1 order by s.id desc limit 1)
        group by k.wave_id
        """,
        tote,
    )


async def sorting_totals(connection: asyncpg.Connection) -> asyncpg.Record:
    row = await connection.fetchrow(
        """
        select count(*) filter (where state <> 'diverted') as under_way,
            coalesce(sum(missorts), 0)::bigint as missorts,
            coalesce(sum(recirculations), 0)::bigint as recirculations
        from sort_route
        """
    )
    assert row is not None
    return row
