"""A shop's keys: made, listed and revoked by the shop itself."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, Response

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.keys.messages import KeyList, KeyMade, KeyRequest, KeyView
from api.orders.routes import REFUSALS, reply
from wms.journey.request import Request
from wms.journey.shop import key as keys
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/keys", tags=["keys"])
Prefix = Annotated[str, Path(pattern="^[0-9a-f]{12}$")]


@router.get("", response_model=KeyList, responses=REFUSALS)
async def get_keys(house: HouseOf, shop: ShopOf) -> KeyList:
    """The shop's keys; what opens anything is kept nowhere. A sandbox key sees the sandbox's."""
    rows = await keys.shop_keys(house.pool, shop)
    return KeyList(
        items=[
            KeyView(
                current=row["prefix"] == shop.prefix,
                **{name: row[name] for name in KeyView.model_fields if name != "current"},
            )
            for row in rows
        ]
    )


@router.post("", status_code=201, response_model=KeyMade, responses=REFUSALS)
async def post_key(
    house: HouseOf, shop: ShopOf, idempotency_key: IdempotencyKey, body: KeyRequest | None = None
) -> JSONResponse:
    """Makes a second key, so that one can be changed for another without a gap.

    It opens no more than the key that asks. Use it, then revoke the old one with it.
    """
    wish = body or KeyRequest()
    scopes = sorted(shop.scopes) if wish.scopes is None else wish.scopes
    sandbox = shop.sandbox if wish.sandbox is None else wish.sandbox
    request = Request(shop, idempotency_key, "key", body_hash([scopes, sandbox]))
    return reply(await keys.create_key(house.pool, request, scopes, sandbox, house.now()))


@router.delete("/{prefix}", status_code=204, responses=REFUSALS)
async def delete_key(house: HouseOf, shop: ShopOf, prefix: Prefix) -> Response:
    """Revokes a key within two seconds; the one that asks is revoked with another."""
    await keys.give_up_key(house.pool, shop, prefix, house.now())
    return Response(status_code=204)
