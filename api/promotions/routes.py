"""Promotions, as shops keep them."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Path, Query

from api.auth import HouseOf, ShopOf
from api.card import refuse_card_data
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import NO_NUL, Moment
from api.orders.messages import Money
from api.orders.routes import REFUSALS
from api.promotions.messages import (
    PromotedItemMessage,
    PromotionList,
    PromotionRequest,
    PromotionView,
)
from api.wiring import House
from wms.database.pool import shop_transaction
from wms.error import NotFound
from wms.journey.claim import promotion as promotions
from wms.promise import queries as promises
from wms.tenants.shop import Shop

router = APIRouter(prefix="/v1/promotions", tags=["promotions"])
Code = Annotated[str, Path(min_length=1, max_length=100), NO_NUL]


@router.put("/{code}", response_model=PromotionView, responses=REFUSALS)
async def put_promotion(
    house: HouseOf, shop: ShopOf, code: Code, body: PromotionRequest
) -> PromotionView:
    """Enters a promotion, or changes it; its items are exactly those sent."""
    refuse_card_data(body)
    await promotions.put_promotion(house.pool, shop, body.promotion(code), house.now())
    return await _one(house, shop, code)


@router.get("/{code}", response_model=PromotionView, responses=REFUSALS)
async def get_promotion(house: HouseOf, shop: ShopOf, code: Code) -> PromotionView:
    """One promotion of the shop."""
    return await _one(house, shop, code)


@router.delete("/{code}", status_code=204, responses=REFUSALS)
async def delete_promotion(house: HouseOf, shop: ShopOf, code: Code) -> None:
    """Takes a promotion back: one that has not begun is gone, one that runs ends now."""
    await promotions.end_promotion(house.pool, shop, code, house.now())


@router.get("", response_model=PromotionList, responses=REFUSALS)
async def get_promotions(
    house: HouseOf,
    shop: ShopOf,
    since: Moment | None = None,
    until: Moment | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> PromotionList:
    """The shop's promotions, past ones too; those that run in the time asked for."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await promises.promotions_after(
            connection, shop.shop_id, None, since, until, row_after(after), limit
        )
        views = await _views(connection, rows)
    return PromotionList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)


async def _one(house: House, shop: Shop, code: str) -> PromotionView:
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await promises.promotions_after(connection, shop.shop_id, code, None, None, 0, 1)
        if not rows:
            raise NotFound("unknown_promotion", f"This shop has no promotion {code!r}.")
        (view,) = await _views(connection, rows)
    return view


async def _views(connection: asyncpg.Connection, rows: list[asyncpg.Record]) -> list[PromotionView]:
    items: dict[int, list[PromotedItemMessage]] = {row["id"]: [] for row in rows}
    for item in await promises.items_of_promotions(connection, list(items)):
        price = item["price_minor"]
        items[item["promotion_id"]].append(
            PromotedItemMessage(
                sku=item["sku"],
                price=None
                if price is None
                else Money(amount_minor=price, currency=item["currency"]),
            )
        )
    return [
        PromotionView(
            code=row["code"],
            name=row["name"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            items=items[row["id"]],
        )
        for row in rows
    ]
