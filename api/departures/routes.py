"""Departures and their routes, as planners work with them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.auth import HouseOf, IdempotencyKey, OptionalKey, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.departures.messages import (
    DepartureList,
    DepartureRequest,
    DepartureRow,
    DepartureView,
    LateView,
    ProgressRequest,
    ProgressView,
    RoutePlanView,
    VersionList,
    WishRequest,
    WishView,
)
from api.departures.plan_view import plan_view, version_view
from api.field import RowId
from api.orders.routes import REFUSALS
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.journey.request import StaffRequest
from wms.journey.route.route_progress import LateReport, StopReport, report_progress
from wms.journey.route.route_request import known_departure, replan_departure, set_departure
from wms.journey.route.route_wish import drop_wish, make_wish
from wms.outbox.command import body_hash
from wms.shipping import queries as shipping
from wms.shipping.route import Outcome, State

router = APIRouter(prefix="/v1/departures", tags=["departures"])
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("", response_model=DepartureList, responses=REFUSALS)
async def get_departures(
    house: HouseOf,
    _planner: PlannerOf,
    state: Literal["open", "closed"] | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> DepartureList:
    """Departures, the newest first."""
    before = row_after(after) or None
    async with staff_transaction(house.pool) as connection:
        rows = await shipping.departures_before(connection, state, before, limit)
    items = [DepartureRow.model_validate(dict(row)) for row in rows]
    return DepartureList(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.get("/{departure_id}", response_model=DepartureView, responses=REFUSALS)
async def get_departure(house: HouseOf, _planner: PlannerOf, departure_id: RowId) -> DepartureView:
    """A departure with planners' wishes, and which version of its routes stands."""
    return await _departure(house, departure_id)


@router.put("/{departure_id}", response_model=DepartureView, responses=REFUSALS)
async def put_departure(
    house: HouseOf, _planner: PlannerOf, departure_id: RowId, body: DepartureRequest
) -> DepartureView:
    """Says by whose vans an open departure goes, and its cut-off."""
    await set_departure(house.pool, departure_id, body.kind, body.cut_off_at)
    return await _departure(house, departure_id)


@router.get("/{departure_id}/routes", response_model=VersionList, responses=REFUSALS)
async def get_versions(house: HouseOf, _planner: PlannerOf, departure_id: RowId) -> VersionList:
    """The versions of a departure's routes, the newest first."""
    async with staff_transaction(house.pool) as connection:
        await known_departure(connection, departure_id)
        rows = await shipping.plans_of_departure(connection, departure_id)
    return VersionList(items=[version_view(row) for row in rows])


@router.get("/{departure_id}/routes/{version}", response_model=RoutePlanView, responses=REFUSALS)
async def get_version(
    house: HouseOf, planner: PlannerOf, departure_id: RowId, version: Version
) -> RoutePlanView:
    """One version with its routes, arrivals, and what is on no route and why."""
    plan = await _plan(house, departure_id, version)
    stops = [stop.order_id for route in plan.routes for stop in (*route.visited, *route.stops)]
    house.reads.orders(planner.actor, "route", stops)
    return plan


@router.post(
    "/{departure_id}/plan", status_code=202, response_model=RoutePlanView, responses=REFUSALS
)
async def post_plan(
    house: HouseOf, planner: PlannerOf, key: OptionalKey, departure_id: RowId
) -> RoutePlanView:
    """Plans a departure's routes, or plans them anew from those that stand, by the wishes.

    The plan is made by the jobs role and read with GET; while one is being made, that is the
    answer. With an `Idempotency-Key` a repeat asks for no second one.
    """
    request = None
    if key is not None:
        request = StaffRequest(planner, key, "departure/plan", body_hash([departure_id]))
    version = await replan_departure(house.pool, departure_id, planner.actor, house.now(), request)
    return await _plan(house, departure_id, version)


@router.put("/{departure_id}/wishes/{order_id}", response_model=DepartureView, responses=REFUSALS)
async def put_wish(
    house: HouseOf, planner: PlannerOf, departure_id: RowId, order_id: RowId, body: WishRequest
) -> DepartureView:
    """Locks an order to a van, forbids it vans, or lets it go first; the next plan obeys.

    It takes the place of an earlier wish for the order. A changed departure is planned anew by
    itself within a minute, and at once with POST …/plan.
    """
    await make_wish(house.pool, departure_id, order_id, body.wish(), planner.actor, house.now())
    return await _departure(house, departure_id)


@router.delete("/{departure_id}/wishes/{order_id}", status_code=204, responses=REFUSALS)
async def delete_wish(
    house: HouseOf, _planner: PlannerOf, departure_id: RowId, order_id: RowId
) -> Response:
    """Forgets what was wanted for an order."""
    await drop_wish(house.pool, departure_id, order_id)
    return Response(status_code=204)


@router.post(
    "/{departure_id}/progress", status_code=202, response_model=ProgressView, responses=REFUSALS
)
async def post_progress(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    departure_id: RowId,
    body: ProgressRequest,
) -> ProgressView:
    """Takes what became of a stop, or that a van is late, and plans the rest anew."""
    request = StaffRequest(
        planner,
        key,
        "departure/progress",
        body_hash([departure_id, body.model_dump(mode="json")]),
    )
    answer = await report_progress(house.pool, departure_id, _report(body), request, house.now())
    version = answer.body["version"]
    assert isinstance(version, int)
    return ProgressView(version=version or None)


def _report(body: ProgressRequest) -> StopReport | LateReport:
    if body.order_id is not None:
        assert body.outcome is not None and body.at is not None
        return StopReport(body.order_id, Outcome(body.outcome), body.at, body.note)
    assert body.van is not None and body.late_s is not None
    return LateReport(body.van, body.late_s)


async def _departure(house: House, departure_id: int) -> DepartureView:
    async with staff_transaction(house.pool) as connection:
        row = await known_departure(connection, departure_id)
        reading = await shipping.read_departure(connection, departure_id)
        asked = await shipping.plan_in_state(connection, departure_id, State.REQUESTED)
        wishes = await shipping.wishes_of_departure(connection, departure_id)
        late = await shipping.lateness_of_departure(connection, departure_id)
    assert reading is not None, "its row was just read"
    parcels = sum(len(drop.parcel_ids) for drop in reading.drops)
    return DepartureView(
        **{name: row[name] for name in DepartureRow.model_fields if name in row},
        parcels=parcels,
        loaded=sum(drop.loaded for drop in reading.drops),
        version=reading.version or None,
        planning=None if asked is None else asked["version"],
        stale=reading.stale,
        wishes=[WishView(**{name: one[name] for name in WishView.model_fields}) for one in wishes],
        late=[LateView(**{name: one[name] for name in LateView.model_fields}) for one in late],
    )


async def _plan(house: House, departure_id: int, version: int) -> RoutePlanView:
    async with staff_transaction(house.pool) as connection:
        await known_departure(connection, departure_id)
        row = await shipping.plan_of_version(connection, departure_id, version)
    if row is None:
        raise NotFound(
            "unknown_version", f"Departure {departure_id} has no version {version} of its routes."
        )
    return plan_view(row)
