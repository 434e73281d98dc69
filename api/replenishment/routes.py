"""Replenishment, as planners ask for it and decide."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import NO_NUL, RowId
from api.orders.routes import REFUSALS, reply
from api.replenishment.messages import (
    ApprovalRequest,
    ApprovalView,
    CapacityView,
    ProposalList,
    ProposalView,
    RejectionRequest,
    RunView,
    ServiceRequest,
    StockView,
    TransferList,
    TransferSendRequest,
    TransferSummary,
    TransferView,
)
from wms.database.pool import staff_transaction
from wms.journey.replenish.decision import (
    Wish,
    approve_proposals,
    proposal_summary,
    proposal_view,
    reject_proposal,
)
from wms.journey.replenish.outlook import capacity_view, set_service, stock_view
from wms.journey.replenish.run import request_run, run_view
from wms.journey.replenish.transfer import (
    cancel_transfer,
    send_transfer,
    transfer_summary,
    transfer_view,
)
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash
from wms.replenishment import queries as replenishment

router = APIRouter(prefix="/v1/replenishment", tags=["replenishment"])
transfers = APIRouter(prefix="/v1/transfers", tags=["replenishment"])
Name = Annotated[str, NO_NUL, Query(min_length=1, max_length=200)]
ProposalState = Literal["proposed", "approved", "rejected", "superseded"]
TransferState = Literal["requested", "sent", "received", "closed", "cancelled"]


@router.post("/runs", status_code=202, response_model=RunView, responses=REFUSALS)
async def post_run(house: HouseOf, planner: PlannerOf, key: IdempotencyKey) -> JSONResponse:
    """Asks for new forecasts and proposals of the whole house; the jobs role makes them."""
    request = StaffRequest(planner, key, "replenish", body_hash([]))
    return reply(await request_run(house.pool, request, house.now()))


@router.get("/runs/{run_id}", response_model=RunView, responses=REFUSALS)
async def get_run(house: HouseOf, planner: PlannerOf, run_id: RowId) -> RunView:
    """How far a run is."""
    async with staff_transaction(house.pool) as connection:
        return RunView.model_validate(await run_view(connection, run_id))


@router.get("/proposals", response_model=ProposalList, responses=REFUSALS)
async def get_proposals(
    house: HouseOf,
    planner: PlannerOf,
    state: ProposalState = "proposed",
    warehouse: Name | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> ProposalList:
    """Proposals in one state, the oldest first."""
    async with staff_transaction(house.pool) as connection:
        rows = await replenishment.proposals_after(
            connection, state, warehouse, row_after(after), limit
        )
    views = [ProposalView.model_validate(proposal_summary(row)) for row in rows]
    return ProposalList(items=views, next=cursor(views[-1].id) if len(views) == limit else None)


@router.get("/proposals/{proposal_id}", response_model=ProposalView, responses=REFUSALS)
async def get_proposal(house: HouseOf, planner: PlannerOf, proposal_id: RowId) -> ProposalView:
    """One proposal with its reason."""
    async with staff_transaction(house.pool) as connection:
        return ProposalView.model_validate(await proposal_view(connection, proposal_id))


@router.post("/approvals", response_model=ApprovalView, responses=REFUSALS)
async def post_approvals(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, body: ApprovalRequest
) -> JSONResponse:
    """Approves proposals, all or none: purchases are ordered, transfers wait to be sent."""
    request = StaffRequest(planner, key, "replenish/approve", body_hash(body.model_dump()))
    wishes = [Wish(each.id, each.quantity) for each in body.proposals]
    return reply(await approve_proposals(house.pool, request, wishes, house.now()))


@router.post("/proposals/{proposal_id}/reject", response_model=ProposalView, responses=REFUSALS)
async def post_rejection(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    proposal_id: RowId,
    body: RejectionRequest,
) -> JSONResponse:
    """Turns a proposal down; the next run looks anew."""
    digest = body_hash([proposal_id, body.model_dump()])
    request = StaffRequest(planner, key, "replenish/reject", digest)
    return reply(await reject_proposal(house.pool, request, proposal_id, body.note, house.now()))


@router.get("/stock", response_model=StockView, responses=REFUSALS)
async def get_stock(
    house: HouseOf, planner: PlannerOf, shop: Name, sku: Name, warehouse: Name | None = None
) -> StockView:
    """An item's forecast and levels in the only warehouse, or in the one named."""
    async with staff_transaction(house.pool) as connection:
        view = await stock_view(connection, shop, sku, warehouse, house.settings.service_percent)
    return StockView.model_validate(view)


@router.put("/stock/service", status_code=204, responses=REFUSALS)
async def put_service(
    house: HouseOf,
    planner: PlannerOf,
    shop: Name,
    sku: Name,
    body: ServiceRequest,
    warehouse: Name | None = None,
) -> None:
    """Sets the fill rate that an item is held for; it counts from the next run on."""
    await set_service(house.pool, shop, sku, warehouse, body.service_percent, house.now())


@router.get("/capacity", response_model=CapacityView, responses=REFUSALS)
async def get_capacity(house: HouseOf, planner: PlannerOf) -> CapacityView:
    """The next days' order lines against picking and sorting, and the days that will be full."""
    async with staff_transaction(house.pool) as connection:
        return CapacityView.model_validate(await capacity_view(connection, house.now()))


@transfers.get("", response_model=TransferList, responses=REFUSALS)
async def get_transfers(
    house: HouseOf,
    planner: PlannerOf,
    state: TransferState | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> TransferList:
    """Transfers between warehouses, the oldest first."""
    async with staff_transaction(house.pool) as connection:
        rows = await replenishment.transfers_after(connection, state, row_after(after), limit)
    views = [TransferSummary.model_validate(transfer_summary(row)) for row in rows]
    return TransferList(items=views, next=cursor(views[-1].id) if len(views) == limit else None)


@transfers.get("/{transfer_id}", response_model=TransferView, responses=REFUSALS)
async def get_transfer(house: HouseOf, planner: PlannerOf, transfer_id: RowId) -> TransferView:
    """One transfer with its lines."""
    async with staff_transaction(house.pool) as connection:
        return TransferView.model_validate(await transfer_view(connection, transfer_id))


@transfers.post("/{transfer_id}/send", response_model=TransferView, responses=REFUSALS)
async def post_send(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    transfer_id: RowId,
    body: TransferSendRequest,
) -> JSONResponse:
    """Books the goods out, and announces them where they go."""
    digest = body_hash([transfer_id, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "transfer/send", digest)
    days = house.settings.transfer_days
    return reply(
        await send_transfer(house.pool, request, transfer_id, body.expected_at, days, house.now())
    )


@transfers.post("/{transfer_id}/cancel", response_model=TransferView, responses=REFUSALS)
async def post_cancel(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, transfer_id: RowId
) -> JSONResponse:
    """Cancels a transfer that nobody has sent."""
    request = StaffRequest(planner, key, "transfer/cancel", body_hash([transfer_id]))
    return reply(await cancel_transfer(house.pool, request, transfer_id, house.now()))
