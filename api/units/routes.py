"""Handling units: LPNs and SSCCs that nest and move as one."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.field import NO_NUL
from api.orders.routes import REFUSALS, reply
from api.units.messages import (
    ContentsRequest,
    NestingRequest,
    UnitMoveRequest,
    UnitRequest,
    UnitView,
)
from wms.journey.goods.unit import enter_unit, fill_unit, move_unit, nest_unit, unit_view
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/handling-units", tags=["handling units"])
Code = Annotated[str, Path(min_length=1, max_length=40), NO_NUL]


@router.post("", status_code=201, response_model=UnitView, responses=REFUSALS)
async def post_unit(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, body: UnitRequest
) -> JSONResponse:
    """Makes an empty unit up; its code is an LPN, or an SSCC whose check digit is right."""
    request = StaffRequest(planner, key, "unit", body_hash(body.model_dump(mode="json")))
    return reply(await enter_unit(house.pool, request, body.unit(), house.now()))


@router.get("/{code}", response_model=UnitView, responses=REFUSALS)
async def get_unit(house: HouseOf, planner: PlannerOf, code: Code) -> JSONResponse:
    """A unit with its place, the units in it and its goods."""
    return JSONResponse(await unit_view(house.pool, code))


@router.post("/{code}/contents", response_model=UnitView, responses=REFUSALS)
async def post_contents(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, code: Code, body: ContentsRequest
) -> JSONResponse:
    """Puts loose goods at the unit's place into it, or takes goods out."""
    digest = body_hash([code, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "unit/contents", digest)
    return reply(await fill_unit(house.pool, request, code, body.contents(), house.now()))


@router.post("/{code}/handling-units", response_model=UnitView, responses=REFUSALS)
async def post_nesting(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, code: Code, body: NestingRequest
) -> JSONResponse:
    """Stands another unit into this one, or takes it out; a ring is refused."""
    digest = body_hash([code, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "unit/nesting", digest)
    return reply(
        await nest_unit(
            house.pool, request, code, body.handling_unit, out=body.out, now=house.now()
        )
    )


@router.post("/{code}/moves", response_model=UnitView, responses=REFUSALS)
async def post_unit_move(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, code: Code, body: UnitMoveRequest
) -> JSONResponse:
    """Moves the unit with all that is in it, where the place has room for it."""
    digest = body_hash([code, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "unit/move", digest)
    return reply(
        await move_unit(house.pool, request, code, body.place, body.warehouse, house.now())
    )
