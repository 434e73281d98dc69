"""SQL of what suppliers offer, and of how long they really take."""

from datetime import datetime

import asyncpg

OBSERVED = """
    with came as (
        select o.supplier_id, l.days as said,
            extract(epoch from coalesce(r.first_at, $2) - o.sent_at)::float8 / 86400 as took,
            r.first_at is not null as here
        from purchase_order o
        join lateral (
            select max(coalesce(t.lead_time_days, s.lead_time_days)) as days
            from purchase_line p join supplier s on s.id = o.supplier_id
            left join supplier_item t on t.supplier_id = s.id and t.item_id = p.item_id
            where p.purchase_order_id = o.id
        ) l on true
        left join lateral (
            select min(c.received_at) as first_at
            from inbound_shipment b join receipt c on c.inbound_id = b.id
            where b.purchase_order_id = o.id
        ) r on true
        where o.sent_at >= $1 and o.state in ('sent', 'received', 'closed')
          and (r.first_at is not null
               or o.state = 'sent' and $2 < o.sent_at + make_interval(days => l.days + 30))
    ), observed as (
        select supplier_id, avg(took - said) as late, stddev_samp(took - said) as spread
        from came where here or took > said group by 1 having count(*) >= 3
    )
"""


async def offers(
    connection: asyncpg.Connection, since: datetime, now: datetime
) -> list[asyncpg.Record]:
    """What suppliers sell, and how much later than they say goods came of orders sent since then.

    late_days is the mean of at least three orders, below 0 where they came earlier, spread_days
    their deviation. An order that is overdue counts as if it came now, for thirty days; after
    that it is taken for forgotten.
    """
    return await connection.fetch(
        f"""
        {OBSERVED}
        select t.item_id, t.supplier_id, s.code as supplier, t.minimum, t.multiple,
            coalesce(t.lead_time_days, s.lead_time_days) as lead_days,
            coalesce(o.late, 0) as late_days, coalesce(o.spread, 0) as spread_days, s.currency,
            s.order_cost_minor, s.minimum_order_minor, s.truck_mass_g, s.truck_volume_ml,
            (select jsonb_agg(jsonb_build_object('from_quantity', p.from_quantity,
                                                 'price_minor', p.price_minor)
                              order by p.from_quantity)
             from supplier_price p
             where p.supplier_id = t.supplier_id and p.item_id = t.item_id) as prices
        from supplier_item t join supplier s on s.id = t.supplier_id
        left join observed o on o.supplier_id = t.supplier_id
        order by t.item_id, t.supplier_id
        """,
        since,
        now,
    )
