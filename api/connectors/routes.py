"""Other shop systems: let in, heard, and told what came of their messages."""

import hashlib
import json
import re
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.connectors.messages import (
    ConnectorList,
    ConnectorRequest,
    ConnectorView,
    HeardView,
    MessageList,
    MessageView,
    NewConnectorView,
    SecretRequest,
)
from api.connectors.work import DIALECTS, carry_out_message
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import RowId
from api.orders.routes import REFUSALS, reply
from api.problems import BorderError, Problem
from wms.error import Conflict
from wms.journey.request import Request
from wms.journey.shop.connector import (
    Message,
    add_connector,
    change_secret,
    connector_of_number,
    deliveries,
    delivery,
    keep_message,
    remove_connector,
    shop_connectors,
)
from wms.orders.connector import DeliveryState, Kind, is_signed
from wms.outbox.command import Answer, body_hash

router = APIRouter(prefix="/v1/connectors", tags=["connectors"])
HEARD: dict[int | str, dict[str, object]] = {
    status: {"model": Problem} for status in (400, 401, 422)
}
NAME_MAX = 200
# What WooCommerce sends, unsigned, when a webhook is saved; it wants a plain 200.
PING = re.compile(rb"webhook_id=[0-9]{1,20}")
SHOWN: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The body as the shop system sends and signs it, byte for byte.",
        "content": {
            "application/json": {
                "schema": {"type": "object", "additionalProperties": True},
                "example": {"id": 450789469, "name": "#1001", "financial_status": "paid"},
            }
        },
    },
    "security": [{"shopifySignature": []}, {"woocommerceSignature": []}],
    "parameters": [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
        for dialect in DIALECTS.values()
        for name in (dialect.signature, dialect.topic, dialect.delivery)
    ],
}


@router.post("", status_code=201, response_model=NewConnectorView, responses=REFUSALS)
async def post_connector(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: ConnectorRequest
) -> JSONResponse:
    """Lets another shop system in: its webhooks become this shop's orders.

    Enter the answer's `path`, behind this service's address, as the address of its webhooks. A
    connector that a sandbox key makes keeps its orders off the floor, and so are test orders.
    """
    digest = body_hash(body.model_dump(mode="json"))
    request = Request(shop, key, "connector_new", digest)
    answer = await add_connector(
        house.pool, request, body.kind, body.name, body.secret, body.wishes(), house.now()
    )
    shown = answer.body | _where(Kind(str(answer.body["kind"])), int(str(answer.body["id"])))
    return reply(Answer(answer.status, shown, answer.replayed))


@router.get("", response_model=ConnectorList, responses=REFUSALS)
async def get_connectors(house: HouseOf, shop: ShopOf) -> ConnectorList:
    """The shop's connectors, the oldest first."""
    return ConnectorList(items=[_view(row) for row in await shop_connectors(house.pool, shop)])


@router.put("/{connector_id}/secret", status_code=204, responses=REFUSALS)
async def put_secret(
    house: HouseOf, shop: ShopOf, connector_id: RowId, body: SecretRequest
) -> Response:
    """Changes the secret that its webhooks are signed with, at once."""
    await change_secret(house.pool, shop, connector_id, body.secret, house.now())
    return Response(status_code=204)


@router.delete("/{connector_id}", status_code=204, responses=REFUSALS)
async def delete_connector(house: HouseOf, shop: ShopOf, connector_id: RowId) -> Response:
    """Shuts a shop system out; orders that came by it stay."""
    await remove_connector(house.pool, shop, connector_id, house.now())
    return Response(status_code=204)


