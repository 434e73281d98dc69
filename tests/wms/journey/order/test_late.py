"""Money that comes when the promise has expired and the goods are gone."""

from datetime import datetime, timedelta

import asyncpg

from tests.builders import (
    NOW,
    PROMISE_LASTS,
    add_stock,
    availability,
    buy,
    differences,
    fulfilment_id_of,
    order_id_of,
    pay,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.claim.test_supply import announce
from tests.wms.journey.people import holds_of, state_of
from wms.journey.claim.claim import expire_promises
from wms.journey.order.hold import lift_hold
from wms.journey.order.waybill import prepare_waybills
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

LATE = NOW + PROMISE_LASTS + timedelta(seconds=1)
DAY = timedelta(days=1)


async def _gone(house: asyncpg.Pool) -> tuple[Shop, Answer]:
    """An order whose promise expired, and another that has its goods."""
    shop = await stocked_shop(house, MUG=3)
    order = await buy(house, shop, ("MUG", 2))
    await expire_promises(house, LATE)
    await pay(house, shop, await buy(house, shop, ("MUG", 2), now=LATE), now=LATE)
    return shop, order


async def _told(house: asyncpg.Pool, order: Answer, kind: str) -> list[asyncpg.Record]:
    return await rows(
        house,
        "select data, occurred_at from event where order_id = $1 and type = $2",
        order_id_of(order),
        kind,
    )


async def _lift(house: asyncpg.Pool, shop: Shop, order: Answer, kind: str) -> None:
    hold = await value(
        house,
        "select h.id from hold h join fulfilment_order f on f.id = h.fulfilment_order_id "
        "where f.order_id = $1 and h.kind = $2 and h.lifted_at is null",
        order_id_of(order),
        kind,
    )
    assert isinstance(hold, int)
    await lift_hold(house, order_id_of(order), hold, shop, LATE)


async def test_paid_when_the_goods_are_gone_the_shop_is_told_at_once_what_to_give_back(
    house: asyncpg.Pool,
) -> None:
    shop, order = await _gone(house)
    paid = await pay(house, shop, order, now=LATE)
    [advice] = await _told(house, order, "order.refund_advised")
    assert advice["data"]["amount"] == paid.body["total"]
    assert advice["data"]["reason"] == "goods_gone"
    assert advice["occurred_at"] - LATE <= timedelta(minutes=5)
    assert await holds_of(house, fulfilment_id_of(order)) == ["paid_too_late"]
    assert await _told(house, order, "order.refund_or_wait") == []
    await prepare_waybills(house, fulfilment_id_of(order), LATE)
    assert await value(house, "select count(*) from waybill") == 0


async def test_paid_when_more_is_on_its_way_the_shop_is_told_the_day_and_decides(
    house: asyncpg.Pool,
) -> None:
    shop, order = await _gone(house)
    await announce(house, shop, "MUG", 2)
    paid = await pay(house, shop, order, now=LATE)
    [offer] = await _told(house, order, "order.refund_or_wait")
    assert datetime.fromisoformat(offer["data"]["expected_at"]) == NOW + 2 * DAY
    assert offer["data"]["amount"] == paid.body["total"]
    assert offer["occurred_at"] - LATE <= timedelta(minutes=5)
    held = fulfilment_id_of(order)
    assert sorted(await holds_of(house, held)) == ["refund_or_wait", "short"]
    # The goods on their way are its own, so that the day is true.
    assert await value(house, "select backordered from availability") == 2
    assert await value(house, "select count(*) from job where subject = $1",
                       f"fulfilment/{held}") == 0  # fmt: skip


async def test_a_buyer_who_waits_gets_the_goods_when_they_come(house: asyncpg.Pool) -> None:
    shop, order = await _gone(house)
    await announce(house, shop, "MUG", 2)
    await pay(house, shop, order, now=LATE)
    held = fulfilment_id_of(order)
    await _lift(house, shop, order, "refund_or_wait")
    # Of two holds one is lifted: it is still held.
    assert await holds_of(house, held) == ["short"]
    assert await prepare_waybills(house, held, LATE) is False
    await add_stock(house, shop, "MUG", bin1=2)
    assert await holds_of(house, held) == []
    assert await prepare_waybills(house, held, LATE)
    assert await state_of(house, held) == "open"
    assert len(await _told(house, order, "order.paid")) == 1


async def test_goods_that_come_before_the_buyer_has_answered_wait_for_the_answer(
    house: asyncpg.Pool,
) -> None:
    shop, order = await _gone(house)
    await announce(house, shop, "MUG", 2)
    await pay(house, shop, order, now=LATE)
    held = fulfilment_id_of(order)
    await add_stock(house, shop, "MUG", bin1=2)
    assert await holds_of(house, held) == ["refund_or_wait"]
    assert await prepare_waybills(house, held, LATE) is False
    await _lift(house, shop, order, "refund_or_wait")
    assert await prepare_waybills(house, held, LATE)


async def test_a_buyer_who_takes_the_money_back_frees_the_goods_on_their_way(
    house: asyncpg.Pool,
) -> None:
    shop, order = await _gone(house)
    await announce(house, shop, "MUG", 2)
    await pay(house, shop, order, now=LATE)
    refunded = await pay(house, shop, order, state="refunded", now=LATE)
    assert refunded.body["state"] == "cancelled"
    assert await value(house, "select backordered from availability") == 0
    assert await holds_of(house, fulfilment_id_of(order)) == []
    assert await differences(house) == []


async def test_a_shop_that_lifts_the_hold_has_the_goods_claimed_before_they_ship(
    house: asyncpg.Pool,
) -> None:
    shop, order = await _gone(house)
    await pay(house, shop, order, now=LATE)
    await add_stock(house, shop, "MUG", bin1=2)
    await _lift(house, shop, order, "paid_too_late")
    assert await availability(house, shop, "MUG") == (5, 4)
    assert await prepare_waybills(house, fulfilment_id_of(order), LATE)
    assert await value(house, "select balance_minor from shop_order where id = $1",
                       order_id_of(order)) == 0  # fmt: skip
