"""Orders that wait for a day: goods sold ahead of it, and goods that are made when they are asked.

What is made to order is announced as goods on their way by the order that asks for it, and claimed
by it in the same transaction, so that no more is ever promised than will be there.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.claim.supply import announce_supply, ask_waybill
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.commands import Facts
from wms.orders.fulfilment import Event, State
from wms.orders.line import Line
from wms.orders.making import Days, made_lines, to_make
from wms.orders.order import Fulfilment, NewOrder
from wms.outbox import commands as outbox
from wms.quote.availability import made_at
from wms.quote.calendar import WORKING_DAYS, OpenDays
from wms.tenants.shop import Shop

ACTOR = "timer:schedule"
AT_ONCE = 100
# Goods that are not there on their day are looked for again a day later.
LATE = timedelta(days=1)


def waits(lines: Sequence[Line], now: datetime) -> bool:
    """Whether any line may have to wait for a day."""
    return any(line.item.made_to_order_days or sold_ahead(line, now) for line in lines)


def sold_ahead(line: Line, now: datetime) -> bool:
    """Whether the day from which the line's goods are sold is yet to come."""
    return line.item.available_from is not None and line.item.available_from > now


async def schedule(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: Sequence[Line],
    now: datetime,
) -> tuple[NewOrder, Days]:
    """The order as it may be claimed, and the days of its lines; announces what has to be made.

    An order that waits anyway may have goods that are on their way, unless its shop wants it
    filled or killed.
    """
    days = Days({line.number: _day(line) for line in lines if sold_ahead(line, now)})
    if order.fulfilment is not Fulfilment.FILL_OR_KILL and not shop.sandbox:
        days = await _make(connection, shop, order, facts, lines, days, now)
    if days.any and order.fulfilment is not Fulfilment.FILL_OR_KILL:
        order = replace(order, backorder=True)
    return order, days


def _day(line: Line) -> datetime:
    assert line.item.available_from is not None
    return line.item.available_from


async def _make(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: Sequence[Line],
    days: Days,
    now: datetime,
) -> Days:
    """Announces what no warehouse has and none expects, and adds the days on which it is made."""
    if not any(line.item.made_to_order_days for line in lines):
        return days
    shipped = [line for line in lines if line.item.digital_at is None]
    choice = await orders.look_around(
        connection, facts.sources, order.ship_to, facts.channel, lines
    )
    making = to_make(shipped, choice, order.fulfilment, backorder=order.backorder)
    if making is None:
        return days
    warehouse = await bins.warehouse_of_id(connection, making.warehouse_id)
    house = OpenDays(WORKING_DAYS, warehouse["country"], warehouse["subdivision"])
    here = ZoneInfo(warehouse["time_zone"])
    ready = {
        item_id: made_at(number, house, here, now)
        for item_id, number in making.days(shipped).items()
    }
    for item_id, at in sorted(ready.items()):
        quantity = making.quantities[item_id]
        await _announce(connection, shop, order, item_id, making.warehouse_id, quantity, at, now)
    return replace(days, made=made_lines(shipped, ready), making=making)


async def _announce(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    item_id: int,
    warehouse_id: int,
    quantity: int,
    made: datetime,
    now: datetime,
) -> None:
    await announce_supply(
        connection,
        tenant_id=shop.tenant_id,
        owner_id=shop.owner_id,
        item_id=item_id,
        warehouse_id=warehouse_id,
        source=f"made/{shop.shop_id}/{order.external_order_id}",
        expected_at=made,
        quantity=quantity,
        actor=shop.actor,
        now=now,
    )


async def unschedule(
    connection: asyncpg.Connection, shop: Shop, order: NewOrder, days: Days, now: datetime
) -> None:
    """Takes back what was announced for an order that is refused after all."""
    if days.making is None:
        return
    for item_id in sorted(days.making.quantities):
        await _announce(connection, shop, order, item_id, days.making.warehouse_id, 0, now, now)


async def open_due(pool: asyncpg.Pool, now: datetime) -> int:
    """Opens what was scheduled and whose day has come; how many. What is late gets another day."""
    async with staff_transaction(pool) as connection:
        due = await order_rows.due_fulfilments(connection, now, AT_ONCE)
    opened = 0
    for row in due:
        opened += await _open(pool, row["id"], row["tenant_id"], row["order_id"], now)
    await _drop_made(pool, now)
    return opened


@again_on_deadlock
async def _open(
    pool: asyncpg.Pool, fulfilment_order_id: int, tenant_id: int, order_id: int, now: datetime
) -> bool:
    async with staff_transaction(pool) as connection:
        order = await orders.order_for_update(connection, tenant_id, order_id)
        fulfilment = await orders.fulfilment_for_update(connection, fulfilment_order_id)
        if order is None or fulfilment is None or fulfilment["state"] != State.SCHEDULED:
            return False
        expected_at = await order_rows.expected_of(connection, fulfilment_order_id)
        if expected_at is not None:
            await _come_later(connection, order, fulfilment_order_id, expected_at, now)
            return False
        await orders.apply_fulfilment_event(connection, fulfilment_order_id, Event.DUE, ACTOR, now)
        if fulfilment["firm_at"] is not None and fulfilment["waybill_ready_at"] is None:
            await ask_waybill(connection, fulfilment_order_id, now)
    return True


async def _come_later(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    fulfilment_order_id: int,
    expected_at: datetime,
    now: datetime,
) -> None:
    """Tells the shop that goods are not there on their day, and when they are looked for again."""
    due_at = max(expected_at, now + LATE)
    await orders.set_due(connection, fulfilment_order_id, due_at)
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.expected",
        f"order/{order['id']}",
        order["id"],
        {
            "order_id": order["id"],
            "fulfilment_order_id": fulfilment_order_id,
            "expected_at": due_at.isoformat(),
            "late": True,
        },
        ACTOR,
        now,
    )


@again_on_deadlock
async def _drop_made(pool: asyncpg.Pool, now: datetime) -> None:
    """Takes back what was announced as being made for orders that wait for it no more."""
    async with staff_transaction(pool) as connection:
        for row in await order_rows.made_for_nobody(connection):
            await announce_supply(
                connection,
                tenant_id=row["tenant_id"],
                owner_id=row["owner_id"],
                item_id=row["item_id"],
                warehouse_id=row["warehouse_id"],
                source=row["source"],
                expected_at=now,
                quantity=0,
                actor=ACTOR,
                now=now,
            )
