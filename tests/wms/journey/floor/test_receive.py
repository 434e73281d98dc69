"""The receive scenario: a shipment, its goods with what they must say, and its end."""

from dataclasses import replace
from datetime import date

import asyncpg
import pytest

from tests.builders import add_items, add_shop, an_item, differences, rows, value
from tests.wms.journey.dockside import (
    TOMORROW,
    an_asn,
    announced,
    open_dock,
    stock_of,
    told,
)
from tests.wms.journey.people import Handheld, person, verdict
from wms.items.item import Barcode
from wms.journey.floor.screen import Input
from wms.tenants.shop import Shop

GTIN = "04006381333931"
CASE = "14006381333938"
SSCC = "340123450000000017"


@pytest.fixture
async def shop(house: asyncpg.Pool) -> Shop:
    await open_dock(house)
    return await add_shop(house)


async def _unloader(house: asyncpg.Pool) -> Handheld:
    rita = await person(house, "Rita")
    await rita.do("receive")
    return rita


async def test_a_shipment_is_taken_in_and_closed(house: asyncpg.Pool, shop: Shop) -> None:
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    asn = await announced(house, shop, an_asn(("MUG", 6), ("CUP", 4)))
    rita = await _unloader(house)
    assert [fact["label"] for fact in rita.screen["facts"]] == [f"IN-{asn}"]
    assert verdict(await rita.scan("IN-4242")) == "unknown_shipment"
    await rita.scan_all(f"in-{asn}")
    assert (rita.screen["step"], rita.screen["target"]) == ("item", f"IN-{asn}")
    assert verdict(await rita.scan("NONE")) == "unknown_goods"
    await rita.scan_all("MUG")
    assert rita.screen["ask"] == {"quantity": 6, "unit": "pcs", "scale": 0}
    await rita.do("good", 5)
    assert rita.screen["verdict"]["text"] == "Taken in: MUG."
    await rita.scan_all("MUG")
    await rita.do("damaged", 1)
    assert "damaged" in rita.screen["verdict"]["text"]
    assert rita.screen["progress"] == {"done": 1, "total": 2}
    await rita.scan_all("CUP")
    assert verdict(await rita.do("good", 9)) == "over_receipt"
    assert rita.screen["step"] == "item"
    await rita.scan_all("CUP")
    await rita.do("good", 3)
    await rita.do("finish")
    assert (rita.screen["step"], rita.screen["facts"]) == (
        "confirm",
        [{"label": "CUP", "value": "1 missing"}],
    )
    await rita.do("more_comes")
    assert rita.screen["step"] == "item"
    await rita.do("finish")
    await rita.do("close_short")
    assert rita.screen["step"] == "shipment"
    assert "2 moves" in rita.screen["verdict"]["text"]
    assert await stock_of(house, "MUG") == {("RECV-1", "available"): 5, ("RECV-1", "damaged"): 1}
    assert await value(house, "select sum(quantity) from move_task") == 8
    assert await value(house, "select state from inbound_shipment") == "closed"
    assert (await told(house, asn))[-1] == "inbound.closed"
    assert await differences(house) == []


async def test_an_input_repeated_five_times_books_once(house: asyncpg.Pool, shop: Shop) -> None:
    await add_items(house, shop, an_item("MUG"))
    asn = await announced(house, shop, an_asn(("MUG", 6)))
    rita = await _unloader(house)
    await rita.scan_all(f"IN-{asn}", "MUG")
    for _ in range(5):
        await rita.give(Input("the same input", action="good", quantity=2))
    assert await stock_of(house, "MUG") == {("RECV-1", "available"): 2}


async def test_a_label_says_lot_and_last_day_and_the_rest_is_asked(
    house: asyncpg.Pool, shop: Shop
) -> None:
    tea = replace(an_item("TEA"), barcodes=(GTIN,), track_lot=True, track_expiry=True)
    await add_items(house, shop, tea)
    asn = await announced(house, shop, an_asn(("TEA", 40)))
    rita = await _unloader(house)
    await rita.scan_all(f"IN-{asn}", f"]C101{GTIN}1711063010L-7\x1d3012")
    assert (rita.screen["step"], rita.screen["ask"]["quantity"]) == ("condition", 12)
    await rita.do("good")
    # A lot may look like a GTIN with a wrong check digit.
    await rita.scan_all(GTIN, "20240115")
    assert rita.screen["step"] == "expiry"
    assert verdict(await rita.scan("next summer")) == "not_a_date"
    await rita.scan_all("2011-07-31")
    await rita.do("good", 3)
    found = await rows(house, "select lot, expires_on, on_hand from balance order by id")
    assert [tuple(row) for row in found] == [
        ("L-7", date(2011, 6, 30), 12),
        ("20240115", date(2011, 7, 31), 3),
    ]


