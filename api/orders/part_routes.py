"""Fulfilment orders: held, moved, parted and closed short, by their shop or a planner."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from api.auth import HouseOf, IdempotencyKey
from api.card import refuse_card_data
from api.field import RowId
from api.orders.asker import AskerOf, asked
from api.orders.part_messages import HoldList, HoldRequest, MoveRequest, SplitRequest
from api.orders.routes import REFUSALS, reply
from api.orders.view_messages import OrderView
from api.precondition import CHANGED, TAGGED, SeenVersion
from wms.journey.order.hold import lift_hold
from wms.journey.order.hold_place import place_hold
from wms.journey.order.move import move_fulfilment
from wms.journey.order.split import close_short, split_fulfilment
from wms.outbox.command import body_hash

router = APIRouter(tags=["orders"])


@router.post(
    "/v1/orders/{order_id}/holds", status_code=201, response_model=HoldList, responses=REFUSALS
)
async def post_hold(
    house: HouseOf, asker: AskerOf, key: IdempotencyKey, order_id: RowId, body: HoldRequest
) -> JSONResponse:
    """Keeps an order back: none of it is released while any hold stands.

    What is released already and not begun is taken back; what somebody has begun is refused with
    its state. A hold never ends by itself: `until` is when its owner is asked.
    """
    refuse_card_data(body)
    digest = body_hash([order_id, body.model_dump(mode="json")])
    answer = await place_hold(
        house.pool,
        asked(asker, key, "hold", digest),
        order_id,
        body.kind,
        body.reason,
        body.until,
        body.fulfilment_order_id,
        house.now(),
    )
    return reply(answer)


@router.delete("/v1/orders/{order_id}/holds/{hold_id}", status_code=204, responses=REFUSALS)
async def delete_hold(house: HouseOf, asker: AskerOf, order_id: RowId, hold_id: RowId) -> Response:
    """Lifts a hold; with the last one gone the order goes on with the next wave.

    A shop lifts its own, planners those of the house.
    """
    await lift_hold(house.pool, order_id, hold_id, asker, house.now())
    return Response(status_code=204)


@router.post(
    "/v1/orders/{order_id}/fulfilment-orders/{fulfilment_order_id}/close-short",
    response_model=OrderView,
    responses=REFUSALS | CHANGED | {200: TAGGED},
)
async def post_close_short(
    house: HouseOf,
    asker: AskerOf,
    key: IdempotencyKey,
    version: SeenVersion,
    order_id: RowId,
    fulfilment_order_id: RowId,
) -> JSONResponse:
    """Ends what of a fulfilment order only waits for goods; what is there ships.

    The event `order.incomplete` says for which quantities how much is to be given back.
    """
    digest = body_hash([order_id, fulfilment_order_id, version])
    answer = await close_short(
        house.pool,
        asked(asker, key, "close_short", digest),
        order_id,
        fulfilment_order_id,
        version,
        house.now(),
    )
    return reply(answer)


@router.post(
    "/v1/fulfilment-orders/{fulfilment_order_id}/move",
    response_model=OrderView,
    responses=REFUSALS | CHANGED | {200: TAGGED},
)
async def post_move(
    house: HouseOf,
    asker: AskerOf,
    key: IdempotencyKey,
    version: SeenVersion,
    fulfilment_order_id: RowId,
    body: MoveRequest,
) -> JSONResponse:
    """Moves a fulfilment order that is not released to another warehouse, whole.

    Its goods are promised there and no longer here, or nothing changes.
    """
    digest = body_hash([fulfilment_order_id, version, body.model_dump(mode="json")])
    answer = await move_fulfilment(
        house.pool,
        asked(asker, key, "move", digest),
        fulfilment_order_id,
        body.warehouse,
        version,
        house.now(),
    )
    return reply(answer)


@router.post(
    "/v1/fulfilment-orders/{fulfilment_order_id}/split",
    status_code=201,
    response_model=OrderView,
    responses=REFUSALS | CHANGED | {201: TAGGED},
)
async def post_split(
    house: HouseOf,
    asker: AskerOf,
    key: IdempotencyKey,
    version: SeenVersion,
    fulfilment_order_id: RowId,
    body: SplitRequest,
) -> JSONResponse:
    """Gives quantities of lines to a fulfilment order of their own, in the same warehouse.

    Claims on goods that are there go with them first; holds stand on both.
    """
    digest = body_hash([fulfilment_order_id, version, body.model_dump(mode="json")])
    answer = await split_fulfilment(
        house.pool,
        asked(asker, key, "split", digest),
        fulfilment_order_id,
        [(line.line, line.quantity) for line in body.lines],
        version,
        house.now(),
    )
    return reply(answer)
