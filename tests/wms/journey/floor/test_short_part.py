"""What a picker could take of a pick is his tote's at once; only the rest of it is in question."""

import asyncio

import asyncpg

from tests.builders import (
    BINS,
    NOW,
    add_stock,
    availability,
    differences,
    firm_order,
    planned_wave,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import (
    Handheld,
    holds_of,
    mugs_reserved,
    person,
    picker_at_bin,
    sku_shown,
    state_of,
    take_cart,
    verdict,
    walk,
)
from wms.database.pool import staff_transaction
from wms.journey.floor.screen import Input
from wms.journey.order.cancel import cancel_order
from wms.journey.request import Request
from wms.outbox.command import body_hash
from wms.picking.wave import Mode


async def _in_the_tote(house: asyncpg.Pool, order: int) -> list[tuple[str, int, int]]:
    """What lies in the totes of an order, and what of it the order knows to be picked."""
    found = await rows(
        house,
        "select i.sku, b.on_hand, l.picked from balance b join item i on i.id = b.item_id "
        "join handling_unit u on u.id = b.handling_unit_id "
        "join batch_slot s on s.tote_id = u.id "
        "join fulfilment_line l on l.fulfilment_order_id = s.fulfilment_order_id "
        " and l.item_id = b.item_id "
        "where s.fulfilment_order_id = $1 and b.on_hand > 0 order by 1",
        order,
    )
    return [(row["sku"], row["on_hand"], row["picked"]) for row in found]


async def _report(picker: Handheld, taken: int) -> Input:
    """Puts fewer than are asked for into the tote; the input that said so."""
    await picker.scan_all(picker.screen["target"], sku_shown(picker.screen))
    given = Input(f"part of {picker.screen['target']}", picker.screen["target"], quantity=taken)
    assert (await picker.give(given))["step"] == "reason"
    return given


async def _side_by_side(house: asyncpg.Pool, orders: list[int]) -> list[Handheld]:
    """Two pickers with one order each, who stand at the same bin and have scanned its goods."""
    await planned_wave(house, *orders, release=True, mode=Mode.DISCRETE)
    pickers = [await person(house, name) for name in ("Pia", "Otto")]
    for picker, cart in zip(pickers, ("CART-01", "CART-02"), strict=True):
        await picker.do("pick")
        await take_cart(picker, cart)
        await picker.scan_all(BINS[0], "MUG")
    return pickers


async def _lost(house: asyncpg.Pool) -> int:
    lost = await value(
        house,
        "select coalesce(sum(l.quantity), 0)::bigint from movement_line l "
        "join place p on p.id = l.to_place_id and p.kind = 'loss'",
    )
    assert isinstance(lost, int)
    return lost


async def test_what_a_picker_put_in_is_in_the_tote_before_he_says_what_is_wrong(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    await add_stock(house, shop, "MUG", bin1=20)
    order = await firm_order(house, shop, ("MUG", 9))
    picker = await picker_at_bin(house, order)
    given = await _report(picker, taken=4)
    facts = {fact["label"]: fact["value"] for fact in picker.screen["facts"]}
    assert (facts["Wanted"], facts["In the tote"]) == ("9 pcs", "4 pcs")
    assert await _in_the_tote(house, order) == [("MUG", 4, 4)]
    assert await state_of(house, order) == "picking"
    # What is left to be picked here is reserved here, and no more.
    assert await mugs_reserved(house) == {BINS[0]: 5}
    parts = await rows(
        house, "select quantity, picked, state, reservation_id is null from pick_task order by 1"
    )
    assert [tuple(part) for part in parts] == [(4, 4, "done", True), (5, 0, "open", False)]
    before = picker.screen
    assert await picker.give(given) == before
    assert await _in_the_tote(house, order) == [("MUG", 4, 4)]
    await picker.do("not_found")
    assert picker.screen["facts"] == before["facts"]
    await picker.do("count", 0)
    assert await mugs_reserved(house) == {BINS[1]: 5}
    assert await _lost(house) == 6
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"
    assert await differences(house) == []


async def test_a_count_of_another_while_it_is_asked_what_is_wrong_loses_nothing_in_a_tote(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    orders = [await firm_order(house, shop, ("MUG", n)) for n in (5, 5)]
    one, other = await _side_by_side(house, orders)
    assert (await one.scan(one.screen["target"], 4))["step"] == "reason"
    # Nothing is left in the bin: six of the ten are not there, four are in a tote.
    await other.do("short")
    await other.do("not_found")
    assert verdict(await other.do("count", 0)) == "short_unsolved"
    assert await _lost(house) == 6
    assert await _in_the_tote(house, orders[0]) == [("MUG", 4, 4)]
    assert await availability(house, shop, "MUG") == (4, 4)
    # His question is settled by the other's count, and his tote goes on with what it holds.
    screen = await one.do("not_found")
    assert (verdict(screen), screen["step"]) == ("pick_settled", "drop")
    await one.scan_all("CONVEYOR")
    assert await _lost(house) == 6
    assert await _in_the_tote(house, orders[0]) == [("MUG", 4, 4)]
    assert [await state_of(house, order) for order in orders] == ["picking", "open"]
    assert [await holds_of(house, order) for order in orders] == [["stock_lost"]] * 2
    assert await differences(house) == []


async def test_who_is_asked_while_another_counts_is_asked_about_what_that_count_left(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    orders = [await firm_order(house, shop, ("MUG", n)) for n in (5, 5)]
    one, other = await _side_by_side(house, orders)
    assert (await one.scan(one.screen["target"], 2))["step"] == "reason"
    await one.do("not_found")
    # The other finds two in a far corner, and his whole order is freed before the elder's.
    await other.do("short")
    await other.do("not_found")
    await other.do("count", 2)
    assert await mugs_reserved(house) == {BINS[0]: 2}
    # Two are there, and two are all that is still asked for.
    screen = await one.do("count", 2)
    assert (verdict(screen), screen["step"], screen["ask"]["quantity"]) == ("enough_here", "put", 2)
    await walk(one)
    await one.scan_all("CONVEYOR")
    assert await _in_the_tote(house, orders[0]) == [("MUG", 4, 4)]
    assert await _lost(house) == 6
    assert await differences(house) == []


async def test_two_who_count_the_same_bin_at_the_same_moment_lose_only_what_is_not_there(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    await add_stock(house, shop, "MUG", bin1=20)
    orders = [await firm_order(house, shop, ("MUG", 5)) for _ in range(2)]
    pickers = await _side_by_side(house, orders)
    for picker, taken in zip(pickers, (3, 2), strict=True):
        await picker.scan(picker.screen["target"], taken)
        await picker.do("not_found")
    await asyncio.gather(*(picker.do("count", 0) for picker in pickers))
    assert await _lost(house) == 5
    assert await mugs_reserved(house) == {BINS[1]: 5}
    for picker in pickers:
        await walk(picker)
        await picker.scan_all("CONVEYOR")
    assert [await state_of(house, order) for order in orders] == ["picked"] * 2
    assert await differences(house) == []


async def test_a_part_and_a_count_at_the_same_moment_book_nothing_twice(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    await add_stock(house, shop, "MUG", bin1=20)
    orders = [await firm_order(house, shop, ("MUG", 5)) for _ in range(2)]
    one, other = await _side_by_side(house, orders)
    await other.do("short")
    await other.do("not_found")
    await asyncio.gather(one.scan(one.screen["target"], 3), other.do("count", 0))
    put = [quantity for order in orders for _, quantity, _ in await _in_the_tote(house, order)]
    assert put in ([3], []), "the one who came second is told that there is nothing"
    assert await _lost(house) == 10 - sum(put)
    assert await mugs_reserved(house) == {BINS[1]: 10 - sum(put)}
    if one.screen["step"] == "reason":
        # Whoever is asked is asked about a pick that the other's count has settled.
        assert verdict(await one.do("not_found")) == "pick_settled"
    for picker in (one, other):
        await walk(picker)
        await picker.scan_all("CONVEYOR")
    assert [await state_of(house, order) for order in orders] == ["picked"] * 2
    assert await differences(house) == []


async def test_who_leaves_the_question_finds_the_rest_of_the_pick_again(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 10))
    picker = await picker_at_bin(house, order)
    await _report(picker, taken=6)
    await picker.do("menu")
    screen = await picker.do("pick")
    assert (screen["step"], screen["ask"]["quantity"]) == ("put", 4)
    screen = await picker.do("short")
    facts = {fact["label"]: fact["value"] for fact in screen["facts"]}
    assert (facts["Wanted"], facts["In the tote"]) == ("10 pcs", "6 pcs")
    await picker.do("not_found")
    assert verdict(await picker.do("count", 0)) == "short_unsolved"
    assert await _in_the_tote(house, order) == [("MUG", 6, 6)]
    assert await _lost(house) == 4
    assert await differences(house) == []


async def test_an_order_that_is_cancelled_during_the_question_gets_its_goods_put_back(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 9))
    picker = await picker_at_bin(house, order)
    await _report(picker, taken=4)
    await picker.do("not_found")
    order_id = await value(house, "select order_id from fulfilment_order where id = $1", order)
    assert isinstance(order_id, int)
    request = Request(shop, "cancel", "cancellation", body_hash(order_id))
    answer = await cancel_order(house, request, order_id, "changed my mind", NOW)
    assert answer.body["state"] == "done"
    assert await mugs_reserved(house) == {}
    screen = await picker.do("count", 0)
    assert (verdict(screen), screen["step"]) == ("pick_settled", "drop")
    # Nobody's count: somebody who picks there next will see.
    assert await _lost(house) == 0
    await picker.scan_all("CONVEYOR")
    assert await _in_the_tote(house, order) == [("MUG", 4, 4)]
    assert await availability(house, shop, "MUG") == (10, 0)
    assert await differences(house) == []


async def test_a_pause_during_the_question_keeps_it(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 9))
    picker = await picker_at_bin(house, order)
    await _report(picker, taken=4)
    async with staff_transaction(house) as connection:
        await connection.execute(
            "insert into floor_pause (warehouse_id, zone, reason, started_by, started_at) "
            "select id, '', 'a spill', 'test', $1 from warehouse",
            NOW,
        )
    assert (await picker.do("not_found"))["step"] == "paused"
    async with staff_transaction(house) as connection:
        await connection.execute("update floor_pause set ended_at = $1, ended_by = 'test'", NOW)
    assert (await picker.do("refresh"))["step"] == "reason"
    assert (await picker.do("not_found"))["step"] == "short"
    await picker.do("count", 0)
    assert await _in_the_tote(house, order) == [("MUG", 4, 4)]
    assert await _lost(house) == 6
