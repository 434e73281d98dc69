"""Orders and payments, as shops push them."""

import hashlib
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import RowId
from api.orders.messages import BulkRequest, OrderRequest
from api.orders.payment_messages import PaymentRequest
from api.orders.place import place
from api.orders.rule import suspicion_rule
from api.orders.view_messages import BulkAnswer, OrderList, OrderSummary, OrderView
from api.precondition import TAGGED, entity_tag
from api.problems import STATUS, Problem
from api.wiring import House
from wms.database.pool import shop_transaction
from wms.error import WmsError
from wms.journey.order.many import begin_many
from wms.journey.order.order_view import order_view
from wms.journey.order.payment import take_payment
from wms.journey.request import Request
from wms.orders import queries as orders
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

router = APIRouter(prefix="/v1/orders", tags=["orders"])
REFUSALS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 409, 422, 429)
}
TOO_LARGE: dict[int | str, dict[str, object]] = {413: {"model": Problem}}
THERE: dict[int | str, dict[str, object]] = {
    200: {"model": OrderView, "description": "The order that was there already under this number."}
    | TAGGED
}


def reply(answer: Answer) -> JSONResponse:
    """An answer, marked where it was given before; an order comes with its version as `ETag`."""
    headers = tagged(answer.body)
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(answer.body, answer.status, headers)


def tagged(body: Mapping[str, object]) -> dict[str, str]:
    """The headers of an answer that has an order in it, itself or what became of it."""
    order = body.get("order", body)
    if isinstance(order, Mapping) and "fulfilment_orders" in order:
        return {"ETag": entity_tag(order["version"])}
    return {}


async def _place(house: House, shop: Shop, key: str, body: OrderRequest) -> Answer:
    return await place(house, shop, key, body.order())


@router.post(
    "", status_code=201, response_model=OrderView, responses=THERE | REFUSALS | {201: TAGGED}
)
async def post_order(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: OrderRequest
) -> JSONResponse:
    """Accepts an order and promises its goods, all lines or none, unless `fulfilment` says else.

    It ships from the nearest warehouse that has all, else from the fewest that have it together,
    each with a fulfilment order of its own, which says why.

    The same external_order_id with the same body gives the original with 200, with another 409.
    """
    return reply(await _place(house, shop, key, body))


@router.post("/bulk", response_model=BulkAnswer, responses=REFUSALS | TOO_LARGE)
async def post_orders(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: BulkRequest
) -> JSONResponse:
    """Accepts many orders, each for itself: one that is refused does not hold up the others.

    A body that is not well formed is refused whole, with a pointer to what is wrong.
    """
    digest = body_hash(body.model_dump(mode="json"))
    replayed = await begin_many(house.pool, Request(shop, key, "order_bulk", digest))
    answers: list[dict[str, object]] = []
    for number, order in enumerate(body.orders):
        try:
            answer = await _place(house, shop, bulk_key(key, number), order)
            answers.append({"status": answer.status, "order": answer.body})
            replayed = replayed and answer.replayed
        except WmsError as error:
            problem: dict[str, object] = {"code": error.code, "detail": error.detail}
            problem |= error.facts
            if error.pointer is not None:
                problem["pointer"] = f"/orders/{number}{error.pointer}"
            answers.append({"status": STATUS[type(error)], "problem": problem})
            replayed = replayed and error.replayed
    return reply(Answer(200, {"answers": answers}, replayed=replayed))


def bulk_key(key: str, number: int) -> str:
    """The own key of one of many orders, told apart however long the key of all is."""
    return f"bulk/{hashlib.sha256(key.encode()).hexdigest()}/{number}"


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
            connection,
            shop.tenant_id,
            shop.shop_id,
            row_after(after),
            limit,
            sandbox=shop.sandbox,
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


@router.get("/{order_id}", response_model=OrderView, responses=REFUSALS | {200: TAGGED})
async def get_order(house: HouseOf, shop: ShopOf, order_id: RowId) -> JSONResponse:
    """One order with its fulfilment orders, parcels, promises, holds and timeline."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        view = await order_view(connection, shop, order_id, timeline=True)
    house.reads.order(shop.actor, "api", order_id)
    return JSONResponse(view, headers=tagged(view))


@router.post("/{order_id}/payments", response_model=OrderView, responses=REFUSALS | {200: TAGGED})
async def post_payment(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, order_id: RowId, body: PaymentRequest
) -> JSONResponse:
    """Takes what the payment gateway says; paid in full makes the order firm.

    Messages count by `at`, in whatever order they come, and each once. What was paid stays paid
    unless the same `reference` fails afterwards. A refund is of so much this time; all of it
    given back cancels what nobody has begun to pick, and holds the rest.
    """
    digest = body_hash([order_id, body.model_dump(mode="json")])
    request = Request(shop, key, "payment", digest)
    answer = await take_payment(
        house.pool,
        request,
        order_id,
        body.payment(),
        house.now(),
        suspicion=suspicion_rule(house.settings),
    )
    return reply(answer)
