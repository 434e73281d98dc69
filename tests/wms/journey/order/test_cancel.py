"""Cancelling: at each state what was held returns exactly, and a second time changes nothing."""

from itertools import count

import asyncpg
import pytest

from tests.builders import (
    NOW,
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    buy,
    differences,
    firm_order,
    fulfilment_id_of,
    order_id_of,
    pay,
    planned_wave,
    rows,
    value,
)
from tests.wms.journey.people import (
    person,
    pick_one,
    picker_at_bin,
    sort_all,
    sorted_order,
    state_of,
    take_cart,
    told_of,
    walk,
)
from wms.error import NotFound, Refused
from wms.journey.order.cancel import cancel_order, cancellation_view
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.journey.wave.wave import release_wave
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

_numbers = count(1)


async def _shop(house: asyncpg.Pool) -> Shop:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(house, shop, "MUG", bin0=10)
    await add_stock(house, shop, "CUP", bin2=10)
    return shop


async def _cancel(
    house: asyncpg.Pool,
    shop: Shop,
    order_id: int,
    *,
    reason: str = "ordered twice",
    key: str | None = None,
) -> Answer:
    request = Request(
        shop, key or f"key {next(_numbers)}", "cancellation", body_hash([order_id, reason])
    )
    return await cancel_order(house, request, order_id, reason, NOW)


async def _order_of(house: asyncpg.Pool, fulfilment_order_id: int) -> int:
    order_id = await value(
        house, "select order_id from fulfilment_order where id = $1", fulfilment_order_id
    )
    assert isinstance(order_id, int)
    return order_id


async def _books(house: asyncpg.Pool) -> dict[str, list[tuple[object, ...]]]:
    """All that a cancellation may have changed."""
    queries = {
        "balance": "select item_id, place_id, on_hand, reserved from balance order by id",
        "availability": "select item_id, sellable, promised, backordered from availability "
        "order by id",
        "reservation": "select balance_id, quantity from reservation order by id",
        "movement": "select id from movement order by id",
        "move": "select from_unit_id, quantity, state from move_task order by id",
        "waybill": "select id, state from waybill order by id",
        "outbox": "select message_id from outbox order by id",
        "event": "select type from event order by seq",
        "request": "select order_id, state from cancellation_request order by id",
    }
    return {
        name: [tuple(row) for row in await rows(house, query)] for name, query in queries.items()
    }


async def _cancelled_for_good(house: asyncpg.Pool, shop: Shop, fulfilment: int) -> None:
    """Cancels an order twice: all is free after the first, and the second changes nothing."""
    order_id = await _order_of(house, fulfilment)
    first = await _cancel(house, shop, order_id)
    assert (first.status, first.body["state"], first.body["order_state"]) == (
        201,
        "done",
        "cancelled",
    )
    assert await state_of(house, fulfilment) == "cancelled"
    assert await availability(house, shop, "MUG") == (10, 0)
    held = await rows(
        house,
        "select (select count(*) from waybill w join parcel p on p.id = w.parcel_id "
        "where w.state = 'made' and p.fulfilment_order_id = $1), "
        "(select count(*) from wave_order where standing and fulfilment_order_id = $1), "
        "(select count(*) from reservation r join fulfilment_line l "
        "on l.id = r.fulfilment_line_id where l.fulfilment_order_id = $1)",
        fulfilment,
    )
    assert tuple(held[0]) == (0, 0, 0)
    assert await differences(house) == []
    before = await _books(house)
    again = await _cancel(house, shop, order_id, reason="asked again")
    assert again.status == 200
    assert again.body == first.body
    assert await _books(house) == before


async def test_an_unpaid_order_gives_its_promises_back(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await buy(house, shop, ("MUG", 4))
    assert await availability(house, shop, "MUG") == (10, 4)
    await _cancelled_for_good(house, shop, fulfilment_id_of(order))
    # Money that comes all the same is noted and claims nothing.
    await pay(house, shop, order)
    assert await availability(house, shop, "MUG") == (10, 0)
    assert not await prepare_waybills(house, fulfilment_id_of(order), NOW)
    assert await value(house, "select state from shop_order") == "cancelled"


async def test_a_firm_order_s_waybills_are_void_and_the_carrier_is_told(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 4))
    await _cancelled_for_good(house, shop, order)
    told = await rows(house, "select message_id from outbox where message_id like 'void_%'")
    assert len(told) == 1
    assert (await told_of(house, order))[-2:] == ["order.cancelled", "order.refund_advised"]
    wave = await planned_wave(house, order)
    assert await value(house, "select state from wave where id = $1", wave) == "refused"


