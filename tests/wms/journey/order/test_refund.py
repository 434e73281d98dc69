"""Money that goes back: what it stops, what it holds, and what it leaves alone."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from tests.builders import (
    NOW,
    add_stock,
    availability,
    buy,
    differences,
    firm_order,
    fulfilment_id_of,
    order_id_of,
    pay,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import (
    holds_of,
    loader_at_dock,
    pack_parcel,
    packed_order,
    packer_at_carton,
    person,
    pick_one,
    picker_at_bin,
    sorted_order,
    sscc_of,
    state_of,
    verdict,
)
from wms.error import Refused
from wms.journey.order.cancel import cancel_order
from wms.journey.order.payment import take_payment
from wms.journey.request import Request
from wms.orders.order import NewPayment
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

MINUTE = timedelta(minutes=1)


async def told(
    house: asyncpg.Pool,
    shop: Shop,
    order_id: int,
    state: str,
    amount_minor: int,
    minute: int,
    reference: str = "ch_1",
) -> Answer:
    """What the gateway says happened so many minutes from now; each under a key of its own."""
    at = NOW + minute * MINUTE
    key = f"{order_id} {state} {amount_minor} {minute} {reference} {await _count(house)}"
    payment = NewPayment(state, amount_minor, "GBP", reference, at)
    request = Request(shop, key, "payments", body_hash([key]))
    return await take_payment(house, request, order_id, payment, NOW)


async def _count(house: asyncpg.Pool) -> object:
    return await value(house, "select count(*) from command")


async def _events(house: asyncpg.Pool, order_id: int, kind: str) -> list[asyncpg.Record]:
    return await rows(
        house,
        "select data from event where order_id = $1 and type = $2 order by seq",
        order_id,
        kind,
    )


async def _order_of(house: asyncpg.Pool, fulfilment: int) -> int:
    number = await value(house, "select order_id from fulfilment_order where id = $1", fulfilment)
    assert isinstance(number, int)
    return number


async def test_parts_that_go_back_add_up_and_stop_nothing(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await buy(house, shop, ("MUG", 2))
    number = order_id_of(order)
    await told(house, shop, number, "paid", 510, 1)
    for minute, amount, all_of_it in ((2, 100, 100), (3, 10, 110)):
        answer = await told(house, shop, number, "refunded", amount, minute)
        assert answer.body["payment_state"] == "partially_refunded"
        assert answer.body["refunded"] == {"amount_minor": all_of_it, "currency": "GBP"}
    assert answer.body["holds"] == []
    assert [row["data"]["outcome"] for row in await _events(house, number, "order.refunded")] == [
        "kept",
        "kept",
    ]


async def test_never_more_goes_back_than_was_paid(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    number = order_id_of(await buy(house, shop, ("MUG", 2)))
    await told(house, shop, number, "paid", 510, 1)
    await told(house, shop, number, "refunded", 500, 2)
    with pytest.raises(Refused) as refusal:
        await told(house, shop, number, "refunded", 11, 3)
    assert (refusal.value.code, refusal.value.pointer) == (
        "refund_too_large",
        "/amount/amount_minor",
    )
    assert await value(house, "select refunded_minor from shop_order where id = $1", number) == 500


async def test_a_refund_that_is_told_five_times_goes_back_once(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    number = order_id_of(await buy(house, shop, ("MUG", 2)))
    for _ in range(2):
        await told(house, shop, number, "paid", 510, 1)
    for _ in range(5):
        answer = await told(house, shop, number, "refunded", 200, 2)
    assert answer.body["refunded"] == {"amount_minor": 200, "currency": "GBP"}
    assert len(await _events(house, number, "order.refunded")) == 1
    assert len(await _events(house, number, "order.paid")) == 1


async def test_all_that_goes_back_before_picking_cancels_the_order(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    number = await _order_of(house, order)
    answer = await told(house, shop, number, "refunded", 510, 2)
    assert (answer.body["state"], answer.body["payment_state"]) == ("cancelled", "refunded")
    assert await state_of(house, order) == "cancelled"
    assert await availability(house, shop, "MUG") == (10, 0)
    assert await value(house, "select count(*) from waybill where state <> 'void'") == 0
    [event] = await _events(house, number, "order.refunded")
    assert event["data"]["outcome"] == "cancelled"
    await told(house, shop, number, "refunded", 510, 2)
    assert await availability(house, shop, "MUG") == (10, 0)
    assert await differences(house) == []


async def _outcome(house: asyncpg.Pool, number: int) -> object:
    [event] = await _events(house, number, "order.refunded")
    return event["data"]["outcome"]


async def _in_bins(house: asyncpg.Pool) -> object:
    return await value(
        house,
        "select sum(b.on_hand)::int from balance b join place p on p.id = b.place_id "
        "where p.kind = 'bin'",
    )


async def _carry_back(house: asyncpg.Pool) -> None:
    """Somebody does every move that there is."""
    mover = await person(house, "Mo")
    await mover.do("move")
    while mover.screen["step"] == "from":
        await mover.scan_all(mover.screen["target"], "MUG", mover.screen["facts"][-1]["value"])


async def test_all_that_goes_back_while_it_is_picked_cancels_it(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    number = await _order_of(house, order)
    picker = await picker_at_bin(house, order)
    await pick_one(picker)
    await told(house, shop, number, "refunded", 510, 2)
    assert (await state_of(house, order), await holds_of(house, order)) == ("cancelled", [])
    assert await _outcome(house, number) == "cancelled"
    assert await availability(house, shop, "MUG") == (10, 0)
    assert await differences(house) == []


async def test_a_sorted_order_whose_money_went_back_is_packed_no_further(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    number = await _order_of(house, order)
    await sorted_order(house, order)
    packer = await packer_at_carton(house, order)
    await packer.scan_all(packer.screen["target"])
    await packer.scan("MUG", 1)
    await told(house, shop, number, "refunded", 510, 2)
    assert verdict(await packer.scan("MUG", 1)) == "order_stopped"
    assert packer.screen["step"] == "tote"
    assert await state_of(house, order) == "cancelled"
    assert await _outcome(house, number) == "cancelled"
    # One lies in the carton and one in the tote: both go back.
    await _carry_back(house)
    assert await _in_bins(house) == 10
    assert await availability(house, shop, "MUG") == (10, 0)
    assert await differences(house) == []


async def test_a_packed_parcel_whose_money_went_back_stops_at_the_dock(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    number = await _order_of(house, order)
    await sorted_order(house, order)
    await packed_order(house, order)
    sscc = await sscc_of(house, order)
    answer = await told(house, shop, number, "refunded", 510, 2)
    assert (answer.body["state"], answer.body["payment_state"]) == ("cancelled", "refunded")
    assert await _outcome(house, number) == "cancelled"
    assert await value(house, "select count(*) from waybill where state <> 'void'") == 0
    told_off = "select count(*) from outbox where topic = 'carrier' and message_id like 'void_%'"
    assert await value(house, told_off) == 1
    loader = await loader_at_dock(house)
    assert verdict(await loader.scan(f"]C100{sscc}")) == "void_label"
    # A shop that gives money back and cancels as well hears that it is done.
    asked = Request(shop, "cancel", "cancellation", body_hash([number]))
    assert (await cancel_order(house, asked, number, "", NOW)).body["state"] == "done"
    assert verdict(await loader.do("close")) == "nothing_loaded"
    await _carry_back(house)
    assert await _in_bins(house) == 10
    assert await availability(house, shop, "MUG") == (10, 0)
    assert await differences(house) == []


async def test_a_parcel_in_a_van_whose_money_went_back_is_taken_out_before_it_leaves(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    stays, goes = [await firm_order(house, shop, ("MUG", 2)) for _ in range(2)]
    number = await _order_of(house, stays)
    await sorted_order(house, stays, goes)
    for order in (stays, goes):
        await packed_order(house, order)
    label = f"]C100{await sscc_of(house, stays)}"
    loader = await loader_at_dock(house)
    await loader.scan_all(label, f"]C100{await sscc_of(house, goes)}")
    await told(house, shop, number, "refunded", 510, 2)
    assert verdict(await loader.do("close")) == "take_out"
    assert loader.screen["lines"][0].startswith("Take out ")
    assert verdict(await loader.scan(label)) == "ok"
    assert verdict(await loader.scan(label)) == "void_label"
    assert loader.screen["progress"] == {"done": 1, "total": 1}
    assert verdict(await loader.do("close")) == "ok"
    assert [await state_of(house, order) for order in (stays, goes)] == ["cancelled", "handed_over"]
    mover = await person(house, "Mo")
    await mover.do("move")
    # Whoever takes the goods back scans the label that is on the parcel.
    to = mover.screen["facts"][-1]["value"]
    await mover.scan_all(label, "MUG", to)
    assert await _in_bins(house) == 8
    assert await availability(house, shop, "MUG") == (8, 0)
    assert await differences(house) == []


async def test_where_one_parcel_has_left_the_others_are_held_and_it_has_a_way_back(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=600)
    order = await firm_order(house, shop, ("MUG", 300))
    number = await _order_of(house, order)
    await sorted_order(house, order)
    packer = await packer_at_carton(house, order)
    await pack_parcel(house, packer)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, order)}")
    await loader.do("close")
    await told(house, shop, number, "refunded", 300 * 255, 2)
    assert (await state_of(house, order), await holds_of(house, order)) == ("sorted", ["refunded"])
    [event] = await _events(house, number, "order.refunded")
    assert event["data"]["outcome"] == "held"
    assert "returned" in event["data"]["way_back"]


@pytest.mark.parametrize("first", ["refund", "close"])
async def test_of_a_refund_and_a_departure_at_once_one_comes_first(
    house: asyncpg.Pool, first: str
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    number = await _order_of(house, order)
    await sorted_order(house, order)
    await packed_order(house, order)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, order)}")
    both = [told(house, shop, number, "refunded", 510, 2), loader.do("close")]
    await asyncio.gather(*(both if first == "refund" else reversed(both)))
    outcome = await _outcome(house, number)
    if await state_of(house, order) == "handed_over":
        assert outcome == "noted"
        assert await availability(house, shop, "MUG") == (8, 0)
    else:
        assert (await state_of(house, order), outcome) == ("cancelled", "cancelled")
        assert await availability(house, shop, "MUG") == (10, 0)
    assert await differences(house) == []


async def test_what_has_left_when_its_money_goes_back_has_a_way_back(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, order)
    await packed_order(house, order)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, order)}")
    await loader.do("close")
    number = await _order_of(house, order)
    answer = await told(house, shop, number, "refunded", 510, 2)
    assert answer.body["payment_state"] == "refunded"
    assert await state_of(house, order) == "handed_over"
    assert await holds_of(house, order) == []
    [event] = await _events(house, number, "order.refunded")
    assert event["data"]["outcome"] == "noted"
    assert "returned" in event["data"]["way_back"]


async def test_money_that_goes_back_before_it_is_told_that_it_came_ships_nothing(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await buy(house, shop, ("MUG", 2))
    number = order_id_of(order)
    await told(house, shop, number, "refunded", 510, 3)
    answer = await told(house, shop, number, "paid", 510, 1)
    assert (answer.body["payment_state"], answer.body["state"]) == ("refunded", "cancelled")
    assert await value(house, "select count(*) from job where kind = 'waybill'") == 0
    assert await availability(house, shop, "MUG") == (10, 0)


@pytest.mark.parametrize(
    ("state", "minute", "reference"),
    [("authorised", 0, "ch_1"), ("authorised", 9, "ch_1"), ("failed", 0, "ch_1"),
     ("failed", 9, "ch_2")],
)  # fmt: skip
async def test_what_is_told_after_it_was_paid_is_kept_and_takes_nothing_back(
    house: asyncpg.Pool, state: str, minute: int, reference: str
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await buy(house, shop, ("MUG", 2))
    number = order_id_of(order)
    await told(house, shop, number, "paid", 510, 1)
    answer = await told(house, shop, number, state, 510, minute, reference)
    assert answer.body["payment_state"] == "paid"
    payments = answer.body["payments"]
    assert isinstance(payments, list)
    assert [payment["state"] for payment in payments] == ["paid", state]
    assert await holds_of(house, fulfilment_id_of(order)) == []


async def test_a_debit_that_bounces_holds_the_order_until_it_is_paid_again(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 2))
    number = await _order_of(house, order)
    await pay_again(house, shop, number, 1)
    answer = await told(house, shop, number, "failed", 510, 5, "")
    assert answer.body["payment_state"] == "failed"
    assert await holds_of(house, order) == ["payment_failed"]
    assert len(await _events(house, number, "order.payment_failed")) == 1
    answer = await told(house, shop, number, "paid", 510, 8, "")
    assert answer.body["payment_state"] == "paid"
    assert await holds_of(house, order) == []


async def pay_again(house: asyncpg.Pool, shop: Shop, number: int, minute: int) -> None:
    """The gateway says once more what it said."""
    await told(house, shop, number, "paid", 510, minute, "")


async def test_paid_at_is_when_it_came_here_and_the_gateway_s_moment_is_kept(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    number = order_id_of(await buy(house, shop, ("MUG", 2)))
    answer = await told(house, shop, number, "paid", 510, -45)
    payments = answer.body["payments"]
    assert isinstance(payments, list)
    assert answer.body["paid_at"] == NOW.isoformat()
    assert datetime.fromisoformat(payments[0]["at"]) == NOW - 45 * MINUTE
    assert datetime.fromisoformat(payments[0]["received_at"]) == NOW


async def test_stock_that_comes_back_by_refund_cancel_and_replay_is_the_stock_that_was(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    await add_stock(house, shop, "MUG", bin1=5)
    order = await firm_order(house, shop, ("MUG", 4))
    number = await _order_of(house, order)
    for _ in range(3):
        await told(house, shop, number, "refunded", 1_020, 2)
        await pay(house, shop, Answer(200, {"id": number, "total": {"amount_minor": 1_020}}))
    assert await availability(house, shop, "MUG") == (15, 0)
    assert await differences(house) == []
