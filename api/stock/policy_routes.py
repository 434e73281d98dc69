"""What may be sold: safety stock, channels, and the record of what could not be sold."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.auth import HouseOf, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import Words
from api.orders.routes import REFUSALS
from api.stock.policy_messages import (
    PolicyRequest,
    PolicyView,
    RefusedList,
    RefusedView,
    UnsellableList,
    UnsellableView,
)
from wms.database.pool import shop_transaction
from wms.items.item import canonical_sku
from wms.items.unit import format_quantity
from wms.journey.claim import policy as policies
from wms.promise import queries as promises
from wms.promise.policy import Policy

router = APIRouter(prefix="/v1/inventory", tags=["inventory"])
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]


@router.put("/policies/{sku}", response_model=PolicyView, responses=REFUSALS)
async def put_policy(
    house: HouseOf, shop: ShopOf, sku: Words, body: PolicyRequest, warehouse: Words | None = None
) -> PolicyView:
    """Sets what of an item no new order gets, and what each channel has to itself.

    A policy below what is promised already is allowed: it only keeps more from being promised.
    Channels that are not sent have nothing to themselves.
    """
    return _view(
        *await policies.put_policy(
            house.pool, shop, sku, warehouse, body.safety_stock, dict(body.allocations), house.now()
        )
    )


@router.get("/policies/{sku}", response_model=PolicyView, responses=REFUSALS)
async def get_policy(
    house: HouseOf, shop: ShopOf, sku: Words, warehouse: Words | None = None
) -> PolicyView:
    """What of an item is held back, and for whom."""
    return _view(*await policies.read_policy(house.pool, shop, sku, warehouse))


@router.get("/unsellable", response_model=UnsellableList, responses=REFUSALS)
async def get_unsellable(
    house: HouseOf,
    shop: ShopOf,
    sku: Words | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    after: str | None = None,
    limit: Limit = PAGE,
) -> UnsellableList:
    """When which items could not be sold."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await promises.unsellable_after(
            connection, shop.owner_id, _sku(sku), since, until, row_after(after), limit
        )
    views = [
        UnsellableView(**{name: row[name] for name in UnsellableView.model_fields}) for row in rows
    ]
    return UnsellableList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)


@router.get("/refused-demand", response_model=RefusedList, responses=REFUSALS)
async def get_refused_demand(
    house: HouseOf,
    shop: ShopOf,
    sku: Words | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    after: str | None = None,
    limit: Limit = PAGE,
) -> RefusedList:
    """What was ordered and could not be promised."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await promises.refused_after(
            connection, shop.owner_id, _sku(sku), since, until, row_after(after), limit
        )
    views = [
        RefusedView(
            sku=row["sku"],
            quantity=format_quantity(row["quantity"], row["scale"]),
            available=format_quantity(row["available"], row["scale"]),
            external_order_id=row["external_order_id"],
            channel=row["channel"],
            admission=row["admission"],
            at=row["at"],
        )
        for row in rows
    ]
    return RefusedList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)


def _sku(sku: str | None) -> str | None:
    return None if sku is None else canonical_sku(sku)


def _view(policy: Policy, item: asyncpg.Record, warehouse: asyncpg.Record) -> PolicyView:
    scale: int = item["scale"]
    return PolicyView(
        sku=item["sku"],
        warehouse=warehouse["code"],
        safety_stock=format_quantity(policy.held_back, scale),
        allocations={
            channel: format_quantity(quantity, scale)
            for channel, quantity in policy.allocations.items()
        },
    )
