"""Orders of which a part is sent by mail: what ships is edited all the same, what is sent stays."""

import asyncpg
import pytest

from tests.builders import NOW, add_items, add_shop, add_stock, an_item, order_id_of, pay, value
from tests.wms.journey.buyer.shelf import a_game, buy_by_mail, parts, put_codes
from tests.wms.journey.order.editing import edit, sound
from tests.wms.journey.order.test_readdress import ADDRESS
from tests.wms.journey.people import sscc_of, state_of
from wms.error import Refused
from wms.journey.buyer.digital import deliver
from wms.journey.order.cancel import cancel_order
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


async def _sent(house: asyncpg.Pool) -> tuple[Shop, Answer, int, int]:
    """A paid order of a mug and a game, whose code is sent; its two parts."""
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), a_game())
    await add_stock(house, shop, "MUG", bin0=5)
    await put_codes(house, shop, "CODE-1", "CODE-2")
    order = await buy_by_mail(house, shop, ("MUG", 2), ("GAME", 1))
    await pay(house, shop, order)
    mailed, shipped = await parts(house, order)
    assert shipped is not None
    assert await prepare_waybills(house, shipped, NOW)
    assert await deliver(house, mailed, NOW)
    return shop, order, mailed, shipped


async def test_what_ships_is_readdressed_though_the_codes_are_sent(house: asyncpg.Pool) -> None:
    shop, order, _, shipped = await _sent(house)
    before = await sscc_of(house, shipped)
    await edit(house, shop, order_id_of(order), (1, 1), ship_to=ADDRESS)
    assert await prepare_waybills(house, shipped, NOW)
    assert await sscc_of(house, shipped, number=2) != before
    await sound(house)


async def test_what_was_sent_is_revoked_and_not_edited(house: asyncpg.Pool) -> None:
    shop, order, _, _ = await _sent(house)
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order_id_of(order), (2, 0))
    assert (refusal.value.code, refusal.value.pointer) == ("digital_goods", "/lines/0/quantity")


async def test_a_cancel_says_that_codes_were_sent(house: asyncpg.Pool) -> None:
    shop, order, mailed, shipped = await _sent(house)
    request = Request(shop, "cancel", "cancellation", b"cancel")
    answer = await cancel_order(house, request, order_id_of(order), "no", NOW)
    assert (answer.body["state"], answer.body["code"]) == ("refused", "sent")
    assert answer.body["way_back"]["how"] == "revocation"  # type: ignore[index]
    blocked = answer.body["blocked"]
    assert isinstance(blocked, list)
    assert [part["fulfilment_order_id"] for part in blocked] == [mailed]
    assert await state_of(house, shipped) == "open"
    assert await value(house, "select count(*) from waybill where state = 'made'") == 1
