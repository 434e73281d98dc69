"""Orders that are edited as their shop wants it."""

from itertools import count

import asyncpg

from tests.builders import NOW, differences
from tests.wms.promise.scene import unsound
from wms.database.pool import staff_transaction
from wms.journey.order.edit import edit_order
from wms.journey.request import Request
from wms.orders.edit import Edit, LineChange
from wms.orders.order import NewLine
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

_numbers = count(1)


async def edit(
    pool: asyncpg.Pool,
    shop: Shop,
    order_id: int,
    *lines: tuple[int, int | str],
    add: tuple[tuple[str, int], ...] = (),
    version: int | None = None,
    key: str | None = None,
    price: dict[int, int] | None = None,
    **changed: object,
) -> Answer:
    """Edits an order: lines by their number to a quantity, and what else is named."""
    changes = [LineChange(line, quantity) for line, quantity in lines]
    changes += [LineChange(line, None, minor) for line, minor in (price or {}).items()]
    added = tuple(NewLine(sku, quantity, 255) for sku, quantity in add)
    wanted = Edit("as the buyer asks", lines=tuple(changes), added=added, **changed)  # type: ignore[arg-type]
    digest = body_hash([order_id, version, repr(lines), repr(add), repr(sorted(changed)), price])
    request = Request(shop, key or f"edit {next(_numbers)}", "edit", digest)
    return await edit_order(pool, request, order_id, wanted, version, NOW)


async def order_of(pool: asyncpg.Pool, fulfilment_order_id: int) -> int:
    """The order that a fulfilment order is of."""
    async with staff_transaction(pool) as connection:
        number: int = await connection.fetchval(
            "select order_id from fulfilment_order where id = $1", fulfilment_order_id
        )
    return number


async def sound(pool: asyncpg.Pool) -> None:
    """Promises are what the books say, lines add up, and the ledger is the balances."""
    async with staff_transaction(pool) as connection:
        assert await unsound(connection) == []
        over = await connection.fetch(
            """
            select l.id from fulfilment_line l join promise p on p.fulfilment_line_id = l.id
            where p.state in ('open', 'firm') group by l.id, l.quantity
            having sum(p.quantity) > l.quantity
            """
        )
        apart = await connection.fetch(
            """
            select l.order_id, l.line, l.quantity, s.shares from order_line l
            join (select order_line_id, sum(share) as shares
                  from (select f.order_line_id, f.fulfilment_order_id,
                            max(coalesce(f.line_quantity, l.quantity)) as share
                        from fulfilment_line f join order_line l on l.id = f.order_line_id
                        group by 1, 2) x group by 1) s on s.order_line_id = l.id
            where s.shares <> l.quantity
            """
        )
        reserved = await connection.fetch(
            """
            select b.id from balance b
            left join (select balance_id, sum(quantity) as quantity from reservation group by 1) r
              on r.balance_id = b.id
            where b.reserved <> coalesce(r.quantity, 0)
            """
        )
    assert (over, apart, reserved) == ([], [], [])
    assert await differences(pool) == []


def order_in(answer: Answer) -> dict[str, object]:
    """The order that an edit answered."""
    order = answer.body["order"]
    assert isinstance(order, dict)
    return order
