"""SQL of sorters as people look at them."""

import asyncpg

_SORTER = """
    select d.id, d.site, d.name, d.area, d.address, d.config, d.in_service, s.online, s.boot,
        s.link, coalesce(s.detail, '{}') as detail, s.changed_at, l.holder
    from device d
    left join device_state s on s.device_id = d.id
    left join device_lease l on l.device_id = d.id and l.until > now()
    where d.class = 'sorter'
"""


async def sorters(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(f"{_SORTER} order by d.site, d.name")


async def sorter_of_name(
    connection: asyncpg.Connection, name: str, site: str | None
) -> asyncpg.Record | None:
    """A sorter; where two sites have one of that name, the first of them or that site's."""
    return await connection.fetchrow(
        f"{_SORTER} and d.name = $1 and ($2::text is null or d.site = $2) order by d.id limit 1",
        name,
        site,
    )


async def places_with_lanes(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select code, kind, lane from place where lane is not null order by lane, id"
    )


async def last_events(
    connection: asyncpg.Connection, device: str, boot: int, limit: int
) -> list[asyncpg.Record]:
    """What a sorter reported last in this boot."""
    return await connection.fetch(
        """
        select seq, kind, payload, received_at from device_inbox
        where device = $1 and boot = $2 and seq > 0 order by seq desc limit $3
        """,
        device,
        boot,
        limit,
    )


async def ended_since(connection: asyncpg.Connection, device_id: int, hours: int) -> asyncpg.Record:
    """How the stays of the last hours ended; at most the newest ten thousand are counted."""
    row = await connection.fetchrow(
        """
        select count(*) filter (where state = 'diverted') as diverted,
            count(*) filter (where state = 'rejected') as rejected,
            count(*) filter (where state = 'missorted') as missorted,
            count(*) filter (where state = 'lost') as lost,
            coalesce(sum(rounds), 0)::bigint as rounds,
            count(*) as items
        from (select state, rounds from sort_item
              where device_id = $1 and begun_at > now() - make_interval(hours => $2)
              order by id desc limit 10000) i
        """,
        device_id,
        hours,
    )
    assert row is not None
    return row
