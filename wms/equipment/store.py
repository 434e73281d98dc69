"""SQL of devices, of who speaks with them, and of how far their telegrams came."""

from datetime import datetime, timedelta

import asyncpg


async def devices_of_site(connection: asyncpg.Connection, site: str) -> list[asyncpg.Record]:
    """The devices of a site that are in service."""
    return await connection.fetch(
        """
        select id, site, area, class, name, address, config from device
        where site = $1 and in_service order by id
        """,
        site,
    )


async def upsert_device(
    connection: asyncpg.Connection,
    site: str,
    area: str,
    device_class: str,
    name: str,
    address: str | None,
    config: dict[str, object],
    in_service: bool,
) -> int:
    device_id: int = await connection.fetchval(
        """
        insert into device (site, area, class, name, address, config, in_service)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (site, name) do update
        set area = excluded.area, class = excluded.class, address = excluded.address,
            config = excluded.config, in_service = excluded.in_service
        returning id
        """,
        site,
        area,
        device_class,
        name,
        address,
        config,
        in_service,
    )
    return device_id


async def site_of_printer(connection: asyncpg.Connection, name: str, besides: str) -> str | None:
    """Another site at which a printer of that name is in service."""
    site: str | None = await connection.fetchval(
        """
        select site from device
        where class = 'printer' and in_service and name = $1 and site <> $2 order by id limit 1
        """,
        name,
        besides,
    )
    return site


async def insert_gateway(
    connection: asyncpg.Connection, site: str, area: str, device_class: str, name: str
) -> None:
    await connection.execute(
        """
        insert into device (site, area, class, name) values ($1, $2, $3, $4) on conflict do nothing
        """,
        site,
        area,
        device_class,
        name,
    )


async def retire(connection: asyncpg.Connection, device_id: int) -> None:
    """Takes away what lets a device speak and be spoken with."""
    await connection.execute("delete from device_lease where device_id = $1", device_id)
    await connection.execute("delete from device_credential where device_id = $1", device_id)


async def upsert_credential(
    connection: asyncpg.Connection,
    device_id: int,
    password_hash: str,
    issued_by: str,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into device_credential (device_id, password_hash, issued_by, issued_at)
        values ($1, $2, $3, $4)
        on conflict (device_id) do update
        set password_hash = excluded.password_hash, issued_by = excluded.issued_by,
            issued_at = excluded.issued_at
        """,
        device_id,
        password_hash,
        issued_by,
        now,
    )


async def credentials_of_site(connection: asyncpg.Connection, site: str) -> list[asyncpg.Record]:
    """The devices of a site that may sign in to the broker, by name."""
    return await connection.fetch(
        """
        select d.site, d.area, d.class, d.name, c.password_hash
        from device d join device_credential c on c.device_id = d.id
        where d.site = $1 and d.in_service order by d.name
        """,
        site,
    )


async def take_lease(
    connection: asyncpg.Connection, device_id: int, holder: str, lasts: timedelta
) -> int | None:
    """Takes or renews a device's lease; its fence, which grows with each new holder, or None.

    The database's clock decides, because all who want the lease share it. A renewal leaves the
    key (device, fence) alone, so it never waits for a transaction that only checked the lease.
    """
    renewed: int | None = await connection.fetchval(
        """
        update device_lease set until = now() + $3
        where device_id = $1 and holder = $2 returning fence
        """,
        device_id,
        holder,
        lasts,
    )
    if renewed is not None:
        return renewed
    fence: int | None = await connection.fetchval(
        """
        insert into device_lease (device_id, holder, fence, until)
        values ($1, $2, 1, now() + $3)
        on conflict (device_id) do update set
            holder = excluded.holder, until = excluded.until,
            fence = device_lease.fence + (device_lease.holder <> excluded.holder)::int
        where device_lease.holder = excluded.holder or device_lease.until < now()
        returning fence
        """,
        device_id,
        holder,
        lasts,
    )
    return fence


async def lease_stands(
    connection: asyncpg.Connection, device_id: int, holder: str, fence: int
) -> bool:
    """Whether this is still the holder; no other takes the lease until the transaction's end."""
    row = await connection.fetchrow(
        """
        select 1 from device_lease where device_id = $1 and holder = $2 and fence = $3
        for key share
        """,
        device_id,
        holder,
        fence,
    )
    return row is not None


async def end_lease(connection: asyncpg.Connection, device_id: int, holder: str) -> None:
    await connection.execute(
        """
        update device_lease set until = now() - interval '1 microsecond'
        where device_id = $1 and holder = $2
        """,
        device_id,
        holder,
    )


async def end_leases_of(connection: asyncpg.Connection, name: str) -> int:
    """Ends what gateways of this name held, `name/…`; answers how many leases that were."""
    status: str = await connection.execute(
        """
        update device_lease set until = now() - interval '1 microsecond'
        where starts_with(holder, $1 || '/') and until > now()
        """,
        name,
    )
    return int(status.split()[-1])


async def last_telegram(connection: asyncpg.Connection, device: str, boot: int) -> int | None:
    seq: int | None = await connection.fetchval(
        "select max(seq) from device_inbox where device = $1 and boot = $2", device, boot
    )
    return seq


async def last_telegrams(connection: asyncpg.Connection, boots: list[tuple[str, int]]) -> list[int]:
    """The highest seq of each (device, boot), in their order; 0 where there is none."""
    rows = await connection.fetch(
        """
        select (select max(i.seq) from device_inbox i
                where i.device = w.device and i.boot = w.boot) as seq
        from unnest($1::text[], $2::bigint[]) with ordinality as w (device, boot, n) order by w.n
        """,
        [device for device, _ in boots],
        [boot for _, boot in boots],
    )
    return [row["seq"] or 0 for row in rows]


async def latest_boots(connection: asyncpg.Connection, devices: list[str]) -> list[int | None]:
    """The highest boot that was heard of each device, in their order."""
    rows = await connection.fetch(
        """
        select (select max(i.boot) from device_inbox i where i.device = w.device) as boot
        from unnest($1::text[]) with ordinality as w (device, n) order by w.n
        """,
        devices,
    )
    return [row["boot"] for row in rows]


async def set_telegrams_aside(connection: asyncpg.Connection, device: str, under: str) -> int:
    """Keeps all telegrams of a device under another name, as nothing it says is a repeat of."""
    status: str = await connection.execute(
        "update device_inbox set device = $2 where device = $1", device, under
    )
    return int(status.split()[-1])


async def was_heard(connection: asyncpg.Connection, device: str) -> bool:
    heard: bool = await connection.fetchval(
        "select exists (select 1 from device_inbox where device = $1)", device
    )
    return heard
