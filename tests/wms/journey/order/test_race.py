"""A cancellation or an edit meets a pick scan: either may be first, and is made to be."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.builders import availability, firm_order, rows
from tests.wms.journey.order.editing import edit, order_of, sound
from tests.wms.journey.order.racing import (
    MUGS,
    at_the_tote,
    cancel,
    in_hand,
    kept,
    owned,
    papers_of,
    put_back,
    shop_of,
)
from tests.wms.journey.people import Handheld, person, sort_all, state_of, verdict, wait_for_lock
from wms.error import Refused
from wms.tenants.shop import Shop

# What a scan books last, and what a cancellation or an edit gives back last.
OF_SCAN, OF_SHOP = "balance", "availability"


async def begun(house: asyncpg.Pool, shop: Shop, picker: Handheld) -> int:
    """An order of two mugs and two cups: the mugs are in the tote, the cups in the hand."""
    fulfilment = await firm_order(house, shop, ("MUG", 2), ("CUP", 2))
    await at_the_tote(house, fulfilment, picker)
    await picker.scan_all(picker.screen["target"])
    await in_hand(picker)
    return fulfilment


async def picked(house: asyncpg.Pool, fulfilment: int) -> dict[str, int]:
    found = await rows(
        house,
        "select i.sku, sum(f.picked)::bigint as picked from fulfilment_line f "
        "join item i on i.id = f.item_id where f.fulfilment_order_id = $1 group by 1",
        fulfilment,
    )
    return {row["sku"]: row["picked"] for row in found}


def _right(screen: dict[str, Any]) -> bool:
    """Whether the scan before was booked."""
    return bool(screen["verdict"] and screen["verdict"]["ok"])


@pytest.mark.parametrize("started", [False, True])
async def test_a_cancel_that_is_first_leaves_the_scan_nothing_to_pick(
    house: asyncpg.Pool, started: bool
) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    if started:
        fulfilment = await begun(house, shop, picker)
    else:
        fulfilment = await firm_order(house, shop, ("MUG", 2), ("CUP", 2))
        await at_the_tote(house, fulfilment, picker)
    order = await order_of(house, fulfilment)
    async with kept(house, OF_SHOP):
        cancelling = asyncio.create_task(cancel(house, shop, order))
        await wait_for_lock(house, 1)
        scanning = asyncio.create_task(picker.scan(picker.screen["target"]))
        await wait_for_lock(house, 2)
    answer, screen = await cancelling, await scanning
    assert (answer.body["state"], answer.body["order_state"]) == ("done", "cancelled")
    assert (_right(screen), screen["step"]) == (False, "drop" if started else "wait")
    assert await picked(house, fulfilment) == {"MUG": 2 if started else 0, "CUP": 0}
    await _all_is_as_it_was(house, shop, fulfilment)
    if started:
        await picker.scan_all("CONVEYOR")
        await sort_all(house)
        assert await put_back(house, fulfilment) == 2
    await _all_is_as_it_was(house, shop, fulfilment)


async def test_a_scan_that_is_first_is_booked_and_its_goods_go_back(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    fulfilment = await begun(house, shop, picker)
    order = await order_of(house, fulfilment)
    async with kept(house, OF_SCAN):
        scanning = asyncio.create_task(picker.scan(picker.screen["target"]))
        await wait_for_lock(house, 1)
        cancelling = asyncio.create_task(cancel(house, shop, order))
        await wait_for_lock(house, 2)
    screen, answer = await scanning, await cancelling
    assert (_right(screen), screen["step"]) == (True, "drop")
    assert (answer.body["state"], answer.body["order_state"]) == ("done", "cancelled")
    assert await picked(house, fulfilment) == {"MUG": 2, "CUP": 2}
    await _all_is_as_it_was(house, shop, fulfilment)
    await picker.scan_all("CONVEYOR")
    await sort_all(house)
    assert await put_back(house, fulfilment) == 4
    await _all_is_as_it_was(house, shop, fulfilment)


async def _all_is_as_it_was(house: asyncpg.Pool, shop: Shop, fulfilment: int) -> None:
    """The order is cancelled, its label void, and all goods are in the house and for sale."""
    assert await state_of(house, fulfilment) == "cancelled"
    assert await papers_of(house, fulfilment) == {("void", False)}
    assert await availability(house, shop, "MUG") == (MUGS, 0)
    assert await availability(house, shop, "CUP") == (MUGS, 0)
    assert await owned(house) == MUGS
    await sound(house)


async def test_an_edit_that_is_first_leaves_the_scan_what_it_did_not_take_out(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    fulfilment = await begun(house, shop, picker)
    order = await order_of(house, fulfilment)
    async with kept(house, OF_SHOP):
        editing = asyncio.create_task(edit(house, shop, order, (2, 1)))
        await wait_for_lock(house, 1)
        # As a handheld does, with the quantity that its screen asked for.
        scanning = asyncio.create_task(picker.scan(picker.screen["target"], 2))
        await wait_for_lock(house, 2)
    answer, screen = await editing, await scanning
    assert answer.status == 201
    assert (verdict(screen), screen["step"], screen["ask"]["quantity"]) == (
        "wrong_quantity",
        "put",
        1,
    )
    assert await picked(house, fulfilment) == {"MUG": 2, "CUP": 0}
    await picker.scan_all(picker.screen["target"])
    assert await picked(house, fulfilment) == {"MUG": 2, "CUP": 1}
    assert await availability(house, shop, "CUP") == (MUGS, 1)
    assert await papers_of(house, fulfilment) == {("void", False)}
    await sound(house)


async def test_a_scan_that_is_first_keeps_its_line_from_the_edit(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    fulfilment = await begun(house, shop, picker)
    order = await order_of(house, fulfilment)
    before = await papers_of(house, fulfilment)
    async with kept(house, OF_SCAN):
        scanning = asyncio.create_task(picker.scan(picker.screen["target"]))
        await wait_for_lock(house, 1)
        editing = asyncio.create_task(edit(house, shop, order, (2, 1)))
        await wait_for_lock(house, 2)
    screen = await scanning
    with pytest.raises(Refused) as refusal:
        await editing
    assert (refusal.value.code, refusal.value.pointer) == ("line_picked", "/lines/0/quantity")
    assert (_right(screen), screen["step"]) == (True, "drop")
    assert await picked(house, fulfilment) == {"MUG": 2, "CUP": 2}
    assert await papers_of(house, fulfilment) == before == {("made", False)}
    assert await availability(house, shop, "CUP") == (MUGS, 2)
    await sound(house)
