"""Returns: goods of an order that come back, never more than were handed over."""

import asyncpg

from wms.error import NotFound, Refused
from wms.items.unit import format_quantity
from wms.orders import commands as orders
from wms.receiving import queries as receiving


async def lock_returned_order(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, order_id: int
) -> None:
    """Lets one return of an order at a time be counted.

    Raises:
        NotFound: `unknown_order`.
    """
    order = await orders.order_for_update(connection, tenant_id, order_id)
    if order is None or order["owner_id"] != owner_id:
        raise NotFound("unknown_order", f"There is no order {order_id}.")


async def refuse_more_than_shipped(
    connection: asyncpg.Connection, order_id: int, quantities: dict[int, tuple[int, str]]
) -> None:
    """Passes where an order's customer has that much, each item with the pointer to its line.

    Whoever books it holds the order's lock.

    Raises:
        Refused: `not_shipped`, `more_than_shipped`.
    """
    rows = {row["item_id"]: row for row in await receiving.may_come_back(connection, order_id)}
    for item_id, (quantity, pointer) in quantities.items():
        row = rows.get(item_id)
        if row is None:
            raise Refused(
                "not_shipped", f"Nothing of this item left with order {order_id}.", f"{pointer}/sku"
            )
        left = row["shipped"] - row["returned"]
        if quantity > left:
            raise Refused(
                "more_than_shipped",
                f"Of {row['sku']} {format_quantity(row['shipped'], row['scale'])} left with order "
                f"{order_id} and {format_quantity(row['returned'], row['scale'])} came back: "
                f"{format_quantity(left, row['scale'])} can still be returned.",
                f"{pointer}/quantity",
            )
