"""SQL of carriers, waybills and departures."""

from datetime import datetime, time

import asyncpg


async def upsert_carrier(
    connection: asyncpg.Connection, code: str, name: str, url: str, secret: str
) -> int:
    carrier_id: int = await connection.fetchval(
        """
        insert into carrier (code, name, url, secret) values ($1, $2, $3, $4)
        on conflict (code) do update set name = excluded.name, url = excluded.url,
            secret = excluded.secret
        returning id
        """,
        code,
        name,
        url,
        secret,
    )
    return carrier_id


async def set_carrier(
    connection: asyncpg.Connection, code: str, cut_off: time | None, own_vans: bool | None
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        update carrier set cut_off = $2, own_vans = coalesce($3, own_vans) where code = $1
        returning code, name, cut_off, own_vans
        """,
        code,
        cut_off,
        own_vans,
    )


async def carrier_for(
    connection: asyncpg.Connection,
    warehouse_id: int,
    service: str,
    country: str,
    postal_code: str,
    named: str | None,
) -> asyncpg.Record | None:
    """The carrier that takes a parcel of a service from a warehouse to an address.

    The one that is `named`, else that of the warehouse's cheapest option of the service that goes
    there, else the first one that the house works with.
    """
    return await connection.fetchrow(
        """
        select c.* from carrier c
        left join lateral (
            select min(o.fee_minor) as fee_minor from delivery_option o
            where o.carrier_id = c.id and o.warehouse_id = $1 and o.service = $2 and o.active
              and (o.countries = '{}' or $3 = any(o.countries))
              and (o.postal_prefixes = '{}' or exists (
                  select 1 from unnest(o.postal_prefixes) p
                  where starts_with(upper(regexp_replace($4, '[^[:alnum:]]', '', 'g')),
                      upper(regexp_replace(p, '[^[:alnum:]]', '', 'g')))))) d on true
        order by c.code is not distinct from $5 desc, d.fee_minor nulls last, c.id limit 1
        """,
        warehouse_id,
        service,
        country,
        postal_code,
        named,
    )


async def next_serials(
    connection: asyncpg.Connection, warehouse_id: int, count: int
) -> list[asyncpg.Record]:
    """As many serial numbers, each with the company prefix of the warehouse and where it stands."""
    return await connection.fetch(
        """
        select w.sscc_prefix, nextval('sscc_serial') as serial, w.code as warehouse, w.name,
            w.country, w.subdivision, w.postal_code, w.latitude, w.longitude
        from warehouse w, generate_series(1, $2) where w.id = $1
        """,
        warehouse_id,
        count,
    )


async def insert_waybills(
    connection: asyncpg.Connection,
    tenant_id: int,
    carrier_id: int,
    service: str,
    waybills: list[dict[str, object]],
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into waybill (tenant_id, parcel_id, carrier_id, sscc, tracking_number, routing_code,
            service, made_at)
        select $1, w.parcel_id, $2, w.sscc, w.tracking_number, w.routing_code, $3, $5
        from jsonb_to_recordset($4) w(parcel_id bigint, sscc text, tracking_number text,
            routing_code text)
        """,
        tenant_id,
        carrier_id,
        service,
        waybills,
        now,
    )


async def void_waybill(
    connection: asyncpg.Connection, parcel_id: int, reason: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        with w as (
            update waybill set state = 'void', void_reason = $2
            where parcel_id = $1 and state = 'made' returning *
        ), j as (
            update label_job j set state = 'void' from w
            where j.waybill_id = w.id and j.state = 'queued'
        )
        select * from w
        """,
        parcel_id,
        reason,
    )


async def waybill_of_parcel(
    connection: asyncpg.Connection, parcel_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select w.*, j.state as label_state from waybill w
        left join label_job j on j.waybill_id = w.id and j.state <> 'void'
        where w.parcel_id = $1 and w.state = 'made'
        """,
        parcel_id,
    )


