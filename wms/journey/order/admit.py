"""Who may have what has rules of its own: a buyer's limit, a sale's queue, a class's head start."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.database.pool import keyset_of
from wms.error import Refused
from wms.journey.order.edit_line import LinePlan
from wms.orders import queries as order_rows
from wms.orders.buyer import buyer_index
from wms.orders.commands import Facts
from wms.orders.line import BUNDLE, Line, not_available
from wms.orders.order import NewOrder
from wms.promise import commands as promise
from wms.promise.claim import Claim, Short
from wms.tenants.shop import Shop

TICKETS = {
    "unknown_admission": "This shop has given no such ticket.",
    "admission_waiting": "The ticket's turn has not come.",
    "admission_expired": "The ticket was not used in time: ask for another.",
    "admission_used": "The ticket is another order's already.",
    "admission_differs": "The ticket is for another sale, another buyer or fewer pieces.",
}


@dataclass(frozen=True, slots=True)
class Ruled:
    """The goods of an order that rules of their own were asked about, by item."""

    items: list[int]
    quantities: list[int]


def goods_of(lines: Iterable[Line]) -> dict[int, int]:
    """How much of which item lines come to: of bundles themselves, and of what they hold."""
    goods: dict[int, int] = {}
    for line in lines:
        for part in line.parts:
            goods[part.item_id] = goods.get(part.item_id, 0) + part.quantity
        if line.item.kind == BUNDLE:
            goods[line.item.item_id] = goods.get(line.item.item_id, 0) + line.quantity
    return goods


async def admit(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: tuple[Line, ...],
    now: datetime,
) -> Ruled | None:
    """Lets an order on whose goods are its buyer's to have; None where nothing asks for rules.

    What was looked at stays locked until the transaction ends. A demand that is turned away
    because a class of buyers comes first is noted.

    Raises:
        Refused: `buyer_unknown`, `buyer_limit`, `admission_needed`, `not_available`; of the ticket
            `unknown_admission`, `admission_waiting`, `admission_expired`, `admission_used`,
            `admission_differs`.
    """
    if order.admission_id is None and not any(line.item.ruled for line in lines):
        return None
    goods = goods_of(lines)
    ruled = Ruled(list(goods), list(goods.values()))
    refused = await promise.admit_order(
        connection,
        shop.tenant_id,
        shop.shop_id,
        shop.sandbox,
        buyer_index(keyset_of(connection), shop.shop_id, order.customer),
        order.buyer_class,
        order.admission_id,
        facts.channel,
        ruled.items,
        ruled.quantities,
        now,
    )
    if refused is None:
        return ruled
    if refused["refused"] == "not_available":
        raise await _short(connection, shop, order, facts, lines, refused)
    raise refusal_of(refused, lines)


async def refuse_over_limit(
    connection: asyncpg.Connection,
    shop: Shop,
    order: asyncpg.Record,
    plan: LinePlan,
    now: datetime,
) -> None:
    """Stops an edit that would give a buyer more than there is for one, or pass by a queue.

    Raises:
        Refused: `buyer_unknown`, `buyer_limit`, `admission_needed`, `not_available`.
    """
    if not any(more.line.item.ruled for more in plan.more):
        return
    goods = goods_of(more.line for more in plan.more)
    for less in plan.less:
        item_id = less.row["item_id"]
        if item_id in goods:
            goods[item_id] -= less.quantity
    assert plan.facts is not None, "what is wanted more was looked up"
    refused = await promise.admit_order(
        connection,
        shop.tenant_id,
        shop.shop_id,
        order["sandbox"],
        order["buyer_index"],
        order["buyer_class"],
        None,
        order["channel"],
        list(goods),
        list(goods.values()),
        now,
    )
    if refused is None:
        return
    lines = [more.line for more in plan.more]
    if refused["refused"] == "not_available":
        short = (int(str(refused["wanted"])), int(str(refused["available"])))
        raise not_available(tuple(lines), {int(str(refused["item_id"])): short})
    refusal = refusal_of(refused, lines)
    pointer = next(
        more.pointer for more in plan.more if refused.get("item_id") in goods_of([more.line])
    )
    raise Refused(refusal.code, refusal.detail, f"{pointer}/quantity", facts=refusal.facts)


async def over_limit_late(connection: asyncpg.Connection, order: asyncpg.Record) -> bool:
    """Whether the buyer of an expired order has meanwhile bought all that one buyer may have."""
    goods: dict[int, int] = {}
    for row in await order_rows.fulfilments_of_order(connection, order["id"]):
        for part in await order_rows.parts_of_fulfilment(connection, row["id"]):
            goods[part["item_id"]] = goods.get(part["item_id"], 0) + part["quantity"]
    refused = await promise.over_limit(
        connection,
        order["tenant_id"],
        order["shop_id"],
        order["sandbox"],
        order["buyer_index"],
        list(goods),
        list(goods.values()),
        order["received_at"],
        order["id"],
    )
    return refused is not None and refused["refused"] == "buyer_limit"


async def note_admitted(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    order_id: int,
    ruled: Ruled | None,
    now: datetime,
) -> None:
    """Writes down the class of an accepted order, its ticket, and what it took of a share."""
    if ruled is None and not order.buyer_class:
        return
    await promise.note_admitted(
        connection,
        order_id,
        shop.shop_id,
        order.buyer_class,
        order.admission_id,
        [] if ruled is None else ruled.items,
        [] if ruled is None else ruled.quantities,
        now,
    )


def refusal_of(refused: dict[str, object], lines: Sequence[Line]) -> Refused:
    """What an order hears, pointing at the first line that has the item."""
    code = str(refused["refused"])
    if code in TICKETS and "item_id" not in refused:
        return Refused(code, TICKETS[code], "/admission_id")
    at = next(
        index
        for index, line in enumerate(lines)
        if refused["item_id"] in (line.item.item_id, *(part.item_id for part in line.parts))
    )
    sku, during = lines[at].item.sku, f" during {refused['sale']}" if refused.get("sale") else ""
    if code in TICKETS:
        return Refused(code, TICKETS[code], "/admission_id")
    if code == "admission_needed":
        return Refused(
            code, f"{sku} wants a ticket{during}: ask for one at /v1/admissions.", "/admission_id"
        )
    pointer = f"/lines/{lines[at].number - 1}"
    if code == "buyer_unknown":
        return Refused(
            code,
            f"{sku} is limited for each buyer: say the buyer's mail or reference.",
            "/customer",
        )
    return Refused(
        code,
        f"One buyer gets at most {refused['limit']} of {sku}{during}; "
        f"{refused['remaining']} remaining.",
        f"{pointer}/quantity",
        facts=limit_facts(refused),
    )


def limit_facts(refused: dict[str, object]) -> dict[str, int]:
    """What of a buyer's limit is said in numbers, in smallest units of the item."""
    return {name: int(str(refused[name])) for name in ("limit", "remaining")}


async def _short(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: tuple[Line, ...],
    refused: dict[str, object],
) -> Refused:
    item_id, wanted, available = (
        int(str(refused[name])) for name in ("item_id", "wanted", "available")
    )
    # The number is drawn under the locks: nobody of this class who gets these goods comes after it.
    claim = Claim(await promise.next_admission(connection), (Short(item_id, wanted, available),))
    await promise.note_refusal(
        connection, shop.tenant_id, order.external_order_id, claim, facts.channel
    )
    return not_available(lines, {item_id: (wanted, available)})
