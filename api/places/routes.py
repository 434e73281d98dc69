"""Places of the warehouses."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import HouseOf, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import Words
from api.orders.routes import REFUSALS
from api.places.messages import PlaceList, PlaceRequest, PlaceView
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused
from wms.journey import entry

router = APIRouter(prefix="/v1/places", tags=["places"])


@router.put("/{code}", response_model=PlaceView, responses=REFUSALS)
async def put_place(
    house: HouseOf,
    planner: PlannerOf,
    code: Words,
    body: PlaceRequest,
    warehouse: Words | None = None,
) -> PlaceView:
    """Enters a place of a warehouse, or changes it; a place keeps its kind.

    Without a warehouse, the first is meant. What a place may hold can become less than lies
    there: it then only takes no more.
    """
    async with staff_transaction(house.pool) as connection:
        found = await bins.the_warehouse(connection, warehouse)
        try:
            await entry.enter_places(connection, found["code"], [body.place(code)])
        except (Refused, Conflict) as refusal:
            pointer = (refusal.pointer or "").removeprefix("/0")
            raise type(refusal)(refusal.code, refusal.detail, pointer or None) from refusal
    return PlaceView(code=code, warehouse=found["code"], **body.model_dump())


@router.get("", response_model=PlaceList, responses=REFUSALS)
async def get_places(
    house: HouseOf,
    planner: PlannerOf,
    warehouse: Words | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> PlaceList:
    """The places of a warehouse, or of all."""
    async with staff_transaction(house.pool) as connection:
        only = None
        if warehouse is not None:
            only = (await bins.the_warehouse(connection, warehouse))["id"]
        rows = await bins.places_after(connection, row_after(after), limit, only)
    views = [PlaceView.model_validate(dict(row)) for row in rows]
    return PlaceList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)
