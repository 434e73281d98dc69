"""A bin that holds less than the books say: counted, booked as lost, fetched elsewhere or told."""

from datetime import timedelta

import asyncpg

from tests.builders import (
    BINS,
    NOW,
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
from tests.wms.journey.people import (
    Handheld,
    holds_of,
    mugs_reserved,
    person,
    pick_one,
    picker_at_bin,
    sku_shown,
    sort_all,
    state_of,
    take_cart,
    told_of,
    verdict,
    walk,
)
from wms.database.pool import staff_transaction
from wms.journey.claim.supply import announce_supply, supply_waiting
from wms.tenants.shop import Shop


async def _shop(house: asyncpg.Pool, **bins: int) -> Shop:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(house, shop, "MUG", **bins)
    await add_stock(house, shop, "CUP", bin3=100)
    return shop


async def _short(
    picker: Handheld, taken: int, left: int, reason: str = "not_found"
) -> dict[str, object]:
    """Takes fewer than are asked for at the bin shown, says why, and counts what is left."""
    await picker.scan_all(picker.screen["target"], sku_shown(picker.screen))
    asked = await picker.scan(picker.screen["target"], taken)
    assert asked["step"] == "reason"
    asked = await picker.do(reason)
    assert (asked["step"], asked["ask"]["quantity"]) == ("short", 0)
    return await picker.do("count", left)


async def test_the_recount_books_the_loss_and_the_rest_comes_from_another_bin(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=10, bin1=20)
    order = await firm_order(house, shop, ("MUG", 9), ("CUP", 1))
    picker = await picker_at_bin(house, order)
    assert picker.screen["target"] == BINS[0]
    screen = await _short(picker, taken=4, left=0)
    assert verdict(screen) == "ok"
    counts = await rows(house, "select reason, state, not_by from count_task order by id")
    assert [row["reason"] for row in counts] == ["short pick: not found"] * 2
    # The picker's own count is done; another one is for somebody else.
    assert [row["state"] for row in counts] == ["posted", "open"]
    assert counts[1]["not_by"] == [await value(house, "select id from staff")]
    [loss] = await rows(
        house,
        "select l.quantity, p.kind from movement_line l join movement m on m.id = l.movement_id "
        "join place p on p.id = l.to_place_id where m.kind = 'count'",
    )
    assert tuple(loss) == (6, "loss")
    assert await mugs_reserved(house) == {BINS[1]: 5}
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
    assert (await picker.do("short"))["step"] == "reason"
    assert verdict(await picker.do("count", 0)) == "reason_missing"
    assert (await picker.do("not_found"))["step"] == "short"
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
    assert await mugs_reserved(house) == {BINS[0]: 12}
    # Of twelve only three are there: two go into the tote, one is left for the others.
    await _short(picker, taken=2, left=1)
    # One of the others keeps the one that is left; the rest is fetched from the third bin.
    assert await mugs_reserved(house) == {BINS[0]: 1, BINS[2]: 9}
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
    # Nothing was picked for the younger: it is as if it had never been released.
    assert await state_of(house, younger) == "open"
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
    assert await mugs_reserved(house) == {}
    # Nothing is in the tote, so nothing goes on the conveyor.
    assert picker.screen["step"] == "wait"
    await planned_wave(house, older, release=True)
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
    assert await mugs_reserved(house) == {BINS[0]: 2, BINS[2]: 6}
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


async def test_damaged_goods_stay_in_their_bin_as_damaged(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=10, bin1=20)
    order = await firm_order(house, shop, ("MUG", 9))
    picker = await picker_at_bin(house, order)
    asked = await _short(picker, taken=4, left=2, reason="damaged")
    assert verdict(asked) == "ok"
    statuses = await rows(
        house,
        "select b.status, b.on_hand from balance b join place p on p.id = b.place_id "
        "where p.code = $1 order by 1",
        BINS[0],
    )
    assert [tuple(row) for row in statuses] == [("available", 2), ("damaged", 4)]
    assert await availability(house, shop, "MUG") == (26, 9)
    assert await value(house, "select short_reason from pick_task where state = 'short'") == (
        "damaged"
    )
    # The two good ones are taken with what comes from elsewhere, or stay: all five are found.
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"
    assert await differences(house) == []


async def test_pick_3_of_5_the_others_keep_what_the_count_allows_and_the_order_is_not_picked(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=8, bin2=2)
    older = await firm_order(house, shop, ("MUG", 3))
    younger = await firm_order(house, shop, ("MUG", 5))
    picker = await picker_at_bin(house, younger)
    await planned_wave(house, older, release=True)
    assert await mugs_reserved(house) == {BINS[0]: 8}
    # Three of five go into the tote and one is left: four of the eight are not there.
    assert verdict(await _short(picker, taken=3, left=1)) == "short_unsolved"
    # The older order keeps the one that is left, and the rest of it comes from another bin.
    assert await mugs_reserved(house) == {BINS[0]: 1, BINS[2]: 2}
    assert await availability(house, shop, "MUG") == (6, 6)
    assert await holds_of(house, older) == []
    assert await holds_of(house, younger) == ["stock_lost"]
    assert "order.held" in await told_of(house, younger)
    recount = "select count(*) from count_task where state = 'open' and item_id is not null"
    assert await value(house, recount) == 1
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, younger) == "picking"
    await picker.do("pick")
    await take_cart(picker, "CART-02")
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert [await state_of(house, order) for order in (older, younger)] == ["picked", "picking"]
    assert await differences(house) == []


