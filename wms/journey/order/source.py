"""Where an order's goods come from: sourced as it comes in, and claimed again after its promise."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import shop_transaction
from wms.error import Refused
from wms.journey.order.order_view import money
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.commands import Accepted, Facts
from wms.orders.fulfilment import OVER, State
from wms.orders.line import Line
from wms.orders.mailed import too_many_samples, with_mail
from wms.orders.order import Fulfilment, NewOrder
from wms.orders.sourcing import Plan, plan_available, plan_together
from wms.outbox import commands as outbox
from wms.promise import commands as promise
from wms.promise.claim import Claim
from wms.tenants.shop import Shop


async def find_sources(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: tuple[Line, ...],
) -> Plan | Claim:
    """Which warehouses ship which part of an order, as its shop wishes; or what falls short, noted.

    What is looked at stays locked until the transaction ends, so that what is planned can be
    claimed. Where one warehouse ships all or nothing there is nothing to look at before the claim.
    """
    if shop.sandbox:
        short = too_many_samples(lines)
        if short:
            return Claim(await promise.next_admission(connection), short)
        return orders.plan_of_sandbox(facts, order, lines)
    sent = [line for line in lines if line.item.digital_at is not None]
    if not sent and orders.is_plain(order, facts):
        return orders.whole(order, facts, lines)
    choice = await orders.look_around(
        connection, facts.sources, order.ship_to, facts.channel, lines
    )
    shipped = [line for line in lines if line.item.digital_at is None]
    needs = [line.need() for line in shipped]
    if order.fulfilment is Fulfilment.FILL_AVAILABLE:
        backorder = True
        plan = plan_available(needs, choice)
    else:
        backorder = order.backorder
        plan = plan_together(needs, choice, backorder=backorder)
    short = () if plan is not None else orders.missing(shipped, choice, backorder=backorder)
    if sent:
        plan, lacking = with_mail(plan, needs, sent, choice, order.fulfilment)
        short = (*short, *lacking)
    if plan is not None:
        return plan
    # The number is drawn under the locks: nobody who gets these goods comes after it.
    admission = await promise.next_admission(connection)
    claim = Claim(admission, short)
    await promise.note_refusal(
        connection, shop.tenant_id, order.external_order_id, claim, facts.channel
    )
    return claim


async def tell_left(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    lines: Sequence[Line],
    plan: Plan,
    accepted: Accepted,
    now: datetime,
) -> None:
    """Tells the shop which part of an order will never ship, with what to give back for it."""
    if not plan.left:
        return
    short_minor = sum(line.price_off(plan.left.get(line.number, 0) * line.factor) for line in lines)
    await orders.add_short(connection, accepted.order_id, short_minor)
    cancelled: list[dict[str, object]] = []
    for line in lines:
        units = plan.left.get(line.number, 0)
        if units:
            cancelled.append(
                {
                    "line": line.number,
                    "sku": line.item.sku,
                    "quantity": line.said(units * line.factor),
                    "amount": money(line.price_off(units * line.factor), order.currency),
                }
            )
    await outbox.emit(
        connection,
        shop.tenant_id,
        "order.lines_cancelled",
        f"order/{accepted.order_id}",
        accepted.order_id,
        {
            "order_id": accepted.order_id,
            "external_order_id": order.external_order_id,
            "reason": "Neither there nor on its way.",
            "lines": cancelled,
        },
        shop.actor,
        now,
    )


class _FellShort(Exception):
    """Undoes what other parts of an order have claimed already."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim


async def claim_again(
    connection: asyncpg.Connection, order: asyncpg.Record, *, wait: bool = False
) -> dict[int, Claim] | Claim:
    """Claims firmly what an order's promise expired on, each part in its warehouse, or nothing.

    Answers the claim of each fulfilment order, or the one that fell short. A part waits for goods
    on their way where it did before, or the order says that it may, or with `wait`.
    """
    parts_of: dict[int, list[asyncpg.Record]] = {}
    fulfilments: dict[int, asyncpg.Record] = {}
    for fulfilment in await order_rows.fulfilments_of_order(connection, order["id"]):
        if fulfilment["state"] not in OVER:
            number = fulfilment["id"]
            fulfilments[number] = fulfilment
            parts_of[number] = await order_rows.parts_of_fulfilment(connection, number)
    if len(fulfilments) > 1:
        await orders.lock_stock(
            connection,
            sorted({part["item_id"] for parts in parts_of.values() for part in parts}),
            sorted({row["warehouse_id"] for row in fulfilments.values()}),
            order["channel"],
        )
    claims: dict[int, Claim] = {}
    try:
        async with connection.transaction():
            for number, fulfilment in fulfilments.items():
                claim = await promise.claim(
                    connection,
                    fulfilment["warehouse_id"],
                    [part["item_id"] for part in parts_of[number]],
                    [part["quantity"] for part in parts_of[number]],
                    order["channel"],
                    wait or order["backorder"] or fulfilment["state"] == State.BACKORDERED,
                )
                if not claim.granted:
                    raise _FellShort(claim)
                await promise.write_promises(connection, number, claim, None)
                claims[number] = claim
    except _FellShort as short:
        return short.claim
    return claims


async def name_sources(pool: asyncpg.Pool, shop: Shop, warehouses: Sequence[str]) -> None:
    """Says which warehouses may ship a shop's next orders; none named is all of them.

    Raises:
        Refused: `unknown_warehouse`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        numbers: list[int] = []
        for index, code in enumerate(warehouses):
            row = await bins.warehouse_of_code(connection, code)
            if row is None:
                raise Refused(
                    "unknown_warehouse", f"There is no warehouse {code!r}.", f"/warehouses/{index}"
                )
            numbers.append(row["id"])
        await orders.set_sources(connection, shop.tenant_id, shop.shop_id, sorted(set(numbers)))
