"""Rules by which a shop's orders get gifts and inserts."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Path, Query

from api.auth import HouseOf, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import NO_NUL
from api.inserts.messages import InsertRuleList, InsertRuleRequest, InsertRuleView
from api.orders.messages import Money
from api.orders.routes import REFUSALS
from wms.database.pool import shop_transaction
from wms.error import NotFound
from wms.items.unit import format_quantity
from wms.journey.order import insert as inserts
from wms.orders import queries as orders

router = APIRouter(prefix="/v1/insert-rules", tags=["orders"])
Code = Annotated[str, Path(min_length=1, max_length=100), NO_NUL]


@router.put("/{code}", response_model=InsertRuleView, responses=REFUSALS)
async def put_insert_rule(
    house: HouseOf, shop: ShopOf, code: Code, body: InsertRuleRequest
) -> InsertRuleView:
    """Says which of the shop's orders get a gift or an insert, from now on.

    It is added as a stocked line at no price (`inserted_by`), claimed with the order. Where there
    is none of it the order goes on without, and event `order.inserts_changed` says so. An edit
    after which the order does not meet the rule takes it out again, unless it is picked.
    """
    await inserts.put_insert_rule(house.pool, shop, body.rule(code))
    return await get_insert_rule(house, shop, code)


@router.get("/{code}", response_model=InsertRuleView, responses=REFUSALS)
async def get_insert_rule(house: HouseOf, shop: ShopOf, code: Code) -> InsertRuleView:
    """One rule of the shop."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await orders.insert_rules_after(connection, shop.shop_id, code, 0, 1)
    if not rows:
        raise NotFound("unknown_insert_rule", f"This shop has no rule {code!r}.")
    return _view(rows[0])


@router.get("", response_model=InsertRuleList, responses=REFUSALS)
async def get_insert_rules(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> InsertRuleList:
    """The shop's rules, also those that are not active."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await orders.insert_rules_after(
            connection, shop.shop_id, None, row_after(after), limit
        )
    return InsertRuleList(
        items=[_view(row) for row in rows],
        next=cursor(rows[-1]["id"]) if len(rows) == limit else None,
    )


def _view(row: asyncpg.Record) -> InsertRuleView:
    total = row["total_minor_min"]
    return InsertRuleView(
        code=row["code"],
        kind=row["kind"],
        sku=row["sku"],
        quantity=format_quantity(row["quantity"], row["scale"]),
        total_min=None if total is None else Money(amount_minor=total, currency=row["currency"]),
        skus=row["skus"],
        attribute=row["attribute"],
        first_order=row["first_order"],
        once_per_buyer=row["once_per_buyer"],
        countries=row["countries"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        active=row["active"],
    )