@router.get("/{connector_id}/messages", response_model=MessageList, responses=REFUSALS)
async def get_messages(
    house: HouseOf,
    shop: ShopOf,
    connector_id: RowId,
    state: DeliveryState | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> MessageList:
    """What it sent, the oldest first, with what came of each message."""
    rows = await deliveries(house.pool, shop, connector_id, state, row_after(after), limit)
    return MessageList(
        items=[_message(row) for row in rows],
        next=cursor(rows[-1]["id"]) if len(rows) == limit else None,
    )


@router.post(
    "/{connector_id}/messages/{message_id}/replay",
    response_model=MessageView,
    responses=REFUSALS,
)
async def post_message_replay(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, connector_id: RowId, message_id: RowId
) -> MessageView:
    """Carries a message out again that was refused, once its reason is gone.

    One that is done stays as it is, however often it is asked for.
    """
    await delivery(house.pool, shop, connector_id, message_id)
    await carry_out_message(house, message_id)
    return _message(await delivery(house.pool, shop, connector_id, message_id))


@router.post(
    "/{kind}/{connector_id}/orders",
    response_model=HeardView,
    responses=HEARD,
    openapi_extra=SHOWN,
)
async def post_message(
    request: HttpRequest, house: HouseOf, kind: Kind, connector_id: RowId
) -> JSONResponse:
    """Takes a webhook of a shop system: a new order, a payment, a change, a refund, a cancellation.

    It is signed with the connector's secret. 200 says that it is kept, and no more: what came of it
    is in the connector's messages, and a refusal is told by the event `connector.refused`.
    The same message again changes nothing, and messages may come in any order.
    """
    body, dialect = await request.body(), DIALECTS[kind]
    if kind is Kind.WOOCOMMERCE and PING.fullmatch(body):
        return JSONResponse({"message_id": None, "state": "ignored"})
    connector = await connector_of_number(house.pool, connector_id)
    known = connector is not None and connector.kind is kind
    # Who knows no secret is not told which connectors there are.
    secret = connector.secret if connector is not None and known else "nobody's"
    signed = is_signed(secret, body, request.headers.get(dialect.signature, ""))
    if connector is None or not (known and signed):
        raise BorderError(
            401,
            "wrong_signature",
            f"{dialect.signature} was not made with this connector's secret.",
        )
    topic = request.headers.get(dialect.topic, "")
    if topic not in dialect.topics:
        return JSONResponse({"message_id": None, "state": "ignored"})
    text, parsed = _parsed(body)
    their_id = dialect.their_id(topic, parsed)
    if not 0 < len(their_id) <= NAME_MAX or not their_id.isprintable():
        raise BorderError(422, "order_missing", "This names no order.", "/id")
    message = Message(
        _name(request.headers.get(dialect.delivery, ""), topic, body),
        topic,
        their_id,
        text,
        dialect.mail(parsed),
    )
    number = await keep_message(house.pool, connector, message, house.now())
    return JSONResponse({"message_id": number, "state": await _carried_out(house, number)})


async def _carried_out(house: HouseOf, number: int) -> str:
    try:
        outcome = await carry_out_message(house, number)
    except Conflict:
        # Somebody is at the same order: the job that was kept with the message comes back to it.
        return DeliveryState.WAITING
    return DeliveryState.DONE if outcome is None else outcome.state


def _parsed(body: bytes) -> tuple[str, Any]:
    try:
        text = body.decode("utf-8")
        return text, json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BorderError(400, "unparsable", "The body is not JSON in UTF-8.") from error


def _name(said: str, topic: str, body: bytes) -> str:
    """What this sending is called; of one without a name the body itself is."""
    name = said.strip()
    if 0 < len(name) <= NAME_MAX:
        return name
    return hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()


def _where(kind: Kind, number: int) -> dict[str, object]:
    path = f"{router.prefix}/{kind.value}/{number}/orders"
    return {"path": path, "topics": list(DIALECTS[kind].topics)}


def _view(row: asyncpg.Record) -> ConnectorView:
    kind = Kind(row["kind"])
    own = {name: row[name] for name in ("id", "kind", "name", "sandbox")}
    return ConnectorView.model_validate(own | row["wishes"] | _where(kind, row["id"]))


def _message(row: asyncpg.Record) -> MessageView:
    outcome = row["outcome"]
    told = {name: outcome.get(name) for name in ("code", "detail", "pointer")}
    names = ("id", "their_delivery", "topic", "their_id", "state", "attempts", "order_id")
    moments = ("received_at", "done_at")
    return MessageView.model_validate(
        {name: row[name] for name in (*names, *moments)} | told | {"did": outcome.get("did", [])}
    )
