"""Digital goods: a vault of codes for each item, and what went to whom."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, ShopOf
from api.card import refuse_card_data
from api.digital.messages import (
    CodesAnswer,
    CodesRequest,
    DeliveryList,
    DeliveryView,
    GeneratorRequest,
    GeneratorView,
    ResendRequest,
    RevokeRequest,
    VaultView,
)
from api.dispatch.guard import check_target
from api.field import RowId, Words
from api.orders.routes import REFUSALS, reply
from wms.digital.digital import sealed_hash
from wms.items.item import canonical_sku
from wms.journey.buyer import delivery, vault
from wms.journey.request import Request
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1", tags=["digital goods"])


@router.post("/items/{sku}/codes", response_model=CodesAnswer, responses=REFUSALS)
async def post_codes(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, sku: Words, body: CodesRequest
) -> JSONResponse:
    """Puts codes of a digital item into its vault, sealed, from where each goes to one buyer.

    What is refused, as a code that came before, is named by its pointer; all others are kept.
    """
    said = body_hash([canonical_sku(sku), body.model_dump(mode="json")])
    request = Request(shop, key, "codes", sealed_hash(house.keyset, said))
    codes = [entry.new() for entry in body.codes]
    return reply(await vault.add_codes(house.pool, request, canonical_sku(sku), codes, house.now()))


@router.get("/items/{sku}/codes", response_model=VaultView, responses=REFUSALS)
async def get_codes(house: HouseOf, shop: ShopOf, sku: Words) -> VaultView:
    """How many codes of a digital item are free, assigned and taken back; none is ever shown."""
    return VaultView.model_validate(await vault.vault_view(house.pool, shop, canonical_sku(sku)))


@router.put("/items/{sku}/generator", response_model=GeneratorView, responses=REFUSALS)
async def put_generator(
    house: HouseOf, shop: ShopOf, sku: Words, body: GeneratorRequest
) -> GeneratorView:
    """Has codes that are not in the vault made by the shop, when they are paid.

    It is asked by signed requests, which carry one `webhook-id` for one code however often they
    come, and answers in 5 s with `{"code": "…"}`. The secret stays the same from the first time on.
    """
    await check_target(body.url, private=house.settings.webhook_private == "yes")
    return GeneratorView.model_validate(
        await vault.set_generator(house.pool, shop, canonical_sku(sku), body.url, body.quota)
    )


@router.delete("/items/{sku}/generator", status_code=204, responses=REFUSALS)
async def delete_generator(house: HouseOf, shop: ShopOf, sku: Words) -> Response:
    """Has no more codes made; refused while some that would be are promised."""
    await vault.drop_generator(house.pool, shop, canonical_sku(sku))
    return Response(status_code=204)


@router.get(
    "/orders/{order_id}/digital-deliveries", response_model=DeliveryList, responses=REFUSALS
)
async def get_deliveries(house: HouseOf, shop: ShopOf, order_id: RowId) -> DeliveryList:
    """The digital goods of an order, unit by unit, without their codes."""
    views = await delivery.deliveries_of_order(house.pool, shop, order_id)
    return DeliveryList(items=[DeliveryView.model_validate(view) for view in views])


@router.get("/digital-deliveries/{delivery_id}", response_model=DeliveryView, responses=REFUSALS)
async def get_delivery(house: HouseOf, shop: ShopOf, delivery_id: RowId) -> DeliveryView:
    """One unit of digital goods, and what became of it."""
    return DeliveryView.model_validate(await delivery.find_delivery(house.pool, shop, delivery_id))


@router.post(
    "/digital-deliveries/{delivery_id}/resend",
    status_code=202,
    response_model=DeliveryView,
    responses=REFUSALS,
)
async def post_resend(
    house: HouseOf,
    shop: ShopOf,
    key: IdempotencyKey,
    delivery_id: RowId,
    body: ResendRequest | None = None,
) -> JSONResponse:
    """Sends the same code again, to the order's address or to another one.

    A sample of the sandbox counts as sent, and nobody is mailed.
    """
    email = (body or ResendRequest()).email
    said = body_hash([delivery_id, email])
    request = Request(shop, key, "resend", sealed_hash(house.keyset, said))
    return reply(await delivery.resend(house.pool, request, delivery_id, email, house.now()))


@router.post(
    "/digital-deliveries/{delivery_id}/revoke", response_model=DeliveryView, responses=REFUSALS
)
async def post_revoke(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, delivery_id: RowId, body: RevokeRequest
) -> JSONResponse:
    """Takes a code back: it is never given to anybody again."""
    refuse_card_data(body)
    request = Request(shop, key, "revoke", body_hash([delivery_id, body.reason]))
    return reply(await delivery.revoke(house.pool, request, delivery_id, body.reason, house.now()))
