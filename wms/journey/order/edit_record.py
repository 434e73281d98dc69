"""Every edit is kept: who changed what of an order, when, and what it was before."""

import asyncpg

from wms.journey.order.edit_desk import Desk
from wms.journey.order.edit_line import LinePlan
from wms.journey.order.order_view import moment, money
from wms.orders import commands as orders
from wms.orders.edit import Edit, balance_of
from wms.outbox import commands as outbox

_OF_ORDER = ("ship_to", "customer", "service")


async def keep_edit(
    desk: Desk, edit: Edit, plan: LinePlan, total_minor: int, balance_minor: int, version: int
) -> asyncpg.Record:
    """Writes an edit down, persons sealed, and tells the shop of it without telling of persons."""
    order = desk.order
    before, after = _changes(order, edit, plan)
    balance = balance_of(balance_minor)
    row = await orders.insert_edit(
        desk.connection,
        order["tenant_id"],
        order["id"],
        version,
        edit.reason,
        before,
        after,
        (order["total_minor"], total_minor),
        balance.due_minor,
        balance.refund_minor,
        desk.actor,
        desk.now,
    )
    said = edit_view(row, order["currency"])
    told = ("order_id", "version", "total_before", "total", "payment_due", "refund_due")
    await outbox.emit(
        desk.connection,
        order["tenant_id"],
        "order.edited",
        f"order/{order['id']}",
        order["id"],
        {name: said[name] for name in told}
        | {
            "external_order_id": order["external_order_id"],
            "edit_id": row["id"],
            "changed": list(after),
            "lines": plan.told,
        },
        desk.actor,
        desk.now,
    )
    return row


def _changes(
    order: asyncpg.Record, edit: Edit, plan: LinePlan
) -> tuple[dict[str, object], dict[str, object]]:
    """What an edit replaced, and by what."""
    changed = [name for name in _OF_ORDER if getattr(edit, name) is not None]
    before: dict[str, object] = {name: order[name] for name in changed}
    after: dict[str, object] = {name: getattr(edit, name) for name in changed}
    if order["delivery"] is not None and edit.readdresses:
        before["delivery"], after["delivery"] = order["delivery"], None
    if plan.told:
        before["lines"] = [
            {
                "line": line["line"],
                "quantity": line["quantity_before"],
                "unit_price": line["unit_price_before"],
            }
            for line in plan.told
        ]
        after["lines"] = [
            {name: line[name] for name in ("line", "sku", "quantity", "unit_price")}
            for line in plan.told
        ]
    return before, after


def edit_view(row: asyncpg.Record, currency: str) -> dict[str, object]:
    """A kept edit as its shop reads it."""
    return {
        "id": row["id"],
        "order_id": row["order_id"],
        "version": row["version"],
        "reason": row["reason"],
        "before": row["before"],
        "after": row["after"],
        "total_before": money(row["total_before_minor"], currency),
        "total": money(row["total_after_minor"], currency),
        "payment_due": money(row["due_minor"], currency),
        "refund_due": money(row["refund_minor"], currency),
        "made_by": row["made_by"],
        "made_at": moment(row["made_at"]),
    }
