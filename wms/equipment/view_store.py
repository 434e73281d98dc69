"""SQL of devices as people look at them: what each last said, and what stands open."""

from datetime import datetime

import asyncpg

_SHOWN = """
    select d.id, d.site, d.area, d.class, d.name, d.address, d.config, d.in_service,
        s.online, s.boot, s.birth, s.link, coalesce(s.detail, '{}') as detail, s.changed_at,
        c.issued_at as credential_at, l.holder,
        (select count(*) from device_command o
         where o.device_id = d.id and o.state in ('queued', 'sent')) as commands_open,
        (select count(*) from device_inbox i
         where i.dead_at is not null and i.replayed_at is null
           and i.device = concat_ws('/', d.site, d.area, d.class, d.name)) as dead_letters,
        (select coalesce(sum(b.count), 0)::bigint from bad_message b
         where b.site = d.site and b.device = concat_ws('/', d.site, d.area, d.class, d.name))
            as bad_messages
    from device d
    left join device_state s on s.device_id = d.id
    left join device_credential c on c.device_id = d.id
    left join device_lease l on l.device_id = d.id and l.until > now()
"""


async def device(connection: asyncpg.Connection, site: str, name: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{_SHOWN} where d.site = $1 and d.name = $2",
        site,
        name,
    )


async def devices_after(
    connection: asyncpg.Connection, site: str, after_id: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"{_SHOWN} where d.site = $1 and d.id > $2 order by d.id limit $3", site, after_id, limit
    )


async def device_totals(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """How many devices of each class are in service, and how many of them said what."""
    return await connection.fetch(
        """
        select d.site, d.class,
            case when s.online then 'online' when s.online is null then 'unknown' else 'offline' end
                as state,
            count(*) as devices
        from device d left join device_state s on s.device_id = d.id
        where d.in_service and d.class <> 'gateway' group by 1, 2, 3 order by 1, 2, 3
        """
    )


async def fault_totals(connection: asyncpg.Connection) -> asyncpg.Record:
    row = await connection.fetchrow(
        """
        select (select count(*) from device_inbox
                where dead_at is not null and replayed_at is null) as dead_letters,
            (select count(*) from device_command where state in ('queued', 'sent'))
                as commands_open
        """
    )
    assert row is not None
    return row


async def bad_totals(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select site, kind, sum(count)::bigint as messages from bad_message "
        "group by 1, 2 order by 1, 2"
    )


async def upsert_state(
    connection: asyncpg.Connection,
    device_id: int,
    online: bool | None,
    boot: int | None,
    birth: dict[str, object] | None,
    link: str | None,
    detail: dict[str, object] | None,
    now: datetime,
) -> asyncpg.Record | None:
    """Writes what is new of a device; None where nothing is. What is None stays as it is."""
    return await connection.fetchrow(
        """
        insert into device_state as s (device_id, online, boot, birth, link, detail, changed_at)
        values ($1, $2, $3, $4, $5, coalesce($6::jsonb, '{}'), $7)
        on conflict (device_id) do update
        set online = coalesce($2, s.online), boot = coalesce($3, s.boot),
            birth = coalesce($4, s.birth), link = coalesce($5, s.link),
            detail = coalesce($6::jsonb, s.detail), changed_at = $7
        where (coalesce($2, s.online), coalesce($3, s.boot), coalesce($4, s.birth),
               coalesce($5, s.link), coalesce($6::jsonb, s.detail))
            is distinct from (s.online, s.boot, s.birth, s.link, s.detail)
        returning online, boot, link
        """,
        device_id,
        online,
        boot,
        birth,
        link,
        detail,
        now,
    )
