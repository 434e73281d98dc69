"""SQL of where an order goes, when its buyer was told that it comes, and what the buyer wrote."""

import asyncpg

from wms.database.seal import Personal


async def set_address(
    connection: asyncpg.Connection, order_id: int, ship_to: dict[str, object]
) -> None:
    """Puts another address in the place of an order's; whoever edits it must have seen it."""
    await connection.execute(
        "update shop_order set ship_to = $2, version = version + 1 where id = $1",
        order_id,
        ship_to,
    )


async def shop_name(connection: asyncpg.Connection, shop_id: int) -> str:
    name: str = await connection.fetchval("select name from shop where id = $1", shop_id)
    return name


async def clear_waybill(connection: asyncpg.Connection, fulfilment_order_id: int) -> None:
    """Sets the clocks of a fulfilment order back whose waybills are voided."""
    await connection.execute(
        """
        update fulfilment_order set waybill_ready_at = null, pickup_requested_at = null
        where id = $1
        """,
        fulfilment_order_id,
    )


async def set_delivery(
    connection: asyncpg.Connection, order_id: int, delivery: dict[str, object] | None
) -> None:
    """Keeps what the buyer was promised, with the number of its quote; None promises nothing."""
    await connection.execute(
        "update shop_order set quote_id = $2, delivery = $3 where id = $1",
        order_id,
        None if delivery is None else delivery["quote_id"],
        delivery,
    )


async def set_buyer_note(connection: asyncpg.Connection, order_id: int, note: str) -> None:
    """Keeps what the buyer wrote, sealed."""
    await connection.execute(
        "update shop_order set buyer_note = $2 where id = $1", order_id, Personal({"text": note})
    )


async def buyer_note(connection: asyncpg.Connection, fulfilment_order_id: int) -> str:
    """What the buyer of a fulfilment order wrote for whoever packs it; nothing where forgotten."""
    note = await connection.fetchval(
        """
        select o.buyer_note from fulfilment_order f join shop_order o on o.id = f.order_id
        where f.id = $1
        """,
        fulfilment_order_id,
    )
    return (note or {}).get("text") or ""
