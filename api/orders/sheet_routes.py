"""Orders that come as a file."""

import hashlib
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.orders.place import place
from api.orders.routes import REFUSALS, TOO_LARGE, reply
from api.orders.sheet import MAY_HAVE, NEEDS, SPLIT, SheetRefused, read_sheets
from api.orders.sheet_order import place_sheets
from api.problems import BorderError
from wms.journey.order.many import begin_many
from wms.journey.request import Request
from wms.orders.order import NewOrder
from wms.outbox.command import Answer, body_hash

router = APIRouter(prefix="/v1/orders", tags=["connectors"])
BYTES_MAX = 2_000_000
EXAMPLE = (
    "external_order_id,placed_at,currency,name,address,city,country,sku,quantity,unit_price_minor\n"
    "A-1,2010-12-01T08:26:00+00:00,GBP,Ada Merton,12 Mill Lane,Luton,GB,85123A,6,255\n"
    "A-1,,,,,,,71053,2,339\n"
)
SHOWN: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "UTF-8 with a header, cells parted by comma, semicolon or tab. It has "
        f"{', '.join(NEEDS)}; it may have "
        f"{', '.join(MAY_HAVE)}.",
        "content": {"text/csv": {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}


class LineResultView(BaseModel):
    line: Annotated[int, Field(description="of the file; its header is line 1")]
    external_order_id: str
    result: Annotated[
        Literal["accepted", "same", "refused"], Field(description="`same`: it was here before")
    ]
    order_id: int | None
    code: str | None
    detail: str | None
    column: str | None


class SheetView(BaseModel):
    """What came of each line, and how many orders were accepted, here before, or refused."""

    accepted: int
    same: int
    refused: int
    lines: list[LineResultView]


@router.post("/csv", response_model=SheetView, responses=REFUSALS | TOO_LARGE, openapi_extra=SHOWN)
async def post_sheet(
    request: HttpRequest, house: HouseOf, shop: ShopOf, key: IdempotencyKey
) -> JSONResponse:
    """Places the orders of a CSV file, each for itself, with a result for each line.

    Lines of one external_order_id are one order; what they say of the order may stand in the first
    alone. Address lines are parted by ` / `, prices are in minor units. A cell is text, whatever it
    begins with. An order that is refused holds up no other, and the same file can be sent again,
    under another key.
    """
    body = await request.body()
    if len(body) > BYTES_MAX:
        raise BorderError(413, "too_large", f"A file has at most {BYTES_MAX} bytes: {SPLIT}")
    try:
        sheets = read_sheets(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BorderError(
            422, "no_utf8", f"The file is not UTF-8 at byte {error.start}: save it as CSV UTF-8."
        ) from error
    except SheetRefused as error:
        raise BorderError(422, error.code, str(error), f"/{error.line}") from error

    digest = body_hash([hashlib.sha256(body).hexdigest()])
    before = await begin_many(house.pool, Request(shop, key, "order_csv", digest))

    async def one(number: str, order: NewOrder) -> Answer:
        return await place(house, shop, order_key(key, number, order), order)

    results, replayed = await place_sheets(sheets, one)
    orders = {(line.external_order_id or line.line, line.result) for line in results}
    counts = {
        name: sum(result == name for _, result in orders)
        for name in ("accepted", "same", "refused")
    }
    answered: dict[str, object] = counts | {"lines": [asdict(line) for line in results]}
    return reply(Answer(200, answered, replayed=before and replayed))


def order_key(key: str, number: str, order: NewOrder) -> str:
    """An order's own key under that of its file."""
    said = hashlib.sha256(f"{key}\n{number}\n".encode() + order.body_hash).hexdigest()
    return f"csv/{said}"
