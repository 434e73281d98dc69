"""Addresses, looked at before an order is placed."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.addresses.messages import AddressAnswer, AddressRequest
from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.card import refuse_card_data
from api.orders.routes import REFUSALS, reply
from wms.journey.order.address import validate_address
from wms.journey.request import Request
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/addresses", tags=["addresses"])


@router.post("/validate", response_model=AddressAnswer, responses=REFUSALS)
async def post_validate(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: AddressRequest
) -> JSONResponse:
    """Says what is doubtful about an address, and how its country writes it.

    An order to a doubtful address is not refused: it is held, and its buyer is sent a link.
    """
    refuse_card_data(body)
    request = Request(shop, key, "address", body_hash(body.model_dump(mode="json")))
    return reply(await validate_address(house.pool, request, body.plain()))
