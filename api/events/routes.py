"""Events for shops: pushed by webhook, and listed to catch up with."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, event_after
from api.events.messages import EndpointRequest, EndpointView, EventList, EventView
from api.orders.routes import REFUSALS, reply
from wms.database.pool import shop_transaction
from wms.journey.endpoint import add_endpoint
from wms.journey.request import Request
from wms.outbox import queries as outbox_rows
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1", tags=["events"])


@router.post("/webhook-endpoints", status_code=201, response_model=EndpointView, responses=REFUSALS)
async def post_endpoint(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: EndpointRequest
) -> JSONResponse:
    """Enters a webhook endpoint; deliveries are signed by Standard Webhooks."""
    request = Request(shop, key, "webhook-endpoint", body_hash(body.model_dump()))
    return reply(await add_endpoint(house.pool, request, body.url, body.types))


@router.get("/events", response_model=EventList, responses=REFUSALS)
async def get_events(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> EventList:
    """The same events, in an order that never skips one."""
    start = event_after(after)
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await outbox_rows.events_after(
            connection, shop.tenant_id, shop.shop_id, start, limit
        )
    items = [
        EventView(
            cursor=cursor(row["xid"], row["seq"]),
            type=row["type"],
            subject=row["subject"],
            order_id=row["order_id"],
            data=row["data"],
            actor=row["actor"],
            occurred_at=row["occurred_at"],
        )
        for row in rows
    ]
    return EventList(items=items, next=items[-1].cursor if items else cursor(*start))
