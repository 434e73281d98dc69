"""The pick scenario: bin, item, tote, one after the other, and no unit moves twice."""

import asyncio

import asyncpg

from tests.builders import (
    BINS,
    add_items,
    add_shop,
    add_stock,
    an_item,
    differences,
    firm_order,
    planned_wave,
    rows,
    value,
)
from tests.wms.journey.people import (
    Handheld,
    person,
    pick_one,
    picker_at_bin,
    sort_all,
    state_of,
    take_cart,
    told_of,
    verdict,
    wait_for_lock,
    walk,
)
from wms.database.pool import staff_transaction
from wms.journey.floor.screen import Input
from wms.tenants.shop import Shop


async def _shop(house: asyncpg.Pool) -> Shop:
    """A shop with mugs in the first bin and cups in the third."""
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(house, shop, "MUG", bin0=10)
    await add_stock(house, shop, "CUP", bin2=10)
    return shop


async def _movements(house: asyncpg.Pool) -> object:
    return await value(house, "select count(*) from movement")


async def test_a_walk_leads_from_the_cart_to_the_conveyor(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 3), ("CUP", 2))
    await planned_wave(house, order, release=True)
    picker = await person(house, "Pia")
    steps = [(await picker.do("pick"))["step"], (await picker.scan("CART-01"))["step"]]
    steps.append((await picker.scan("T-90001"))["step"])
    assert steps == ["cart", "tote", "bin"]
    assert (picker.screen["target"], picker.screen["expect"]) == (BINS[0], "bin")
    assert (await picker.scan(BINS[0]))["expect"] == "item"
    assert (await picker.scan("MUG"))["target"] == "T-90001"
    assert picker.screen["ask"]["quantity"] == 3
    assert await state_of(house, order) == "released"
    assert (await picker.scan("T-90001"))["target"] == BINS[2]
    assert picker.screen["progress"] == {"done": 1, "total": 2}
    assert await state_of(house, order) == "picking"
    await pick_one(picker)
    assert (picker.screen["step"], picker.screen["target"]) == ("drop", "CONVEYOR")
    assert await state_of(house, order) == "picking"
    assert (await picker.scan("CONVEYOR"))["idle"]
    assert await state_of(house, order) == "picked"
    assert await value(house, "select state from wave") == "done"
    assert await value(house, "select count(*) from reservation") == 0
    assert (await told_of(house, order))[-3:] == ["order.released", "order.picking", "order.picked"]
    assert await differences(house) == []


