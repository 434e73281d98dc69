"""A bin that holds less than the books say: counted, booked as lost, fetched elsewhere or told."""

import asyncpg

from tests.builders import (
    BINS,
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    differences,
    firm_order,
    planned_wave,
    rows,
    value,
)
from tests.wms.journey.floor import (
    Handheld,
    holds_of,
    person,
    pick_one,
    picker_at_bin,
    sku_shown,
    state_of,
    take_cart,
    told_of,
    verdict,
    walk,
)
from wms.tenants.shop import Shop


async def _shop(house: asyncpg.Pool, **bins: int) -> Shop:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(house, shop, "MUG", **bins)
    await add_stock(house, shop, "CUP", bin3=100)
    return shop


async def _short(picker: Handheld, taken: int, left: int) -> dict[str, object]:
    """Takes fewer than are asked for at the bin shown, and counts what is left."""
    await picker.scan_all(picker.screen["target"], sku_shown(picker.screen))
    asked = await picker.scan(picker.screen["target"], taken)
    assert (asked["step"], asked["ask"]["quantity"]) == ("short", 0)
    return await picker.do("count", left)


async def _reserved(house: asyncpg.Pool) -> dict[str, int]:
    found = await rows(
        house,
        "select p.code, b.reserved from balance b join place p on p.id = b.place_id "
        "join item i on i.id = b.item_id where sku = 'MUG' and reserved > 0",
    )
    return {row["code"]: row["reserved"] for row in found}


async def test_the_recount_books_the_loss_and_the_rest_comes_from_another_bin(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=10, bin1=20)
    order = await firm_order(house, shop, ("MUG", 9), ("CUP", 1))
    picker = await picker_at_bin(house, order)
    assert picker.screen["target"] == BINS[0]
    screen = await _short(picker, taken=4, left=0)
    assert verdict(screen) == "ok"
    [count] = await rows(house, "select expected, counted, reason from count_task")
    assert tuple(count) == (6, 0, "short pick")
    [loss] = await rows(
        house,
        "select l.quantity, p.kind from movement_line l join movement m on m.id = l.movement_id "
        "join place p on p.id = l.to_place_id where m.kind = 'count'",
    )
    assert tuple(loss) == (6, "loss")
    assert await _reserved(house) == {BINS[1]: 5}
    # The missing part joins the same walk, at its end and for the same tote.
    await pick_one(picker)
    assert (picker.screen["target"], sku_shown(picker.screen)) == (BINS[1], "MUG")
    await pick_one(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"
    assert await availability(house, shop, "MUG") == (24, 9)
    assert await holds_of(house, order) == []
    assert await differences(house) == []


async def test_nothing_there_at_all_is_said_before_the_item_is_scanned(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=10, bin1=20)
    order = await firm_order(house, shop, ("MUG", 9))
    picker = await picker_at_bin(house, order)
    assert verdict(await picker.do("short")) == "unknown_action"
    await picker.scan_all(BINS[0])
    assert (await picker.do("short"))["step"] == "short"
    assert verdict(await picker.do("count")) == "count_missing"
    assert (await picker.do("count", 0))["target"] == BINS[1]
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"


async def test_who_counts_enough_takes_it_from_there(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=10)
    picker = await picker_at_bin(house, await firm_order(house, shop, ("MUG", 9)))
    screen = await _short(picker, taken=4, left=5)
    assert verdict(screen) == "enough_here"
    assert screen["step"] == "put"
    assert await value(house, "select count(*) from count_task") == 0
    await picker.scan_all(picker.screen["target"])
    assert await differences(house) == []


async def test_others_keep_what_the_count_allows_and_the_youngest_gives_way(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=12, bin2=30)
    orders = [await firm_order(house, shop, ("MUG", n)) for n in (4, 5, 3)]
    picker = await picker_at_bin(house, *orders)
    assert await _reserved(house) == {BINS[0]: 12}
    # Of twelve only three are there: two go into the tote, one is left for the others.
    await _short(picker, taken=2, left=1)
    # One of the others keeps the one that is left; the rest is fetched from the third bin.
    assert await _reserved(house) == {BINS[0]: 1, BINS[2]: 9}
    kept = await value(
        house,
        "select f.fulfilment_order_id from reservation r "
        "join fulfilment_line f on f.id = r.fulfilment_line_id "
        "join balance b on b.id = r.balance_id join place p on p.id = b.place_id "
        "where p.code = $1",
        BINS[0],
    )
    assert kept == await value(
        house,
        "select f.fulfilment_order_id from pick_task t "
        "join fulfilment_line f on f.id = t.fulfilment_line_id "
        "where t.id = (select min(id) from pick_task where state = 'open')",
    )
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert [await state_of(house, order) for order in orders] == ["picked"] * 3
    assert await differences(house) == []


async def test_none_elsewhere_holds_the_order_and_tells_it(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=10)
    order = await firm_order(house, shop, ("MUG", 9), ("CUP", 1))
    picker = await picker_at_bin(house, order)
    screen = await _short(picker, taken=0, left=2)
    assert verdict(screen) == "short_unsolved"
    assert "stock_lost" in await holds_of(house, order)
    assert "order.held" in await told_of(house, order)
    assert await availability(house, shop, "MUG") == (2, 0)
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picking"
    assert await differences(house) == []


async def test_what_is_in_the_tote_stays_promised_when_the_rest_is_lost(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=10)
    order = await firm_order(house, shop, ("MUG", 10))
    picker = await picker_at_bin(house, order)
    assert verdict(await _short(picker, taken=6, left=0)) == "short_unsolved"
    assert await availability(house, shop, "MUG") == (6, 6)
    assert await holds_of(house, order) == ["stock_lost"]
    assert await differences(house) == []


async def test_goods_reserved_for_a_freed_claim_go_to_the_older_one(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=5, bin1=5)
    older = await firm_order(house, shop, ("MUG", 5))
    younger = await firm_order(house, shop, ("MUG", 5))
    picker = await picker_at_bin(house, older, younger)
    # Whoever's bin it is that turns out to be empty: the older order is served.
    screen = await _short(picker, taken=0, left=0)
    assert screen["step"] == "bin"
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, older) == "picked"
    assert await state_of(house, younger) == "released"
    assert await holds_of(house, older) == []
    assert await holds_of(house, younger) == ["stock_lost"]
    assert await availability(house, shop, "MUG") == (5, 5)
    assert await value(house, "select count(*) from reservation") == 0
    assert await differences(house) == []


