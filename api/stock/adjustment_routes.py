"""Adjustments of stock."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.orders.routes import REFUSALS, reply
from api.stock.adjustment_messages import AdjustmentRequest, AdjustmentView
from wms.journey.goods.adjustment import adjust_stock
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/inventory/adjustments", tags=["inventory"])


@router.post("", status_code=201, response_model=AdjustmentView, responses=REFUSALS)
async def post_adjustment(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, body: AdjustmentRequest
) -> JSONResponse:
    """Books stock that was found or lost, or that is of another status than the books say.

    Where less is left than is reserved or promised, the youngest claims give way and their orders
    are told.
    """
    request = StaffRequest(planner, key, "adjustment", body_hash(body.model_dump(mode="json")))
    answer = await adjust_stock(house.pool, request, body.adjustment(), house.now())
    return reply(answer)
