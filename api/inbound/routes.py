"""Inbound shipments, as shops announce them and staff take them in."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf, ShopOf
from api.card import refuse_card_data
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import RowId
from api.inbound.messages import (
    DateRequest,
    DecisionRequest,
    InboundList,
    InboundRequest,
    InboundSummary,
    InboundView,
    InspectionList,
    InspectionView,
    ReceiptRequest,
    ReceivedView,
)
from api.orders.routes import REFUSALS, reply
from api.wiring import House
from wms.database.pool import shop_transaction, staff_transaction
from wms.journey.inbound.inbound import announce_inbound, cancel_inbound, close_inbound
from wms.journey.inbound.inbound_date import redate_inbound
from wms.journey.inbound.inbound_view import inbound_summary, inspection_view, shop_inbound
from wms.journey.inbound.quality import end_inspection
from wms.journey.inbound.receipt import take_receipt
from wms.journey.request import Request, StaffRequest
from wms.outbox.command import body_hash
from wms.receiving import queries as receiving
from wms.tenants.staff import Staff

router = APIRouter(prefix="/v1/inbound-shipments", tags=["inbound"])
inspections = APIRouter(prefix="/v1/inspections", tags=["inbound"])


@router.post("", status_code=201, response_model=InboundView, responses=REFUSALS)
async def post_inbound(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: InboundRequest
) -> JSONResponse:
    """Announces a shipment; orders may be promised from what an ASN says is on its way."""
    refuse_card_data(body, "reference")
    request = Request(shop, key, "inbound", body_hash(body.model_dump(mode="json")))
    return reply(await announce_inbound(house.pool, request, body.inbound(), house.now()))


@router.get("", response_model=InboundList, responses=REFUSALS)
async def get_inbounds(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> InboundList:
    """The shop's inbound shipments, the oldest first."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await receiving.inbounds_after(connection, shop.owner_id, row_after(after), limit)
    views = [InboundSummary.model_validate(inbound_summary(row)) for row in rows]
    return InboundList(items=views, next=cursor(views[-1].id) if len(views) == limit else None)


@router.get("/{inbound_id}", response_model=InboundView, responses=REFUSALS)
async def get_inbound(house: HouseOf, shop: ShopOf, inbound_id: RowId) -> JSONResponse:
    """One inbound shipment with its lines, differences and inspections."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        return JSONResponse(await shop_inbound(connection, shop, inbound_id))


@router.put("/{inbound_id}/expected-at", response_model=InboundView, responses=REFUSALS)
async def put_expected_at(
    house: HouseOf, shop: ShopOf, inbound_id: RowId, body: DateRequest
) -> JSONResponse:
    """Says anew when an ASN comes; orders that wait for it are told their new date."""
    view = await redate_inbound(house.pool, shop, inbound_id, body.expected_at, house.now())
    return JSONResponse(view)


@router.post("/{inbound_id}/cancel", response_model=InboundView, responses=REFUSALS)
async def post_cancel(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, inbound_id: RowId
) -> JSONResponse:
    """Takes an announcement back of which nothing has come."""
    request = Request(shop, key, "inbound-cancel", body_hash([inbound_id]))
    return reply(await cancel_inbound(house.pool, request, inbound_id, house.now()))


@router.post(
    "/{inbound_id}/receipts", status_code=201, response_model=ReceivedView, responses=REFUSALS
)
async def post_receipt(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    inbound_id: RowId,
    body: ReceiptRequest,
) -> JSONResponse:
    """Books what came of a shipment; the answer says what it became and what differs so far."""
    digest = body_hash([inbound_id, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "receipt", digest)
    arrived = tuple(line.arrived() for line in body.lines)
    return reply(await take_receipt(house.pool, request, inbound_id, arrived, house.now()))


@router.post("/{inbound_id}/close", response_model=InboundView, responses=REFUSALS)
async def post_close(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, inbound_id: RowId
) -> JSONResponse:
    """Closes a shipment: no more of it comes, and the shop is told what differed."""
    request = StaffRequest(planner, key, "inbound-close", body_hash([inbound_id]))
    return reply(await close_inbound(house.pool, request, inbound_id, house.now()))


@inspections.get("", response_model=InspectionList, responses=REFUSALS)
async def get_inspections(
    house: HouseOf,
    planner: PlannerOf,
    state: Literal["open", "passed", "failed", "void"] | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> InspectionList:
    """Samples in quarantine and what became of them, of one state or of all."""
    async with staff_transaction(house.pool) as connection:
        rows = await receiving.inspections_after(connection, state, row_after(after), limit)
    views = [InspectionView.model_validate(inspection_view(row)) for row in rows]
    return InspectionList(items=views, next=cursor(views[-1].id) if len(views) == limit else None)


@inspections.post("/{inspection_id}/pass", response_model=InspectionView, responses=REFUSALS)
async def post_pass(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    inspection_id: RowId,
    body: DecisionRequest,
) -> JSONResponse:
    """Makes a sample stock that may be sold."""
    return await _end(house, planner, key, inspection_id, body, passed=True)


@inspections.post("/{inspection_id}/fail", response_model=InspectionView, responses=REFUSALS)
async def post_fail(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    inspection_id: RowId,
    body: DecisionRequest,
) -> JSONResponse:
    """Makes a sample damaged goods."""
    return await _end(house, planner, key, inspection_id, body, passed=False)


async def _end(
    house: House,
    planner: Staff,
    key: str,
    inspection_id: int,
    body: DecisionRequest,
    *,
    passed: bool,
) -> JSONResponse:
    digest = body_hash([inspection_id, passed, body.reason])
    request = StaffRequest(planner, key, "inspection", digest)
    answer = await end_inspection(
        house.pool, request, inspection_id, passed=passed, reason=body.reason, now=house.now()
    )
    return reply(answer)
