"""Edits of lines and prices: all of it or nothing, never oversold, and nothing else is touched."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PRICE_MINOR,
    PROMISE_LASTS,
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    buy,
    firm_order,
    fulfilment_id_of,
    order_id_of,
    pay,
    planned_wave,
    rows,
    value,
)
from tests.wms.journey.order.editing import edit, order_in, order_of, sound
from tests.wms.journey.people import (
    holds_of,
    loader_at_dock,
    mugs_reserved,
    packed_order,
    pick_one,
    picker_at_bin,
    sorted_order,
    sscc_of,
    state_of,
    told_of,
    walk,
)
from wms.error import Conflict, NotFound, Refused
from wms.journey.claim.claim import expire_promises
from wms.journey.order.edit import order_edits
from wms.journey.order.waybill import prepare_waybills
from wms.tenants.shop import Shop


async def shop_with(house: asyncpg.Pool, mugs: int = 10, cups: int = 10) -> Shop:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(house, shop, "MUG", bin0=mugs)
    await add_stock(house, shop, "CUP", bin2=cups)
    return shop


async def test_more_of_a_line_is_promised_or_the_order_stays_as_it_is(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = order_id_of(await buy(house, shop, ("MUG", 2), ("CUP", 1)))
    answer = await edit(house, shop, order, (1, 5))
    assert (answer.status, answer.body["version"]) == (201, 2)
    assert order_in(answer)["total"] == {"amount_minor": 6 * PRICE_MINOR, "currency": "GBP"}
    assert await availability(house, shop, "MUG") == (10, 5)
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order, (1, 11), (2, 0))
    assert (refusal.value.code, refusal.value.pointer) == ("not_available", "/lines/0/quantity")
    assert await availability(house, shop, "MUG") == (10, 5)
    assert await availability(house, shop, "CUP") == (10, 1)
    # The demand that was turned away is kept.
    assert await value(house, "select quantity::int from refused_demand") == 6
    await sound(house)


async def test_less_of_a_line_is_free_for_others_at_once(house: asyncpg.Pool) -> None:
    shop = await shop_with(house, mugs=4)
    order = order_id_of(await buy(house, shop, ("MUG", 4), ("CUP", 2)))
    answer = await edit(house, shop, order, (1, 1))
    lines = order_in(answer)["lines"]
    assert isinstance(lines, list)
    line, cups = lines
    assert (line["quantity"], line["cancelled"], cups["cancelled"]) == (4, 3, 0)
    assert await availability(house, shop, "MUG") == (4, 1)
    assert (await buy(house, shop, ("MUG", 3))).status == 201
    await sound(house)


async def test_a_line_is_taken_out_and_another_put_in(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    fulfilment = await firm_order(house, shop, ("MUG", 3))
    order = await order_of(house, fulfilment)
    [before] = await rows(house, "select tracking_number from waybill where state = 'made'")
    answer = await edit(house, shop, order, (1, 0), add=(("CUP", 3),))
    assert answer.status == 201
    assert await availability(house, shop, "MUG") == (10, 0)
    assert await availability(house, shop, "CUP") == (10, 3)
    # The old waybill is void, here and at the carrier, and the new one is of the new goods.
    void = await value(
        house,
        "select count(*) from outbox where message_id = $1",
        f"void_{before['tracking_number']}",
    )
    assert void == 1
    [part] = await rows(
        house, "select id from fulfilment_order where order_id = $1 and state = 'open'", order
    )
    assert await prepare_waybills(house, part["id"], NOW)
    made = await rows(
        house,
        "select i.sku, l.quantity from waybill w join parcel_line l on l.parcel_id = w.parcel_id "
        "join fulfilment_line f on f.id = l.fulfilment_line_id join item i on i.id = f.item_id "
        "where w.state = 'made'",
    )
    assert [tuple(row) for row in made] == [("CUP", 3)]
    await sound(house)


async def test_an_edit_that_empties_a_part_does_not_tell_of_a_cancelled_order(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_with(house)
    fulfilment = await firm_order(house, shop, ("MUG", 3))
    await edit(house, shop, await order_of(house, fulfilment), (1, 0), add=(("CUP", 3),))
    assert await state_of(house, fulfilment) == "cancelled"
    told = await told_of(house, fulfilment)
    assert "order.cancelled" not in told
    [event] = await rows(house, "select data from event where type = 'order.part_cancelled'")
    assert (event["data"]["fulfilment_order_id"], event["data"]["reason"]) == (fulfilment, "edited")
    # An edit after which less is to ship lowers the total itself.
    answer = await edit(house, shop, await order_of(house, fulfilment), (2, 1))
    order = order_in(answer)
    assert order["total"] == order["current_total"]
    assert order["total"] == {"amount_minor": PRICE_MINOR, "currency": "GBP"}


async def test_an_order_without_goods_is_to_be_cancelled(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = order_id_of(await buy(house, shop, ("MUG", 2)))
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order, (1, 0))
    assert refusal.value.code == "nothing_left"
    assert await availability(house, shop, "MUG") == (10, 2)


async def test_prices_alone_touch_nothing_but_the_total(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await planned_wave(house, fulfilment, release=True)
    order = await order_of(house, fulfilment)
    queries = (
        "select id, state, version, waybill_ready_at from fulfilment_order",
        "select id, state, tracking_number from waybill",
        "select id, state, quantity from pick_task",
        "select id, state, quantity from promise",
        "select id from outbox where topic = 'carrier'",
        "select id, kind, subject from job",
        "select id from hold",
    )
    before = [await rows(house, query) for query in queries]
    answer = await edit(house, shop, order, price={1: PRICE_MINOR - 55})
    assert [await rows(house, query) for query in queries] == before
    assert order_in(answer)["total"] == {"amount_minor": 400, "currency": "GBP"}
    assert answer.body["refund_due"] == {"amount_minor": 110, "currency": "GBP"}
    assert "order.refund_advised" in await told_of(house, fulfilment)


async def test_released_work_that_nobody_began_is_taken_back(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2), ("CUP", 2))
    await picker_at_bin(house, fulfilment)
    assert await state_of(house, fulfilment) == "released"
    await edit(house, shop, await order_of(house, fulfilment), (1, 1))
    assert await state_of(house, fulfilment) == "open"
    assert await mugs_reserved(house) == {}
    assert await prepare_waybills(house, fulfilment, NOW)
    await planned_wave(house, fulfilment, release=True)
    assert await mugs_reserved(house) == {"A-01-01-1": 1}
    await sound(house)


async def test_a_picked_line_stays_and_the_others_may_still_shrink(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2), ("CUP", 4))
    order = await order_of(house, fulfilment)
    picker = await picker_at_bin(house, fulfilment)
    await pick_one(picker)
    assert await state_of(house, fulfilment) == "picking"
    [picked] = await rows(
        house,
        "select l.line, i.sku from fulfilment_line f join order_line l on l.id = f.order_line_id "
        "join item i on i.id = f.item_id where f.picked > 0",
    )
    other = 3 - picked["line"]
    left = 1
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order, (other, left), (picked["line"], 1))
    assert (refusal.value.code, refusal.value.pointer) == ("line_picked", "/lines/1/quantity")
    await edit(house, shop, order, (other, left))
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, fulfilment) == "picked"
    assert await prepare_waybills(house, fulfilment, NOW)
    await sound(house)


async def test_the_last_unpicked_line_is_taken_out_and_the_walk_ends(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2), ("CUP", 4))
    picker = await picker_at_bin(house, fulfilment)
    await pick_one(picker)
    [unpicked] = await rows(
        house,
        "select l.line from fulfilment_line f join order_line l on l.id = f.order_line_id "
        "where f.picked = 0",
    )
    await edit(house, shop, await order_of(house, fulfilment), (unpicked["line"], 0))
    assert (await picker.do("refresh"))["step"] == "drop"
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, fulfilment) == "picked"
    await sound(house)


async def test_what_is_added_to_a_begun_order_ships_by_itself(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, fulfilment)
    order = await order_of(house, fulfilment)
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order, (1, 1))
    assert refusal.value.code == "line_picked"
    answer = await edit(house, shop, order, (1, 3))
    assert await state_of(house, fulfilment) == "sorted"
    [new] = await rows(
        house, "select id, state from fulfilment_order where order_id = $1 and id <> $2",
        order, fulfilment,
    )  # fmt: skip
    assert new["state"] == "open"
    assert await availability(house, shop, "MUG") == (10, 3)
    # Goods that are not paid yet wait for their money.
    assert answer.body["payment_due"] == {"amount_minor": PRICE_MINOR, "currency": "GBP"}
    assert await holds_of(house, new["id"]) == ["payment_due"]
    assert await holds_of(house, fulfilment) == []
    await sound(house)


async def test_what_is_due_lets_the_goods_go_once_it_is_paid(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = await buy(house, shop, ("MUG", 2))
    await pay(house, shop, order)
    fulfilment = fulfilment_id_of(order)
    await edit(house, shop, order_id_of(order), (1, 4))
    assert await holds_of(house, fulfilment) == ["payment_due"]
    with pytest.raises(Refused) as refusal:
        await pay(house, shop, order, amount_minor=3 * PRICE_MINOR)
    assert refusal.value.code == "wrong_amount"
    later = NOW + timedelta(minutes=1)
    await pay(house, shop, order, amount_minor=2 * PRICE_MINOR, now=later)
    assert await holds_of(house, fulfilment) == []
    assert "order.payment_due" in await told_of(house, fulfilment)
    # What is taken out of it now is to be given back.
    answer = await edit(house, shop, order_id_of(order), (1, 1))
    assert answer.body["refund_due"] == {"amount_minor": 3 * PRICE_MINOR, "currency": "GBP"}


async def test_a_due_that_an_edit_takes_back_holds_nothing(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = await buy(house, shop, ("MUG", 2))
    await pay(house, shop, order)
    await edit(house, shop, order_id_of(order), (1, 4))
    answer = await edit(house, shop, order_id_of(order), (1, 2))
    assert (answer.body["payment_due"], answer.body["refund_due"]) == (
        {"amount_minor": 0, "currency": "GBP"},
        {"amount_minor": 0, "currency": "GBP"},
    )
    assert await holds_of(house, fulfilment_id_of(order)) == []


async def test_a_stale_edit_changes_nothing(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = order_id_of(await buy(house, shop, ("MUG", 2)))
    await edit(house, shop, order, (1, 3), version=1)
    with pytest.raises(Conflict) as refusal:
        await edit(house, shop, order, (1, 4), version=1)
    assert refusal.value.code == "stale_version"
    assert await availability(house, shop, "MUG") == (10, 3)
    with pytest.raises(NotFound):
        await edit(house, await add_shop(house), order, (1, 4))


async def test_of_edits_at_once_one_wins(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = order_id_of(await buy(house, shop, ("MUG", 2)))
    answers = await asyncio.gather(
        *(edit(house, shop, order, (1, 3 + number), version=1) for number in range(5)),
        return_exceptions=True,
    )
    assert sum(not isinstance(answer, Conflict) for answer in answers) == 1
    assert await value(house, "select version from shop_order where id = $1", order) == 2
    await sound(house)


async def test_an_edit_is_made_once_for_each_key(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = order_id_of(await buy(house, shop, ("MUG", 2)))
    first = await edit(house, shop, order, add=(("CUP", 1),), key="the same")
    again = await edit(house, shop, order, add=(("CUP", 1),), key="the same")
    assert (again.status, again.body["id"], again.replayed) == (201, first.body["id"], True)
    assert await availability(house, shop, "CUP") == (10, 1)


async def test_edits_race_for_the_last_goods_and_never_oversell(house: asyncpg.Pool) -> None:
    shop = await shop_with(house, mugs=10)
    orders = [order_id_of(await buy(house, shop, ("MUG", 1))) for _ in range(5)]
    answers = await asyncio.gather(
        *(edit(house, shop, order, (1, 3)) for order in orders), return_exceptions=True
    )
    taken = [answer for answer in answers if not isinstance(answer, Refused)]
    assert len(taken) == 2
    assert await availability(house, shop, "MUG") == (10, 9)
    await sound(house)


async def test_what_has_left_comes_back_as_a_return(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, fulfilment)
    await packed_order(house, fulfilment)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, fulfilment)}")
    await loader.do("close")
    assert await state_of(house, fulfilment) == "handed_over"
    order = await order_of(house, fulfilment)
    with pytest.raises(Conflict) as refusal:
        await edit(house, shop, order, (1, 1))
    assert refusal.value.code == "handed_over"
    assert "kind return" in refusal.value.detail
    await sound(house)


async def test_every_edit_is_kept_with_what_it_replaced(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = order_id_of(await buy(house, shop, ("MUG", 2)))
    await edit(house, shop, order, (1, 3), customer={"name": "Ada", "email": "ada@example.com"})
    [kept] = await order_edits(house, shop, order)
    assert kept["before"]["lines"][0]["quantity"] == 2  # type: ignore[index]
    assert kept["after"]["customer"] == {"name": "Ada", "email": "ada@example.com"}  # type: ignore[index]
    assert (kept["made_by"], kept["version"]) == (shop.actor, 2)
    # Neither the kept edit nor what is told of it has a person's data in the clear.
    stored = await value(
        house,
        "select (select string_agg(after::text, '') from order_edit) "
        "|| (select string_agg(data::text, '') from event)",
    )
    assert "ada@example.com" not in str(stored)
    fulfilment = await value(house, "select id from fulfilment_order where order_id = $1", order)
    assert isinstance(fulfilment, int)
    assert "order.edited" in await told_of(house, fulfilment)


async def test_an_expired_order_is_edited_without_a_claim(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    bought = await buy(house, shop, ("MUG", 2))
    await expire_promises(house, NOW + PROMISE_LASTS + timedelta(seconds=1))
    await edit(house, shop, order_id_of(bought), (1, 3))
    assert await availability(house, shop, "MUG") == (10, 0)
    await pay(house, shop, bought, amount_minor=3 * PRICE_MINOR)
    assert await availability(house, shop, "MUG") == (10, 3)
    await sound(house)


async def test_nothing_new_is_no_edit(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = order_id_of(await buy(house, shop, ("MUG", 2)))
    for lines in (((1, 2),), ((9, 1),), ((1, 1), (1, 2))):
        with pytest.raises(Refused) as refusal:
            await edit(house, shop, order, *lines)
        assert refusal.value.code in ("no_change", "unknown_line", "doubled_line")
    assert await value(house, "select version from shop_order where id = $1", order) == 1


async def test_a_forgotten_buyer_is_forgotten_in_edits_too(house: asyncpg.Pool) -> None:
    shop = await shop_with(house)
    order = order_id_of(await buy(house, shop, ("MUG", 2)))
    await edit(house, shop, order, customer={"name": "Ada", "email": "ada@example.com"})
    sealed = "select count(*) from order_edit where strpos(after::text, '{\"~') > 0"
    assert await value(house, sealed) == 1
    await value(house, "select forget_persons($1, $2, null)", shop.tenant_id, [order])
    assert await value(house, sealed) == 0
    [kept] = await order_edits(house, shop, order)
    assert "ada@example.com" not in str(kept)
