"""SQL of orders, their lines, payments, fulfilment orders and holds."""

from collections.abc import Collection
from datetime import datetime

import asyncpg


async def order_for_update(
    connection: asyncpg.Connection, tenant_id: int, order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from shop_order where tenant_id = $1 and id = $2 for no key update",
        tenant_id,
        order_id,
    )


async def any_order(connection: asyncpg.Connection, order_id: int) -> asyncpg.Record | None:
    """An order of whatever tenant, for the staff."""
    return await connection.fetchrow("select * from shop_order where id = $1", order_id)


async def order_of_id(
    connection: asyncpg.Connection, tenant_id: int, order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from shop_order where tenant_id = $1 and id = $2", tenant_id, order_id
    )


async def lines_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """The lines with what stands of their promises, the weakest part's; quantities as kept.

    A bundle counts as picked as far as each of its components was. What was closed short counts no
    more.
    """
    return await connection.fetch(
        """
        select l.line, i.sku, i.name, i.unit as item_unit, i.scale, l.unit, l.factor, l.quantity,
            l.unit_price_minor, l.shelf_life_min_days, l.item_id, l.cancelled, l.gift_message,
            x.code as inserted_by, x.kind as insert_kind,
            coalesce(p.state, 'none') as promise, p.expires_at as promise_expires_at,
            p.expected_at, f.picked, f.packed
        from order_line l join item i on i.id = l.item_id
        left join insert_rule x on x.id = l.insert_rule_id
        left join lateral (
            select sum(x.picked)::bigint as picked, sum(x.packed)::bigint as packed
            from (select
                      min(f.picked * coalesce(f.line_quantity, l.quantity) / f.quantity) as picked,
                      min(f.packed * coalesce(f.line_quantity, l.quantity) / f.quantity) as packed
                  from fulfilment_line f where f.order_line_id = l.id
                  group by f.fulfilment_order_id) x) f on true
        left join lateral (
            select (array_agg(x.state order by array_position(
                        array['freed', 'expired', 'open', 'firm', 'kept'], x.state)))[1] as state,
                min(x.expires_at) as expires_at, max(x.expected_at) as expected_at
            from (select distinct on (p.fulfilment_line_id) p.state, p.expires_at,
                      max(case when p.state in ('open', 'firm') and p.supply = 'inbound'
                               then p.expected_at end)
                          over (partition by p.fulfilment_line_id) as expected_at
                  from promise p join fulfilment_line f on f.id = p.fulfilment_line_id
                  join fulfilment_order u on u.id = f.fulfilment_order_id
                  where p.order_line_id = l.id and u.state <> 'incomplete'
                  order by p.fulfilment_line_id, p.id desc) x) p on true
        where l.order_id = $1 order by l.line
        """,
        order_id,
    )


async def portions_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """How much of which line each fulfilment order has, in the line's smallest units."""
    return await connection.fetch(
        """
        select f.fulfilment_order_id, l.line,
            max(coalesce(f.line_quantity, l.quantity))::bigint as quantity
        from order_line l join fulfilment_line f on f.order_line_id = l.id
        where l.order_id = $1 group by 1, 2 order by 1, 2
        """,
        order_id,
    )


