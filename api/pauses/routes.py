"""Pauses of a zone or the whole house."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import RowId
from api.orders.routes import REFUSALS, reply
from api.pauses.messages import PauseList, PauseRequest, PauseView
from wms.database.pool import staff_transaction
from wms.journey.pause import end_pause, pause_floor
from wms.journey.request import StaffRequest
from wms.moving import queries as moves
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/pauses", tags=["pauses"])


@router.post("", status_code=201, response_model=PauseView, responses=REFUSALS)
async def post_pause(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, body: PauseRequest
) -> JSONResponse:
    """Pauses a zone or the whole house: nobody is given work there, and no step is lost."""
    request = StaffRequest(planner, key, "pause", body_hash(body.model_dump()))
    answer = await pause_floor(
        house.pool, request, body.warehouse, body.zone or "", body.reason, house.now()
    )
    return reply(answer)


@router.get("", response_model=PauseList, responses=REFUSALS)
async def get_pauses(
    house: HouseOf,
    planner: PlannerOf,
    ended: bool = False,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> PauseList:
    """Pauses that last, the oldest first; with `ended` also those that are over."""
    async with staff_transaction(house.pool) as connection:
        rows = await moves.pauses_after(connection, not ended, row_after(after), limit)
    return PauseList(
        items=[_pause(row) for row in rows],
        next=cursor(rows[-1]["id"]) if len(rows) == limit else None,
    )


@router.delete("/{pause_id}", response_model=PauseView, responses=REFUSALS)
async def delete_pause(house: HouseOf, planner: PlannerOf, pause_id: RowId) -> PauseView:
    """Ends a pause: everybody goes on at the step at which they were stopped."""
    return _pause(await end_pause(house.pool, pause_id, planner.actor, house.now()))


def _pause(row: asyncpg.Record) -> PauseView:
    return PauseView(
        id=row["id"],
        warehouse=row["warehouse"],
        zone=row["zone"] or None,
        reason=row["reason"],
        started_by=row["started_by"],
        started_at=row["started_at"],
        ended_by=row["ended_by"],
        ended_at=row["ended_at"],
    )
