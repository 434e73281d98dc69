"""Stock as others read it, and the check of the ledger against the balances."""

from datetime import datetime

import asyncpg

from wms.stock import check_store, movement_store, opening_store, store
from wms.stock.ledger import Difference, Goods

free_bins = store.free_bins
reservations_of = store.reservations_of
contents_of_units = store.contents_of_units
levels_after = store.levels_after
lying_stock = opening_store.lying_stock
goods_in_unit = store.goods_in_unit
overfull = store.overfull
balance_of_id = store.balance_of_id
has_expired = store.has_expired
movement_of_id = movement_store.movement_of_id
lines_of_movement = movement_store.lines_of_movement
movements_before = movement_store.movements_before
ledger_size = check_store.ledger_size
rebuilt_balances = check_store.rebuilt_balances


async def balance_of(
    connection: asyncpg.Connection, goods: Goods, place_id: int, unit_id: int = 0
) -> asyncpg.Record | None:
    """The balance of goods in a place, or None where there never were any."""
    return await store.balance_of(
        connection,
        goods.owner_id,
        goods.item_id,
        goods.lot,
        goods.serial,
        goods.status,
        place_id,
        unit_id,
    )


async def expired_balances(connection: asyncpg.Connection, now: datetime, limit: int) -> list[int]:
    """Available stock past its last day, but for what lies in totes and parcels of orders."""
    return [row["id"] for row in await store.expired_balances(connection, now, limit)]


async def check_ledger(connection: asyncpg.Connection) -> list[Difference]:
    """Every row in which the books differ from what the ledger adds up to; empty is right."""
    rows = await check_store.differences(connection)
    return [Difference(row["kind"], row["place"], row["books"], row["ledger"]) for row in rows]
