"""Orders that are changed after they were placed."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.buyer.rule import link_rule
from api.card import refuse_card_data
from api.edits.messages import EditedView, EditList, EditRequest
from api.field import RowId
from api.orders.routes import REFUSALS, reply
from api.orders.rule import suspicion_rule
from api.precondition import STALE, TAGGED, WantedVersion
from wms.journey.order.edit import edit_order, order_edits
from wms.journey.request import Request
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/orders/{order_id}/edits", tags=["orders"])


@router.post(
    "", status_code=201, response_model=EditedView, responses=REFUSALS | STALE | {201: TAGGED}
)
async def post_edit(
    house: HouseOf,
    shop: ShopOf,
    key: IdempotencyKey,
    version: WantedVersion,
    order_id: RowId,
    body: EditRequest,
) -> JSONResponse:
    """Changes address, lines, prices, service or the buyer's contact, all of it or nothing.

    Goods that are wanted more are claimed, or the edit is refused; lines that are picked stay.
    Waybills that became wrong are voided and made anew. Prices alone touch nothing but the total.
    What the edit leaves to pay is due by POST …/payments; goods that it added wait for that.
    """
    refuse_card_data(body)
    digest = body_hash([order_id, version, body.model_dump(mode="json")])
    request = Request(shop, key, "edit", digest)
    answer = await edit_order(
        house.pool,
        request,
        order_id,
        body.edit(),
        version,
        house.now(),
        links=link_rule(house.settings),
        suspicion=suspicion_rule(house.settings),
    )
    return reply(answer)


@router.get("", response_model=EditList, responses=REFUSALS)
async def get_edits(house: HouseOf, shop: ShopOf, order_id: RowId) -> JSONResponse:
    """Every edit of an order, the oldest first, with what it replaced and who made it."""
    items = await order_edits(house.pool, shop, order_id)
    house.reads.order(shop.actor, "api", order_id)
    return JSONResponse({"items": items})
