"""SQL of devices, of who speaks with them, and of how far their telegrams came."""

from datetime import timedelta

import asyncpg


async def devices_of_site(connection: asyncpg.Connection, site: str) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select id, site, area, class, name, address, config from device where site = $1 "
        "order by id",
        site,
    )


async def take_lease(
    connection: asyncpg.Connection, device_id: int, holder: str, lasts: timedelta
) -> int | None:
    """Takes or renews a device's lease; its fence, which grows with each new holder, or None.

    The database's clock decides, because all who want the lease share it.
    """
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
    """Whether this is still the holder; it stays so until the transaction's end."""
    row = await connection.fetchrow(
        """
        select 1 from device_lease where device_id = $1 and holder = $2 and fence = $3 for share
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


async def last_telegram(connection: asyncpg.Connection, device: str, boot: int) -> int | None:
    seq: int | None = await connection.fetchval(
        "select max(seq) from device_inbox where device = $1 and boot = $2", device, boot
    )
    return seq


async def was_heard(connection: asyncpg.Connection, device: str) -> bool:
    heard: bool = await connection.fetchval(
        "select exists (select 1 from device_inbox where device = $1)", device
    )
    return heard
