"""Stock levels."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import HouseOf, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.orders.routes import REFUSALS
from api.stock.messages import LevelList, level_view
from wms.database.pool import shop_transaction
from wms.promise import queries as promises
from wms.promise.position import Position
from wms.stock import queries as stock
from wms.tenants import queries as tenants

router = APIRouter(prefix="/v1/inventory", tags=["inventory"])


@router.get("/levels", response_model=LevelList, responses=REFUSALS)
async def get_levels(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> LevelList:
    """What the shop's items have on hand, and what of them could be promised, now and later."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        channel = await tenants.channel_of(connection, shop.shop_id)
        rows = await stock.levels_after(connection, shop.owner_id, row_after(after), limit)
        positions: dict[int, list[Position]] = {row["id"]: [] for row in rows}
        for one in await promises.positions_of(
            connection, shop.owner_id, list(positions), channel=channel
        ):
            positions[one.item_id].append(one)
    views = [
        level_view(row["sku"], row["scale"], row["on_hand"], row["reserved"], positions[row["id"]])
        for row in rows
    ]
    return LevelList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)
