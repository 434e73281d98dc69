"""SQL of gifts and inserts that rules add to orders, and of the words that go with a present."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from wms.database.seal import Personal
from wms.orders.insert import InsertRule


async def put_insert_rule(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    rule: InsertRule,
    item_id: int,
    quantity: int,
    item_ids: Sequence[int],
) -> None:
    """Enters a rule or changes the one of that code; `quantity` is in smallest units."""
    await connection.execute(
        """
        insert into insert_rule (tenant_id, shop_id, code, kind, item_id, quantity,
            total_minor_min, currency, item_ids, attribute, first_order, once_per_buyer, countries,
            starts_at, ends_at, active)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        on conflict (shop_id, code) do update set kind = excluded.kind,
            item_id = excluded.item_id, quantity = excluded.quantity,
            total_minor_min = excluded.total_minor_min, currency = excluded.currency,
            item_ids = excluded.item_ids, attribute = excluded.attribute,
            first_order = excluded.first_order, once_per_buyer = excluded.once_per_buyer,
            countries = excluded.countries, starts_at = excluded.starts_at,
            ends_at = excluded.ends_at, active = excluded.active
        """,
        tenant_id,
        shop_id,
        rule.code,
        rule.kind,
        item_id,
        quantity,
        rule.total_minor_min,
        rule.currency,
        list(item_ids),
        rule.attribute,
        rule.first_order,
        rule.once_per_buyer,
        list(rule.countries),
        rule.starts_at,
        rule.ends_at,
        rule.active,
    )


async def insert_rules_after(
    connection: asyncpg.Connection, shop_id: int, code: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    """A shop's rules, or the one of a code, with the SKUs that they name."""
    return await connection.fetch(
        """
        select r.*, i.sku, i.unit, i.scale,
            array(select x.sku from item x where x.id = any(r.item_ids) order by x.sku) as skus
        from insert_rule r join item i on i.id = r.item_id
        where r.shop_id = $1 and ($2::text is null or r.code = $2) and r.id > $3
        order by r.id limit $4
        """,
        shop_id,
        code,
        after,
        limit,
    )


async def add_inserts(
    connection: asyncpg.Connection, order_id: int, country: str, expires_at: datetime | None
) -> list[dict[str, Any]]:
    """Adds what rules want of an order and it has not; without an expiry its claims are firm."""
    told: list[dict[str, Any]] = await connection.fetchval(
        "select add_inserts($1, $2, $3)", order_id, country, expires_at
    )
    return told


async def inserts_unmet(
    connection: asyncpg.Connection, order_id: int, country: str
) -> list[asyncpg.Record]:
    """The lines that rules added to an order and want no more."""
    return await connection.fetch("select * from inserts_unmet($1, $2)", order_id, country)


async def unfetched(
    connection: asyncpg.Connection, order_line_ids: Sequence[int]
) -> dict[int, int]:
    """How much of which fulfilment lines of order lines nobody has picked yet."""
    rows = await connection.fetch(
        """
        select f.id, f.quantity - f.picked as quantity from fulfilment_line f
        join fulfilment_order u on u.id = f.fulfilment_order_id
        where f.order_line_id = any($1) and f.picked < f.quantity
          and u.state not in ('cancelled', 'incomplete')
        order by f.id
        """,
        list(order_line_ids),
    )
    return {row["id"]: row["quantity"] for row in rows}


async def leave_out_inserts(
    connection: asyncpg.Connection, quantities: Mapping[int, int], reason: str
) -> list[dict[str, Any]]:
    """Of these lines takes so much out of those that rules added as nobody has picked."""
    told: list[dict[str, Any]] = await connection.fetchval(
        "select leave_out_inserts($1, $2, $3)",
        list(quantities),
        reason,
        list(quantities.values()),
    )
    return told


async def leave_out_missing(connection: asyncpg.Connection, order_id: int) -> list[dict[str, Any]]:
    """Takes out what rules added to an order and what its expired promise has lost for good."""
    told: list[dict[str, Any]] = await connection.fetchval("select leave_out_missing($1)", order_id)
    return told


async def set_gift_messages(
    connection: asyncpg.Connection, order_id: int, message: str | None, words: Mapping[int, str]
) -> None:
    """Writes the words that go with an order, and with single lines by their number."""
    if message:
        await connection.execute(
            "update shop_order set gift_message = $2 where id = $1",
            order_id,
            Personal({"text": message}),
        )
    for number, text in words.items():
        await connection.execute(
            "update order_line set gift_message = $3 where order_id = $1 and line = $2",
            order_id,
            number,
            Personal({"text": text}),
        )


async def gift_words(connection: asyncpg.Connection, fulfilment_order_id: int) -> list[str]:
    """The words that go with a fulfilment order: the order's own, then those of its lines."""
    rows = await connection.fetch(
        """
        select 0 as line, '' as sku, o.gift_message as message
        from fulfilment_order f join shop_order o on o.id = f.order_id
        where f.id = $1 and o.gift_message is not null
        union all
        select distinct l.line, i.sku, l.gift_message
        from fulfilment_line f join order_line l on l.id = f.order_line_id
        join item i on i.id = l.item_id
        where f.fulfilment_order_id = $1 and l.gift_message is not null
        order by 1
        """,
        fulfilment_order_id,
    )
    said = [(row["sku"], row["message"].get("text") or "") for row in rows]
    return [f"{sku}: {text}" if sku else text for sku, text in said if text]
