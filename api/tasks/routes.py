"""Moves within the house, as planners see and order them."""

from typing import Annotated, Literal

import asyncpg
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.orders.routes import REFUSALS, reply
from api.tasks.messages import Kind, MoveRequest, MoveView, TaskList, TaskView
from wms.database.pool import staff_transaction
from wms.items.unit import format_quantity
from wms.journey.goods.relocation import relocate
from wms.journey.request import StaffRequest
from wms.moving import queries as moves
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1", tags=["moves"])
WAITING = ["open", "claimed"]
STATES = {"waiting": WAITING, "all": [*WAITING, "done", "void"]}


@router.get("/tasks", response_model=TaskList, responses=REFUSALS)
async def get_tasks(
    house: HouseOf,
    planner: PlannerOf,
    state: Literal["waiting", "open", "claimed", "done", "void", "all", "unplaced"] = "waiting",
    kind: Kind | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> TaskList:
    """Moves, the oldest first; `unplaced` are goods that no place takes, so that they have none."""
    async with staff_transaction(house.pool) as connection:
        if state == "unplaced":
            rows = await moves.unplaced_after(connection, row_after(after), limit)
            views = [_unplaced(row) for row in rows]
        else:
            states = STATES.get(state, [state])
            rows = await moves.tasks_after(connection, states, kind, row_after(after), limit)
            views = [_task(row) for row in rows]
    return TaskList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)


@router.post("/inventory/moves", status_code=201, response_model=MoveView, responses=REFUSALS)
async def post_move(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, body: MoveRequest
) -> JSONResponse:
    """Moves goods from one place to another that has room for them, and books it at once."""
    request = StaffRequest(planner, key, "move", body_hash(body.model_dump(mode="json")))
    return reply(await relocate(house.pool, request, body.relocation(), house.now()))


def _task(row: asyncpg.Record) -> TaskView:
    return TaskView(
        id=row["id"],
        kind=row["kind"],
        state=row["state"],
        warehouse=row["warehouse"],
        owner=row["owner"],
        sku=row["sku"],
        name=row["name"],
        lot=row["lot"],
        serial=row["serial"],
        status=row["status"],
        quantity=format_quantity(row["quantity"], row["scale"]),
        unit=row["unit"],
        from_place=row["from_place"],
        from_handling_unit=row["from_unit"],
        to_place=row["to_place"],
        urgency=row["urgency"],
        reason=row["reason"],
        holder=row["holder"],
        claimed_until=row["claimed_until"],
        made_at=row["made_at"],
        done_at=row["done_at"],
        movement_id=row["movement_id"],
    )


def _unplaced(row: asyncpg.Record) -> TaskView:
    return TaskView(
        id=None,
        kind=None,
        state="unplaced",
        warehouse=row["warehouse"],
        owner=row["owner"],
        sku=row["sku"],
        name=row["name"],
        lot=row["lot"],
        serial=row["serial"],
        status=row["status"],
        quantity=format_quantity(row["free"], row["scale"]),
        unit=row["unit"],
        from_place=row["place"],
        from_handling_unit=row["unit_code"],
        to_place=None,
        urgency=None,
        reason="",
        holder=None,
        claimed_until=None,
        made_at=None,
        done_at=None,
        movement_id=None,
    )