async def parts_of_fulfilment(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> list[asyncpg.Record]:
    """What is fetched for a fulfilment order: items with quantities, bundles taken apart."""
    return await connection.fetch(
        """
        select item_id, sum(quantity)::bigint as quantity from fulfilment_line
        where fulfilment_order_id = $1 group by 1 order by 1
        """,
        fulfilment_order_id,
    )


async def fulfilments_of_order(
    connection: asyncpg.Connection, order_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select f.*, w.code as warehouse from fulfilment_order f
        join warehouse w on w.id = f.warehouse_id where f.order_id = $1 order by f.id
        """,
        order_id,
    )


async def holds_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select h.id, h.fulfilment_order_id, h.kind, h.reason, h.owned_by, h.until, h.made_at,
            h.lifted_at, h.made_by, h.lifted_by, h.overdue_at
        from hold h join fulfilment_order f on f.id = h.fulfilment_order_id
        where f.order_id = $1 order by h.id
        """,
        order_id,
    )


async def orders_after(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    after: int,
    limit: int,
    *,
    sandbox: bool = False,
) -> list[asyncpg.Record]:
    """Orders, each with the state of that of its fulfilment orders which is least far.

    `sandbox` asks for those of the sandbox only.
    """
    return await connection.fetch(
        """
        select o.*, f.state as fulfilment_state
        from shop_order o
        left join lateral (
            select f.state from fulfilment_order f where f.order_id = o.id
            order by f.state in ('cancelled', 'incomplete'), array_position(
                array['scheduled', 'backordered', 'open', 'released', 'picking', 'picked',
                      'sorted', 'packed', 'handed_over', 'closed'], f.state), f.id
            limit 1) f on true
        where o.tenant_id = $1 and o.shop_id = $2 and o.id > $3 and (o.sandbox or not $5)
        order by o.id limit $4
        """,
        tenant_id,
        shop_id,
        after,
        limit,
        sandbox,
    )


async def is_live(connection: asyncpg.Connection, what: str, number: int) -> bool:
    """Whether an `order` or a `fulfilment order` is there, and of no sandbox."""
    source = (
        "shop_order o where o.id"
        if what == "order"
        else "fulfilment_order f join shop_order o on o.id = f.order_id where f.id"
    )
    found: bool = await connection.fetchval(
        f"select exists (select 1 from {source} = $1 and not o.sandbox)", number
    )
    return found


async def set_order_state(connection: asyncpg.Connection, order_id: int, state: str) -> None:
    await connection.execute("update shop_order set state = $2 where id = $1", order_id, state)


async def make_firm(
    connection: asyncpg.Connection, order_id: int, now: datetime
) -> list[asyncpg.Record]:
    """The parts of an order that became firm, and which of them are sent by mail."""
    return await connection.fetch(
        """
        update fulfilment_order set firm_at = $2, version = version + 1
        where order_id = $1 and firm_at is null and state not in ('cancelled', 'incomplete')
        returning id, digital
        """,
        order_id,
        now,
    )


async def fulfilment_for_update(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select f.*, o.external_order_id
        from fulfilment_order f join shop_order o on o.id = f.order_id
        where f.id = $1 for no key update of f
        """,
        fulfilment_order_id,
    )


async def lock_fulfilments(connection: asyncpg.Connection, fulfilment_order_ids: list[int]) -> None:
    await connection.execute(
        "select 1 from fulfilment_order where id = any($1) order by id for no key update",
        fulfilment_order_ids,
    )


async def fulfilment_states(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int]
) -> dict[int, str]:
    rows = await connection.fetch(
        "select id, state from fulfilment_order where id = any($1)", fulfilment_order_ids
    )
    return {row["id"]: row["state"] for row in rows}


async def move_fulfilments(
    connection: asyncpg.Connection,
    fulfilment_order_ids: list[int],
    sources: Collection[str],
    state: str,
    told: str,
    clock: str | None,
    data: dict[str, object],
    actor: str,
    now: datetime,
) -> int:
    """Moves fulfilment orders on from any of the sources, and tells of each; how many they are.

    All are moved or, where one stands elsewhere or is none, nothing is.
    """
    stamp = "" if clock is None else f", {clock} = $7"
    rows = await connection.fetch(
        f"""
        with old as materialized (
            select f.id, f.state, f.tenant_id, f.order_id, o.external_order_id
            from fulfilment_order f join shop_order o on o.id = f.order_id
            where f.id = any($1) order by f.id for no key update of f
        ), moved as (
            update fulfilment_order f set state = $3, version = version + 1{stamp}
            from old where f.id = old.id
              and cardinality($1) = (select count(*) from old where state = any($2))
            returning old.*
        )
        select emit_event(m.tenant_id, $4, 'order/' || m.order_id, m.order_id,
            jsonb_build_object('order_id', m.order_id, 'external_order_id', m.external_order_id,
                'was', m.state, 'fulfilment_order_id', m.id) || $5, $6, $7)
        from moved m order by m.id
        """,
        fulfilment_order_ids,
        sources,
        state,
        told,
        data,
        actor,
        now,
    )
    return len(rows)


async def set_waybill_ready(
    connection: asyncpg.Connection, fulfilment_order_id: int, now: datetime
) -> None:
    await connection.execute(
        "update fulfilment_order set waybill_ready_at = $2 where id = $1", fulfilment_order_id, now
    )


async def set_pickup_requested(
    connection: asyncpg.Connection, fulfilment_order_id: int, now: datetime
) -> None:
    await connection.execute(
        """
        update fulfilment_order set pickup_requested_at = $2
        where id = $1 and pickup_requested_at is null
        """,
        fulfilment_order_id,
        now,
    )


async def set_packing_places(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int], place_ids: list[int]
) -> None:
    await connection.execute(
        """
        update fulfilment_order f set packing_place_id = u.place_id
        from unnest($1::bigint[], $2::bigint[]) u(id, place_id) where f.id = u.id
        """,
        fulfilment_order_ids,
        place_ids,
    )


async def lines_of_fulfilment(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select l.id, l.order_line_id, l.item_id, l.quantity, l.picked, l.packed, i.sku, i.name,
            i.width_mm, i.depth_mm, i.height_mm, i.mass_g, i.scale
        from fulfilment_line l join item i on i.id = l.item_id
        where l.fulfilment_order_id = $1 order by l.id
        """,
        fulfilment_order_id,
    )


async def fulfilment_summary(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> asyncpg.Record:
    """What carriers, labels and events need of a fulfilment order."""
    row = await connection.fetchrow(
        """
        select f.*, o.external_order_id, o.ship_to, o.customer, o.service, o.sandbox, o.delivery,
            exists (select 1 from hold h where h.fulfilment_order_id = f.id
                    and h.lifted_at is null) as held
        from fulfilment_order f join shop_order o on o.id = f.order_id where f.id = $1
        """,
        fulfilment_order_id,
    )
    assert row is not None
    return row


async def add_picked(
    connection: asyncpg.Connection, fulfilment_line_id: int, quantity: int
) -> None:
    await connection.execute(
        "update fulfilment_line set picked = picked + $2 where id = $1",
        fulfilment_line_id,
        quantity,
    )


async def add_packed(
    connection: asyncpg.Connection, fulfilment_line_id: int, quantity: int
) -> None:
    await connection.execute(
        "update fulfilment_line set packed = packed + $2 where id = $1",
        fulfilment_line_id,
        quantity,
    )


async def insert_hold(
    connection: asyncpg.Connection,
    tenant_id: int,
    fulfilment_order_id: int,
    kind: str,
    reason: str,
    owned_by: str,
    until: datetime,
    made_by: str,
) -> int:
    hold_id: int = await connection.fetchval(
        """
        insert into hold (tenant_id, fulfilment_order_id, kind, reason, owned_by, until, made_by)
        values ($1, $2, $3, $4, $5, $6, $7) returning id
        """,
        tenant_id,
        fulfilment_order_id,
        kind,
        reason,
        owned_by,
        until,
        made_by,
    )
    return hold_id


async def lift_hold(
    connection: asyncpg.Connection, order_id: int, hold_id: int, now: datetime, by: str = ""
) -> asyncpg.Record | None:
    """Lifts a standing hold; the hold with its order's number at the shop, or None."""
    return await connection.fetchrow(
        """
        update hold h set lifted_at = $3, lifted_by = $4
        from fulfilment_order f join shop_order o on o.id = f.order_id
        where h.id = $2 and h.lifted_at is null and f.id = h.fulfilment_order_id
          and f.order_id = $1
        returning h.tenant_id, h.kind, h.fulfilment_order_id, o.external_order_id
        """,
        order_id,
        hold_id,
        now,
        by,
    )
