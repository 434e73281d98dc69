"""Stock levels."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import HouseOf, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.orders.routes import REFUSALS
from api.stock.messages import LevelList, LevelView
from wms.database.pool import shop_transaction
from wms.stock import queries as stock

router = APIRouter(prefix="/v1/inventory", tags=["inventory"])


@router.get("/levels", response_model=LevelList, responses=REFUSALS)
async def get_levels(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> LevelList:
    """What the shop's items have on hand, reserved, sellable, promised and available."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await stock.levels_after(connection, shop.owner_id, row_after(after), limit)
    views = [
        LevelView(
            sku=row["sku"],
            on_hand=row["on_hand"],
            reserved=row["reserved"],
            sellable=row["sellable"],
            promised=row["promised"],
            available=row["sellable"] - row["promised"],
        )
        for row in rows
    ]
    return LevelList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)