async def waybills_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select p.id as parcel_id, f.id as fulfilment_order_id, p.number, p.carton_code,
            p.planned_carton_code, p.state as parcel_state, p.mass_g, w.sscc,
            w.tracking_number, w.routing_code,
            w.service, w.state as waybill_state, w.made_at, w.told_at, w.label_printed_at,
            w.carrier_accepted_at, w.delivered_at, w.void_reason, c.code as carrier, s.earliest_at,
            s.expected_at, s.latest_at, s.state as stop_state, s.happened_at
        from fulfilment_order f join parcel p on p.fulfilment_order_id = f.id
        left join waybill w on w.parcel_id = p.id
        left join carrier c on c.id = w.carrier_id
        left join departure_parcel d on d.parcel_id = p.id
        left join departure_stop s on s.departure_id = d.departure_id and s.order_id = f.order_id
        where f.order_id = $1 order by f.id, p.number, w.id
        """,
        order_id,
    )


async def tracking_of_fulfilment(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> list[str]:
    rows = await connection.fetch(
        """
        select w.tracking_number from parcel p join waybill w on w.parcel_id = p.id
        where p.fulfilment_order_id = $1 and w.state = 'made' order by p.number
        """,
        fulfilment_order_id,
    )
    return [row["tracking_number"] for row in rows]


async def set_told(
    connection: asyncpg.Connection, tracking_number: str, now: datetime
) -> asyncpg.Record | None:
    """Marks a waybill told; which fulfilment order that was, and whether all of its are told."""
    return await connection.fetchrow(
        """
        with w as (
            update waybill set told_at = coalesce(told_at, $2)
            where tracking_number = $1 returning id, parcel_id
        )
        select p.fulfilment_order_id,
            not exists (
                select 1 from waybill o join parcel q on q.id = o.parcel_id
                where q.fulfilment_order_id = p.fulfilment_order_id and o.state = 'made'
                  and o.told_at is null and o.id <> w.id) as all_told
        from w join parcel p on p.id = w.parcel_id
        """,
        tracking_number,
        now,
    )


async def set_accepted(
    connection: asyncpg.Connection, carrier_code: str, tracking_number: str, at: datetime
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        with w as (
            update waybill w set carrier_accepted_at = coalesce(w.carrier_accepted_at, $3)
            from carrier c
            where w.tracking_number = $2 and w.state = 'made' and c.id = w.carrier_id
              and c.code = $1
            returning w.tenant_id, w.parcel_id, w.tracking_number
        )
        select w.tenant_id, w.tracking_number, f.order_id
        from w join parcel p on p.id = w.parcel_id
        join fulfilment_order f on f.id = p.fulfilment_order_id
        """,
        carrier_code,
        tracking_number,
        at,
    )


async def set_delivered(
    connection: asyncpg.Connection, carrier_code: str, tracking_number: str, at: datetime
) -> asyncpg.Record | None:
    """Marks a parcel delivered; `told` says that it was before. None where it is none of theirs."""
    return await connection.fetchrow(
        """
        with w as (
            select w.id, w.tenant_id, w.parcel_id, w.tracking_number, w.delivered_at
            from waybill w join carrier c on c.id = w.carrier_id
            where w.tracking_number = $2 and w.state = 'made' and c.code = $1
            for no key update of w
        ), u as (
            update waybill set delivered_at = $3
            from w where waybill.id = w.id and w.delivered_at is null
        )
        select w.tenant_id, w.tracking_number, w.delivered_at is not null as told, f.order_id,
            o.external_order_id
        from w join parcel p on p.id = w.parcel_id
        join fulfilment_order f on f.id = p.fulfilment_order_id
        join shop_order o on o.id = f.order_id
        """,
        carrier_code,
        tracking_number,
        at,
    )


async def printer_of_place(connection: asyncpg.Connection, place_id: int) -> str | None:
    """The printer that stands at a place; one that names no warehouse stands in the first."""
    name: str | None = await connection.fetchval(
        """
        select d.name from place p join warehouse w on w.id = p.warehouse_id
        join device d on d.class = 'printer' and d.in_service and d.config ->> 'place' = p.code
            and coalesce(d.config ->> 'warehouse',
                         (select code from warehouse order by id limit 1)) = w.code
        where p.id = $1 order by d.id limit 1
        """,
        place_id,
    )
    return name


async def open_departure(
    connection: asyncpg.Connection,
    warehouse_id: int,
    carrier_id: int,
    place_id: int,
    now: datetime,
) -> asyncpg.Record:
    """The departure that is open at a place, kept from closing; opened where there is none.

    A new one goes as its carrier does, at the carrier's next cut-off. One that closes while this
    waits for it comes back closed: ask again.
    """
    open_now = await connection.fetchrow(
        """
        select id, state from departure where place_id = $1 and state = 'open' for share
        """,
        place_id,
    )
    if open_now is not None:
        return open_now
    row = await connection.fetchrow(
        """
        insert into departure (warehouse_id, carrier_id, place_id, opened_at, kind, cut_off_at)
        select w.id, c.id, $3, $4, case when c.own_vans then 'own_vans' else 'carrier' end,
            case when t.today >= $4 then t.today else
                (t.local_day + 1 + c.cut_off) at time zone w.time_zone end
        from warehouse w join carrier c on c.id = $2
        cross join lateral (select ($4 at time zone w.time_zone)::date as local_day) l
        cross join lateral (select l.local_day,
            (l.local_day + c.cut_off) at time zone w.time_zone as today) t
        where w.id = $1
        on conflict (place_id) where state = 'open' do update set place_id = excluded.place_id
        returning id, state
        """,
        warehouse_id,
        carrier_id,
        place_id,
        now,
    )
    assert row is not None
    return row


