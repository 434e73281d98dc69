"""SQL of orders, their lines, payments, fulfilment orders and holds."""

from datetime import datetime

import asyncpg


async def find_order(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, external_order_id: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select id, body_hash from shop_order
        where tenant_id = $1 and shop_id = $2 and external_order_id = $3
        """,
        tenant_id,
        shop_id,
        external_order_id,
    )


async def insert_order(
    connection: asyncpg.Connection,
    order: dict[str, object],
    lines: list[dict[str, object]],
    warehouse_id: int,
) -> asyncpg.Record:
    """The order with its lines and its one fulfilment order; their numbers."""
    row = await connection.fetchrow(
        """
        with o as (
            insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash,
                admission, state, currency, total_minor, customer, ship_to, service, sandbox,
                placed_at, received_at)
            values ($1, $2, $3, $4, $5, $6, 'accepted', $7, $8, $9, $10, $11, $12, $13, $14)
            returning id
        ), l as (
            insert into order_line (tenant_id, order_id, line, item_id, quantity, unit_price_minor)
            select $1, o.id, r.line, r.item_id, r.quantity, r.unit_price_minor
            from o, jsonb_to_recordset($15) r(line int, item_id bigint, quantity bigint,
                unit_price_minor bigint)
            returning id, item_id, quantity
        ), f as (
            insert into fulfilment_order (tenant_id, order_id, warehouse_id, state)
            select $1, o.id, $16, 'open' from o returning id
        ), fl as (
            insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id,
                quantity)
            select $1, f.id, l.id, l.item_id, l.quantity from f, l
        )
        select o.id as order_id, f.id as fulfilment_order_id from o, f
        """,
        order["tenant_id"],
        order["shop_id"],
        order["owner_id"],
        order["external_order_id"],
        order["body_hash"],
        order["admission"],
        order["currency"],
        order["total_minor"],
        order["customer"],
        order["ship_to"],
        order["service"],
        order["sandbox"],
        order["placed_at"],
        order["received_at"],
        lines,
        warehouse_id,
    )
    assert row is not None
    return row


async def order_for_update(
    connection: asyncpg.Connection, tenant_id: int, order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from shop_order where tenant_id = $1 and id = $2 for no key update",
        tenant_id,
        order_id,
    )


async def order_of_id(
    connection: asyncpg.Connection, tenant_id: int, order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from shop_order where tenant_id = $1 and id = $2", tenant_id, order_id
    )


async def lines_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select l.line, i.sku, i.name, l.quantity, l.unit_price_minor, l.item_id,
            coalesce(p.state, 'none') as promise, p.expires_at as promise_expires_at,
            f.picked, f.packed
        from order_line l join item i on i.id = l.item_id
        left join fulfilment_line f on f.order_line_id = l.id
        left join lateral (select state, expires_at from promise p where p.order_line_id = l.id
                           order by p.id desc limit 1) p on true
        where l.order_id = $1 order by l.line
        """,
        order_id,
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
            h.lifted_at
        from hold h join fulfilment_order f on f.id = h.fulfilment_order_id
        where f.order_id = $1 order by h.id
        """,
        order_id,
    )


async def orders_after(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select o.*, f.id as fulfilment_order_id, f.state as fulfilment_state
        from shop_order o left join fulfilment_order f on f.order_id = o.id
        where o.tenant_id = $1 and o.shop_id = $2 and o.id > $3 order by o.id limit $4
        """,
        tenant_id,
        shop_id,
        after,
        limit,
    )


