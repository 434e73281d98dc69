"""What changes refill rules."""

from datetime import datetime

import asyncpg

from wms.error import NotFound, Refused
from wms.refill import store
from wms.refill.rule import check_rule

lock_rules = store.lock_rules


async def set_rule(
    connection: asyncpg.Connection,
    item: asyncpg.Record,
    place: asyncpg.Record,
    quantity_min: int,
    quantity_max: int,
    now: datetime,
) -> None:
    """Keeps an item in a forward bin from now on, between these quantities.

    Raises:
        Refused: `bad_rule`, `not_forward`.
    """
    check_rule(quantity_min, quantity_max)
    if place["kind"] != "bin" or place["purpose"] != "forward":
        raise Refused("not_forward", f"{place['code']} is not a forward bin.")
    await store.upsert_rule(connection, item["id"], place["id"], quantity_min, quantity_max, now)


async def drop_rule(connection: asyncpg.Connection, item_id: int, place_id: int) -> None:
    """Keeps the item there no longer; refills under way are done all the same.

    Raises:
        NotFound: `unknown_rule`.
    """
    if not await store.delete_rule(connection, item_id, place_id):
        raise NotFound("unknown_rule", "No rule keeps this item there.")
