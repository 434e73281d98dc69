"""Refill rules, as planners work with them."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.auth import HouseOf, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import NO_NUL
from api.orders.routes import REFUSALS
from api.refill.messages import RuleList, RuleRequest, RuleView
from wms.database.pool import staff_transaction
from wms.items.unit import format_quantity
from wms.journey.goods.refill import drop_rule, rule_of, set_rule
from wms.refill import queries as refill

router = APIRouter(prefix="/v1/refill-rules", tags=["refill"])
Shop = Annotated[str, Query(min_length=1, max_length=200), NO_NUL]
Sku = Annotated[str, Path(max_length=200), NO_NUL]
Place = Annotated[str, Path(max_length=200), NO_NUL]
Warehouse = Annotated[str | None, Query(max_length=200)]


@router.get("", response_model=RuleList, responses=REFUSALS)
async def get_rules(
    house: HouseOf,
    planner: PlannerOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> RuleList:
    """All refill rules, the oldest first."""
    async with staff_transaction(house.pool) as connection:
        rows = await refill.rules_after(connection, row_after(after), limit)
    return RuleList(
        items=[_rule(row) for row in rows],
        next=cursor(rows[-1]["id"]) if len(rows) == limit else None,
    )


@router.put("/{sku}/{place}", response_model=RuleView, responses=REFUSALS)
async def put_rule(
    house: HouseOf,
    planner: PlannerOf,
    sku: Sku,
    place: Place,
    shop: Shop,
    body: RuleRequest,
    warehouse: Warehouse = None,
) -> RuleView:
    """Keeps an item of a shop in a forward bin, between two quantities."""
    row = await set_rule(house.pool, shop, sku, warehouse, place, body.min, body.max, house.now())
    return _rule(row)


@router.get("/{sku}/{place}", response_model=RuleView, responses=REFUSALS)
async def get_rule(
    house: HouseOf,
    planner: PlannerOf,
    sku: Sku,
    place: Place,
    shop: Shop,
    warehouse: Warehouse = None,
) -> RuleView:
    """The rule that keeps an item in a bin."""
    return _rule(await rule_of(house.pool, shop, sku, warehouse, place))


@router.delete("/{sku}/{place}", status_code=204, responses=REFUSALS)
async def delete_rule(
    house: HouseOf,
    planner: PlannerOf,
    sku: Sku,
    place: Place,
    shop: Shop,
    warehouse: Warehouse = None,
) -> Response:
    """Keeps the item there no longer; refills under way are done all the same."""
    await drop_rule(house.pool, shop, sku, warehouse, place)
    return Response(status_code=204)


def _rule(row: asyncpg.Record) -> RuleView:
    return RuleView(
        warehouse=row["warehouse"],
        owner=row["owner"],
        sku=row["sku"],
        place=row["place"],
        min=format_quantity(row["quantity_min"], row["scale"]),
        max=format_quantity(row["quantity_max"], row["scale"]),
        updated_at=row["updated_at"],
    )
