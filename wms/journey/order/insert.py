"""Gifts and inserts on their way into orders and out again, as the shop's rules have it.

They never hold an order up: what is not there is left out, and the timeline says so.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from wms.database.pool import shop_transaction
from wms.error import Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import smallest_units
from wms.journey.claim.insert import UNMET, tell_inserts
from wms.journey.order.edit_desk import Desk, Moved
from wms.journey.order.edit_less import take_out, whence
from wms.journey.order.edit_line import Less
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.insert import InsertRule
from wms.tenants.shop import Shop


async def put_insert_rule(pool: asyncpg.Pool, shop: Shop, rule: InsertRule) -> None:
    """Enters a rule, or changes the one of that code; it holds for orders from now on.

    Raises:
        Refused: `unknown_item`; `not_insertable`, only goods that nobody has to approve are added;
            `wrong_unit`, `bad_quantity`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        skus = [canonical_sku(sku) for sku in (rule.sku, *rule.skus)]
        rows = await items.items_of_skus(connection, shop.owner_id, skus)
        by_sku = {row["sku"]: row for row in rows}
        for at, sku in enumerate(skus):
            if sku not in by_sku:
                pointer = "/sku" if at == 0 else f"/skus/{at - 1}"
                raise Refused("unknown_item", f"No item has the SKU {sku!r}.", pointer)
        item = by_sku[skus[0]]
        if item["kind"] == "bundle" or item["digital"] or item["needs_approval"]:
            raise Refused(
                "not_insertable",
                f"{item['sku']} cannot be added: bundles, digital goods and what needs approval "
                "are only sold.",
                "/sku",
            )
        quantity, _ = smallest_units(
            rule.quantity,
            "",
            item_unit=item["unit"],
            scale=item["scale"],
            packaging={},
            pointer="",
        )
        numbers = sorted({by_sku[sku]["id"] for sku in skus[1:]})
        await orders.put_insert_rule(
            connection, shop.tenant_id, shop.shop_id, rule, item["id"], quantity, numbers
        )


async def insert_by_rule(
    connection: asyncpg.Connection,
    shop: Shop,
    order_id: int,
    country: str,
    expires_at: datetime | None,
    now: datetime,
) -> None:
    """Adds to a new order what rules want of it, and tells what is in it and what is not."""
    told = await orders.add_inserts(connection, order_id, country, expires_at)
    if told:
        order = await order_rows.order_of_id(connection, shop.tenant_id, order_id)
        assert order is not None, "it was accepted just now"
        await tell_inserts(connection, order, told, (), shop.actor, now)


async def follow_rules(desk: Desk, moved: Moved) -> None:
    """After an edit: takes out what rules want no more and nobody has picked; adds what they do."""
    connection, order, country = desk.connection, desk.order, str(desk.ship_to["country"])
    rules = await order_rows.insert_rules_after(connection, order["shop_id"], None, 0, 1)
    if not rules:
        return
    removed: list[dict[str, Any]] = []
    rows = {row["line"]: row for row in await order_rows.lines_to_edit(connection, order["id"])}
    for line in await order_rows.inserts_unmet(connection, order["id"], country):
        row = rows[line["line"]]
        try:
            taken = await whence(desk, [Less(row, line["quantity"], "")])
        except Refused:
            # It is in a tote already, and goes along.
            continue
        for number, shares in taken.items():
            await take_out(desk, number, shares)
            moved.touched.add(number)
        removed.append({"line": row["line"], "sku": row["sku"], "reason": UNMET})
    added: Sequence[dict[str, Any]] = ()
    claims = await _claims(desk)
    if claims is not None:
        added = await orders.add_inserts(connection, order["id"], country, claims[0])
        moved.touched |= {
            row["fulfilment_order_id"] for row in added if row["fulfilment_order_id"] is not None
        }
    await tell_inserts(connection, order, added, removed, desk.actor, desk.now)


async def _claims(desk: Desk) -> tuple[datetime | None] | None:
    """Until when claims of the order stand; None where it claims nothing before it is paid."""
    if desk.order["paid_at"] is not None or desk.order["sandbox"]:
        return (None,)
    ends = [
        line["expires_at"]
        for row in await desk.standing()
        for line in await order_rows.claims_of_fulfilment(desk.connection, row["id"])
        if line["expires_at"] is not None
    ]
    return (min(ends),) if ends else None
