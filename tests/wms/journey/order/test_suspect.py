"""Orders that look wrong are held with the reason, and what is usual is learnt from the others."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PROMISE_LASTS,
    add_items,
    add_shop,
    add_stock,
    an_item,
    buy,
    fulfilment_id_of,
    new_order,
    order_id_of,
    pay,
    planner,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import holds_of
from wms.error import Conflict
from wms.journey.order import intake
from wms.journey.order.hold import lift_hold
from wms.journey.order.payment import take_payment
from wms.journey.order.suspect import learn_usual, set_suspicion
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.orders.order import NewLine, NewPayment
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop
from wms.tenants.staff import Role

DAY = timedelta(days=1)
_numbers = count(1)


async def _order(
    house: asyncpg.Pool,
    shop: Shop,
    quantity: int,
    price: int,
    *,
    now: datetime = NOW,
    said: int | None = None,
    customer: dict[str, object] | None = None,
) -> Answer:
    number = f"odd {next(_numbers)}"
    order = replace(
        new_order([("MUG", quantity)], number),
        lines=(NewLine("MUG", quantity, price),),
        total_minor=quantity * price,
        said_total_minor=said,
        customer=customer or {},
        placed_at=now,
    )
    request = Request(shop, number, "orders", order.body_hash)
    return await intake.place_order(house, request, order, PROMISE_LASTS, now)


async def _known_shop(house: asyncpg.Pool) -> Shop:
    """A shop that has sold mugs at 500 two at a time, which the house has learnt."""
    shop = await stocked_shop(house, MUG=10_000)
    for _ in range(5):
        await _order(house, shop, 2, 500)
    assert await learn_usual(house, NOW + 2 * DAY) == 1
    return shop


async def _held(house: asyncpg.Pool, order: Answer) -> list[str]:
    return await holds_of(house, fulfilment_id_of(order))


async def test_a_price_far_below_usual_is_held_and_named(house: asyncpg.Pool) -> None:
    shop = await _known_shop(house)
    order = await _order(house, shop, 1, 5)
    assert await _held(house, order) == ["suspicious"]
    holds = order.body["holds"]
    assert isinstance(holds, list)
    assert "MUG for 5 a each, usually 500" in holds[0]["reason"]
    assert holds[0]["owned_by"] == "supervisor"
    assert await _held(house, await _order(house, shop, 1, 450)) == []


async def test_many_of_one_item_are_held(house: asyncpg.Pool) -> None:
    shop = await _known_shop(house)
    assert await _held(house, await _order(house, shop, 200, 500)) == ["suspicious"]
    assert await _held(house, await _order(house, shop, 10, 500)) == []


async def test_a_list_price_counts_before_anything_was_sold(house: asyncpg.Pool) -> None:
    shop = await add_shop(house)
    await add_items(house, shop, replace(an_item("MUG"), usual_price_minor=1_000))
    await add_stock(house, shop, "MUG", bin0=10)
    assert await _held(house, await _order(house, shop, 1, 100)) == ["suspicious"]
    assert await _held(house, await _order(house, shop, 1, 500)) == []


async def test_a_promotion_of_its_day_makes_the_price_usual(house: asyncpg.Pool) -> None:
    shop = await _known_shop(house)
    await rows(
        house,
        "with p as (insert into promotion (tenant_id, shop_id, code, name, starts_at, ends_at) "
        "values ($1, $2, 'SALE', 'Sale', $3, $4) returning id) "
        "insert into promotion_item (promotion_id, tenant_id, item_id, price_minor, currency) "
        "select p.id, $1, i.id, 50, 'GBP' from p, item i where i.owner_id = $5 returning 1",
        shop.tenant_id,
        shop.shop_id,
        NOW,
        NOW + DAY,
        shop.owner_id,
    )
    assert await _held(house, await _order(house, shop, 1, 50)) == []
    late = await _order(house, shop, 1, 50, now=NOW + DAY)
    assert await _held(house, late) == ["suspicious"]


async def test_another_total_than_the_lines_come_to_is_held(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    assert await _held(house, await _order(house, shop, 2, 500, said=999)) == ["suspicious"]
    assert await _held(house, await _order(house, shop, 2, 500, said=1_000)) == []


async def test_a_telephone_of_another_country_is_held_where_the_shop_wants_it(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    buyer: dict[str, object] = {"name": "Ada", "phone": "+33142685300"}
    assert await _held(house, await _order(house, shop, 1, 500, customer=buyer)) == []
    await set_suspicion(house, shop, {"phone": True})
    order = await _order(house, shop, 1, 500, customer=buyer)
    assert await _held(house, order) == ["suspicious"]
    assert "142685300" not in str(order.body["holds"])


async def test_a_payer_of_another_country_holds_the_order_before_its_waybill(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await buy(house, shop, ("MUG", 1))
    payment = NewPayment("paid", 255, "GBP", "ch_1", NOW, "NG")
    request = Request(shop, "k", "payments", body_hash(["k"]))
    paid = await take_payment(house, request, order_id_of(order), payment, NOW)
    assert paid.body["payment_state"] == "paid"
    assert await _held(house, order) == ["suspicious"]
    assert await prepare_waybills(house, fulfilment_id_of(order), NOW) is False


async def test_a_shop_s_thresholds_take_the_place_of_the_house_s(house: asyncpg.Pool) -> None:
    shop = await _known_shop(house)
    await set_suspicion(house, shop, {"price_percent": 0})
    assert await _held(house, await _order(house, shop, 1, 1)) == []
    await set_suspicion(house, shop, {})
    assert await _held(house, await _order(house, shop, 1, 1)) == ["suspicious"]
    assert await value(house, "select rules from shop where id = $1", shop.shop_id) == {}


async def test_a_suspicious_order_teaches_nothing_until_somebody_has_looked(
    house: asyncpg.Pool,
) -> None:
    shop = await _known_shop(house)
    for _ in range(9):
        assert await _held(house, await _order(house, shop, 1, 1)) == ["suspicious"]
    await learn_usual(house, NOW + 3 * DAY)
    assert await value(house, "select price_minor from item_usual") == 500


async def test_what_is_usual_is_learnt_a_few_times_a_day(house: asyncpg.Pool) -> None:
    await _known_shop(house)
    assert await learn_usual(house, NOW + 2 * DAY + timedelta(hours=1)) == 0
    assert await learn_usual(house, NOW + 2 * DAY + timedelta(hours=7)) == 1


async def test_a_supervisor_lifts_it_and_nobody_below(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await _order(house, shop, 1, 500, said=1)
    await pay(house, shop, order)
    [hold] = await rows(house, "select id from hold")
    for nobody in (planner(), shop):
        with pytest.raises(Conflict) as refusal:
            await lift_hold(house, order_id_of(order), hold["id"], nobody, NOW)
        assert refusal.value.code == "hold_of_others"
    supervisor = replace(planner("Sue"), role=Role.SUPERVISOR)
    await lift_hold(house, order_id_of(order), hold["id"], supervisor, NOW)
    assert await _held(house, order) == []
    assert await prepare_waybills(house, fulfilment_id_of(order), NOW)


@pytest.mark.parametrize(
    ("kind", "owner", "hours"),
    [("fresh", "planner", 1), ("luxury", "supervisor", 4), ("bulky", "planner", 8),
     ("inspection", "supervisor", 24), ("", "supervisor", 4)],
)  # fmt: skip
async def test_goods_that_do_not_ship_by_themselves_say_why_and_whose_they_are(
    house: asyncpg.Pool, kind: str, owner: str, hours: int
) -> None:
    shop = await add_shop(house)
    await add_items(house, shop, replace(an_item("MUG"), needs_approval=True, approval_kind=kind))
    await add_stock(house, shop, "MUG", bin0=10)
    order = await buy(house, shop, ("MUG", 1))
    [hold] = await rows(house, "select * from hold")
    assert (hold["kind"], hold["owned_by"]) == ("approval", owner)
    assert hold["until"] == NOW + timedelta(hours=hours)
    assert "MUG" in hold["reason"] and kind in hold["reason"]
    assert await _held(house, order) == ["approval"]


async def test_each_kind_of_approval_is_a_hold_of_its_own(house: asyncpg.Pool) -> None:
    shop = await add_shop(house)
    kinds = {"FISH": "fresh", "RING": "luxury"}
    for sku, kind in kinds.items():
        await add_items(house, shop, replace(an_item(sku), approval_kind=kind))
        await add_stock(house, shop, sku, bin0=1)
    order = await buy(house, shop, ("FISH", 1), ("RING", 1))
    assert await _held(house, order) == ["approval", "approval"]
    fresh = await value(house, "select id from hold where reason like '%(fresh)%'")
    assert isinstance(fresh, int)
    await lift_hold(house, order_id_of(order), fresh, planner(), NOW)
    assert await _held(house, order) == ["approval"]
