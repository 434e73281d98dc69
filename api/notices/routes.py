"""Mails to buyers: which of them a shop wants, and what came of them."""

from fastapi import APIRouter

from api.auth import HouseOf, ShopOf
from api.card import refuse_card_data
from api.field import RowId
from api.notices.messages import NoticeChoice, NoticeList, NoticeView
from api.orders.routes import REFUSALS
from wms.journey.buyer import notice as notices

router = APIRouter(prefix="/v1", tags=["notices"])


@router.get("/shop/notices", response_model=NoticeChoice, responses=REFUSALS)
async def get_choice(house: HouseOf, shop: ShopOf) -> NoticeChoice:
    """Which news the house writes to the shop's buyers; at first none."""
    choice = await notices.choice_of(house.pool, shop)
    return NoticeChoice.model_validate(
        {
            "kinds": [kind.value for kind in choice.kinds],
            "sender_name": choice.sender_name,
            "reply_to": choice.reply_to,
        }
    )


@router.put("/shop/notices", response_model=NoticeChoice, responses=REFUSALS)
async def put_choice(house: HouseOf, shop: ShopOf, body: NoticeChoice) -> NoticeChoice:
    """Says which news the house writes to the shop's buyers from now on, in whose name."""
    refuse_card_data(body)
    kinds = notices.kinds_of(body.kinds)
    await notices.choose(house.pool, shop, notices.Choice(kinds, body.sender_name, body.reply_to))
    return await get_choice(house, shop)


@router.get("/orders/{order_id}/notices", response_model=NoticeList, responses=REFUSALS)
async def get_notices(house: HouseOf, shop: ShopOf, order_id: RowId) -> NoticeList:
    """What was written to an order's buyer, when, to which address, and what came of it."""
    views = await notices.notices_of(house.pool, shop, order_id)
    house.reads.order(shop.actor, "api", order_id)
    return NoticeList(items=[NoticeView.model_validate(view) for view in views])
