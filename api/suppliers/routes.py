"""Suppliers and what they sell."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, ShopOf
from api.card import refuse_card_data
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import Words
from api.orders.routes import REFUSALS
from api.suppliers.messages import (
    SupplierItemRequest,
    SupplierItemView,
    SupplierList,
    SupplierRequest,
    SupplierSummary,
    SupplierView,
)
from wms.database.pool import shop_transaction
from wms.journey.inbound.supplier import (
    put_supplier,
    put_supplier_item,
    supplier_summary,
    supplier_view,
)
from wms.replenishment import queries as suppliers

router = APIRouter(prefix="/v1/suppliers", tags=["purchases"])


@router.put("/{code}", response_model=SupplierView, responses=REFUSALS)
async def put_one(house: HouseOf, shop: ShopOf, code: Words, body: SupplierRequest) -> JSONResponse:
    """Enters a supplier, or changes it; codes are the same in upper and lower case."""
    refuse_card_data(body)
    return JSONResponse(await put_supplier(house.pool, shop, body.supplier(code)))


@router.get("/{code}", response_model=SupplierView, responses=REFUSALS)
async def get_one(house: HouseOf, shop: ShopOf, code: Words) -> JSONResponse:
    """A supplier with all that it sells."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        return JSONResponse(await supplier_view(connection, shop, code))


@router.get("", response_model=SupplierList, responses=REFUSALS)
async def get_all(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> SupplierList:
    """The shop's suppliers."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await suppliers.suppliers_after(connection, shop.owner_id, row_after(after), limit)
    views = [SupplierSummary.model_validate(supplier_summary(row)) for row in rows]
    return SupplierList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)


@router.put("/{code}/items/{sku}", response_model=SupplierItemView, responses=REFUSALS)
async def put_item(
    house: HouseOf, shop: ShopOf, code: Words, sku: Words, body: SupplierItemRequest
) -> JSONResponse:
    """Enters in which quantities and at which prices a supplier sells an item, or changes it."""
    return JSONResponse(await put_supplier_item(house.pool, shop, code, sku, body.terms()))
