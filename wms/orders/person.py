"""The persons behind orders: what is kept of them, and how they are forgotten."""

import asyncpg

from wms.database.pool import keyset_of
from wms.orders import personal_store
from wms.orders.buyer import buyer_index

orders_of_buyer = personal_store.orders_of_buyer
orders_to_forget = personal_store.orders_to_forget
orders_without_index = personal_store.orders_without_index
data_of = personal_store.data_of
forget = personal_store.forget
forget_loose = personal_store.forget_loose
loose_words = personal_store.loose_words
forget_words = personal_store.forget_words
forget_old_words = personal_store.forget_old_words


async def index_buyers(connection: asyncpg.Connection, orders: list[asyncpg.Record]) -> int:
    """Lets these orders be found by their buyers; how many of them now are."""
    keyset = keyset_of(connection)
    found = [
        (order["id"], index)
        for order in orders
        if (index := buyer_index(keyset, order["shop_id"], order["customer"])) is not None
    ]
    await personal_store.set_indexes(
        connection, [number for number, _ in found], [index for _, index in found]
    )
    return len(found)
