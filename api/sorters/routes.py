"""Sorters as staff look at them, and what they ask of lanes."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.orders.routes import REFUSALS
from api.sorters.messages import (
    AlarmView,
    EventView,
    ItemList,
    ItemView,
    LaneOrderView,
    LaneRequest,
    LaneView,
    SorterList,
    SorterRowView,
    SorterView,
)
from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.journey.request import StaffRequest
from wms.journey.wave.lane import command_lane
from wms.outbox.command import body_hash
from wms.overview import sorter as overview
from wms.sorting import queries as sorting
from wms.sorting.plan import LANES_MAX

router = APIRouter(prefix="/v1/sorters", tags=["sorters"])
Name = Annotated[str, Path(max_length=100)]
Lane = Annotated[int, Path(ge=1, le=LANES_MAX)]
SiteQuery = Annotated[str | None, Query(max_length=100)]


class LaneOp(StrEnum):
    """What a lane can be told."""

    CLOSE = "close"
    OPEN = "open"
    PURGE = "purge"


@router.get("", response_model=SorterList, responses=REFUSALS)
async def get_sorters(house: HouseOf, _planner: PlannerOf) -> SorterList:
    """Every sorter: its link, its mode, and how many alarms stand."""
    async with staff_transaction(house.pool) as connection:
        rows = await overview.sorters(connection)
    return SorterList(items=[SorterRowView.model_validate(row) for row in rows])


@router.get("/{name}", response_model=SorterView, responses=REFUSALS)
async def get_sorter(
    house: HouseOf, _planner: PlannerOf, name: Name, site: SiteQuery = None
) -> SorterView:
    """A sorter with its lanes, alarms, last events, and all that rides on it and why."""
    async with staff_transaction(house.pool) as connection:
        shown = await overview.sorter(connection, name, site)
    return SorterView(
        sorter=SorterRowView.model_validate(shown.row),
        belt_speed_mm_s=shown.belt_speed_mm_s,
        reject_lane=shown.reject_lane,
        lanes=[LaneView.model_validate(one) for one in shown.lanes],
        riding=[ItemView.model_validate(one) for one in shown.riding],
        alarms=[AlarmView.model_validate(one) for one in shown.alarms],
        orders=[LaneOrderView.model_validate(one) for one in shown.orders],
        events=[EventView.model_validate(one) for one in shown.events],
        last_hour=shown.ended,
    )


@router.get("/{name}/items", response_model=ItemList, responses=REFUSALS)
async def get_items(
    house: HouseOf,
    _planner: PlannerOf,
    name: Name,
    site: SiteQuery = None,
    unit: Annotated[str | None, Query(max_length=100)] = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> ItemList:
    """What rode on a sorter, the newest first, each with its last decision; or a unit's stays."""
    if unit is not None:
        async with staff_transaction(house.pool) as connection:
            stays = await overview.items_of_unit(connection, unit, limit)
        return ItemList(items=[ItemView.model_validate(one) for one in stays])
    sorter_id = await _sorter_id(house, name, site)
    async with staff_transaction(house.pool) as connection:
        rows = await overview.items(connection, sorter_id, row_after(after) or None, limit)
    items = [ItemView.model_validate(one) for one in rows]
    return ItemList(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.post(
    "/{name}/lanes/{lane}/{op}", status_code=202, response_model=LaneOrderView, responses=REFUSALS
)
async def post_lane(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    response: Response,
    name: Name,
    lane: Lane,
    op: LaneOp,
    body: LaneRequest,
    site: SiteQuery = None,
) -> LaneOrderView:
    """Closes a lane, opens it, or empties it.

    The house gives a closed lane to nothing more at once, and what rides towards it another one
    where there still is time. The PLC is told, and the answer's `state` is `queued` until it has
    done it: GET the sorter for what came of it. A lane stays closed until it is opened, through
    every restart.
    """
    sorter_id = await _sorter_id(house, name, site)
    asked = body_hash([sorter_id, lane, op, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "sorter/lane", asked)
    answer = await command_lane(house.pool, sorter_id, lane, op, body.why, request, house.now())
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    order_id = answer.body["id"]
    assert isinstance(order_id, int)
    async with staff_transaction(house.pool) as connection:
        row = await sorting.lane_command_of_id(connection, order_id)
    assert row is not None, "an order is never deleted"
    return LaneOrderView.model_validate(dict(row))


async def _sorter_id(house: HouseOf, name: str, site: str | None) -> int:
    async with staff_transaction(house.pool) as connection:
        row = await sorting.sorter_of_name(connection, name, site)
    if row is None:
        raise NotFound("unknown_sorter", f"There is no sorter {name}.")
    return int(row["id"])
