"""Orders and payments, as shops push them."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from api.auth import HouseOf, IdempotencyKey, PlannerOf, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import RowId
from api.orders.messages import (
    BulkAnswer,
    BulkRequest,
    OrderList,
    OrderRequest,
    OrderSummary,
    OrderView,
    PaymentRequest,
)
from api.problems import STATUS, Problem
from api.wiring import House
from wms.database.pool import shop_transaction
from wms.error import WmsError
from wms.journey.order.hold import lift_hold
from wms.journey.order.intake import place_order
from wms.journey.order.order_view import order_view
from wms.journey.order.payment import take_payment
from wms.journey.request import Request
from wms.orders import queries as orders
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

router = APIRouter(prefix="/v1/orders", tags=["orders"])
REFUSALS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 409, 422)
}


def reply(answer: Answer) -> JSONResponse:
    """An answer, marked where it was given before."""
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
    return JSONResponse(answer.body, answer.status, headers)


async def _place(house: House, shop: Shop, key: str, body: OrderRequest) -> Answer:
    order = body.order()
    request = Request(shop, key, "order", order.body_hash)
    lasts = timedelta(seconds=house.settings.promise_ttl_s)
    return await place_order(house.pool, request, order, lasts, house.now())


@router.post("", status_code=201, response_model=OrderView, responses=REFUSALS)
async def post_order(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: OrderRequest
) -> JSONResponse:
    """Accepts an order and promises its goods, all lines or none.

    The same external_order_id with the same body gives the original with 200, with another 409.
    """
    return reply(await _place(house, shop, key, body))


@router.post("/bulk", response_model=BulkAnswer, responses=REFUSALS)
async def post_orders(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: BulkRequest
) -> JSONResponse:
    """Accepts many orders, each for itself: one that is refused does not hold up the others."""
    answers: list[dict[str, object]] = []
    for number, order in enumerate(body.orders):
        try:
            answer = await _place(house, shop, f"{key}/{number}"[-200:], order)
            answers.append({"status": answer.status, "order": answer.body})
        except WmsError as error:
            problem: dict[str, object] = {"code": error.code, "detail": error.detail}
            if error.pointer is not None:
                problem["pointer"] = f"/orders/{number}{error.pointer}"
            answers.append({"status": STATUS[type(error)], "problem": problem})
    return JSONResponse({"answers": answers})


@router.get("", response_model=OrderList, responses=REFUSALS)
async def get_orders(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> OrderList:
    """The shop's orders, the oldest first."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await orders.orders_after(
            connection, shop.tenant_id, shop.shop_id, row_after(after), limit
        )
    items = [
        OrderSummary(
            id=row["id"],
            external_order_id=row["external_order_id"],
            state=row["state"],
            payment_state=row["payment_state"],
            fulfilment_state=row["fulfilment_state"],
            admission=row["admission"],
            received_at=row["received_at"],
        )
        for row in rows
    ]
    return OrderList(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.get("/{order_id}", response_model=OrderView, responses=REFUSALS)
async def get_order(house: HouseOf, shop: ShopOf, order_id: RowId) -> JSONResponse:
    """One order with its fulfilment orders, parcels, promises, holds and timeline."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        view = await order_view(connection, shop, order_id, timeline=True)
    return JSONResponse(view)


@router.post("/{order_id}/payments", response_model=OrderView, responses=REFUSALS)
async def post_payment(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, order_id: RowId, body: PaymentRequest
) -> JSONResponse:
    """Takes what the payment gateway says; paid in full makes the order firm."""
    digest = body_hash([order_id, body.model_dump(mode="json")])
    request = Request(shop, key, "payment", digest)
    return reply(await take_payment(house.pool, request, order_id, body.payment(), house.now()))


@router.delete("/{order_id}/holds/{hold_id}", status_code=204, responses=REFUSALS)
async def delete_hold(
    house: HouseOf, planner: PlannerOf, order_id: RowId, hold_id: RowId
) -> Response:
    """Lifts a hold; the order goes on with the next wave."""
    await lift_hold(house.pool, order_id, hold_id, planner.actor, house.now())
    return Response(status_code=204)
