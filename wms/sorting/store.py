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


async def routes_for_falls(
    connection: asyncpg.Connection,
    tote_codes: list[str],
    places: list[str | None],
    lanes: list[int],
) -> list[asyncpg.Record]:
    """The ways of totes, and the places where they fell: the named one, else that of the lane.

    Their fulfilment orders are locked before them, by number as all do who lock several, so that
    an order's last tote knows that it is the last.
    """
    return await connection.fetch(
        """
        with f as materialized (
            select f.id, f.state, r.tote_id, w.place, w.lane
            from unnest($1::text[], $2::text[], $3::integer[]) w(code, place, lane)
            join handling_unit u on u.code = w.code
            join sort_route r on r.tote_id = u.id
            join fulfilment_order f on f.id = r.fulfilment_order_id
            order by f.id for no key update of f
        )
        select r.*, u.code as unit, u.warehouse_id, f.state as fulfilment_state,
            case when f.place is null
                then (select p.id from place p
                      where p.warehouse_id = u.warehouse_id and p.lane = f.lane)
                else (select p.id from place p
                      where p.warehouse_id = u.warehouse_id and p.code = f.place)
            end as fell_at
        from f join sort_route r on r.tote_id = f.tote_id
        join handling_unit u on u.id = r.tote_id
        where r.fulfilment_order_id = f.id order by r.tote_id for no key update of r
        """,
        tote_codes,
        places,
        lanes,
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
    connection: asyncpg.Connection, tote_codes: list[str], tracks: list[int], now: datetime
) -> dict[str, int]:
    """Notes on which tracks totes ride; the tenants of those that are on their way at all.

    One that stood at its packing place already was carried back, and is on its way again.
    """
    rows = await connection.fetch(
        f"""
        update sort_route r
        set state = 'inducted', track = w.track, scanned_at = $3, decided_at = $3,
            recirculations = case when r.state in ('rejected', 'diverted') then 0
                else r.recirculations end
        from unnest($1::text[], $2::bigint[]) w(code, track), handling_unit u, fulfilment_order f
        where u.code = w.code and r.tote_id = u.id and f.id = r.fulfilment_order_id
          and (r.state <> 'diverted' or {_UNPACKED})
        returning u.code, r.tenant_id
        """,
        tote_codes,
        tracks,
        now,
    )
    return {row["code"]: row["tenant_id"] for row in rows}


async def set_diverted(
    connection: asyncpg.Connection,
    tote_ids: list[int],
    device_id: int | None,
    lanes: list[int],
    now: datetime,
) -> set[int]:
    """Notes that totes fell at their packing places; the orders that are picked and stand whole."""
    rows = await connection.fetch(
        """
        update sort_route r
        set state = 'diverted', diverted_at = $4, device_id = $2, actual_lane = w.lane
        from unnest($1::bigint[], $3::integer[]) w(tote_id, lane), fulfilment_order f
        where r.tote_id = w.tote_id and f.id = r.fulfilment_order_id
        returning f.id, f.state = 'picked' and not exists (
            select 1 from sort_route o join handling_unit u on u.id = o.tote_id
            where o.fulfilment_order_id = f.id and o.tote_id <> all($1)
              and (o.state <> 'diverted' or u.place_id <> o.place_id)) as complete
        """,
        tote_ids,
        device_id,
        lanes,
        now,
    )
    return {row["id"] for row in rows if row["complete"]}


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
