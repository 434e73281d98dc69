"""Orders that are taken back."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.cancellations.messages import CancellationRequest, CancellationView
from api.card import refuse_card_data
from api.field import RowId
from api.orders.routes import REFUSALS, reply
from wms.journey.order.cancel import cancel_order, cancellation_view
from wms.journey.request import Request
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/orders/{order_id}/cancellation-requests", tags=["orders"])


THERE: dict[int | str, dict[str, object]] = {
    200: {"model": CancellationView, "description": "It was cancelled already: by this request."}
}


@router.post("", status_code=201, response_model=CancellationView, responses=THERE | REFUSALS)
async def post_cancellation(
    house: HouseOf,
    shop: ShopOf,
    key: IdempotencyKey,
    order_id: RowId,
    body: CancellationRequest,
) -> JSONResponse:
    """Cancels an order that is not sorted yet; what it held is free again at once.

    All of it is cancelled, or nothing. An order of which a part is sorted or later is not: the
    request is `refused` with the reason, the parts in the way and what there is instead. What was
    picked goes back to its shelf; what was paid is advised to be given back.
    One that is cancelled already is answered with the request that did it, and 200.
    """
    refuse_card_data(body)
    digest = body_hash([order_id, body.model_dump(mode="json")])
    request = Request(shop, key, "cancellation", digest)
    return reply(await cancel_order(house.pool, request, order_id, body.reason, house.now()))


@router.get("/{request_id}", response_model=CancellationView, responses=REFUSALS)
async def get_cancellation(
    house: HouseOf, shop: ShopOf, order_id: RowId, request_id: RowId
) -> JSONResponse:
    """What came of a request to cancel."""
    return JSONResponse(await cancellation_view(house.pool, shop, order_id, request_id))
