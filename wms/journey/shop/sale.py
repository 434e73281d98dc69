"""A shop's sales and their queues: entered, joined, and let in by turns."""

from datetime import datetime
from typing import Any

import asyncpg

from wms.database.pool import keyset_of, shop_transaction, staff_transaction
from wms.error import Conflict, NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.journey.order.admit import limit_facts
from wms.journey.request import Request, once
from wms.orders.buyer import buyer_index
from wms.outbox.command import Answer
from wms.promise import commands as promise
from wms.promise import queries as promises
from wms.promise.queue import Ahead, TicketState
from wms.promise.sale import Sale
from wms.tenants.shop import Shop

ACTOR = "timer:admissions"
WHY = {
    "no_queue": "The sale has no queue: order at once.",
    "sale_not_begun": "The sale has not begun.",
    "sale_over": "The sale is over.",
}


async def put_sale(pool: asyncpg.Pool, shop: Shop, sale: Sale) -> None:
    """Enters a sale, or changes the one of that code.

    Raises:
        Refused: `unknown_item`.
        Conflict: `sale_overlaps`, another sale has one of the items at that time; `queue_begun`,
            somebody stands in its queue already, so its item and its queue stay.
    """
    skus = [canonical_sku(item.sku) for item in sale.items]
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await promise.lock_sales(connection, shop.shop_id)
        rows = await items.items_of_skus(connection, shop.owner_id, skus)
        by_sku: dict[str, int] = {row["sku"]: row["id"] for row in rows}
        for at, sku in enumerate(skus):
            if sku not in by_sku:
                raise Refused("unknown_item", f"No item has the SKU {sku!r}.", f"/items/{at}/sku")
        item_ids = [by_sku[sku] for sku in skus]
        other = await promises.overlapping(connection, shop.shop_id, sale, item_ids)
        if other is not None:
            sku = skus[item_ids.index(other["item_id"])]
            raise Conflict("sale_overlaps", f"{sku} is in sale {other['code']!r} at that time.")
        before = await promises.sale_of_code(connection, shop.shop_id, sale.code)
        if before is not None and before["begun"]:
            same = [item["sku"] for item in before["items"]] == skus
            if not same or sale.queue is None:
                raise Conflict("queue_begun", "Its queue has begun: the item and the queue stay.")
        await promise.put_sale(connection, shop.tenant_id, shop.shop_id, sale, item_ids)


async def end_sale(pool: asyncpg.Pool, shop: Shop, code: str, now: datetime) -> None:
    """Ends a sale at once, and its queue with it; one that has not begun is deleted.

    Raises:
        NotFound: `unknown_sale`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await promise.lock_sales(connection, shop.shop_id)
        if not await promise.end_sale(connection, shop.shop_id, code, shop.actor, now):
            raise NotFound("unknown_sale", f"This shop has no sale {code!r}.")


async def ask_admission(
    pool: asyncpg.Pool,
    request: Request,
    code: str,
    buyer: dict[str, object],
    quantity: int,
    now: datetime,
) -> Answer:
    """The buyer's place in a sale's queue: the next one, or with 200 the one that the buyer has.

    Raises:
        Conflict: `in_flight`.
        Refused: `unknown_sale`, `no_queue`, `sale_not_begun`, `sale_over`, `buyer_unknown`,
            `buyer_limit`; `idempotency_key_reused`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def ask() -> Answer:
            index = buyer_index(keyset_of(connection), shop.shop_id, buyer)
            if index is None:
                raise Refused("buyer_unknown", "Say the buyer's mail or reference.", "/buyer")
            told = await promise.join_queue(
                connection,
                shop.tenant_id,
                shop.shop_id,
                shop.sandbox,
                code,
                index,
                quantity,
                shop.actor,
                now,
            )
            if "refused" in told:
                raise _refusal(told, code)
            ticket = await promises.ticket_view(
                connection, int(str(told["ticket"])), shop.shop_id, now
            )
            assert ticket is not None, "it was given just now"
            return Answer(200 if told["known"] else 201, _view(ticket, now))

        answer = await once(connection, request, ask)
    return answer.given()


async def admission(
    pool: asyncpg.Pool, shop: Shop, ticket_id: int, now: datetime
) -> dict[str, object]:
    """A ticket of the shop as it stands now.

    Raises:
        NotFound: `unknown_admission`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        ticket = await promises.ticket_view(connection, ticket_id, shop.shop_id, now)
    if ticket is None:
        raise NotFound("unknown_admission", f"This shop has given no ticket {ticket_id}.")
    return _view(ticket, now)


async def admit_all(pool: asyncpg.Pool, now: datetime) -> int:
    """Ends tickets that were not used in time and lets in the next of every queue; how many."""
    async with staff_transaction(pool) as connection:
        sales = await promises.queued_sales(connection)
    admitted = 0
    for sale_id in sales:
        # Each in a transaction of its own, so that no queue waits for another's.
        async with staff_transaction(pool) as connection:
            admitted += await promise.admit_waiting(connection, sale_id, ACTOR, now)
    return admitted


def _refusal(told: dict[str, Any], code: str) -> Refused:
    why = told["refused"]
    if why == "unknown_sale":
        return Refused(why, f"This shop has no sale {code!r}.", "/sale")
    if why == "buyer_limit":
        return Refused(
            why,
            f"One buyer gets at most {told['limit']}; {told['remaining']} remaining.",
            "/quantity",
            facts=limit_facts(told),
        )
    return Refused(why, WHY[why], "/sale")


def _view(ticket: asyncpg.Record, now: datetime) -> dict[str, object]:
    waits = ticket["state"] == TicketState.WAITING
    ahead = Ahead(
        ticket["before"],
        ticket["pieces_before"],
        ticket["free"],
        ticket["let_in"],
        ticket["per_minute"],
        ticket["first_out"],
    )
    return {
        "id": ticket["id"],
        "sale": ticket["sale"],
        "number": ticket["number"],
        "quantity": ticket["quantity"],
        "state": ticket["state"],
        "place": ahead.place if waits else None,
        "outlook": ahead.outlook(ticket["quantity"]).value if waits else None,
        "wait_s_min": ahead.wait_s_min(ticket["quantity"], now) if waits else None,
        "asked_at": ticket["asked_at"].isoformat(),
        "admitted_at": _moment(ticket["admitted_at"]),
        "expires_at": _moment(ticket["expires_at"]),
        "order_id": ticket["order_id"],
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
