"""Carriers, as far as planners set them."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import HouseOf, PlannerOf
from api.carriers.messages import CarrierRequest, CarrierView
from api.field import Words
from api.orders.routes import REFUSALS
from wms.database.pool import staff_transaction
from wms.shipping.commands import set_carrier

router = APIRouter(prefix="/v1/carriers", tags=["waves"])


@router.put("/{code}", response_model=CarrierView, responses=REFUSALS)
async def put_carrier(
    house: HouseOf,
    _planner: PlannerOf,
    code: Annotated[Words, Path(min_length=1, max_length=100)],
    body: CarrierRequest,
) -> CarrierView:
    """Sets a carrier's cut-off; its orders are released so that they are ready by then.

    With own_vans true the carrier is the house itself: what it takes goes by the house's vans.
    """
    async with staff_transaction(house.pool) as connection:
        row = await set_carrier(connection, code, body.cut_off, body.own_vans)
    return CarrierView(
        code=row["code"], name=row["name"], cut_off=row["cut_off"], own_vans=row["own_vans"]
    )
