"""The house's own vans."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Path

from api.auth import HouseOf, PlannerOf
from api.field import Words
from api.orders.routes import REFUSALS
from api.vans.messages import BreakView, VanList, VanRequest, VanView
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.shipping import queries as shipping
from wms.shipping.route_commands import enter_van

router = APIRouter(prefix="/v1/vans", tags=["departures"])


@router.get("", response_model=VanList, responses=REFUSALS)
async def get_vans(house: HouseOf, _planner: PlannerOf, warehouse: Words | None = None) -> VanList:
    """The vans of a warehouse, by default the first, by their codes."""
    async with staff_transaction(house.pool) as connection:
        place = await bins.the_warehouse(connection, warehouse)
        rows = await shipping.vans(connection, place["id"])
    return VanList(items=[_van(row) for row in rows])


@router.put("/{code}", response_model=VanView, responses=REFUSALS)
async def put_van(
    house: HouseOf,
    _planner: PlannerOf,
    code: Annotated[Words, Path(min_length=1, max_length=100)],
    body: VanRequest,
) -> VanView:
    """Enters a van, or changes it; the next plan of routes goes by it."""
    async with staff_transaction(house.pool) as connection:
        place = await bins.the_warehouse(connection, body.warehouse)
        await enter_van(connection, place["id"], body.van(code))
        rows = await shipping.vans(connection, place["id"])
    return next(_van(row) for row in rows if row["code"] == code)


def _van(row: asyncpg.Record) -> VanView:
    pause = None
    if row["break_s"] is not None:
        pause = BreakView(
            begins_from=row["break_from"],
            begins_until=row["break_to"],
            minutes=row["break_s"] // 60,
        )
    told = {name: row[name] for name in VanView.model_fields if name != "pause"}
    return VanView(**told, pause=pause)
