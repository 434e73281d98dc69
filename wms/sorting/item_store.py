"""SQL of what rides on a sorter."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg

_COLUMNS = (
    "track",
    "state",
    "unit",
    "tenant_id",
    "lane",
    "actual_lane",
    "decision",
    "plc_reason",
    "rounds",
    "inducted_at",
    "read_at",
    "assigned_at",
    "acknowledged_at",
    "ended_at",
    "told_boot",
    "told_seq",
)


async def riding_item(
    connection: asyncpg.Connection, device_id: int, track: int
) -> asyncpg.Record | None:
    """What rides on a track, locked."""
    return await connection.fetchrow(
        """
        select * from sort_item
        where device_id = $1 and track = $2
          and state in ('inducted', 'read', 'no_read', 'multi_read', 'assigned', 'acknowledged')
        for update
        """,
        device_id,
        track,
    )


async def items_on(
    connection: asyncpg.Connection, device_id: int, tracks: list[int]
) -> list[asyncpg.Record]:
    """What rides on some tracks, locked."""
    return await connection.fetch(
        """
        select * from sort_item
        where device_id = $1 and track = any($2)
          and state in ('inducted', 'read', 'no_read', 'multi_read', 'assigned', 'acknowledged')
        order by track for update
        """,
        device_id,
        tracks,
    )


async def item_told(
    connection: asyncpg.Connection, device_id: int, track: int, boot: int, since: datetime
) -> asyncpg.Record | None:
    """The last stay on a track that this boot of the PLC told the end of, locked.

    One that goes round under its name is not meant: its end is still to come.
    """
    return await connection.fetchrow(
        """
        select * from sort_item
        where device_id = $1 and track = $2 and told_boot = $3
          and state in ('recirculated', 'diverted', 'missorted', 'rejected', 'lost')
          and (state <> 'recirculated' or unit is null)
          and coalesce(ended_at, begun_at) > $4
        order by id desc limit 1 for update
        """,
        device_id,
        track,
        boot,
        since,
    )


async def telling_of(connection: asyncpg.Connection, item_id: int) -> asyncpg.Record | None:
    """The telegram that told the end of a stay."""
    return await connection.fetchrow(
        """
        select i.device, i.boot, i.seq, i.kind, i.payload
        from sort_item s join device d on d.id = s.device_id
        join device_inbox i on i.device = concat_ws('/', d.site, d.area, d.class, d.name)
            and i.boot = s.told_boot and i.seq = s.told_seq
        where s.id = $1
        """,
        item_id,
    )


async def reopen_item(connection: asyncpg.Connection, item_id: int) -> asyncpg.Record:
    """Takes back the end of a stay, or of its last round."""
    row = await connection.fetchrow(
        """
        update sort_item
        set rounds = rounds - (state = 'recirculated')::int, state = 'inducted', lane = null,
            actual_lane = null, plc_reason = null, ended_at = null, told_boot = null,
            told_seq = null
        where id = $1 returning *
        """,
        item_id,
    )
    assert row is not None
    return row


async def unit_going_round(
    connection: asyncpg.Connection, device_id: int, unit: str
) -> asyncpg.Record | None:
    """The stay of a unit that was turned back and has not been seen since, locked."""
    return await connection.fetchrow(
        """
        select * from sort_item where device_id = $1 and unit = $2 and state = 'recirculated'
        order by id desc limit 1 for update
        """,
        device_id,
        unit,
    )


async def units_going_round(
    connection: asyncpg.Connection, device_id: int, units: list[str]
) -> set[str]:
    """Those of the units that were turned back and have not been seen since."""
    rows = await connection.fetch(
        "select unit from sort_item "
        "where device_id = $1 and unit = any($2) and state = 'recirculated'",
        device_id,
        units,
    )
    return {row["unit"] for row in rows}


async def track_going_round(
    connection: asyncpg.Connection, device_id: int, track: int, since: datetime
) -> asyncpg.Record | None:
    """The stay of a nameless unit whose PLC lets it keep its track, locked."""
    return await connection.fetchrow(
        """
        select * from sort_item
        where device_id = $1 and unit is null and state = 'recirculated' and track = $2
          and begun_at > $3
        order by id desc limit 1 for update
        """,
        device_id,
        track,
        since,
    )


async def insert_inducted(
    connection: asyncpg.Connection,
    device_id: int,
    tracks: list[int],
    now: datetime,
    since: datetime,
) -> list[asyncpg.Record]:
    """Begins stays, or notes the induction of those that a scan began; the stays.

    Left out are tracks on which something rides already, or with which it comes round.
    """
    return await connection.fetch(
        """
        insert into sort_item (device_id, track, state, inducted_at, begun_at)
        select $1, w.track, 'inducted', $3, $3 from unnest($2::bigint[]) w(track)
        where not exists (
            select 1 from sort_item i where i.device_id = $1 and i.track = w.track
              and i.unit is null and i.state = 'recirculated' and i.begun_at > $4)
        order by w.track
        on conflict (device_id, track) where state in
            ('inducted', 'read', 'no_read', 'multi_read', 'assigned', 'acknowledged')
        do update set inducted_at = excluded.inducted_at where sort_item.inducted_at is null
        returning *
        """,
        device_id,
        tracks,
        now,
        since,
    )


async def insert_item(
    connection: asyncpg.Connection, device_id: int, track: int, state: str, now: datetime
) -> asyncpg.Record | None:
    """Begins a stay; None where something rides on the track already, by another's word."""
    return await connection.fetchrow(
        """
        insert into sort_item (device_id, track, state, begun_at) values ($1, $2, $3, $4)
        on conflict (device_id, track) where state in
            ('inducted', 'read', 'no_read', 'multi_read', 'assigned', 'acknowledged')
        do nothing returning *
        """,
        device_id,
        track,
        state,
        now,
    )


