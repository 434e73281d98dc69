"""Delivery options, entered by staff, and quotes for shops."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf, ShopOf
from api.field import Words
from api.orders.routes import REFUSALS, reply
from api.quotes.messages import (
    Country,
    OfferedOption,
    OptionCode,
    OptionList,
    OptionRequest,
    OptionView,
    PostalCode,
    QuoteRequest,
    QuoteView,
)
from wms.journey.order.option import options_to, put_option
from wms.journey.order.quote import make_quote
from wms.journey.request import Request
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1", tags=["quotes"])


@router.put("/delivery-options/{code}", response_model=OptionView, responses=REFUSALS)
async def put_delivery_option(
    house: HouseOf,
    planner: PlannerOf,
    code: Annotated[OptionCode, Path()],
    body: OptionRequest,
    warehouse: Words | None = None,
) -> OptionView:
    """Enters a delivery option of a warehouse, or changes it; without one, the first is meant.

    Quotes that were given keep what they said.
    """
    entered = await put_option(house.pool, body.option(code), warehouse)
    return OptionView(code=code, warehouse=entered, **body.model_dump())


@router.get("/delivery-options", response_model=OptionList, responses=REFUSALS)
async def get_delivery_options(
    house: HouseOf,
    shop: ShopOf,
    country: Annotated[Country, Query()],
    postal_code: Annotated[PostalCode, Query()] = "",
) -> OptionList:
    """The options that go to a place, each with its fee and the pickup that is next."""
    found = await options_to(house.pool, shop, country, postal_code, house.now())
    return OptionList(items=[OfferedOption.model_validate(one) for one in found])


@router.post("/quotes", status_code=201, response_model=QuoteView, responses=REFUSALS)
async def post_quote(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: QuoteRequest
) -> JSONResponse:
    """When these goods would be there, by every option that goes there, and what for.

    An order with `quote_id` and `delivery_option` gets what was said, until `valid_until`.
    """
    request = Request(shop, key, "quote", body_hash(body.model_dump(mode="json")))
    lasts = timedelta(seconds=house.settings.quote_ttl_s)
    return reply(await make_quote(house.pool, request, body.asked(), lasts, house.now()))