async def test_a_zero_quantity_short_leaves_no_tote_and_no_state_behind(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=10)
    order = await firm_order(house, shop, ("MUG", 9))
    picker = await picker_at_bin(house, order)
    tote = await value(house, "select code from handling_unit")
    await _short(picker, taken=0, left=0)
    assert picker.screen["step"] == "wait"
    assert await state_of(house, order) == "open"
    assert "order.picked" not in await told_of(house, order)
    assert await value(house, "select count(*) from sort_route") == 0
    assert await value(house, "select fulfilment_order_id from handling_unit") is None
    assert await value(house, "select count(*) from movement where kind = 'drop'") == 0
    assert await value(house, "select state from wave") == "done"
    # The tote is free for the next walk.
    other = await firm_order(house, shop, ("CUP", 1))
    await planned_wave(house, other, release=True)
    await picker.do("pick")
    await picker.scan_all("CART-01", str(tote))
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, other) == "picked"


async def test_an_empty_tote_stays_on_the_cart_while_the_others_go(house: asyncpg.Pool) -> None:
    shop = await _shop(house, bin0=5)
    full = await firm_order(house, shop, ("CUP", 2))
    none = await firm_order(house, shop, ("MUG", 5))
    picker = await picker_at_bin(house, full, none)
    assert picker.screen["target"] == BINS[0]
    await _short(picker, taken=0, left=0)
    await walk(picker)
    assert [fact["label"] for fact in picker.screen["facts"]] == ["Empty, keep"]
    await picker.scan_all("CONVEYOR")
    assert [await state_of(house, order) for order in (full, none)] == ["picked", "open"]
    assert await value(house, "select count(*) from sort_route") == 1


async def test_what_is_missing_waits_for_goods_on_their_way_and_is_walked_for_again(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, bin0=9)
    order = await firm_order(house, shop, ("MUG", 9), ("CUP", 1))
    picker = await picker_at_bin(house, order)
    [item] = await rows(house, "select id from item where sku = 'MUG'")
    [place] = await rows(house, "select warehouse_id from place limit 1")
    async with staff_transaction(house) as connection:
        await announce_supply(
            connection,
            tenant_id=shop.tenant_id,
            owner_id=shop.owner_id,
            item_id=item["id"],
            warehouse_id=place["warehouse_id"],
            source="asn 1",
            expected_at=NOW + timedelta(days=2),
            quantity=20,
            actor="test",
            now=NOW,
        )
    await _short(picker, taken=3, left=0)
    assert await holds_of(house, order) == ["short"]
    [promise] = await rows(
        house, "select quantity, expected_at from promise where supply = 'inbound'"
    )
    assert tuple(promise) == (6, NOW + timedelta(days=2))
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picking"
    await sort_all(house)
    assert await state_of(house, order) == "picking"
    first_place = await value(house, "select packing_place_id from fulfilment_order")
    # The goods come: the order goes on by itself, and a second walk fetches the rest.
    await add_stock(house, shop, "MUG", bin1=10)
    async with staff_transaction(house) as connection:
        await supply_waiting(connection, [item["id"]], place["warehouse_id"], "test", NOW)
    assert await holds_of(house, order) == []
    wave = await planned_wave(house, release=True)
    assert await value(house, "select state from wave where id = $1", wave) == "released"
    assert await state_of(house, order) == "picking"
    assert await value(house, "select packing_place_id from fulfilment_order") == first_place
    await picker.do("pick")
    await take_cart(picker, "CART-02")
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"
    await sort_all(house)
    assert await state_of(house, order) == "sorted"
    assert await differences(house) == []
