"""SQL of the labels that printers work off."""

from datetime import datetime

import asyncpg

_LABEL = """
    select j.id, j.tenant_id, j.state, j.counter_before, w.id as waybill_id, w.sscc,
        w.tracking_number, w.routing_code, w.service, p.number, o.id as order_id,
        o.external_order_id, o.ship_to, h.name as sender, f.id as fulfilment_order_id
    from label_job j join waybill w on w.id = j.waybill_id
    join parcel p on p.id = w.parcel_id
    join fulfilment_order f on f.id = p.fulfilment_order_id
    join shop_order o on o.id = f.order_id
    join warehouse h on h.id = f.warehouse_id
"""


async def next_label(connection: asyncpg.Connection, printer: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{_LABEL} where j.printer = $1 and j.state = 'queued' order by j.id limit 1", printer
    )


async def label_begun(connection: asyncpg.Connection, printer: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{_LABEL} where j.printer = $1 and j.state = 'sent' order by j.id limit 1", printer
    )


async def begin_label(
    connection: asyncpg.Connection, printer: str, label_job_id: int, counter: int, now: datetime
) -> bool:
    status: str = await connection.execute(
        """
        update label_job set state = 'sent', counter_before = $3, sent_at = $4
        where id = $2 and printer = $1 and state = 'queued'
        """,
        printer,
        label_job_id,
        counter,
        now,
    )
    return status.endswith("1")


async def set_sent(connection: asyncpg.Connection, label_job_id: int, now: datetime) -> None:
    await connection.execute(
        "update label_job set sent_at = $2 where id = $1 and state = 'sent'", label_job_id, now
    )


async def set_printed(
    connection: asyncpg.Connection, label_job_id: int, now: datetime
) -> asyncpg.Record | None:
    """Marks a label printed, and its waybill; None where it was marked before."""
    return await connection.fetchrow(
        """
        with j as (
            update label_job set state = 'printed', printed_at = $2
            where id = $1 and state <> 'printed' returning id, tenant_id, waybill_id
        ), w as (
            update waybill w set label_printed_at = coalesce(w.label_printed_at, $2)
            from j where w.id = j.waybill_id returning w.tracking_number, w.parcel_id
        )
        select j.tenant_id, w.tracking_number, f.order_id
        from j, w join parcel p on p.id = w.parcel_id
        join fulfilment_order f on f.id = p.fulfilment_order_id
        """,
        label_job_id,
        now,
    )


async def set_unsure(connection: asyncpg.Connection, label_job_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        with j as (
            update label_job set state = 'unsure'
            where id = $1 and state in ('queued', 'sent') returning tenant_id, waybill_id, printer
        )
        select j.tenant_id, j.printer, w.tracking_number, f.order_id
        from j join waybill w on w.id = j.waybill_id join parcel p on p.id = w.parcel_id
        join fulfilment_order f on f.id = p.fulfilment_order_id
        """,
        label_job_id,
    )
