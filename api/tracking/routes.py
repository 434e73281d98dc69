"""The carrier's own scans."""

from fastapi import APIRouter

from api.auth import CarrierOf, HouseOf
from api.orders.routes import REFUSALS
from api.tracking.messages import TrackingRequest, TrackingView
from wms.error import NotFound
from wms.journey.order.waybill import carrier_accepted, carrier_delivered

router = APIRouter(prefix="/v1/tracking-events", tags=["tracking"])


@router.post("", response_model=TrackingView, responses=REFUSALS)
async def post_tracking_event(
    house: HouseOf, carrier: CarrierOf, body: TrackingRequest
) -> TrackingView:
    """Takes the carrier's scan of a parcel; a repeat changes nothing."""
    scanned = carrier_delivered if body.type == "delivered" else carrier_accepted
    found = await scanned(house.pool, carrier.name, body.tracking_number, body.at, house.now())
    if not found:
        raise NotFound("unknown_parcel", f"{carrier.name} has no parcel {body.tracking_number}.")
    return TrackingView(tracking_number=body.tracking_number, type=body.type)
