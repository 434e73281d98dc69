"""SQL of parcels that go to their departure over a sorter."""

from datetime import datetime

import asyncpg


async def parcels_to_sort(
    connection: asyncpg.Connection, places: list[str], now: datetime
) -> list[asyncpg.Record]:
    """Labelled parcels that no van holds, whose departure leaves from a place with a lane.

    A place has a lane when it names one or is among `places`. A parcel goes with the departure
    that it was put out for, else with its carrier's newest: `left_at` where that one closed after
    the parcel was packed, `cut_off_at` where it takes no more parcels.
    """
    return await connection.fetch(
        """
        select w.sscc as unit, w.tracking_number, l.code as place, l.lane, f.order_id,
            p.id as serial, d.id as departure_id, d.cut_off_at as due_at,
            case when d.state = 'closed' and p.closed_at <= d.closed_at then d.closed_at end
                as left_at,
            case when d.state = 'open' and d.cut_off_at < $2 and s.parcel_id is null
                then d.cut_off_at end as cut_off_at,
            coalesce((select i.rounds from sort_item i
                where i.unit = w.sscc and i.state = 'recirculated'
                order by i.id desc limit 1), 0) as rounds
        from parcel p join waybill w on w.parcel_id = p.id and w.state = 'made'
        join fulfilment_order f on f.id = p.fulfilment_order_id
        left join departure_parcel s on s.parcel_id = p.id
        left join lateral (
            select * from departure d
            where d.id = s.departure_id or (s.departure_id is null
                and d.carrier_id = w.carrier_id and d.warehouse_id = f.warehouse_id)
            order by d.id desc limit 1) d on true
        join place l on l.id = coalesce(d.place_id, (
            select id from place where warehouse_id = f.warehouse_id and kind = 'departure'
            order by id limit 1))
        where p.state in ('closed', 'labelled', 'staged') and w.label_printed_at is not null
          and s.loaded_at is null and (l.lane is not null or l.code = any($1))
        """,
        places,
        now,
    )


async def parcel_on_belt(connection: asyncpg.Connection, sscc: str) -> asyncpg.Record | None:
    """A parcel by its standing label, with its order locked."""
    return await connection.fetchrow(
        """
        select p.*, w.carrier_id, w.sscc, f.warehouse_id, f.state as fulfilment_state,
            s.departure_id, s.loaded_at, d.place_id as departure_place_id
        from waybill w join parcel p on p.id = w.parcel_id
        join fulfilment_order f on f.id = p.fulfilment_order_id
        left join departure_parcel s on s.parcel_id = p.id
        left join departure d on d.id = s.departure_id
        where w.sscc = $1 and w.state = 'made' for no key update of f
        """,
        sscc,
    )
