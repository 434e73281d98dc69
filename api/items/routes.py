"""Items, as shops keep them."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query

from api.auth import HouseOf, ShopOf
from api.card import refuse_card_data
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import Words
from api.items.messages import ItemList, ItemRequest, ItemView
from api.orders.routes import REFUSALS
from wms.database.pool import shop_transaction
from wms.error import Conflict, NotFound, Refused, WmsError
from wms.items import commands as items
from wms.items import queries as item_rows
from wms.items.item import canonical_sku

router = APIRouter(prefix="/v1/items", tags=["items"])


@router.put("/{sku}", response_model=ItemView, responses=REFUSALS)
async def put_item(house: HouseOf, shop: ShopOf, sku: Words, body: ItemRequest) -> ItemView:
    """Enters an item, or changes it; SKUs are the same in upper and lower case."""
    refuse_card_data(body, "barcode", "barcodes", "substitutes")
    item = body.item(sku)
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        try:
            await items.enter_items(connection, shop.tenant_id, shop.owner_id, [item])
        except (Refused, Conflict) as refusal:
            raise _of_the_one(refusal) from refusal
        return await _view(connection, shop.owner_id, sku)


@router.get("/{sku}", response_model=ItemView, responses=REFUSALS)
async def get_item(house: HouseOf, shop: ShopOf, sku: Words) -> ItemView:
    """One of the shop's items with all that belongs to it."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        return await _view(connection, shop.owner_id, sku)


@router.get("", response_model=ItemList, responses=REFUSALS)
async def get_items(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> ItemList:
    """The shop's items."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await item_rows.items_after(connection, shop.owner_id, row_after(after), limit)
        views = await item_rows.described(connection, rows)
    return ItemList(
        items=[ItemView.model_validate(view) for view in views],
        next=cursor(rows[-1]["id"]) if len(rows) == limit else None,
    )


async def _view(connection: asyncpg.Connection, owner_id: int, sku: str) -> ItemView:
    rows = await item_rows.items_of_skus(connection, owner_id, [canonical_sku(sku)])
    if not rows:
        raise NotFound("unknown_item", f"No item has the SKU {sku!r}.")
    (view,) = await item_rows.described(connection, rows)
    return ItemView.model_validate(view)


def _of_the_one(refusal: WmsError) -> WmsError:
    """The refusal of the only item of a list, pointing into that item."""
    pointer = (refusal.pointer or "").removeprefix("/0")
    return type(refusal)(refusal.code, refusal.detail, pointer or None)
