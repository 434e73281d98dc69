"""Webhook endpoints: where events are pushed to, what came of it, and again what was missed."""

from datetime import timedelta
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.cursor import NUMBER_MAX, PAGE, PAGE_MAX, cursor, row_after
from api.dispatch.guard import check_target
from api.events.endpoint_messages import (
    DeliveryDetail,
    DeliveryList,
    DeliveryNumber,
    DeliveryView,
    EndpointChange,
    EndpointEntered,
    EndpointList,
    EndpointRequest,
    EndpointView,
    ReplayRequest,
    ReplayView,
    SampleRequest,
    SecretRequest,
    SecretView,
    State,
)
from api.field import RowId
from api.orders.routes import REFUSALS, reply
from api.wiring import House
from wms.database.pool import shop_transaction
from wms.error import NotFound
from wms.journey.request import Request
from wms.journey.shop import endpoint as endpoints
from wms.outbox import queries as outbox_rows
from wms.outbox.command import body_hash
from wms.outbox.endpoint_commands import Change
from wms.tenants.shop import Shop

router = APIRouter(prefix="/v1/webhook-endpoints", tags=["webhooks"])
MISSED, EVERYTHING = ("dead",), ("dead", "delivered")


async def _check(house: House, url: str) -> None:
    await check_target(url, private=house.settings.webhook_private == "yes")


def _request(shop: Shop, key: str, kind: str, endpoint_id: int, *asked: object) -> Request:
    return Request(shop, key, f"webhook-{kind}", body_hash([endpoint_id, *asked]))


async def _find(connection: asyncpg.Connection, shop: Shop, endpoint_id: int) -> asyncpg.Record:
    row = await outbox_rows.find_endpoint(connection, shop.tenant_id, shop.shop_id, endpoint_id)
    if row is None:
        raise NotFound("endpoint_not_found", f"There is no webhook endpoint {endpoint_id}.")
    return row


@router.post("", status_code=201, response_model=EndpointEntered, responses=REFUSALS)
async def post_endpoint(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: EndpointRequest
) -> JSONResponse:
    """Enters a webhook endpoint; deliveries are signed by Standard Webhooks.

    Its address is https and public; no redirect is followed.
    """
    await _check(house, body.url)
    request = Request(shop, key, "webhook-endpoint", body_hash(body.model_dump()))
    return reply(await endpoints.add_endpoint(house.pool, request, body.url, body.types))