@pytest.mark.parametrize("release", [False, True])
async def test_an_order_of_a_wave_leaves_it_to_the_others(
    house: asyncpg.Pool, release: bool
) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 4))
    other = await firm_order(house, shop, ("CUP", 2))
    wave = await planned_wave(house, order, other, release=release)
    await _cancel(house, shop, await _order_of(house, order))
    assert await availability(house, shop, "MUG") == (10, 0)
    reserved = await value(house, "select coalesce(sum(reserved), 0)::int from balance")
    assert reserved == (2 if release else 0)
    if not release:
        await release_wave(house, wave, "test", NOW)
    picker = await person(house, "Pia")
    await picker.do("pick")
    await take_cart(picker, "CART-01")
    # No tote was asked for the cancelled order.
    assert await value(house, "select count(*) from handling_unit") == 1
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert [await state_of(house, one) for one in (order, other)] == ["cancelled", "picked"]
    assert await differences(house) == []


async def test_a_released_order_ends_its_wave_with_it(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 4))
    await planned_wave(house, order, release=True)
    await _cancelled_for_good(house, shop, order)
    assert await value(house, "select state from wave") == "done"
    assert (await (await person(house, "Pia")).do("pick"))["step"] == "wait"


async def test_a_picker_is_led_on_and_what_is_in_the_tote_goes_back(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 4), ("CUP", 2))
    other = await firm_order(house, shop, ("CUP", 1))
    picker = await picker_at_bin(house, order, other)
    await pick_one(picker)
    assert await state_of(house, order) == "picking"
    await _cancelled_for_good(house, shop, order)
    # The walk goes on with the other order; the tote rides to its packing place all the same.
    assert (await picker.do("pick"))["step"] == "bin"
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, other) == "picked"
    await sort_all(house)
    assert [await state_of(house, one) for one in (order, other)] == ["cancelled", "sorted"]
    [move] = await rows(
        house,
        "select t.kind, t.quantity, p.kind as place, u.code from move_task t "
        "join place p on p.id = t.from_place_id join handling_unit u on u.id = t.from_unit_id",
    )
    assert tuple(move)[:3] == ("put_back", 4, "packing")
    assert await availability(house, shop, "MUG") == (10, 0)
    assert await differences(house) == []
    # While goods lie in the tote nobody gets it for another order.
    third = await firm_order(house, shop, ("CUP", 1))
    await planned_wave(house, third, release=True)
    await picker.do("pick")
    await picker.scan_all("CART-01")
    assert (await picker.scan(move["code"]))["verdict"]["code"] == "tote_in_use"


async def test_a_picked_order_s_goods_go_back_from_its_packing_place(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 10))
    picker = await picker_at_bin(house, order)
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"
    await _cancelled_for_good(house, shop, order)
    # On the conveyor the tote still rides; the moves are made where it comes to rest.
    assert await value(house, "select count(*) from move_task") == 0
    await sort_all(house)
    assert await value(house, "select sum(quantity)::int from move_task") == 10
    assert await differences(house) == []
    # A new order for them waits for the goods without a hold: they are in the house.
    again = await firm_order(house, shop, ("MUG", 10))
    wave = await planned_wave(house, again)
    assert await value(house, "select state from wave where id = $1", wave) == "refused"
    assert await value(house, "select count(*) from hold where lifted_at is null") == 0


async def test_a_sorted_order_is_not_cancelled(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 4))
    await sorted_order(house, order)
    before = await _books(house)
    order_id = await _order_of(house, order)
    answer = await _cancel(house, shop, order_id)
    assert (answer.body["state"], answer.body["order_state"]) == ("refused", "accepted")
    assert "sorted" in str(answer.body["refusal"])
    assert await state_of(house, order) == "sorted"
    assert await _books(house) == before | {"request": [(order_id, "refused")]}
    request_id = answer.body["id"]
    assert isinstance(request_id, int)
    assert await cancellation_view(house, shop, order_id, request_id) == answer.body


async def test_a_request_is_answered_once_for_each_key(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order_id = order_id_of(await buy(house, shop, ("MUG", 1)))
    first = await _cancel(house, shop, order_id, key="the same")
    again = await _cancel(house, shop, order_id, key="the same")
    assert (again.status, again.body, again.replayed) == (first.status, first.body, True)
    with pytest.raises(Refused) as refusal:
        await _cancel(house, shop, order_id, key="the same", reason="another")
    assert refusal.value.code == "idempotency_key_reused"


async def test_another_shop_s_order_is_unknown(house: asyncpg.Pool) -> None:
    shop, stranger = await _shop(house), await add_shop(house)
    order_id = order_id_of(await buy(house, shop, ("MUG", 1)))
    for unknown in (order_id, 999_999):
        with pytest.raises(NotFound) as refusal:
            await _cancel(house, stranger, unknown)
        assert refusal.value.code == "unknown_order"
        with pytest.raises(NotFound):
            await cancellation_view(house, stranger, unknown, 1)
    assert await availability(house, shop, "MUG") == (10, 1)
    with pytest.raises(NotFound) as refusal:
        await cancellation_view(house, shop, order_id, 1)
    assert refusal.value.code == "unknown_cancellation"