async def stage_parcel(
    connection: asyncpg.Connection,
    tenant_id: int,
    parcel_id: int,
    departure_id: int,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into departure_parcel (parcel_id, departure_id, tenant_id, staged_at)
        values ($1, $2, $3, $4)
        """,
        parcel_id,
        departure_id,
        tenant_id,
        now,
    )


async def parcel_of_sscc(connection: asyncpg.Connection, code: str) -> asyncpg.Record | None:
    """A parcel by any label that it ever had: its SSCC, or the tracking number beside it."""
    return await connection.fetchrow(
        """
        select w.state as waybill_state, w.tracking_number, p.id as parcel_id,
            p.state as parcel_state, p.handling_unit_id, d.departure_id, d.loaded_at,
            e.place_id, e.state as departure_state,
            (select min(h.kind) from hold h
             where h.fulfilment_order_id = p.fulfilment_order_id and h.lifted_at is null) as held_by
        from waybill w join parcel p on p.id = w.parcel_id
        left join departure_parcel d on d.parcel_id = p.id
        left join departure e on e.id = d.departure_id
        where w.sscc = $1 or w.tracking_number = $1
        """,
        code,
    )


async def lock_departure(connection: asyncpg.Connection, place_id: int) -> None:
    await connection.execute(
        "select 1 from departure where place_id = $1 and state = 'open' for no key update",
        place_id,
    )


async def hold_departure(connection: asyncpg.Connection, place_id: int) -> bool:
    """Keeps the departure at a place open until the transaction ends; False where none was."""
    row = await connection.fetchrow(
        "select 1 from departure where place_id = $1 and state = 'open' for share", place_id
    )
    return row is not None


async def departure_at(connection: asyncpg.Connection, place_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select d.*, (select count(*) from departure_parcel p where p.departure_id = d.id)
                as staged,
            (select count(*) from departure_parcel p
             where p.departure_id = d.id and p.loaded_at is not null) as loaded
        from departure d where d.place_id = $1 and d.state = 'open'
        """,
        place_id,
    )


async def unstage_parcels(connection: asyncpg.Connection, parcel_ids: list[int]) -> None:
    """Takes parcels that are in no van from their departures."""
    await connection.execute(
        "delete from departure_parcel where parcel_id = any($1) and loaded_at is null", parcel_ids
    )


async def unload_parcel(connection: asyncpg.Connection, parcel_id: int, *, stays: bool) -> None:
    """A parcel is out of its van again; one that `stays` waits where it was put out."""
    await connection.execute(
        "update departure_parcel set loaded_at = null where parcel_id = $1"
        if stays
        else "delete from departure_parcel where parcel_id = $1",
        parcel_id,
    )


async def stopped_parcels(connection: asyncpg.Connection, departure_id: int) -> list[str]:
    """The tracking numbers of parcels in a departure's vans that may not leave: void, or held."""
    rows = await connection.fetch(
        """
        select (select w.tracking_number from waybill w where w.parcel_id = p.id
                order by w.id desc limit 1) as tracking_number
        from departure_parcel d join parcel p on p.id = d.parcel_id
        where d.departure_id = $1 and d.loaded_at is not null
          and (p.state = 'void' or exists (
              select 1 from hold h where h.fulfilment_order_id = p.fulfilment_order_id
                and h.lifted_at is null))
        order by p.id
        """,
        departure_id,
    )
    return [row["tracking_number"] for row in rows]


async def load_parcel(connection: asyncpg.Connection, parcel_id: int, now: datetime) -> None:
    await connection.execute(
        "update departure_parcel set loaded_at = $2 where parcel_id = $1 and loaded_at is null",
        parcel_id,
        now,
    )


async def close_departure(connection: asyncpg.Connection, departure_id: int, now: datetime) -> None:
    await connection.execute(
        "update departure set state = 'closed', closed_at = $2 where id = $1", departure_id, now
    )


async def carry_over(
    connection: asyncpg.Connection, departure_id: int, to_departure_id: int
) -> None:
    """Parcels that a closed departure left behind go with the next."""
    await connection.execute(
        """
        update departure_parcel set departure_id = $2
        where departure_id = $1 and loaded_at is null
        """,
        departure_id,
        to_departure_id,
    )