async def test_a_lot_s_bar_code_is_no_part_of_the_lot(house: asyncpg.Pool, shop: Shop) -> None:
    await add_items(house, shop, replace(an_item("TEA"), barcodes=(GTIN,), track_lot=True))
    asn = await announced(house, shop, an_asn(("TEA", 40)))
    rita = await _unloader(house)
    await rita.scan_all(f"IN-{asn}", f"]C101{GTIN}", "]C010D9T")
    await rita.do("good", 3)
    await rita.scan_all(GTIN, "]C01234567890123")
    await rita.do("good", 2)
    found = await rows(house, "select lot, on_hand from balance order by id")
    assert [tuple(row) for row in found] == [("10D9T", 3), ("1234567890123", 2)]


async def test_each_piece_with_a_serial_is_scanned_by_itself(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, replace(an_item("SAW"), track_serial=True))
    asn = await announced(house, shop, an_asn(("SAW", 3)))
    rita = await _unloader(house)
    await rita.scan_all(f"IN-{asn}", "SAW", "S-1")
    assert rita.screen["ask"]["quantity"] == 1
    await rita.do("good")
    await rita.scan_all("SAW", "S-1")
    assert verdict(await rita.do("good")) == "serial_elsewhere"
    await rita.scan_all("SAW", "S-2")
    await rita.do("damaged")
    assert await stock_of(house, "SAW") == {("RECV-1", "available"): 1, ("RECV-1", "damaged"): 1}


async def test_a_case_counts_its_pieces_and_stands_on_its_pallet(
    house: asyncpg.Pool, shop: Shop
) -> None:
    mug = replace(an_item("MUG"), barcodes=(GTIN, Barcode(CASE, 12)))
    await add_items(house, shop, mug)
    asn = await announced(house, shop, an_asn(("MUG", 40)))
    rita = await _unloader(house)
    await rita.scan_all(f"IN-{asn}", "RECV-2", f"]C100{SSCC}", CASE)
    assert rita.screen["ask"]["quantity"] == 12
    await rita.do("good")
    [row] = await rows(
        house,
        "select p.code, u.code as unit, b.on_hand from balance b join place p on p.id = b.place_id "
        "join handling_unit u on u.id = b.handling_unit_id",
    )
    assert tuple(row) == ("RECV-2", SSCC, 12)


async def test_what_nobody_announced_is_received_blind_for_its_owner(
    house: asyncpg.Pool, shop: Shop
) -> None:
    other = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_items(house, other, an_item("CUP"))
    rita = await _unloader(house)
    await rita.do("blind")
    assert rita.screen["step"] == "owner"
    await rita.do(f"owner_{other.owner_id}")
    assert rita.screen["step"] == "item"
    assert verdict(await rita.scan("MUG")) == "unknown_goods"
    await rita.scan_all("CUP")
    assert verdict(await rita.do("good", 0)) == "ok"
    await rita.scan_all("CUP")
    await rita.do("good", 4)
    await rita.do("finish")
    assert rita.screen["step"] == "shipment"
    assert await stock_of(house, "CUP") == {("RECV-1", "available"): 4}
    [row] = await rows(house, "select kind, state, owner_id from inbound_shipment")
    assert tuple(row) == ("blind", "closed", other.owner_id)


async def test_a_number_on_the_papers_of_two_owners_is_not_guessed(
    house: asyncpg.Pool, shop: Shop
) -> None:
    other = await add_shop(house)
    for owner in (shop, other):
        await add_items(house, owner, an_item("MUG"))
        await announced(house, owner, replace(an_asn(("MUG", 1)), reference="DN-SAME"))
    rita = await _unloader(house)
    assert verdict(await rita.scan("dn-same")) == "several_shipments"
    await announced(house, shop, replace(an_asn(("MUG", 1)), reference="DN-ONE"))
    await rita.scan_all("dn-one")


async def test_a_shipment_that_another_closed_is_left(house: asyncpg.Pool, shop: Shop) -> None:
    await add_items(house, shop, an_item("MUG"))
    asn = await announced(house, shop, an_asn(("MUG", 1), expected_at=TOMORROW))
    one, two = await _unloader(house), await _unloader(house)
    for each in (one, two):
        await each.scan_all(f"IN-{asn}")
    await one.scan_all("MUG")
    await one.do("good")
    await one.do("finish")
    assert verdict(await two.scan("MUG")) == "unknown_shipment"
    assert two.screen["step"] == "shipment"


async def test_nothing_else_is_possible_at_a_step(house: asyncpg.Pool, shop: Shop) -> None:
    await add_items(house, shop, an_item("MUG"))
    asn = await announced(house, shop, an_asn(("MUG", 1)))
    rita = await _unloader(house)
    assert verdict(await rita.do("good")) == "unknown_action"
    await rita.scan_all(f"IN-{asn}")
    assert verdict(await rita.do("good")) == "unknown_action"
    await rita.scan_all("MUG")
    assert verdict(await rita.scan("MUG")) == "condition_missing"
    await rita.do("not_this")
    await rita.do("other_shipment")
    assert rita.screen["step"] == "shipment"
    await rita.do("menu")
    assert rita.screen["scenario"] == "menu"
    assert await stock_of(house, "MUG") == {}
