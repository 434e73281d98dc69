"""Clocks that run out are told once, and before it is too late."""

from datetime import timedelta

import asyncpg

from tests.builders import (
    NOW,
    buy,
    firm_order,
    fulfilment_id_of,
    order_id_of,
    pay,
    planner,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import holds_of
from wms.database.pool import staff_transaction
from wms.journey.order.hold import lift_hold
from wms.journey.order.watch import tell_overdue_holds, warn_of_promises
from wms.journey.order.waybill import carrier_told, prepare_waybills
from wms.orders import commands as orders
from wms.orders.hold import APPROVALS, CARE, care_of
from wms.overview.queries import overview
from wms.tenants.staff import Role

PROMISED, ALARM = timedelta(minutes=5), timedelta(minutes=3)
MINUTE = timedelta(minutes=1)


async def _hold(house: asyncpg.Pool, fulfilment_order_id: int, kind: str) -> int:
    async with staff_transaction(house) as connection:
        return await orders.hold_and_tell(
            connection, fulfilment_order_id, kind, "Because.", "test", NOW
        )


async def _told(house: asyncpg.Pool, kind: str) -> list[dict[str, object]]:
    found = await rows(house, "select data from event where type = $1 order by seq", kind)
    return [row["data"] for row in found]


def test_every_hold_has_an_owner_and_a_time() -> None:
    owners = {"shop", *Role}
    for care in (*CARE.values(), *APPROVALS.values(), care_of("whatever")):
        assert care.owned_by in owners
        assert timedelta() < care.lasts <= timedelta(days=3)


async def test_a_hold_whose_time_is_over_is_told_once_and_stands(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    held = await firm_order(house, shop, ("MUG", 1))
    number = await _hold(house, held, "no_carton")
    lasts = CARE["no_carton"].lasts
    assert await tell_overdue_holds(house, NOW + lasts - MINUTE) == 0
    assert await tell_overdue_holds(house, NOW + lasts) == 1
    assert await tell_overdue_holds(house, NOW + lasts + MINUTE) == 0
    [told] = await _told(house, "order.hold_overdue")
    assert (told["hold_id"], told["kind"], told["owned_by"]) == (number, "no_carton", "planner")
    assert await holds_of(house, held) == ["no_carton"]


async def test_a_hold_that_was_lifted_in_time_is_never_overdue(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    held = await firm_order(house, shop, ("MUG", 1))
    number = await _hold(house, held, "no_carton")
    order_id = await value(house, "select order_id from fulfilment_order where id = $1", held)
    assert isinstance(order_id, int)
    await lift_hold(house, order_id, number, planner("Pia"), NOW)
    assert await value(house, "select lifted_by from hold") == "staff:Pia"
    assert await tell_overdue_holds(house, NOW + timedelta(days=9)) == 0


async def test_of_two_holds_one_is_lifted_and_it_is_still_held(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    held = fulfilment_id_of(order)
    first = await _hold(house, held, "no_carton")
    second = await _hold(house, held, "stock_lost")
    await pay(house, shop, order)
    await lift_hold(house, order_id_of(order), first, planner(), NOW)
    assert await holds_of(house, held) == ["stock_lost"]
    assert await prepare_waybills(house, held, NOW) is False
    await lift_hold(house, order_id_of(order), second, planner(), NOW)
    assert await prepare_waybills(house, held, NOW)


async def test_an_order_without_waybill_is_told_before_its_promise_is_broken(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    assert await warn_of_promises(house, PROMISED, ALARM, NOW + ALARM - MINUTE) == 0
    await rows(house, "update job set attempts = 3, last_error = 'no carrier' returning 1")
    assert await warn_of_promises(house, PROMISED, ALARM, NOW + ALARM) == 1
    assert await warn_of_promises(house, PROMISED, ALARM, NOW + ALARM + MINUTE) == 0
    [told] = await _told(house, "order.promise_at_risk")
    assert told["order_id"] == order_id_of(order)
    assert told["waits_for"] == "waybill"
    assert told["detail"] == "No waybill is made after 3 tries: no carrier."
    assert told["due_at"] == (NOW + PROMISED).isoformat()


async def test_an_order_whose_carrier_was_not_told_says_so(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    await firm_order(house, shop, ("MUG", 1))
    await rows(house, "update outbox set attempts = 2, last_error = '503' "
                      "where topic = 'carrier' returning 1")  # fmt: skip
    assert await warn_of_promises(house, PROMISED, ALARM, NOW + ALARM) == 1
    [told] = await _told(house, "order.promise_at_risk")
    assert told["waits_for"] == "carrier"
    assert told["detail"] == "The carrier was not told after 2 tries: 503."


async def test_an_order_that_the_carrier_knows_of_is_at_no_risk(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    await firm_order(house, shop, ("MUG", 1))
    number = await value(house, "select tracking_number from waybill")
    async with staff_transaction(house) as connection:
        await carrier_told(connection, str(number), NOW)
    assert await warn_of_promises(house, PROMISED, ALARM, NOW + timedelta(days=1)) == 0


async def test_what_waits_for_the_house_is_told_and_what_waits_for_its_shop_is_not(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    numbers = []
    for kind in ("suspicious", "address"):
        order = await buy(house, shop, ("MUG", 1))
        await _hold(house, fulfilment_id_of(order), kind)
        await pay(house, shop, order)
        numbers.append(order_id_of(order))
    assert await warn_of_promises(house, PROMISED, ALARM, NOW + ALARM) == 1
    [told] = await _told(house, "order.promise_at_risk")
    assert (told["order_id"], told["waits_for"]) == (numbers[0], "hold")
    assert told["detail"] == "Waits for: supervisor (suspicious)."


async def test_the_clock_begins_anew_when_a_hold_is_lifted(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    number = await _hold(house, fulfilment_id_of(order), "address")
    await pay(house, shop, order)
    later = NOW + timedelta(hours=2)
    await lift_hold(house, order_id_of(order), number, shop, later)
    assert await warn_of_promises(house, PROMISED, ALARM, later + MINUTE) == 0
    assert await warn_of_promises(house, PROMISED, ALARM, later + ALARM) == 1


async def test_a_clock_that_begins_anew_is_watched_anew(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    assert await warn_of_promises(house, PROMISED, ALARM, NOW + ALARM) == 1
    hold = await _hold(house, fulfilment_id_of(order), "no_carton")
    later = NOW + timedelta(hours=1)
    await lift_hold(house, order_id_of(order), hold, planner(), later)
    assert await warn_of_promises(house, PROMISED, ALARM, later + ALARM - MINUTE) == 0
    assert await warn_of_promises(house, PROMISED, ALARM, later + ALARM) == 1
    assert await warn_of_promises(house, PROMISED, ALARM, later + ALARM + MINUTE) == 0


async def test_an_order_that_nobody_paid_is_promised_no_waybill(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    await buy(house, shop, ("MUG", 1))
    assert await warn_of_promises(house, PROMISED, ALARM, NOW + timedelta(days=1)) == 0


async def test_the_first_screen_counts_what_has_run_out_and_how_long_paid_orders_waited(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    await prepare_waybills(house, fulfilment_id_of(order), NOW + timedelta(seconds=20))
    held = await firm_order(house, shop, ("MUG", 1))
    await _hold(house, held, "no_carton")
    later = NOW + timedelta(hours=1)
    await tell_overdue_holds(house, later)
    await warn_of_promises(house, PROMISED, ALARM, NOW + ALARM)
    async with staff_transaction(house) as connection:
        early, late = [await overview(connection, at) for at in (NOW + 4 * MINUTE, later)]
    assert (early.trouble.promises_at_risk, early.trouble.promises_late) == (2, 0)
    assert (late.trouble.promises_at_risk, late.trouble.promises_late) == (2, 2)
    assert late.trouble.holds_overdue == 1
    [pickup, waybill] = late.waited
    assert (pickup.clock, pickup.orders, waybill.clock, waybill.orders) == (
        "pickup",
        0,
        "waybill",
        2,
    )
    assert waybill.within == (1, 1, 1, 2, 2, 2, 2, 2)
    assert waybill.sum_s == 20
