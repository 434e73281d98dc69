"""SQL of the ways that totes take over the sorter."""

from datetime import datetime

import asyncpg


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
            missorts = 0
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


async def routes_under_way(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select u.code as tote, r.lane, r.track, r.fulfilment_order_id, f.order_id
        from sort_route r join handling_unit u on u.id = r.tote_id
        join fulfilment_order f on f.id = r.fulfilment_order_id
        where r.state in ('expected', 'inducted')
        """
    )


async def route_for_update(connection: asyncpg.Connection, tote_code: str) -> asyncpg.Record | None:
    """The way of a tote; its fulfilment order is locked before, so that its last tote knows it."""
    found = await connection.fetchrow(
        """
        select f.id from sort_route r join handling_unit u on u.id = r.tote_id
        join fulfilment_order f on f.id = r.fulfilment_order_id
        where u.code = $1 for no key update of f
        """,
        tote_code,
    )
    if found is None:
        return None
    return await connection.fetchrow(
        """
        select r.*, u.warehouse_id, u.place_id as stands_at, f.state as fulfilment_state
        from sort_route r join handling_unit u on u.id = r.tote_id
        join fulfilment_order f on f.id = r.fulfilment_order_id
        where u.code = $1 and f.id = $2 for no key update of r
        """,
        tote_code,
        found["id"],
    )


async def set_read(
    connection: asyncpg.Connection,
    tote_code: str,
    track: int,
    scanned_at: datetime,
    decided_at: datetime,
) -> bool:
    status: str = await connection.execute(
        """
        update sort_route r
        set state = 'inducted', track = $2, scanned_at = $3, decided_at = $4
        from handling_unit u
        where u.code = $1 and r.tote_id = u.id and r.state in ('expected', 'inducted')
        """,
        tote_code,
        track,
        scanned_at,
        decided_at,
    )
    return status.endswith("1")


async def set_diverted(connection: asyncpg.Connection, tote_id: int, now: datetime) -> None:
    await connection.execute(
        "update sort_route set state = 'diverted', diverted_at = $2 where tote_id = $1",
        tote_id,
        now,
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


async def forget_tracks(connection: asyncpg.Connection) -> int:
    status: str = await connection.execute(
        "update sort_route set state = 'expected', track = null where state = 'inducted'"
    )
    return int(status.split()[-1])


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
