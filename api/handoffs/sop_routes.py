"""How long each step of the house may take, whose it is, and what takes longer."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query
from pydantic import StringConstraints

from api.auth import HouseOf, PlannerOf, SupervisorOf
from api.field import Words
from api.handoffs.messages import LimitList, LimitRequest, LimitView, OverdueList, OverdueView
from api.orders.routes import REFUSALS
from wms.database.pool import staff_transaction
from wms.handoff import queries as handoffs
from wms.handoff.sop import ABOUT, Step
from wms.journey.handoff.sop import limits, set_limit

router = APIRouter(prefix="/v1/sop", tags=["steps"])
OVERDUE_MAX = 500
Kind = Annotated[
    Words, StringConstraints(max_length=50), Query(description="of a hold, or an urgency")
]


@router.get("", response_model=LimitList, responses=REFUSALS)
async def get_limits(house: HouseOf, _planner: PlannerOf) -> LimitList:
    """The limits of all steps."""
    rows = await limits(house.pool)
    return LimitList(items=[_view(row) for row in rows if row["step"] in set(Step)])


@router.get("/overdue", response_model=OverdueList, responses=REFUSALS)
async def get_overdue(
    house: HouseOf,
    _planner: PlannerOf,
    limit: Annotated[int, Query(ge=1, le=OVERDUE_MAX)] = OVERDUE_MAX,
) -> OverdueList:
    """What takes longer than it may, the highest role's and the oldest first."""
    async with staff_transaction(house.pool) as connection:
        rows = await handoffs.overdue_steps(connection, limit)
    names = OverdueView.model_fields
    return OverdueList(items=[OverdueView(**{x: row[x] for x in names}) for row in rows])


@router.get("/{step}", response_model=LimitList, responses=REFUSALS)
async def get_limit(house: HouseOf, _planner: PlannerOf, step: Step) -> LimitList:
    """The limits of one step: for all kinds of it, and for those that have their own."""
    rows = await limits(house.pool)
    return LimitList(items=[_view(row) for row in rows if row["step"] == step])


@router.put("/{step}", response_model=LimitList, responses=REFUSALS)
async def put_limit(
    house: HouseOf, supervisor: SupervisorOf, step: Step, body: LimitRequest, kind: Kind = ""
) -> LimitList:
    """Sets whose a step is and how long it may take; it counts at once for all that waits."""
    await set_limit(house.pool, supervisor, body.rule(step, kind), house.now())
    return await get_limit(house, supervisor, step)


def _view(row: asyncpg.Record) -> LimitView:
    step = Step(row["step"])
    return LimitView(about=ABOUT[step], **dict(row))
