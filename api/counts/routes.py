"""Counts, as planners ask for them and decide on what they found."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.counts.messages import CountList, CountRequest, CountView, DriftReport, DriftView, State
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import Moment, RowId, Words
from api.orders.routes import REFUSALS, reply
from api.wiring import House
from wms.bins import queries as bins
from wms.counting import queries as counts
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.items.unit import format_quantity
from wms.journey.goods.review import (
    CountWish,
    approve_count,
    count_view,
    reject_count,
    request_count,
    task_view,
)
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash
from wms.tenants import queries as tenants

router = APIRouter(prefix="/v1/counts", tags=["counts"])


@router.post("", status_code=201, response_model=CountView, responses=REFUSALS)
async def post_count(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, body: CountRequest
) -> JSONResponse:
    """Asks for a blind count of a place, or of one item in it."""
    owner_id = None if body.shop is None else await _owner_id(house, body.shop)
    request = StaffRequest(planner, key, "counts", body_hash(body.model_dump()))
    wish = CountWish(body.place, body.reason, body.warehouse, body.sku, owner_id)
    return reply(await request_count(house.pool, request, wish, house.now()))


@router.get("", response_model=CountList, responses=REFUSALS)
async def get_counts(
    house: HouseOf,
    planner: PlannerOf,
    state: Annotated[list[State] | None, Query()] = None,
    warehouse: Words | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> CountList:
    """Counts in the order in which they were asked for."""
    async with staff_transaction(house.pool) as connection:
        place = await bins.the_warehouse(connection, warehouse)
        rows = await counts.counts_after(connection, place["id"], state, row_after(after), limit)
    views = [CountView.model_validate(task_view(row)) for row in rows]
    return CountList(items=views, next=cursor(rows[-1]["id"]) if len(rows) == limit else None)


@router.get("/drift", response_model=DriftReport, responses=REFUSALS)
async def get_drift(
    house: HouseOf, planner: PlannerOf, since: Moment, warehouse: Words | None = None
) -> DriftReport:
    """What posted counts have found since a moment, by zone, item and reason."""
    async with staff_transaction(house.pool) as connection:
        place = await bins.the_warehouse(connection, warehouse)
        rows = await counts.drift_since(connection, place["id"], since)
    total = sum(row["counts"] for row in rows)
    return DriftReport(
        since=since,
        warehouse=place["code"],
        counts=total,
        exact_share=sum(row["exact"] for row in rows) / total if total else None,
        gained_minor=sum(row["gained_minor"] for row in rows),
        lost_minor=sum(row["lost_minor"] for row in rows),
        rows=[_drift(row) for row in rows],
    )


@router.get("/{count_id}", response_model=CountView, responses=REFUSALS)
async def get_count(house: HouseOf, planner: PlannerOf, count_id: RowId) -> CountView:
    """A count with what the books said and what was found."""
    async with staff_transaction(house.pool) as connection:
        return CountView.model_validate(await count_view(connection, count_id))


@router.post("/{count_id}/approve", response_model=CountView, responses=REFUSALS)
async def post_approval(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, count_id: RowId
) -> JSONResponse:
    """Posts a count that waits for review, as of the moment at which it was counted."""
    request = StaffRequest(planner, key, "counts/approve", body_hash([count_id]))
    return reply(await approve_count(house.pool, request, count_id, house.now()))


@router.post("/{count_id}/reject", response_model=CountView, responses=REFUSALS)
async def post_rejection(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, count_id: RowId
) -> JSONResponse:
    """Voids a count that waits for review; somebody else counts again."""
    request = StaffRequest(planner, key, "counts/reject", body_hash([count_id]))
    return reply(await reject_count(house.pool, request, count_id, house.now()))


async def _owner_id(house: House, name: str) -> int:
    async with staff_transaction(house.pool) as connection:
        shop = await tenants.shop_of_name(connection, name)
    if shop is None:
        raise Refused("unknown_shop", f"There is no shop {name!r}.", "/shop")
    return shop.owner_id


def _drift(row: asyncpg.Record) -> DriftView:
    def said(name: str) -> int | str:
        return format_quantity(row[name], row["scale"])

    return DriftView(
        zone=row["zone"],
        owner=row["owner"],
        sku=row["sku"],
        reason=row["reason"],
        counts=row["counts"],
        exact_share=row["exact"] / row["counts"],
        gained=said("gained"),
        lost=said("lost"),
        unapplied=said("unapplied"),
        gained_minor=row["gained_minor"],
        lost_minor=row["lost_minor"],
    )