async def insert_payment(
    connection: asyncpg.Connection,
    tenant_id: int,
    order_id: int,
    state: str,
    amount_minor: int,
    currency: str,
    reference: str,
    at: datetime,
) -> None:
    await connection.execute(
        """
        insert into payment (tenant_id, order_id, state, amount_minor, currency, reference, at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        tenant_id,
        order_id,
        state,
        amount_minor,
        currency,
        reference,
        at,
    )


async def set_payment_state(
    connection: asyncpg.Connection, order_id: int, state: str, paid_at: datetime | None
) -> None:
    await connection.execute(
        """
        update shop_order set payment_state = $2, paid_at = coalesce(paid_at, $3) where id = $1
        """,
        order_id,
        state,
        paid_at,
    )


async def set_order_state(connection: asyncpg.Connection, order_id: int, state: str) -> None:
    await connection.execute("update shop_order set state = $2 where id = $1", order_id, state)


async def make_firm(connection: asyncpg.Connection, order_id: int, now: datetime) -> list[int]:
    rows = await connection.fetch(
        """
        update fulfilment_order set firm_at = $2, version = version + 1
        where order_id = $1 and firm_at is null returning id
        """,
        order_id,
        now,
    )
    return [row["id"] for row in rows]


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


async def set_fulfilment_state(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    state: str,
    clock: str | None,
    now: datetime,
) -> None:
    stamp = "" if clock is None else f", {clock} = $3"
    arguments: list[object] = [fulfilment_order_id, state]
    if clock is not None:
        arguments.append(now)
    await connection.execute(
        f"update fulfilment_order set state = $2, version = version + 1{stamp} where id = $1",
        *arguments,
    )


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
            i.width_mm, i.depth_mm, i.height_mm, i.mass_g
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
        select f.*, o.external_order_id, o.ship_to, o.customer, o.service, o.sandbox
        from fulfilment_order f join shop_order o on o.id = f.order_id where f.id = $1
        """,
        fulfilment_order_id,
    )
    assert row is not None
    return row


async def releasable(
    connection: asyncpg.Connection, warehouse_id: int, only: list[int] | None, limit: int
) -> list[asyncpg.Record]:
    """Fulfilment orders that a wave may take: firm, with a waybill, free of holds, in no wave."""
    return await connection.fetch(
        """
        select f.id, f.tenant_id, f.order_id, f.firm_at
        from fulfilment_order f join shop_order o on o.id = f.order_id
        where f.state = 'open' and f.warehouse_id = $1 and f.firm_at is not null
          and f.waybill_ready_at is not null and not o.sandbox and o.state = 'accepted'
          and ($2::bigint[] is null or f.id = any($2))
          and not exists (select 1 from hold h
                          where h.fulfilment_order_id = f.id and h.lifted_at is null)
          and not exists (select 1 from wave_order w
                          where w.fulfilment_order_id = f.id and w.standing)
        order by f.firm_at, f.id limit $3
        """,
        warehouse_id,
        only,
        limit,
    )


async def waiting_for_release(connection: asyncpg.Connection, warehouse_id: int) -> asyncpg.Record:
    row = await connection.fetchrow(
        """
        select count(*) as orders, min(f.waybill_ready_at) as oldest
        from fulfilment_order f join shop_order o on o.id = f.order_id
        where f.state = 'open' and f.warehouse_id = $1 and f.waybill_ready_at is not null
          and not o.sandbox and o.state = 'accepted'
          and not exists (select 1 from hold h
                          where h.fulfilment_order_id = f.id and h.lifted_at is null)
          and not exists (select 1 from wave_order w
                          where w.fulfilment_order_id = f.id and w.standing)
        """,
        warehouse_id,
    )
    assert row is not None
    return row


async def demand_of(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int]
) -> list[asyncpg.Record]:
    """The lines to be picked, with the sizes that decide how many totes they fill."""
    return await connection.fetch(
        """
        select l.id as line_id, l.fulfilment_order_id, l.tenant_id, l.item_id,
            l.quantity - l.picked as quantity, i.mass_g,
            i.width_mm::bigint * i.depth_mm * i.height_mm as volume_mm3
        from fulfilment_line l join item i on i.id = l.item_id
        where l.fulfilment_order_id = any($1) and l.quantity > l.picked
        order by l.fulfilment_order_id, l.id
        """,
        fulfilment_order_ids,
    )


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
) -> None:
    await connection.execute(
        """
        insert into hold (tenant_id, fulfilment_order_id, kind, reason, owned_by, until)
        values ($1, $2, $3, $4, $5, $6)
        """,
        tenant_id,
        fulfilment_order_id,
        kind,
        reason,
        owned_by,
        until,
    )


async def lift_hold(
    connection: asyncpg.Connection, order_id: int, hold_id: int, now: datetime
) -> asyncpg.Record | None:
    """Lifts a standing hold; the hold with its order's number at the shop, or None."""
    return await connection.fetchrow(
        """
        update hold h set lifted_at = $3
        from fulfilment_order f join shop_order o on o.id = f.order_id
        where h.id = $2 and h.lifted_at is null and f.id = h.fulfilment_order_id
          and f.order_id = $1
        returning h.tenant_id, h.kind, o.external_order_id
        """,
        order_id,
        hold_id,
        now,
    )
