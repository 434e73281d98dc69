"""Kits, as planners have them put together and taken apart."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.field import Words
from api.kits.messages import AssemblyRequest, DisassemblyRequest, KitWorkView
from api.orders.routes import REFUSALS, reply
from wms.journey.goods.kit import KitWish, assemble_kits, disassemble_kits
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/kits", tags=["kits"])


@router.post("/{sku}/assemblies", status_code=201, response_model=KitWorkView, responses=REFUSALS)
async def post_assembly(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, sku: Words, body: AssemblyRequest
) -> JSONResponse:
    """Puts kits together out of free stock that nobody was promised, first-expired first."""
    digest = body_hash([sku, body.model_dump()])
    request = StaffRequest(planner, key, "kits/assemblies", digest)
    wish = KitWish(sku=sku, **body.model_dump())
    return reply(await assemble_kits(house.pool, request, wish, house.now()))


@router.post(
    "/{sku}/disassemblies", status_code=201, response_model=KitWorkView, responses=REFUSALS
)
async def post_disassembly(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, sku: Words, body: DisassemblyRequest
) -> JSONResponse:
    """Takes free kits apart; exactly the pieces that went into them come back."""
    digest = body_hash([sku, body.model_dump()])
    request = StaffRequest(planner, key, "kits/disassemblies", digest)
    wish = KitWish(sku=sku, **body.model_dump())
    return reply(await disassemble_kits(house.pool, request, wish, house.now()))
