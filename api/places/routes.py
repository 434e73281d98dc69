"""Places of the warehouse."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import HouseOf, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import Words
from api.orders.routes import REFUSALS
from api.places.messages import PlaceList, PlaceRequest, PlaceView
from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.database.pool import staff_transaction

router = APIRouter(prefix="/v1/places", tags=["places"])


@router.put("/{code}", response_model=PlaceView, responses=REFUSALS)
async def put_place(
    house: HouseOf, planner: PlannerOf, code: Words, body: PlaceRequest
) -> PlaceView:
    """Enters a place, or changes it; a place keeps its kind."""
    async with staff_transaction(house.pool) as connection:
        warehouse = await bin_rows.the_warehouse(connection)
        await bins.enter_places(connection, warehouse["id"], [body.place(code)])
    return PlaceView(code=code, warehouse=warehouse["code"], **body.model_dump())


@router.get("", response_model=PlaceList, responses=REFUSALS)
async def get_places(
    house: HouseOf,
    planner: PlannerOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> PlaceList:
    """The places of the house."""
    async with staff_transaction(house.pool) as connection:
        rows = await bin_rows.places_after(connection, row_after(after), limit)
    views = [PlaceView(**{name: row[name] for name in PlaceView.model_fields}) for row in rows]
    return PlaceList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)
