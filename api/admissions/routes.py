"""Sales with rules of their own, and the places in their queues."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from api.admissions.messages import (
    AdmissionRequest,
    AdmissionView,
    QueueMessage,
    SaleItemMessage,
    SaleList,
    SaleRequest,
    SaleView,
    ShareMessage,
)
from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import NO_NUL, RowId
from api.orders.routes import REFUSALS, reply
from wms.database.pool import shop_transaction
from wms.error import NotFound
from wms.journey.request import Request
from wms.journey.shop import sale as sales
from wms.outbox.command import body_hash
from wms.promise import queries as promises

router = APIRouter(prefix="/v1", tags=["admissions"])
Code = Annotated[str, Path(min_length=1, max_length=100), NO_NUL]


@router.put("/sales/{code}", response_model=SaleView, responses=REFUSALS)
async def put_sale(house: HouseOf, shop: ShopOf, code: Code, body: SaleRequest) -> SaleView:
    """Enters a sale, or changes it; its items, classes and queue are exactly those sent.

    While it runs, a buyer gets at most `limit_per_buyer` of each of its items, counted by mail or
    reference; what is cancelled or expires unpaid counts no more. A class of buyers (an order's
    `buyer_class`) has a share to itself for the first minutes, all classes together at most a
    fifth. With a `queue`, orders name the ticket that POST /v1/admissions gave.
    """
    await sales.put_sale(house.pool, shop, body.sale(code))
    return await get_sale(house, shop, code)


@router.get("/sales/{code}", response_model=SaleView, responses=REFUSALS)
async def get_sale(house: HouseOf, shop: ShopOf, code: Code) -> SaleView:
    """One sale of the shop."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        row = await promises.sale_of_code(connection, shop.shop_id, code)
    if row is None:
        raise NotFound("unknown_sale", f"This shop has no sale {code!r}.")
    return _view(row)


@router.delete("/sales/{code}", status_code=204, responses=REFUSALS)
async def delete_sale(house: HouseOf, shop: ShopOf, code: Code) -> Response:
    """Ends a sale at once; its items are sold by the common rules again.

    Whoever waits in its queue or was let in has no place any more. A sale that has not begun is
    deleted; one that is over stays as it was.
    """
    await sales.end_sale(house.pool, shop, code, house.now())
    return Response(status_code=204)


@router.get("/sales", response_model=SaleList, responses=REFUSALS)
async def get_sales(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> SaleList:
    """The shop's sales, past ones too."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await promises.sales_after(connection, shop.shop_id, None, row_after(after), limit)
    return SaleList(
        items=[_view(row) for row in rows],
        next=cursor(rows[-1]["id"]) if len(rows) == limit else None,
    )


@router.post("/admissions", status_code=201, response_model=AdmissionView, responses=REFUSALS)
async def post_admission(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: AdmissionRequest
) -> JSONResponse:
    """Takes a place in a sale's queue; whoever has one gets it again, with 200.

    Numbers are in the order of arrival, and as many are let in, one after another, as there are
    pieces for. A ticket that is not used until `expires_at` gives its pieces to the next.
    """
    request = Request(shop, key, "admission", body_hash(body.model_dump(mode="json")))
    answer = await sales.ask_admission(
        house.pool, request, body.sale, body.buyer.model_dump(), body.quantity, house.now()
    )
    return reply(answer)


@router.get("/admissions/{admission_id}", response_model=AdmissionView, responses=REFUSALS)
async def get_admission(house: HouseOf, shop: ShopOf, admission_id: RowId) -> JSONResponse:
    """A ticket as it stands: its place in the queue, and what to expect of it."""
    return JSONResponse(await sales.admission(house.pool, shop, admission_id, house.now()))


def _view(row: asyncpg.Record) -> SaleView:
    return SaleView(
        code=row["code"],
        items=[SaleItemMessage(**item) for item in row["items"]],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        limit_per_buyer=row["limit_per_buyer"],
        classes=[ShareMessage(**share) for share in row["classes"] or ()],
        queue=QueueMessage(per_minute=row["per_minute"], ticket_s=row["ticket_s"])
        if row["queued"]
        else None,
    )