async def test_goods_that_are_promised_to_another_are_not_taken_instead(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=5, bin1=5)
    older = await firm_order(house, shop, ("MUG", 5))
    younger = await firm_order(house, shop, ("MUG", 5))
    # The younger is walked for first, and its bin is empty; the other bin is the older's.
    picker = await picker_at_bin(house, younger)
    assert verdict(await _short(picker, taken=0, left=0)) == "short_unsolved"
    assert await _reserved(house) == {}
    await planned_wave(house, older, release=True)
    await picker.scan_all("CONVEYOR")
    await picker.do("pick")
    await take_cart(picker, "CART-02")
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, older) == "picked"
    assert await holds_of(house, younger) == ["stock_lost"]


async def test_a_task_that_another_s_count_cut_is_shown_anew(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=10, bin2=30)
    first = await firm_order(house, shop, ("MUG", 5))
    second = await firm_order(house, shop, ("MUG", 5))
    one = await picker_at_bin(house, first)
    await planned_wave(house, second, release=True)
    other = await person(house, "Otto")
    await other.do("pick")
    await take_cart(other, "CART-02")
    await other.scan_all(BINS[0], "MUG")
    await _short(one, taken=2, left=2)
    assert await _reserved(house) == {BINS[0]: 2, BINS[2]: 6}
    # The other still reads five; four cannot be put, and two are what is asked.
    assert verdict(await other.scan(other.screen["target"], 4)) == "wrong_quantity"
    assert other.screen["ask"]["quantity"] == 2
    for picker in (other, one):
        if picker is other:
            await other.scan_all(other.screen["target"])
        await walk(picker)
        await picker.scan_all("CONVEYOR")
    assert [await state_of(house, order) for order in (first, second)] == ["picked"] * 2
    assert await differences(house) == []
