"""The ledger: read, and undone by movements that point back."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.cursor import NUMBER_MAX, PAGE, PAGE_MAX, cursor, row_after
from api.field import Moment, RowId, Words
from api.movements.messages import (
    MovementLine,
    MovementList,
    MovementView,
    ReversalRequest,
    ReversalView,
)
from api.orders.routes import REFUSALS, reply
from wms.database.pool import staff_transaction
from wms.items.unit import format_quantity
from wms.journey.goods.movement_list import MovementFilter, list_movements
from wms.journey.request import StaffRequest
from wms.journey.reversal import reverse_movement
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/movements", tags=["movements"])


@router.get("", response_model=MovementList, responses=REFUSALS)
async def get_movements(
    house: HouseOf,
    planner: PlannerOf,
    shop: Words | None = None,
    item: Words | None = None,
    place: Words | None = None,
    warehouse: Words | None = None,
    kind: Words | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> MovementList:
    """What moved, the newest first: of an `item` of a `shop`, from or to a `place`, of a kind.

    `since` and `until` are moments at which it was written down.
    """
    wanted = MovementFilter(shop, item, place, warehouse, kind, since, until)
    async with staff_transaction(house.pool) as connection:
        rows = await list_movements(connection, wanted, row_after(after) or NUMBER_MAX, limit)
    return MovementList(
        items=[_view(row) for row in rows],
        next=cursor(rows[-1]["id"]) if len(rows) == limit else None,
    )


@router.post(
    "/{movement_id}/reversal", status_code=201, response_model=ReversalView, responses=REFUSALS
)
async def post_reversal(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    movement_id: RowId,
    body: ReversalRequest,
) -> JSONResponse:
    """Undoes a movement by another that has every line the other way round; once only."""
    digest = body_hash([movement_id, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "reversal", digest)
    answer = await reverse_movement(house.pool, movement_id, request, body.reason, house.now())
    return reply(answer)


def _view(row: asyncpg.Record) -> MovementView:
    return MovementView(
        id=row["id"],
        kind=row["kind"],
        reason=row["reason"],
        actor=row["actor"],
        device=row["device"],
        command_id=row["command_id"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        reverses=row["reverses"],
        reversed_by=row["reversed_by"],
        lines=[
            MovementLine(
                **{name: line[name] for name in MovementLine.model_fields if name != "quantity"},
                quantity=format_quantity(line["quantity"], line["scale"]),
            )
            for line in row["lines"]
        ],
    )
