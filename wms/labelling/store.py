"""SQL of labels and of the printers that work them off."""

from datetime import datetime, timedelta

import asyncpg

_LABEL = """
    select j.*, w.sscc, w.tracking_number, w.routing_code, w.service, w.state as waybill_state,
        w.parcel_id, p.mass_g, p.state as parcel_state, o.id as order_id,
        o.external_order_id, o.ship_to, h.name as sender, s.neutral_sender,
        f.id as fulfilment_order_id,
        (select count(*) from parcel q where q.fulfilment_order_id = f.id and q.state <> 'void'
            and q.number <= p.number) as number,
        (select count(*) from parcel q where q.fulfilment_order_id = f.id and q.state <> 'void')
            as parcels,
        (select count(*) from waybill e where e.parcel_id = p.id and e.id <= w.id) as edition
    from label_job j left join waybill w on w.id = j.waybill_id
    left join parcel p on p.id = w.parcel_id
    left join fulfilment_order f on f.id = p.fulfilment_order_id
    left join shop_order o on o.id = f.order_id
    left join shop s on s.id = o.shop_id
    left join warehouse h on h.id = f.warehouse_id
"""


async def next_label(connection: asyncpg.Connection, printer: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{_LABEL} where j.printer = $1 and j.state = 'queued' order by j.id limit 1", printer
    )


async def label_begun(connection: asyncpg.Connection, printer: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{_LABEL} where j.printer = $1 and j.state = 'sent' order by j.id limit 1", printer
    )


async def label_of_id(connection: asyncpg.Connection, label_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{_LABEL} where j.id = $1", label_id)


async def labels_of_ids(
    connection: asyncpg.Connection, label_ids: list[int]
) -> list[asyncpg.Record]:
    return await connection.fetch(f"{_LABEL} where j.id = any($1) order by j.id", label_ids)


async def labels_after(
    connection: asyncpg.Connection, state: str | None, printer: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"""
        {_LABEL} where j.id > $3 and ($1::text is null or j.state = $1)
            and ($2::text is null or j.printer = $2)
        order by j.id limit $4
        """,
        state,
        printer,
        after,
        limit,
    )


async def label_of_parcel(connection: asyncpg.Connection, parcel_id: int) -> asyncpg.Record | None:
    """The label of a parcel's standing waybill, the one that counts."""
    return await connection.fetchrow(
        f"""
        {_LABEL} where w.parcel_id = $1 and w.state = 'made' and j.state <> 'void'
        order by j.id desc limit 1
        """,
        parcel_id,
    )


async def lock_label(connection: asyncpg.Connection, label_id: int) -> asyncpg.Record | None:
    """A label's own row, locked: its state, its printer and what it is for."""
    return await connection.fetchrow(
        "select * from label_job where id = $1 for no key update", label_id
    )


async def set_begun(
    connection: asyncpg.Connection, label_id: int, counter: int, now: datetime
) -> None:
    await connection.execute(
        "update label_job set state = 'sent', counter_before = $2, sent_at = $3 where id = $1",
        label_id,
        counter,
        now,
    )


async def add_send(connection: asyncpg.Connection, label_id: int) -> None:
    await connection.execute(
        "update label_job set sends = sends + 1 where id = $1 and state = 'sent'", label_id
    )


async def set_printed(
    connection: asyncpg.Connection, label_id: int, now: datetime, verified_by: str | None
) -> None:
    """Marks a label printed, and its waybill where it has one."""
    await connection.execute(
        """
        with j as (
            update label_job set state = 'printed', printed_at = $2, verified_by = $3,
                verified_at = case when $3::text is not null then $2::timestamptz end
            where id = $1 returning waybill_id
        )
        update waybill w set label_printed_at = coalesce(w.label_printed_at, $2)
        from j where w.id = j.waybill_id
        """,
        label_id,
        now,
        verified_by,
    )


async def set_trouble(
    connection: asyncpg.Connection, label_id: int, state: str, trouble: str
) -> None:
    await connection.execute(
        "update label_job set state = $2, trouble = $3 where id = $1", label_id, state, trouble
    )


async def set_void(
    connection: asyncpg.Connection, label_id: int, actor: str, reason: str, now: datetime
) -> None:
    await connection.execute(
        """
        update label_job set state = 'void', voided_by = $2, voided_at = $4, void_reason = $3
        where id = $1
        """,
        label_id,
        actor,
        reason,
        now,
    )


async def set_moved(
    connection: asyncpg.Connection, label_id: int, printer: str, now: datetime
) -> None:
    await connection.execute(
        """
        update label_job set state = 'queued', moved_from = printer, printer = $2, moved_at = $3,
            counter_before = null, sent_at = null
        where id = $1
        """,
        label_id,
        printer,
        now,
    )


async def labels_to_move(
    connection: asyncpg.Connection, printer: str, waited: timedelta, now: datetime
) -> list[int]:
    """Labels that wait at a printer for so long and never moved, locked; the oldest first."""
    rows = await connection.fetch(
        """
        select id from label_job
        where printer = $1 and state = 'queued' and moved_from is null
            and asked_at <= $3::timestamptz - $2::interval
        order by id for no key update skip locked
        """,
        printer,
        waited,
        now,
    )
    return [row["id"] for row in rows]


async def insert_label(
    connection: asyncpg.Connection,
    tenant_id: int | None,
    label_format: str,
    code: str,
    content: dict[str, object],
    printer: str,
    asked_by: str,
    now: datetime,
    waybill_id: int | None = None,
    reprint_of: int | None = None,
) -> int | None:
    """A new label that waits; None where its waybill has one that stands."""
    label_id: int | None = await connection.fetchval(
        """
        insert into label_job (tenant_id, format, code, content, printer, asked_by, asked_at,
            waybill_id, reprint_of)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (waybill_id) where state <> 'void' do nothing returning id
        """,
        tenant_id,
        label_format,
        code,
        content,
        printer,
        asked_by,
        now,
        waybill_id,
        reprint_of,
    )
    return label_id


async def printer_named(
    connection: asyncpg.Connection, name: str, beside: str | None = None
) -> asyncpg.Record | None:
    """A printer in service by its name, with what the gateway last said of it.

    `beside`: at the site of this other one.
    """
    return await connection.fetchrow(
        """
        select d.name, d.config, s.link, s.online, s.detail
        from device d left join device_state s on s.device_id = d.id
        where d.class = 'printer' and d.in_service and d.name = $1
          and ($2::text is null or d.site in (
              select site from device where class = 'printer' and name = $2))
        order by d.id limit 1
        """,
        name,
        beside,
    )