async def update_items(
    connection: asyncpg.Connection, rows: Sequence[tuple[int, Mapping[str, object]]]
) -> None:
    """Changes stays by their numbers, all of them the same columns."""
    names = tuple(rows[0][1])
    assert names and set(names) <= set(_COLUMNS), "columns are named by us alone"
    places = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, 2))
    await connection.executemany(
        f"update sort_item set {places} where id = $1",
        [(item_id, *(changes[name] for name in names)) for item_id, changes in rows],
    )


async def delete_item(connection: asyncpg.Connection, item_id: int) -> None:
    await connection.execute("delete from sort_item where id = $1", item_id)


async def lose_riding(
    connection: asyncpg.Connection, device_id: int, now: datetime
) -> list[asyncpg.Record]:
    """Ends all that rides or goes round; what rode."""
    return await connection.fetch(
        """
        update sort_item set state = 'lost', ended_at = $2
        where device_id = $1 and state in ('inducted', 'read', 'no_read', 'multi_read', 'assigned',
            'acknowledged', 'recirculated')
        returning track, unit
        """,
        device_id,
        now,
    )


async def lose_forgotten(
    connection: asyncpg.Connection, device_id: int, now: datetime, after: timedelta
) -> list[asyncpg.Record]:
    """Ends what was turned back long ago and never seen again."""
    return await connection.fetch(
        """
        update sort_item set state = 'lost', ended_at = $2
        where device_id = $1 and state = 'recirculated'
          and coalesce(read_at, inducted_at, begun_at) < $3
        returning track, unit
        """,
        device_id,
        now,
        now - after,
    )


async def items_riding(connection: asyncpg.Connection, device_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select * from sort_item
        where device_id = $1 and state in ('inducted', 'read', 'no_read', 'multi_read', 'assigned',
            'acknowledged', 'recirculated')
        order by id
        """,
        device_id,
    )


async def items_before(
    connection: asyncpg.Connection, device_id: int, before: int | None, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select * from sort_item where device_id = $1 and ($2::bigint is null or id < $2)
        order by id desc limit $3
        """,
        device_id,
        before,
        limit,
    )


async def items_of_unit(
    connection: asyncpg.Connection, unit: str, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from sort_item where unit = $1 order by id desc limit $2", unit, limit
    )
