"""Events for shops, listed to catch up with."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from api.auth import HouseOf, ShopOf
from api.cursor import PAGE, PAGE_MAX, cursor, event_after
from api.events.messages import EventList, EventView
from api.field import NO_NUL
from api.orders.routes import REFUSALS
from wms.database.pool import shop_transaction
from wms.outbox import queries as outbox_rows

router = APIRouter(prefix="/v1", tags=["events"])
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]


@router.get("/events", response_model=EventList, responses=REFUSALS)
async def get_events(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    type: Annotated[list[Name] | None, Query(max_length=100)] = None,
    subject: Annotated[Name | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> EventList:
    """The same events, in an order that never skips one; they are kept for ever.

    `type` may be given several times, `subject` names one object, such as `order/17`.
    """
    chosen = outbox_rows.Chosen(type, subject)
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        page = await outbox_rows.events_after(
            connection, shop.tenant_id, shop.shop_id, event_after(after), limit, chosen
        )
    items = [
        EventView(
            cursor=cursor(row["xid"], row["seq"]),
            type=row["type"],
            subject=row["subject"],
            sequence=row["subject_seq"],
            order_id=row["order_id"],
            data=row["data"],
            actor=row["actor"],
            occurred_at=row["occurred_at"],
        )
        for row in page.rows
    ]
    return EventList(items=items, next=cursor(*page.next))
