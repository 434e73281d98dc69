"""Purchase orders to suppliers."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.card import refuse_card_data
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import RowId
from api.orders.routes import REFUSALS, reply
from api.purchases.messages import (
    PurchaseList,
    PurchaseRequest,
    PurchaseSummary,
    PurchaseView,
    SendRequest,
)
from wms.database.pool import shop_transaction
from wms.journey.inbound.purchase import (
    cancel_purchase,
    make_purchase,
    purchase_summary,
    purchase_view,
    send_purchase,
)
from wms.journey.request import Request
from wms.outbox.command import body_hash
from wms.replenishment import queries as replenishment

router = APIRouter(prefix="/v1/purchase-orders", tags=["purchases"])


@router.post("", status_code=201, response_model=PurchaseView, responses=REFUSALS)
async def post_purchase(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: PurchaseRequest
) -> JSONResponse:
    """Makes a draft; a quantity that the supplier does not sell is refused with the nearest."""
    refuse_card_data(body, "reference")
    request = Request(shop, key, "purchase", body_hash(body.model_dump(mode="json")))
    return reply(await make_purchase(house.pool, request, body.purchase(), house.now()))


@router.get("", response_model=PurchaseList, responses=REFUSALS)
async def get_purchases(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> PurchaseList:
    """The shop's purchase orders, the oldest first."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await replenishment.purchases_after(
            connection, shop.owner_id, row_after(after), limit
        )
    views = [PurchaseSummary.model_validate(purchase_summary(row)) for row in rows]
    return PurchaseList(items=views, next=cursor(views[-1].id) if len(views) == limit else None)


@router.get("/{purchase_order_id}", response_model=PurchaseView, responses=REFUSALS)
async def get_purchase(house: HouseOf, shop: ShopOf, purchase_order_id: RowId) -> JSONResponse:
    """One purchase order with its lines and prices."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        return JSONResponse(await purchase_view(connection, shop, purchase_order_id))


@router.post("/{purchase_order_id}/send", response_model=PurchaseView, responses=REFUSALS)
async def post_send(
    house: HouseOf,
    shop: ShopOf,
    key: IdempotencyKey,
    purchase_order_id: RowId,
    body: SendRequest,
) -> JSONResponse:
    """Sends a draft; its goods are announced at once as an inbound shipment."""
    digest = body_hash([purchase_order_id, body.model_dump(mode="json")])
    request = Request(shop, key, "purchase-send", digest)
    return reply(
        await send_purchase(house.pool, request, purchase_order_id, body.expected_at, house.now())
    )


@router.post("/{purchase_order_id}/cancel", response_model=PurchaseView, responses=REFUSALS)
async def post_cancel(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, purchase_order_id: RowId
) -> JSONResponse:
    """Cancels a purchase order of which nothing has come, and its announcement with it."""
    request = Request(shop, key, "purchase-cancel", body_hash([purchase_order_id]))
    return reply(await cancel_purchase(house.pool, request, purchase_order_id, house.now()))
