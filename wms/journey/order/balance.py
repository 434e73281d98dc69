"""What an order's edits and its end mean for its payment: more is due, or some is to be repaid.

The house repays nobody: it says what is due or too much, and the shop's gateway tells what came of
it. Goods that were added to a paid order wait until they are paid as well.
"""

from collections.abc import Collection
from datetime import datetime

import asyncpg

from wms.journey.claim.lift import lift_and_tell
from wms.journey.order.order_view import money
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.edit import Balance, balance_of, current_minor
from wms.outbox import commands as outbox

PAYMENT_DUE = "payment_due"


def amounts_wanted(order: asyncpg.Record) -> Collection[int]:
    """What a payment in full may come to: all of it, or what edits left to pay.

    Goods that will never ship need not be paid. A gateway that repeats what it said before an edit
    is heard again.
    """
    if order["paid_at"] is None:
        return (order["total_minor"], current_minor(order["total_minor"], order["short_minor"]))
    return (order["total_minor"], order["paid_minor"], max(0, order["balance_minor"]))


async def note_paid(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    amount_minor: int,
    actor: str,
    now: datetime,
) -> None:
    """Notes money that came in; what waited for the rest of it waits no more.

    `order` is as it was before.
    """
    if order["paid_at"] is None:
        await orders.add_paid(connection, order["id"], amount_minor)
        return
    if order["balance_minor"] <= 0 or amount_minor != order["balance_minor"]:
        return
    await orders.add_paid(connection, order["id"], amount_minor)
    await orders.set_balance(connection, order["id"], 0)
    await lift_due(connection, order["id"], actor, now)


async def note_refunded(
    connection: asyncpg.Connection, order: asyncpg.Record, amount_minor: int
) -> None:
    """Notes money that went back: what was too much is so no more.

    What a shop gives back beyond that is its own matter, and never becomes due again.
    """
    if order["balance_minor"] < 0:
        left = min(0, order["balance_minor"] + amount_minor)
        await orders.set_balance(connection, order["id"], left)


async def lift_due(
    connection: asyncpg.Connection, order_id: int, actor: str, now: datetime
) -> None:
    """Ends the holds of goods that waited for their payment."""
    for hold in await order_rows.holds_of_order(connection, order_id):
        if hold["kind"] == PAYMENT_DUE and hold["lifted_at"] is None:
            await lift_and_tell(connection, order_id, hold["id"], actor, now)


async def _waiting(connection: asyncpg.Connection, order_id: int) -> set[int]:
    """The fulfilment orders that wait for the payment of what an edit added."""
    return {
        hold["fulfilment_order_id"]
        for hold in await order_rows.holds_of_order(connection, order_id)
        if hold["kind"] == PAYMENT_DUE and hold["lifted_at"] is None
    }


async def settle_edit(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    total_minor: int,
    grown: Collection[int],
    actor: str,
    now: datetime,
) -> int:
    """Says what an edit of a paid order left to pay or to repay; the order's balance after it.

    `order` is as it was before, `grown` are the fulfilment orders that got more goods: these wait
    for the payment.
    """
    before: int = order["balance_minor"]
    if order["paid_at"] is None or total_minor == order["total_minor"]:
        return before
    after: int = before + total_minor - order["total_minor"]
    balance, currency = balance_of(after), order["currency"]
    waiting = {*grown, *await _waiting(connection, order["id"])}
    await lift_due(connection, order["id"], actor, now)
    if balance.due_minor:
        for number in sorted(waiting):
            await orders.hold_and_tell(
                connection,
                number,
                PAYMENT_DUE,
                f"{balance.due_minor} in minor units of {currency} are still to be paid.",
                actor,
                now,
                owned_by="shop",
            )
    await _tell(connection, order, balance, "edited", actor, now)
    return after


async def advise_refund(
    connection: asyncpg.Connection, order: asyncpg.Record, reason: str, actor: str, now: datetime
) -> int:
    """Says what is to be given back of an order that ends; how much that is."""
    refund: int = max(0, order["paid_minor"] - order["refunded_minor"])
    await orders.set_balance(connection, order["id"], -refund)
    await _tell(connection, order, Balance(0, refund), reason, actor, now)
    return refund


async def _tell(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    balance: Balance,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    amount = balance.due_minor or balance.refund_minor
    if not amount:
        return
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.payment_due" if balance.due_minor else "order.refund_advised",
        f"order/{order['id']}",
        order["id"],
        {
            "order_id": order["id"],
            "external_order_id": order["external_order_id"],
            "amount": money(amount, order["currency"]),
            "reason": reason,
        },
        actor,
        now,
    )