async def test_a_gtin_is_as_good_as_a_sku(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    picker = await picker_at_bin(house, await firm_order(house, shop, ("MUG", 1)))
    barcode = await value(
        house,
        "select substr(barcode, 2) from item_barcode b join item i on i.id = b.item_id "
        "where sku = 'MUG'",
    )
    await picker.scan_all(BINS[0], f"]E0{barcode}")
    assert picker.screen["step"] == "put"


async def test_a_wrong_scan_is_a_verdict_and_changes_nothing(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    await add_items(house, shop, an_item("PAN"))
    picker = await picker_at_bin(house, await firm_order(house, shop, ("MUG", 3)))
    before = await _movements(house)
    wrong = await picker.scan(BINS[1])
    assert verdict(wrong) == "wrong_bin"
    assert BINS[0] in wrong["verdict"]["text"] and BINS[1] in wrong["verdict"]["text"]
    assert (wrong["step"], wrong["target"]) == ("bin", BINS[0])
    await picker.scan_all(BINS[0])
    for code in ("PAN", "CUP", "NOTHING", "T-00001"):
        assert verdict(await picker.scan(code)) == "wrong_item"
    await picker.scan_all("MUG")
    tote = picker.screen["target"]
    assert verdict(await picker.scan("T-00099")) == "wrong_tote"
    assert verdict(await picker.scan(tote, 4)) == "wrong_quantity"
    assert verdict(await picker.scan(tote, -1)) == "wrong_quantity"
    assert verdict(await picker.do("fly")) == "unknown_action"
    assert picker.screen["step"] == "put"
    assert await _movements(house) == before
    assert await differences(house) == []


async def test_a_repeat_of_an_input_gives_the_same_screen_and_moves_nothing(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house)
    picker = await picker_at_bin(house, await firm_order(house, shop, ("MUG", 3), ("CUP", 1)))
    await picker.scan_all(BINS[0], "MUG")
    put = Input("the same", picker.screen["target"])
    first = await picker.give(put)
    before = await _movements(house)
    again = await asyncio.gather(*(picker.give(put) for _ in range(3)))
    assert all(screen == first for screen in again)
    assert await _movements(house) == before
    assert await value(house, "select sum(picked)::int from fulfilment_line") == 3


async def test_what_is_taken_for_a_walk_is_not_taken_for_another(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    first = await firm_order(house, shop, ("MUG", 1))
    second = await firm_order(house, shop, ("MUG", 1))
    picker = await picker_at_bin(house, first)
    tote = await value(house, "select code from handling_unit")
    await planned_wave(house, second, release=True)
    other = await person(house, "Otto")
    await other.do("pick")
    assert verdict(await other.scan("CART-01")) == "cart_taken"
    assert verdict(await other.scan("CONVEYOR")) == "unknown_cart"
    await other.scan_all("CART-02")
    assert verdict(await other.scan(str(tote))) == "tote_in_use"
    assert verdict(await other.scan("MUG")) == "no_tote"
    assert other.screen["step"] == "tote"
    assert picker.screen["step"] == "bin"


async def test_a_picker_comes_back_to_the_walk_they_left(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    picker = await picker_at_bin(house, await firm_order(house, shop, ("MUG", 1)))
    await picker.scan_all(BINS[0])
    shown = picker.screen
    assert (await picker.do("menu"))["scenario"] == "menu"
    back = await picker.do("pick")
    assert (back["step"], back["lines"]) == (shown["step"], shown["lines"])


async def _two_carts_of_one_order(
    house: asyncpg.Pool,
) -> tuple[int, Handheld, Handheld]:
    """An order of bulky goods that fills two carts, a picker at the first bin with each."""
    shop = await add_shop(house)
    await add_items(house, shop, an_item("BALE", edge_mm=290, mass_g=18_000))
    await add_stock(house, shop, "BALE", bin0=20)
    order = await firm_order(house, shop, ("BALE", 13))
    await planned_wave(house, order, release=True)
    pickers = [await person(house, name) for name in ("Pia", "Otto")]
    for number, picker in enumerate(pickers, start=1):
        await picker.do("pick")
        await take_cart(picker, f"CART-{number:02d}")
    return order, pickers[0], pickers[1]


async def test_a_large_order_spans_carts_and_is_picked_with_the_last(house: asyncpg.Pool) -> None:
    order, one, other = await _two_carts_of_one_order(house)
    await walk(one)
    await one.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picking"
    await sort_all(house)
    assert await state_of(house, order) == "picking"
    await walk(other)
    await other.scan_all("CONVEYOR")
    assert await state_of(house, order) == "picked"
    await sort_all(house)
    assert await state_of(house, order) == "sorted"


async def _both_at_once(house: asyncpg.Pool, table: str, *pickers: Handheld) -> None:
    """Lets pickers scan what their screens show while this table's rows are with another."""
    async with staff_transaction(house) as connection:
        await connection.execute(f"select 1 from {table} for no key update")
        scans = [asyncio.create_task(picker.scan(picker.screen["target"])) for picker in pickers]
        await wait_for_lock(house, len(pickers))
    assert {verdict(screen) for screen in await asyncio.gather(*scans)} == {"ok"}


async def test_two_carts_of_one_order_begun_and_dropped_at_once(house: asyncpg.Pool) -> None:
    order, one, other = await _two_carts_of_one_order(house)
    for picker in (one, other):
        await picker.scan_all(BINS[0], "BALE")
    await _both_at_once(house, "balance", one, other)
    await walk(one)
    await walk(other)
    await _both_at_once(house, "fulfilment_order", one, other)
    assert await state_of(house, order) == "picked"
    told = await told_of(house, order)
    assert (told.count("order.picking"), told.count("order.picked")) == (1, 1)
    await sort_all(house)
    assert await state_of(house, order) == "sorted"
    assert await differences(house) == []
    left = await rows(house, "select 1 from reservation")
    assert left == []
