"""Buyers by name at a shop whose goods have rules of their own."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import asyncpg

from tests.builders import NOW, PROMISE_LASTS, new_order
from wms.error import Refused
from wms.journey.order.cancel import cancel_order
from wms.journey.order.intake import place_order
from wms.journey.request import Request
from wms.journey.shop.sale import ask_admission, put_sale
from wms.outbox.command import Answer, body_hash
from wms.promise.sale import Queue, Sale, SaleItem, Share
from wms.tenants.shop import Shop

HOUR = timedelta(hours=1)
DROP = "DROP"

_numbers = count(1)


async def order(
    pool: asyncpg.Pool,
    shop: Shop,
    *lines: tuple[str, int],
    buyer: str = "ada@example.com",
    now: datetime = NOW,
    **said: object,
) -> Answer:
    """An order of a buyer known by mail, or of a guest where `buyer` is empty."""
    number = f"order {next(_numbers)}"
    new = new_order(list(lines), number)
    customer = {"name": "Somebody", "email": buyer} if buyer else {}
    new = replace(new, customer=customer, **said)  # type: ignore[arg-type]
    return await place_order(
        pool, Request(shop, number, "orders", new.body_hash), new, PROMISE_LASTS, now
    )


async def refused(
    pool: asyncpg.Pool, shop: Shop, *lines: tuple[str, int], **said: object
) -> Refused:
    """The refusal that such an order gets."""
    try:
        await order(pool, shop, *lines, **said)  # type: ignore[arg-type]
    except Refused as refusal:
        return refusal
    raise AssertionError("it was accepted")


async def cancel(pool: asyncpg.Pool, shop: Shop, order_id: int) -> None:
    """The shop takes an order back."""
    request = Request(shop, f"cancel {next(_numbers)}", "cancel", body_hash([order_id]))
    await cancel_order(pool, request, order_id, "", NOW)


async def sell(
    pool: asyncpg.Pool,
    shop: Shop,
    *skus: str,
    limit: int | None = None,
    queue: Queue | None = None,
    classes: tuple[Share, ...] = (),
    quantity: int | None = None,
    code: str = DROP,
) -> None:
    """A sale that has begun now and lasts an hour."""
    items = tuple(SaleItem(sku, quantity) for sku in skus)
    await put_sale(pool, shop, Sale(code, NOW, NOW + HOUR, items, limit, classes, queue))


async def ticket(
    pool: asyncpg.Pool, shop: Shop, buyer: str, quantity: int = 1, now: datetime = NOW
) -> Answer:
    """A place in the sale's queue."""
    key = f"ticket {next(_numbers)}"
    request = Request(shop, key, "admission", body_hash([buyer, quantity, key]))
    return await ask_admission(pool, request, DROP, {"email": buyer}, quantity, now)
