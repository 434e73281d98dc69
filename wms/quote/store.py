"""SQL of delivery options, of quotes, and of how long packing and transit have taken."""

from datetime import datetime, timedelta

import asyncpg

# Clean orders have their waybill within minutes.
WAITED = timedelta(hours=1)


async def upsert_option(
    connection: asyncpg.Connection,
    warehouse_id: int,
    carrier_id: int | None,
    option: dict[str, object],
) -> None:
    await connection.execute(
        """
        insert into delivery_option (warehouse_id, carrier_id, code, name, kind, service, countries,
            postal_prefixes, cut_off, pickup_time, pickup_days, delivery_days, transit_days_low,
            transit_days_high, packing_minutes, packing_minutes_high, works_holidays, fee_minor,
            currency, active)
        select $1, $2, o.code, o.name, o.kind, o.service, o.countries, o.postal_prefixes, o.cut_off,
            o.pickup_time, o.pickup_days, o.delivery_days, o.transit_days_low, o.transit_days_high,
            o.packing_minutes, o.packing_minutes_high, o.works_holidays, o.fee_minor, o.currency,
            o.active
        from jsonb_to_record($3) o(code text, name text, kind text, service text, countries text[],
            postal_prefixes text[], cut_off time, pickup_time time, pickup_days smallint[],
            delivery_days smallint[], transit_days_low int, transit_days_high int,
            packing_minutes int, packing_minutes_high int, works_holidays boolean,
            fee_minor bigint, currency text, active boolean)
        on conflict (warehouse_id, code) do update set carrier_id = excluded.carrier_id,
            name = excluded.name, kind = excluded.kind, service = excluded.service,
            countries = excluded.countries, postal_prefixes = excluded.postal_prefixes,
            cut_off = excluded.cut_off, pickup_time = excluded.pickup_time,
            pickup_days = excluded.pickup_days, delivery_days = excluded.delivery_days,
            transit_days_low = excluded.transit_days_low,
            transit_days_high = excluded.transit_days_high,
            packing_minutes = excluded.packing_minutes,
            packing_minutes_high = excluded.packing_minutes_high,
            works_holidays = excluded.works_holidays, fee_minor = excluded.fee_minor,
            currency = excluded.currency, active = excluded.active, updated_at = now()
        """,
        warehouse_id,
        carrier_id,
        option,
    )


async def carrier_of_code(connection: asyncpg.Connection, code: str) -> int | None:
    carrier_id: int | None = await connection.fetchval(
        "select id from carrier where code = $1", code
    )
    return carrier_id


async def options_for(
    connection: asyncpg.Connection, shop_id: int, country: str
) -> list[asyncpg.Record]:
    """The active options to a country from every warehouse that ships for a shop."""
    return await connection.fetch(
        """
        select o.*, c.code as carrier, w.code as warehouse, w.time_zone,
            w.country as warehouse_country, w.subdivision as warehouse_subdivision
        from delivery_option o
        join warehouse w on w.id = o.warehouse_id
        left join carrier c on c.id = o.carrier_id
        where o.active and (o.countries = '{}' or $2 = any(o.countries))
          and (not exists (select 1 from shop_warehouse x where x.shop_id = $1)
               or exists (select 1 from shop_warehouse x
                          where x.shop_id = $1 and x.warehouse_id = w.id))
        order by w.id, o.fee_minor, o.code
        """,
        shop_id,
        country,
    )


async def packing_minutes(
    connection: asyncpg.Connection, warehouse_id: int, since: datetime, limit: int
) -> list[int]:
    """From paid to packed, of orders that were never held and waited for no goods.

    Whose first waybill was made long after they were paid had to wait for something.
    """
    rows = await connection.fetch(
        """
        select ceil(extract(epoch from f.packed_at - f.firm_at) / 60)::int as minutes
        from fulfilment_order f
        where f.warehouse_id = $1 and f.packed_at > $2 and f.firm_at is not null
          and f.packed_at >= f.firm_at and f.due_at is null
          and not exists (select 1 from hold h where h.fulfilment_order_id = f.id)
          and not coalesce((select min(w.made_at)
                            from waybill w join parcel p on p.id = w.parcel_id
                            where p.fulfilment_order_id = f.id) > f.firm_at + $4, false)
        order by f.id desc limit $3
        """,
        warehouse_id,
        since,
        limit,
        WAITED,
    )
    return [row["minutes"] for row in rows]


async def transits(
    connection: asyncpg.Connection,
    warehouse_id: int,
    service: str,
    carrier_id: int | None,
    country: str,
    since: datetime,
    limit: int,
) -> list[asyncpg.Record]:
    """From paid over packed and the carrier's first scan to the buyer, of parcels to a country."""
    return await connection.fetch(
        """
        select f.firm_at, f.packed_at, w.carrier_accepted_at, w.delivered_at
        from waybill w join parcel p on p.id = w.parcel_id
        join fulfilment_order f on f.id = p.fulfilment_order_id
        join shop_order o on o.id = f.order_id
        where w.service = $2 and f.warehouse_id = $1 and ($3::bigint is null or w.carrier_id = $3)
          and w.carrier_accepted_at > $5 and w.delivered_at >= w.carrier_accepted_at
          and o.ship_to ->> 'country' = $4
        order by w.carrier_accepted_at desc limit $6
        """,
        warehouse_id,
        service,
        carrier_id,
        country,
        since,
        limit,
    )


async def insert_quote(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    lines_hash: bytes,
    country: str,
    postal_code: str,
    made_at: datetime,
    valid_until: datetime,
) -> int:
    quote_id: int = await connection.fetchval(
        """
        insert into quote (tenant_id, shop_id, lines_hash, country, postal_code, answer, made_at,
            valid_until)
        values ($1, $2, $3, $4, $5, '{}', $6, $7) returning id
        """,
        tenant_id,
        shop_id,
        lines_hash,
        country,
        postal_code,
        made_at,
        valid_until,
    )
    return quote_id


async def keep_answer(
    connection: asyncpg.Connection, quote_id: int, answer: dict[str, object]
) -> None:
    await connection.execute("update quote set answer = $2 where id = $1", quote_id, answer)


async def quote_of_id(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, quote_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from quote where tenant_id = $1 and shop_id = $2 and id = $3",
        tenant_id,
        shop_id,
        quote_id,
    )


async def drop_quotes(connection: asyncpg.Connection, before: datetime) -> int:
    status: str = await connection.execute("delete from quote where valid_until < $1", before)
    return int(status.split()[-1])
