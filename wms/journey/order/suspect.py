"""Orders that look wrong wait for a supervisor; what is usual is learnt from all others.

What is looked at came with the order's own look-up: a plain order pays nothing for it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from wms.address.phone import country_of_phone
from wms.database.pool import shop_transaction, staff_transaction
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import OVER
from wms.orders.hold import SUSPICIOUS
from wms.orders.line import Line
from wms.orders.order import NewOrder
from wms.orders.suspicion import (
    Suspicion,
    check_wish,
    odd_countries,
    odd_lines,
    odd_total,
)
from wms.tenants.shop import Shop

RULE = "suspicion"
REASON_MAX = 500
# Medians are of so many days, without the newest: a wrong price is no custom by noon.
LEARNT_FROM = timedelta(days=90)
LEFT_OUT = timedelta(days=1)
ANEW_AFTER = timedelta(hours=6)


async def hold_suspicious(
    connection: asyncpg.Connection,
    order: NewOrder,
    fulfilment_order_ids: Sequence[int],
    lines: Sequence[Line],
    rule: Suspicion,
    rules: Mapping[str, Any],
    actor: str,
    now: datetime,
) -> bool:
    """Holds all of an order that looks wrong, with the reasons; whether it does."""
    rule = rule.with_wish(rules.get(RULE))
    country = str(order.ship_to["country"])
    phone = order.customer.get("phone") or order.ship_to.get("phone") or ""
    reasons = (
        *odd_lines(rule, lines, order.currency),
        *odd_total(rule, order.said_total_minor, order.total_minor, order.currency),
        *odd_countries(rule, country, phone=country_of_phone(str(phone)) if rule.phone else ""),
    )
    if not reasons:
        return False
    await _hold(connection, fulfilment_order_ids, reasons, actor, now)
    return True


async def hold_foreign_payer(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    payer: str,
    rule: Suspicion,
    actor: str,
    now: datetime,
) -> None:
    """Holds an order that was paid from another country than it goes to, where that is odd."""
    country = order["ship_to"]["country"]
    if payer in ("", country):
        return
    rules = await order_rows.rules_of(connection, order["shop_id"])
    reasons = odd_countries(rule.with_wish(rules.get(RULE)), country, payer=payer)
    if reasons:
        found = await order_rows.fulfilments_of_order(connection, order["id"])
        numbers = [row["id"] for row in found if row["state"] not in OVER]
        await _hold(connection, numbers, reasons, actor, now)


async def _hold(
    connection: asyncpg.Connection,
    fulfilment_order_ids: Sequence[int],
    reasons: Sequence[str],
    actor: str,
    now: datetime,
) -> None:
    reason = " ".join(reasons)
    if len(reason) > REASON_MAX:
        reason = f"{reason[: REASON_MAX - 2]} …"
    for number in fulfilment_order_ids:
        await orders.hold_and_tell(connection, number, SUSPICIOUS, reason, actor, now)


async def set_suspicion(pool: asyncpg.Pool, shop: Shop, wish: dict[str, Any]) -> None:
    """Says what a shop wants looked at otherwise than the house does; empty is as the house does.

    Raises:
        Refused: `bad_threshold`.
    """
    check_wish(wish)
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await orders.set_rule(connection, shop.shop_id, RULE, wish)


async def learn_usual(pool: asyncpg.Pool, now: datetime) -> int:
    """Takes what is usual of all items anew, a few times a day; of how many items."""
    async with staff_transaction(pool) as connection:
        last = await order_rows.last_refresh(connection)
        if last is not None and now - last < ANEW_AFTER:
            return 0
        return await orders.refresh_usual(connection, now - LEARNT_FROM, now - LEFT_OUT, now)