@router.get("", response_model=EndpointList, responses=REFUSALS)
async def get_endpoints(
    house: HouseOf,
    shop: ShopOf,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> EndpointList:
    """The shop's webhook endpoints."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        rows = await outbox_rows.endpoints_after(
            connection, shop.tenant_id, shop.shop_id, row_after(after), limit
        )
    items = [EndpointView(**row) for row in rows]
    return EndpointList(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.get("/{endpoint_id}", response_model=EndpointView, responses=REFUSALS)
async def get_endpoint(house: HouseOf, shop: ShopOf, endpoint_id: RowId) -> EndpointView:
    """One webhook endpoint; where it hears nothing any more, why."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        return EndpointView(**await _find(connection, shop, endpoint_id))


@router.patch("/{endpoint_id}", response_model=EndpointView, responses=REFUSALS)
async def patch_endpoint(
    house: HouseOf, shop: ShopOf, endpoint_id: RowId, body: EndpointChange
) -> EndpointView:
    """Changes an endpoint's address or types, disables it, or lets it hear again.

    What waited when it was disabled, and what happened meanwhile, comes by a replay.
    """
    if body.url is not None:
        await _check(house, body.url)
    change = Change(body.url, body.types, body.active)
    await endpoints.change_endpoint(house.pool, shop, endpoint_id, change, house.now())
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        return EndpointView(**await _find(connection, shop, endpoint_id))


@router.delete("/{endpoint_id}", status_code=204, responses=REFUSALS)
async def delete_endpoint(house: HouseOf, shop: ShopOf, endpoint_id: RowId) -> Response:
    """Forgets an endpoint with its deliveries; what waits for it is sent to nobody."""
    await endpoints.remove_endpoint(house.pool, shop, endpoint_id, house.now())
    return Response(status_code=204)


@router.post(
    "/{endpoint_id}/test", status_code=202, response_model=DeliveryNumber, responses=REFUSALS
)
async def post_test(
    house: HouseOf,
    shop: ShopOf,
    key: IdempotencyKey,
    endpoint_id: RowId,
    body: SampleRequest | None = None,
) -> JSONResponse:
    """Sends a sample, signed as real ones are and marked `test`; its delivery says how it went."""
    event_type = (body or SampleRequest()).type
    request = _request(shop, key, "test", endpoint_id, event_type)
    return reply(
        await endpoints.try_endpoint(house.pool, request, endpoint_id, event_type, house.now())
    )


@router.post("/{endpoint_id}/secret", response_model=SecretView, responses=REFUSALS)
async def post_secret(
    house: HouseOf,
    shop: ShopOf,
    key: IdempotencyKey,
    endpoint_id: RowId,
    body: SecretRequest | None = None,
) -> JSONResponse:
    """Changes the signing secret; for a while both sign, so that no delivery is refused."""
    overlap = timedelta(seconds=(body or SecretRequest()).overlap_s)
    request = _request(shop, key, "secret", endpoint_id, overlap.total_seconds())
    return reply(
        await endpoints.rotate_secret(house.pool, request, endpoint_id, overlap, house.now())
    )


@router.post(
    "/{endpoint_id}/replay", status_code=202, response_model=ReplayView, responses=REFUSALS
)
async def post_replay(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, endpoint_id: RowId, body: ReplayRequest
) -> JSONResponse:
    """Sends again what an endpoint did not get since a moment, or all of it.

    Events count too that were never sent to it: from before it was entered or while it was
    disabled. Deliveries keep their message ids, so that a receiver knows what it has.
    """
    request = _request(shop, key, "replay", endpoint_id, body.model_dump(mode="json"))
    states = EVERYTHING if body.which == "all" else MISSED
    return reply(
        await endpoints.replay_since(
            house.pool, request, endpoint_id, states, body.since, house.now()
        )
    )


@router.get("/{endpoint_id}/deliveries", response_model=DeliveryList, responses=REFUSALS)
async def get_deliveries(
    house: HouseOf,
    shop: ShopOf,
    endpoint_id: RowId,
    state: State | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> DeliveryList:
    """What was delivered to an endpoint, what waits and what was given up, the newest first."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        await _find(connection, shop, endpoint_id)
        rows = await outbox_rows.deliveries_before(
            connection, endpoint_id, row_after(after) or NUMBER_MAX, state, limit
        )
    items = [DeliveryView(**_delivery(row)) for row in rows]
    return DeliveryList(
        items=items,
        next=cursor(items[-1].id) if len(items) == limit else None,
        kept_days=house.settings.delivery_days,
    )


@router.get(
    "/{endpoint_id}/deliveries/{delivery_id}", response_model=DeliveryDetail, responses=REFUSALS
)
async def get_delivery(
    house: HouseOf, shop: ShopOf, endpoint_id: RowId, delivery_id: RowId
) -> DeliveryDetail:
    """One delivery with its body."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        await _find(connection, shop, endpoint_id)
        row = await outbox_rows.find_delivery(connection, endpoint_id, delivery_id)
    if row is None:
        raise NotFound("delivery_not_found", f"There is no delivery {delivery_id}.")
    return DeliveryDetail(**_delivery(row), payload=row["payload"])


@router.post(
    "/{endpoint_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    response_model=DeliveryNumber,
    responses=REFUSALS,
)
async def post_delivery_replay(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, endpoint_id: RowId, delivery_id: RowId
) -> JSONResponse:
    """Sends a delivery again under its message id, also one that was given up or delivered."""
    request = _request(shop, key, "delivery-replay", endpoint_id, delivery_id)
    return reply(
        await endpoints.replay_delivery(house.pool, request, endpoint_id, delivery_id, house.now())
    )


def _delivery(row: asyncpg.Record) -> dict[str, Any]:
    """A delivery's row in the words of its view."""
    renamed = {"tried_at": "last_attempt_at", "done_at": "delivered_at"}
    return {renamed.get(name, name): value for name, value in row.items() if name != "payload"}
