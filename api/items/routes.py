"""Items, as shops keep them."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import HouseOf, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import Words
from api.items.messages import ItemList, ItemRequest, ItemView
from api.orders.routes import REFUSALS
from wms.database.pool import shop_transaction
from wms.items import commands as items
from wms.items import queries as item_rows
from wms.items.item import canonical_barcode, canonical_sku

router = APIRouter(prefix="/v1/items", tags=["items"])


@router.put("/{sku}", response_model=ItemView, responses=REFUSALS)
async def put_item(house: HouseOf, shop: ShopOf, sku: Words, body: ItemRequest) -> ItemView:
    """Enters an item, or changes it; SKUs are the same in upper and lower case."""
    item = body.item(sku)
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        await items.enter_items(connection, shop.tenant_id, shop.owner_id, [item])
    return ItemView(
        sku=canonical_sku(sku),
        name=item.name,
        width_mm=item.width_mm,
        depth_mm=item.depth_mm,
        height_mm=item.height_mm,
        mass_g=item.mass_g,
        barcodes=[canonical_barcode(barcode) for barcode in item.barcodes],
    )


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
    views = [ItemView(**{name: row[name] for name in ItemView.model_fields}) for row in rows]
    return ItemList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)
