"""Re-slotting, as planners ask for it and accept it."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.field import RowId
from api.orders.routes import REFUSALS, reply
from api.slotting.messages import SlottingRequest, SlottingView
from wms.database.pool import staff_transaction
from wms.journey.goods.slotting import accept_slotting, proposal_view, request_slotting
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/slotting-proposals", tags=["slotting"])


@router.post("", status_code=202, response_model=SlottingView, responses=REFUSALS)
async def post_proposal(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, body: SlottingRequest
) -> JSONResponse:
    """Asks which goods should lie elsewhere; the plan is made by the jobs role, read with GET."""
    request = StaffRequest(planner, key, "slotting", body_hash(body.model_dump()))
    return reply(
        await request_slotting(house.pool, request, body.warehouse, body.moves_max, house.now())
    )


@router.get("/{proposal_id}", response_model=SlottingView, responses=REFUSALS)
async def get_proposal(house: HouseOf, planner: PlannerOf, proposal_id: RowId) -> SlottingView:
    """A proposal with its moves, and what the last month's carts would walk a day with them."""
    async with staff_transaction(house.pool) as connection:
        return SlottingView.model_validate(await proposal_view(connection, proposal_id))


@router.post("/{proposal_id}/accept", response_model=SlottingView, responses=REFUSALS)
async def post_acceptance(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, proposal_id: RowId
) -> JSONResponse:
    """Turns a proposal into move tasks, those of a chain one after the other."""
    request = StaffRequest(planner, key, "slotting/accept", body_hash([proposal_id]))
    return reply(await accept_slotting(house.pool, request, proposal_id, house.now()))
