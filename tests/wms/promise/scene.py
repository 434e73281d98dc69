"""A shop's orders that claim goods, written without the journeys that usually write them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import asyncpg

from tests.builders import NOW
from wms.promise import commands as promise
from wms.promise.claim import Claim
from wms.tenants.shop import Shop

_numbers = count(1)

# An order line is what it is made of: items with their quantities.
Line = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an order's claim came to, and the order where there is one."""

    claim: Claim
    order_id: int | None = None


async def claim_order(
    connection: asyncpg.Connection,
    shop: Shop,
    *lines: Line,
    channel: str = "",
    service: str = "standard",
    backorder: bool = False,
    received_at: datetime = NOW,
    expires_at: datetime | None = None,
) -> Claimed:
    """Claims for an order of these lines, and writes order and promises where it is granted."""
    warehouse_id = await connection.fetchval("select id from warehouse")
    parts = [part for line in lines for part in line]
    claim = await promise.claim(
        connection,
        warehouse_id,
        [item for item, _ in parts],
        [quantity for _, quantity in parts],
        channel,
        backorder,
    )
    if not claim.granted:
        return Claimed(claim)
    order_id: int = await connection.fetchval(
        """
        insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash,
            admission, state, currency, total_minor, customer, ship_to, service, placed_at,
            received_at, channel, rank_at, backorder, paid_at)
        values ($1, $2, $3, $4, '', $5, 'accepted', 'GBP', 0, '{}', '{}', $6, $7, $7, $8,
            order_rank($6, $7), $9, $10)
        returning id
        """,
        shop.tenant_id,
        shop.shop_id,
        shop.owner_id,
        f"scene {next(_numbers)}",
        claim.admission,
        service,
        received_at,
        channel,
        backorder,
        None if expires_at else received_at,
    )
    fulfilment_id: int = await connection.fetchval(
        """
        insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, firm_at)
        values ($1, $2, $3, $4, $5) returning id
        """,
        shop.tenant_id,
        order_id,
        warehouse_id,
        "backordered" if claim.backordered else "open",
        None if expires_at else received_at,
    )
    for number, line in enumerate(lines, start=1):
        await _write_line(connection, shop, order_id, fulfilment_id, number, line)
    await promise.write_promises(connection, fulfilment_id, claim, expires_at)
    return Claimed(claim, order_id)


async def _write_line(
    connection: asyncpg.Connection,
    shop: Shop,
    order_id: int,
    fulfilment_id: int,
    number: int,
    line: Line,
) -> None:
    line_id: int = await connection.fetchval(
        """
        insert into order_line (tenant_id, order_id, line, item_id, quantity, unit_price_minor)
        values ($1, $2, $3, $4, $5, 0) returning id
        """,
        shop.tenant_id,
        order_id,
        number,
        line[0][0],
        line[0][1],
    )
    for item_id, quantity in line:
        await connection.execute(
            """
            insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id,
                quantity)
            values ($1, $2, $3, $4, $5)
            """,
            shop.tenant_id,
            fulfilment_id,
            line_id,
            item_id,
            quantity,
        )


async def fulfilment_of(connection: asyncpg.Connection, order_id: int) -> int:
    """The one fulfilment order of an order."""
    number: int = await connection.fetchval(
        "select id from fulfilment_order where order_id = $1", order_id
    )
    return number


async def unsound(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Every availability and allocation whose numbers are not the sums of what stands below."""
    return await connection.fetch(
        """
        with standing as (
            select a.id, a.item_id, a.warehouse_id,
                coalesce(sum(p.quantity - p.kept) filter (where p.supply = 'stock'), 0) as stock,
                coalesce(sum(p.quantity) filter (where p.supply = 'inbound'), 0) as waiting
            from availability a left join promise p
              on p.availability_id = a.id and p.state in ('open', 'firm')
            where a.channel = '' group by a.id
        )
        select 'availability' as kind, a.id, a.promised, s.stock, a.backordered, s.waiting,
            a.inbound, coalesce(u.quantity, 0) as supply
        from availability a join standing s on s.id = a.id
        left join (select availability_id, sum(quantity) as quantity from supply group by 1) u
          on u.availability_id = a.id
        where (a.promised, a.backordered, a.inbound)
              <> (s.stock, s.waiting, coalesce(u.quantity, 0))
        union all
        select 'allocation', c.id, c.promised, coalesce(sum(p.quantity - p.kept), 0), 0, 0, 0, 0
        from channel_allocation c
        join availability a on a.item_id = c.item_id and a.warehouse_id = c.warehouse_id
        left join promise p on p.availability_id = a.id and p.channel = c.channel
         and p.supply = 'stock' and p.state in ('open', 'firm')
        group by c.id having c.promised <> coalesce(sum(p.quantity - p.kept), 0)
        union all
        select 'doubled', p.fulfilment_line_id, count(*), 0, 0, 0, 0, 0 from promise p
        where p.state in ('open', 'firm')
        group by p.fulfilment_line_id, p.availability_id, p.supply having count(*) > 1
        """
    )
