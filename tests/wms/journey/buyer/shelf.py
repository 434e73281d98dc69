"""A shop that sells digital goods: an item with codes in its vault, orders and their payment."""

from dataclasses import replace
from datetime import datetime
from itertools import count

import asyncpg

from tests import builders
from tests.builders import NOW, PROMISE_LASTS
from wms.database.seal import Personal
from wms.digital.digital import NewCode
from wms.items.item import Item
from wms.journey.buyer import vault
from wms.journey.buyer.digital import deliver
from wms.journey.order import intake, waybill
from wms.journey.request import Request
from wms.orders.order import Fulfilment
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

ADA = {"name": "Ada Merton", "email": "ada@merton.example"}
_numbers = count(1)


def a_game(sku: str = "GAME", digital: str = "code") -> Item:
    """An item that is sent by mail."""
    return Item(sku, f"NAME OF {sku}", 1, 1, 1, 1, digital=digital)


async def digital_shop(pool: asyncpg.Pool, codes: int = 0, **quantities: int) -> Shop:
    """A shop with so many codes of a GAME, and so much of goods in the first bin."""
    shop = await builders.stocked_shop(pool, **quantities)
    await builders.add_items(pool, shop, a_game())
    if codes:
        await put_codes(pool, shop, *(f"CODE-{number:04d}" for number in range(codes)))
    return shop


async def put_codes(
    pool: asyncpg.Pool,
    shop: Shop,
    *codes: str,
    sku: str = "GAME",
    until: datetime | None = None,
    key: str | None = None,
) -> Answer:
    """Puts codes into an item's vault."""
    request = Request(shop, key or f"codes {next(_numbers)}", "codes", body_hash([sku, codes]))
    new = [NewCode(code, until) for code in codes]
    return await vault.add_codes(pool, request, sku, new, NOW)


async def buy_by_mail(
    pool: asyncpg.Pool,
    shop: Shop,
    *lines: tuple[str, int],
    customer: dict[str, object] | None = None,
    fulfilment: Fulfilment = Fulfilment.SHIP_TOGETHER,
    language: str = "en",
) -> Answer:
    """Places an order of somebody who has a mail address."""
    order = replace(
        builders.new_order(list(lines), f"mailed {next(_numbers)}"),
        customer=Personal(ADA if customer is None else customer),
        fulfilment=fulfilment,
        language=language,
    )
    request = Request(shop, f"mailed {next(_numbers)}", "orders", order.body_hash)
    return await intake.place_order(pool, request, order, PROMISE_LASTS, NOW)


async def parts(pool: asyncpg.Pool, order: Answer) -> tuple[int, int | None]:
    """The numbers of an order's digital part and of the other, where there is one."""
    rows = await builders.rows(
        pool,
        "select id, digital from fulfilment_order where order_id = $1 order by digital",
        builders.order_id_of(order),
    )
    found = {row["digital"]: row["id"] for row in rows}
    return found[True], found.get(False)


async def pay_and_work(pool: asyncpg.Pool, shop: Shop, order: Answer) -> None:
    """Pays an order, and does the jobs that this asks for but the sending of mails."""
    await builders.pay(pool, shop, order)
    rows = await builders.rows(
        pool, "select id from fulfilment_order where order_id = $1", builders.order_id_of(order)
    )
    for row in rows:
        await waybill.prepare_waybills(pool, row["id"], NOW)
        await deliver(pool, row["id"], NOW)


async def codes_of(pool: asyncpg.Pool, order: Answer) -> list[str]:
    """The codes that an order got."""
    rows = await builders.rows(
        pool,
        "select c.content from digital_delivery d join digital_code c on c.id = d.code_id "
        "where d.order_id = $1 order by d.id",
        builders.order_id_of(order),
    )
    return [row["content"]["code"] for row in rows]


async def states(pool: asyncpg.Pool, order: Answer) -> dict[bool, str]:
    """The states of an order's parts, by whether they are digital."""
    rows = await builders.rows(
        pool,
        "select digital, state from fulfilment_order where order_id = $1",
        builders.order_id_of(order),
    )
    return {row["digital"]: row["state"] for row in rows}
