"""SQL of what is usual of items."""

from datetime import datetime
from typing import Any

import asyncpg


async def refresh_usual(
    connection: asyncpg.Connection, since: datetime, until: datetime, now: datetime
) -> int:
    """Takes the medians of all lines that came from `since` to `until` anew; of how many items."""
    rows = await connection.fetch(
        """
        insert into item_usual (item_id, tenant_id, currency, price_minor, quantity, lines, made_at)
        select l.item_id, l.tenant_id, o.currency,
            percentile_disc(0.5) within group (order by round(
                case when l.unit in ('', i.unit) then l.unit_price_minor
                     else l.unit_price_minor * 10.0 ^ i.scale / l.factor end))::bigint,
            percentile_disc(0.5) within group (order by l.quantity), count(*), $3
        from shop_order o
        join order_line l on l.order_id = o.id
        join item i on i.id = l.item_id
        where o.received_at >= $1 and o.received_at < $2
          and o.state = 'accepted' and not o.sandbox
          and not exists (select 1 from hold h join fulfilment_order f
                          on f.id = h.fulfilment_order_id
                          where f.order_id = o.id and h.kind = 'suspicious'
                            and h.lifted_at is null)
        group by l.item_id, l.tenant_id, o.currency
        order by l.item_id, o.currency
        on conflict (item_id, currency) do update set price_minor = excluded.price_minor,
            quantity = excluded.quantity, lines = excluded.lines, made_at = excluded.made_at
        returning item_id
        """,
        since,
        until,
        now,
    )
    return len({row["item_id"] for row in rows})


async def last_refresh(connection: asyncpg.Connection) -> datetime | None:
    """When the medians were last taken."""
    made_at: datetime | None = await connection.fetchval("select max(made_at) from item_usual")
    return made_at


async def set_rule(
    connection: asyncpg.Connection, shop_id: int, name: str, value: dict[str, Any]
) -> None:
    """What a shop asks of its orders by that name, whole; nothing where it is empty."""
    await connection.execute(
        """
        update shop set rules = case when $3 = '{}'::jsonb then rules - $2
            else rules || jsonb_build_object($2::text, $3) end
        where id = $1
        """,
        shop_id,
        name,
        value,
    )


async def rules_of(connection: asyncpg.Connection, shop_id: int) -> dict[str, Any]:
    """What a shop asks of its orders beyond what each of them says."""
    rules: dict[str, Any] = await connection.fetchval(
        "select rules from shop where id = $1", shop_id
    )
    return rules
