"""Orders on which a shop and the floor act at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import asyncpg

from tests.builders import (
    NOW,
    add_items,
    add_shop,
    add_stock,
    an_item,
    planned_wave,
    rows,
    value,
)
from tests.wms.journey.people import Handheld, take_cart
from wms.database.pool import staff_transaction
from wms.journey.order.cancel import cancel_order
from wms.journey.request import Request
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

MUGS = 100

_numbers = count(1)


@asynccontextmanager
async def kept(house: asyncpg.Pool, table: str) -> AsyncIterator[None]:
    """Nobody changes a row of a table until it ends: whoever comes to one waits, as it stands."""
    async with staff_transaction(house) as connection:
        await connection.execute(f"select 1 from {table} order by id for no key update")
        yield


async def cancel(house: asyncpg.Pool, shop: Shop, order_id: int, key: str | None = None) -> Answer:
    """What the house answers to a wish to cancel."""
    digest = body_hash([order_id])
    request = Request(shop, key or f"cancel {next(_numbers)}", "cancellation", digest)
    return await cancel_order(house, request, order_id, "changed their mind", NOW)


async def shop_of(house: asyncpg.Pool) -> Shop:
    """A shop with a hundred mugs and a hundred cups."""
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(house, shop, "MUG", bin0=MUGS)
    await add_stock(house, shop, "CUP", bin2=MUGS)
    return shop


async def owned(house: asyncpg.Pool) -> int:
    """All mugs in the house, wherever they are."""
    quantity = await value(
        house,
        "select sum(on_hand)::bigint from balance b join item i on i.id = b.item_id "
        "where i.sku = 'MUG'",
    )
    assert isinstance(quantity, int)
    return quantity


async def papers_of(house: asyncpg.Pool, fulfilment: int) -> set[tuple[object, object]]:
    """The states of the waybills of a fulfilment order, and whether their labels were printed."""
    found = await rows(
        house,
        "select w.state, w.label_printed_at is not null as printed from waybill w "
        "join parcel p on p.id = w.parcel_id where p.fulfilment_order_id = $1",
        fulfilment,
    )
    return {(row["state"], row["printed"]) for row in found}


async def at_the_tote(house: asyncpg.Pool, fulfilment: int, picker: Handheld) -> None:
    """The picker has the first goods of an order in hand."""
    await planned_wave(house, fulfilment, release=True)
    await picker.do("pick")
    await take_cart(picker, "CART-01")
    await in_hand(picker)


async def in_hand(picker: Handheld) -> None:
    """The picker has the next goods in hand, and the screen asks for their tote."""
    while picker.screen["step"] == "bin":
        await picker.scan_all(picker.screen["target"])
    sku = next(line for line in picker.screen["lines"] if line.startswith("SKU "))
    await picker.scan_all(sku.removeprefix("SKU "))


async def put_back(house: asyncpg.Pool, fulfilment: int) -> object:
    """How much of a fulfilment order's goods is on its way back to the shelves."""
    return await value(
        house,
        "select sum(t.quantity)::bigint from move_task t "
        "join handling_unit u on u.id = t.from_unit_id "
        "where t.kind = 'put_back' and u.fulfilment_order_id = $1",
        fulfilment,
    )
