"""The audit log for supervisors; export and erasure of a buyer's data for shops."""

from typing import Annotated, cast

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.audit.messages import (
    BuyerRequest,
    EntryList,
    EntryView,
    ErasureView,
    ExportView,
    ReadList,
    ReadView,
)
from api.auth import HouseOf, IdempotencyKey, ShopOf, SupervisorOf
from api.cursor import PAGE, PAGE_MAX, cursor, entry_before, row_after
from api.field import ROW_MAX, Words
from api.orders.routes import REFUSALS, reply
from api.wiring import House
from wms.audit import queries as audit
from wms.database.pool import staff_transaction
from wms.database.seal import blind_index
from wms.journey.buyer.erasure import Subject, erase, export
from wms.journey.request import Request
from wms.outbox.command import body_hash
from wms.tenants.shop import Shop

router = APIRouter(prefix="/v1/audit", tags=["audit"])
privacy = APIRouter(prefix="/v1/privacy", tags=["privacy"])

OrderNumber = Annotated[int, Query(ge=1, le=ROW_MAX)]


@router.get("", response_model=EntryList, responses=REFUSALS)
async def get_entries(
    house: HouseOf,
    _supervisor: SupervisorOf,
    order: OrderNumber | None = None,
    object: Annotated[Words | None, Query(max_length=200)] = None,
    tenant: Annotated[int | None, Query(ge=0, le=ROW_MAX)] = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> EntryList:
    """The audit log, the newest first: all of it, or that of an order, an object or a tenant.

    Tenant 0 is the house itself.
    """
    before = entry_before(after)
    async with staff_transaction(house.pool) as connection:
        rows = await audit.entries_before(connection, tenant, order, object, before, limit)
    items = [
        EntryView(
            tenant=row["tenant_id"],
            **{name: row[name] for name in EntryView.model_fields if name in row},
        )
        for row in rows
    ]
    last = rows[-1] if len(rows) == limit else None
    return EntryList(
        items=items,
        next=None if last is None else cursor(last["xid"], last["tenant_id"], last["line"]),
    )


@router.get("/reads", response_model=ReadList, responses=REFUSALS)
async def get_reads(
    house: HouseOf,
    _supervisor: SupervisorOf,
    order: OrderNumber,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> ReadList:
    """Who saw an order's personal data, the newest first; a look is told within seconds of it."""
    before = row_after(after) or None
    async with staff_transaction(house.pool) as connection:
        rows = await audit.reads_of_order(connection, order, before, limit)
    items = [
        ReadView(
            at=row["at"],
            reader=row["actor"],
            how=row["action"].removeprefix("personal."),
            object=row["object"],
            request_id=row["request_id"],
        )
        for row in rows
    ]
    return ReadList(items=items, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)


@privacy.post("/exports", response_model=ExportView, responses=REFUSALS)
async def post_export(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: BuyerRequest
) -> JSONResponse:
    """All that is kept of a buyer of this shop, by their mail address or by one of their orders.

    Somebody nobody knows has nothing kept. Each order is noted as read. It changes nothing, so that
    a repeat tells what is kept by then. The address is in the body, where no access log has it.
    """
    request = _request(house, shop, key, "export", body)
    found = await export(house.pool, request, Subject(body.email, body.order_id), house.now())
    for order in cast(list[dict[str, int]], found["orders"]):
        house.reads.order(shop.actor, "export", order["id"])
    return JSONResponse(found)


@privacy.post("/erasures", response_model=ErasureView, responses=REFUSALS)
async def post_erasure(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: BuyerRequest
) -> JSONResponse:
    """Erases a buyer's personal data for good: their orders say what was bought, not by whom.

    Refused while one of their orders is under way, with which one.
    """
    request = _request(house, shop, key, "erasure", body)
    subject = Subject(body.email, body.order_id)
    return reply(await erase(house.pool, request, subject, house.now()))


def _request(house: House, shop: Shop, key: str, kind: str, body: BuyerRequest) -> Request:
    """The request as it is kept: nobody finds the address from its hash."""
    mail = None if body.email is None else blind_index(house.keyset, body.email).hex()
    return Request(shop, key, kind, body_hash([mail, body.order_id]))
