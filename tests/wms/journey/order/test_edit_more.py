"""What an edit adds comes from where it is: here, another warehouse, or on its way."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    NOW,
    add_items,
    an_item,
    buy,
    fulfilment_id_of,
    order_id_of,
    pay,
    rows,
    value,
)
from tests.wms.journey.order.editing import edit, sound
from tests.wms.journey.order.two import an_order, expect, parts, place, promised, shop_of_two
from tests.wms.journey.people import holds_of, state_of
from wms.error import Refused
from wms.items.item import Component, ItemKind
from wms.orders.order import Fulfilment
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


def order_of(answer: Answer) -> Answer:
    order = answer.body["order"]
    assert isinstance(order, dict)
    return Answer(200, order)


async def test_more_joins_the_part_whose_warehouse_has_it(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5), CUP=(3, 0))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    answer = await edit(house, shop, order_id_of(order), (1, 4), add=(("CUP", 1),))
    assert parts(order_of(answer)) == [("MAIN", "open", [(1, 4), (2, 1)])]
    assert await promised(house, shop) == {
        ("MUG", "MAIN"): (5, 4, 0),
        ("MUG", "SOUTH"): (5, 0, 0),
        ("CUP", "MAIN"): (3, 1, 0),
    }
    await sound(house)


async def test_more_than_is_here_ships_from_where_it_is(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    answer = await edit(house, shop, order_id_of(order), (1, 6))
    assert parts(order_of(answer)) == [
        ("MAIN", "open", [(1, 2)]),
        ("SOUTH", "open", [(1, 4)]),
    ]
    assert (await promised(house, shop))[("MUG", "SOUTH")] == (5, 4, 0)
    # Less again: what was added is freed where it was, and all of it adds up.
    await edit(house, shop, order_id_of(order), (1, 1))
    assert sum(row[1] for row in (await promised(house, shop)).values()) == 1
    await sound(house)


async def test_goods_on_their_way_will_do_where_the_order_says_so(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(2, 0))
    await expect(house, shop, "MUG", "MAIN", 5)
    strict = await place(house, shop, an_order("1", ("MUG", 1)))
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order_id_of(strict), (1, 3))
    assert refusal.value.code == "not_available"
    patient = await place(house, shop, an_order("2", ("MUG", 1), backorder=True))
    answer = await edit(house, shop, order_id_of(patient), (1, 4))
    assert parts(order_of(answer)) == [
        ("MAIN", "open", [(1, 1)]),
        ("MAIN", "backordered", [(1, 3)]),
    ]
    # What waits is given up first, so that what is here may go.
    answer = await edit(house, shop, order_id_of(patient), (1, 1))
    states = {(state, tuple(lines)) for _, state, lines in parts(order_of(answer))}
    assert ("open", ((1, 1),)) in states
    assert (await promised(house, shop))[("MUG", "MAIN")] == (2, 2, 0)
    await sound(house)


async def test_what_is_there_does_not_wait_with_what_is_not_where_parts_may_go_alone(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(5, 0), CUP=(0, 0))
    await expect(house, shop, "CUP", "MAIN", 9)
    alone = an_order("1", ("CUP", 1), fulfilment=Fulfilment.FILL_AVAILABLE)
    order = await place(house, shop, alone)
    answer = await edit(house, shop, order_id_of(order), add=(("MUG", 2),))
    assert parts(order_of(answer)) == [
        ("MAIN", "backordered", [(1, 1)]),
        ("MAIN", "open", [(2, 2)]),
    ]
    together = await place(house, shop, an_order("2", ("CUP", 1), backorder=True))
    answer = await edit(house, shop, order_id_of(together), add=(("MUG", 2),))
    assert parts(order_of(answer)) == [("MAIN", "backordered", [(1, 1), (2, 2)])]
    await sound(house)


async def test_a_bundle_grows_with_all_its_components(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(6, 0), CUP=(12, 0))
    await _bundle(house, shop)
    order = await place(house, shop, an_order("1", ("SET", 2)))
    await edit(house, shop, order_id_of(order), (1, 5))
    books = await promised(house, shop)
    assert (books[("MUG", "MAIN")], books[("CUP", "MAIN")]) == ((6, 5, 0), (12, 10, 0))
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order_id_of(order), (1, 7))
    assert refusal.value.code == "not_available"
    await edit(house, shop, order_id_of(order), (1, 1))
    books = await promised(house, shop)
    assert (books[("MUG", "MAIN")], books[("CUP", "MAIN")]) == ((6, 1, 0), (12, 2, 0))
    await sound(house)


async def _bundle(house: asyncpg.Pool, shop: Shop) -> None:
    of = (Component("MUG", 1), Component("CUP", 2))
    await add_items(house, shop, replace(an_item("SET"), kind=ItemKind.BUNDLE, components=of))


async def test_goods_that_need_approval_are_held_when_they_are_added(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 0), RUM=(5, 0))
    await value(house, "update item set needs_approval = true where sku = 'RUM'")
    order = await place(house, shop, an_order("1", ("MUG", 1)))
    await edit(house, shop, order_id_of(order), add=(("RUM", 1),))
    assert await holds_of(house, fulfilment_id_of(order)) == ["approval"]


async def test_digital_goods_are_ordered_by_themselves(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 0))
    await add_items(house, shop, replace(an_item("CODE"), digital="code"))
    order = await place(house, shop, an_order("1", ("MUG", 1)))
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order_id_of(order), add=(("CODE", 1),))
    assert (refusal.value.code, refusal.value.pointer) == ("digital_goods", "/add/0")


async def test_what_is_sold_from_a_later_day_is_ordered_by_itself(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 0), NEW=(5, 0))
    later = NOW + timedelta(days=5)
    await value(house, "update item set available_from = $1 where sku = 'NEW'", later)
    order = await place(house, shop, an_order("1", ("MUG", 1)))
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, order_id_of(order), add=(("NEW", 1),))
    assert refusal.value.code == "sold_ahead"


async def test_a_due_is_one_hold_however_often_it_changes(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(9, 0))
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    for quantity in (2, 3, 4):
        await edit(house, shop, order_id_of(order), (1, quantity))
    assert await holds_of(house, fulfilment_id_of(order)) == ["payment_due"]
    [row] = await rows(house, "select reason from hold where lifted_at is null")
    assert "765" in row["reason"]
    assert await state_of(house, fulfilment_id_of(order)) == "open"
