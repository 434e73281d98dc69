"""Goods that have expired leave what is for sale, by the calendar of their warehouse."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.goods.shrink import Shrunk, shrink
from wms.stock import queries as stock_rows

ACTOR = "timer:expiry"
AT_ONCE = 100


async def expire_lots(pool: asyncpg.Pool, now: datetime) -> int:
    """Puts stock on hold whose last day is over where it lies; how many balances that were.

    Goods in a tote or parcel of an order stay as they are: packing refuses them.
    """
    async with staff_transaction(pool) as connection:
        due = await stock_rows.expired_balances(connection, now, AT_ONCE)
    for balance_id in due:
        await _expire_alone(pool, balance_id, now)
    return len(due)


@again_on_deadlock
async def _expire_alone(pool: asyncpg.Pool, balance_id: int, now: datetime) -> None:
    async with staff_transaction(pool) as connection:
        await expire_balance(connection, balance_id, now)


async def expire_balance(
    connection: asyncpg.Connection, balance_id: int, now: datetime
) -> Shrunk | None:
    """Puts one balance on hold where it has expired; what was reserved there is fetched elsewhere.

    None where it still may be used, or nothing of it is left.
    """
    if not await stock_rows.has_expired(connection, balance_id, now):
        return None
    balance = await stock_rows.balance_of_id(connection, balance_id)
    return await shrink(
        connection,
        balance,
        0,
        to="hold",
        reason="expired",
        command_id=f"expire/{balance_id}/{balance['expires_on']}",
        actor=ACTOR,
        device="",
        now=now,
        kind="expire",
    )
