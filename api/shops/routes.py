"""The shop behind the key."""

from fastapi import APIRouter

from api.auth import HouseOf, ShopOf
from api.card import refuse_card_data
from api.orders.routes import REFUSALS
from api.shops.messages import ShopRequest, ShopView, SuspicionWish
from wms.database.pool import shop_transaction
from wms.journey.claim.policy import set_channel, set_neutral_sender
from wms.journey.order.source import name_sources
from wms.journey.order.suspect import RULE, set_suspicion
from wms.orders import queries as orders
from wms.tenants import queries as tenants

router = APIRouter(prefix="/v1/shops", tags=["shops"])


@router.get("/current", response_model=ShopView, responses=REFUSALS)
async def get_shop(house: HouseOf, shop: ShopOf) -> ShopView:
    """The shop behind the key, and the channel that its orders sell under."""
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        channel = await tenants.channel_of(connection, shop.shop_id)
        sender = await tenants.neutral_sender_of(connection, shop.shop_id)
        warehouses = await orders.sources_of(connection, shop.shop_id)
        rules = await orders.rules_of(connection, shop.shop_id)
    return ShopView(
        name=shop.name,
        channel=channel,
        neutral_sender=sender,
        warehouses=warehouses,
        suspicion=SuspicionWish(**rules.get(RULE, {})),
        sandbox=shop.sandbox,
    )


@router.put("/current", response_model=ShopView, responses=REFUSALS)
async def put_shop(house: HouseOf, shop: ShopOf, body: ShopRequest) -> ShopView:
    """Says under which channel the shop's next orders sell; orders that are in keep theirs.

    Labels that are printed from now on show the sender that is said here.
    """
    refuse_card_data(body)
    await set_channel(house.pool, shop, body.channel)
    if "neutral_sender" in body.model_fields_set:
        await set_neutral_sender(house.pool, shop, body.neutral_sender)
    if body.warehouses is not None:
        await name_sources(house.pool, shop, body.warehouses)
    if body.suspicion is not None:
        await set_suspicion(house.pool, shop, body.suspicion.model_dump(exclude_none=True))
    return await get_shop(house, shop)
