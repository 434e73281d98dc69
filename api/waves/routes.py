"""Waves, as planners work with them."""

import asyncpg
from fastapi import APIRouter

from api.auth import HouseOf, OptionalKey, PlannerOf
from api.field import RowId
from api.orders.routes import REFUSALS
from api.waves.messages import CartView, ChoiceView, LeftOutView, WaveRequest, WaveView
from api.waves.rule import wave_rule
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.journey.request import StaffRequest
from wms.journey.wave.replan import replan_wave
from wms.journey.wave.wave import release_wave, request_wave, unrelease_wave
from wms.outbox.command import body_hash
from wms.picking import queries as picking
from wms.picking.limit import ended_by
from wms.tenants.staff import Staff

router = APIRouter(prefix="/v1/waves", tags=["waves"])


@router.post("", status_code=202, response_model=WaveView, responses=REFUSALS)
async def post_wave(
    house: HouseOf, planner: PlannerOf, key: OptionalKey, body: WaveRequest
) -> WaveView:
    """Asks for a wave; the plan is made by the jobs role and read with GET.

    With an `Idempotency-Key` a repeat asks for no second one.
    """
    wave_id = await request_wave(
        house.pool,
        planner.actor,
        body.fulfilment_order_ids,
        release_when_planned=body.release,
        seed=house.seed(),
        now=house.now(),
        mode=body.mode,
        warehouse=body.warehouse,
        request=_request(planner, key, "wave", body.model_dump(mode="json")),
    )
    return await _view(house, wave_id)


@router.get("/{wave_id}", response_model=WaveView, responses=REFUSALS)
async def get_wave(house: HouseOf, planner: PlannerOf, wave_id: RowId) -> WaveView:
    """A wave with its carts and walks."""
    return await _view(house, wave_id)


@router.post("/{wave_id}/release", response_model=WaveView, responses=REFUSALS)
async def post_release(
    house: HouseOf, planner: PlannerOf, key: OptionalKey, wave_id: RowId
) -> WaveView:
    """Reserves the bins of a planned wave and hands its carts to the pickers."""
    request = _request(planner, key, "wave/release", wave_id)
    await release_wave(house.pool, wave_id, planner.actor, house.now(), request)
    return await _view(house, wave_id)


@router.post("/{wave_id}/unrelease", response_model=WaveView, responses=REFUSALS)
async def post_unrelease(
    house: HouseOf, planner: PlannerOf, key: OptionalKey, wave_id: RowId
) -> WaveView:
    """Takes back a wave that nobody has begun."""
    request = _request(planner, key, "wave/unrelease", wave_id)
    await unrelease_wave(house.pool, wave_id, planner.actor, house.now(), request)
    return await _view(house, wave_id)


@router.post("/{wave_id}/replan", status_code=202, response_model=WaveView, responses=REFUSALS)
async def post_replan(
    house: HouseOf, planner: PlannerOf, key: OptionalKey, wave_id: RowId
) -> WaveView:
    """Plans those walks of a wave anew that nobody has begun, with orders that cannot wait.

    Answers the new wave; what a picker has claimed or begun stays in the old one.
    """
    request = _request(planner, key, "wave/replan", wave_id)
    again = await replan_wave(
        house.pool,
        wave_id,
        planner.actor,
        wave_rule(house.settings),
        house.seed(),
        house.now(),
        request,
    )
    return await _view(house, again)


def _request(planner: Staff, key: str | None, kind: str, body: object) -> StaffRequest | None:
    return None if key is None else StaffRequest(planner, key, kind, body_hash([body]))


async def _view(house: House, wave_id: int) -> WaveView:
    async with staff_transaction(house.pool) as connection:
        row = await picking.wave_with_carts(connection, wave_id)
    if row is None:
        raise NotFound("unknown_wave", f"There is no wave {wave_id}.")
    return _wave(row)


def _wave(row: asyncpg.Record) -> WaveView:
    distance, baseline, bound = row["distance_mm"], row["baseline_mm"], row["bound_mm"]
    return WaveView(
        id=row["id"],
        state=row["state"],
        mode=row["mode"],
        asked_by=row["asked_by"],
        reason=row["reason"],
        replans=row["replans"],
        orders=row["orders"],
        method=row["method"],
        distance_mm=distance,
        baseline_mm=baseline,
        saving=1 - distance / baseline if baseline else None,
        bound_mm=bound,
        gap=distance / bound - 1 if bound else None,
        walk_s=row["walk_s"],
        solve_s=row["solve_s"],
        solve_s_max=row["solve_s_max"],
        ended_by=ended_by(row["solve_s"], row["solve_s_max"]),
        choice=None if row["choice"] is None else ChoiceView(**row["choice"]),
        left_out=[LeftOutView(**entry) for entry in row["left_out"]],
        refusal=row["refusal"],
        created_at=row["created_at"],
        planned_at=row["planned_at"],
        released_at=row["released_at"],
        done_at=row["done_at"],
        carts=[CartView(**cart) for cart in row["carts"]],
    )
