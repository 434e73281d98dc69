"""Where somebody works: asked at the start where there are several, and kept to from then on."""

from dataclasses import replace

import asyncpg
import pytest

from tests.builders import NOW, add_items, an_item, differences, pay, planned_wave, rows, value
from tests.wms.journey.dockside import DOCKS, an_asn, announced, stock_of
from tests.wms.journey.label.printer import SITE
from tests.wms.journey.order.two import (
    an_order,
    at_work,
    enter_south,
    part_ids,
    place,
    promised,
    shop_of_two,
)
from tests.wms.journey.people import Handheld, Screen, person, take_cart, verdict, walk
from wms.bins.place import Place, PlaceKind
from wms.database.pool import staff_transaction
from wms.equipment.device import DeviceEntry
from wms.error import Conflict, Refused
from wms.journey import entry
from wms.journey.order.waybill import prepare_waybills
from wms.tenants.shop import Shop


async def test_where_there_is_one_warehouse_nobody_is_asked(house: asyncpg.Pool) -> None:
    pia = await person(house, "Pia")
    screen = await pia.do("menu")
    assert (screen["step"], screen["lines"]) == ("menu", [])
    assert "warehouse" not in [action["code"] for action in screen["actions"]]
    # What was begun in the only one goes on there when another is entered.
    await enter_south(house)
    assert (await pia.do("pick"))["step"] == "wait"
    assert (await pia.do("menu"))["lines"] == ["Warehouse MAIN, Main"]


async def test_where_there_are_several_it_is_chosen_by_list_or_by_label(
    house: asyncpg.Pool,
) -> None:
    south = await enter_south(house)
    async with staff_transaction(house) as connection:
        await entry.enter_places(connection, "SOUTH", [Place("S-CART", PlaceKind.CART)])
    pia = await person(house, "Pia")
    screen = await pia.do("menu")
    assert (screen["step"], screen["expect"]) == ("warehouse", "warehouse")
    assert [action["label"] for action in screen["actions"]] == ["Main", "South"]
    assert verdict(await pia.do("pick")) == "unknown_action"
    assert verdict(await pia.scan("NOWHERE")) == "unknown_warehouse"
    assert verdict(await pia.scan("CART-01")) == "several_warehouses"
    assert verdict(await pia.scan("]d2")) == "unreadable"
    assert (await pia.do(f"warehouse_{south}"))["lines"] == ["Warehouse SOUTH, South"]
    for label, said in (("MAIN", "Warehouse MAIN, Main"), ("S-CART", "Warehouse SOUTH, South")):
        assert (await pia.do("warehouse"))["step"] == "warehouse"
        await pia.scan_all(label)
        assert pia.screen["lines"] == [said]


async def test_places_of_the_other_warehouse_are_no_places_here(house: asyncpg.Pool) -> None:
    await enter_south(house)
    only = [Place("S-PACK", PlaceKind.PACKING), Place("S-DOCK", PlaceKind.DEPARTURE)]
    async with staff_transaction(house) as connection:
        await entry.enter_places(connection, "SOUTH", only)
    for task, label, there in (("pack", "S-PACK", "tote"), ("load", "S-DOCK", "parcel")):
        near = await at_work(house, "Pia", "MAIN", task)
        assert verdict(await near.scan(label)) == "wrong_place"
        far = await at_work(house, "Pit", "SOUTH", task)
        await far.scan_all(label)
        assert far.screen["step"] == there


@pytest.fixture
async def shop(house: asyncpg.Pool) -> Shop:
    return await shop_of_two(house, MUG=(5, 5))


async def _released(house: asyncpg.Pool, shop: Shop, *numbers: str) -> int:
    """A wave of orders that MAIN ships, released; its number."""
    chosen = []
    for number in numbers:
        order = await place(house, shop, an_order(number, ("MUG", 1)))
        await pay(house, shop, order)
        chosen += part_ids(order)
        assert await prepare_waybills(house, chosen[-1], NOW)
    return await planned_wave(house, *chosen, release=True)


async def _go_to(handheld: Handheld, warehouse: str, task: str) -> Screen:
    await handheld.do("menu")
    await handheld.do("warehouse")
    await handheld.scan_all(warehouse)
    return await handheld.do(task)


async def test_a_cart_that_nobody_began_is_given_back_by_who_goes_elsewhere(
    house: asyncpg.Pool, shop: Shop
) -> None:
    wave = await _released(house, shop, "1", "2")
    pia = await at_work(house, "Pia", "MAIN", "pick")
    await pia.scan_all("CART-01", "T-70001")
    assert pia.screen["step"] == "tote"
    assert (await _go_to(pia, "SOUTH", "pick"))["idle"]
    [cart] = await rows(house, "select * from pick_batch where wave_id = $1", wave)
    assert (cart["state"], cart["picker_id"], cart["cart_place_id"]) == ("planned", None, None)
    assert not await rows(house, "select 1 from sort_route")
    other = await at_work(house, "Pit", "MAIN", "pick")
    await other.scan_all("CART-01", "T-70001", "T-70002")
    await walk(other)
    await other.scan_all("CONVEYOR")
    assert await differences(house) == []


async def test_a_walk_that_is_begun_stays_with_its_picker(house: asyncpg.Pool, shop: Shop) -> None:
    await _released(house, shop, "1")
    pia = await at_work(house, "Pia", "MAIN", "pick")
    await take_cart(pia, "CART-01")
    screen = await _go_to(pia, "SOUTH", "pick")
    assert (screen["step"], screen["target"]) == ("elsewhere", "MAIN")
    assert (await pia.scan("A-01-01-1"))["step"] == "elsewhere"
    assert (await _go_to(pia, "MAIN", "pick"))["step"] == "bin"
    await walk(pia)
    assert pia.screen["step"] == "drop"


async def test_goods_are_received_put_away_and_counted_in_the_second_warehouse(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await add_items(house, shop, an_item("POT"))
    for warehouse in ("MAIN", "SOUTH"):
        async with staff_transaction(house) as connection:
            await entry.enter_places(connection, warehouse, list(DOCKS))
    asn = await announced(house, shop, replace(an_asn(("POT", 6)), warehouse="SOUTH"))
    near = await at_work(house, "Nia", "MAIN", "receive")
    assert near.screen["facts"] == []
    screen = await near.scan(f"IN-{asn}")
    assert screen["verdict"]["code"] == "shipment_elsewhere"
    assert "is for SOUTH" in screen["verdict"]["text"]
    rita = await at_work(house, "Rita", "SOUTH", "receive")
    assert [fact["label"] for fact in rita.screen["facts"]] == [f"IN-{asn}"]
    await rita.scan_all(f"IN-{asn}", "POT")
    await rita.do("good", 6)
    await rita.do("finish")
    assert (await promised(house, shop))["POT", "SOUTH"] == (6, 0, 0)
    assert (await (await at_work(house, "Max", "MAIN", "move")).do("refresh"))["step"] == "wait"
    mover = await at_work(house, "Moe", "SOUTH", "move")
    assert (mover.screen["step"], mover.screen["target"]) == ("from", "RECV-1")
    await mover.scan_all("RECV-1", "POT")
    bin_code = mover.screen["target"]
    await mover.scan_all(bin_code)
    assert await stock_of(house, "POT") == {(bin_code, "available"): 6}
    where = "select w.code from balance b join place p on p.id = b.place_id join warehouse w on "
    found = await rows(
        house,
        f"{where} w.id = p.warehouse_id join item i on i.id = b.item_id "
        "where i.sku = 'POT' and b.on_hand > 0",
    )
    assert [row["code"] for row in found] == ["SOUTH"]
    assert await differences(house) == []


async def test_blind_goods_belong_to_where_they_are_unloaded(
    house: asyncpg.Pool, shop: Shop
) -> None:
    async with staff_transaction(house) as connection:
        await entry.enter_places(connection, "SOUTH", list(DOCKS))
    rita = await at_work(house, "Rita", "SOUTH", "receive")
    await rita.do("blind")
    await rita.scan_all("MUG")
    await rita.do("good", 2)
    assert (await promised(house, shop))["MUG", "SOUTH"] == (7, 0, 0)
    assert (await promised(house, shop))["MUG", "MAIN"] == (5, 0, 0)


async def test_counts_are_asked_of_who_is_there(house: asyncpg.Pool, shop: Shop) -> None:
    await rows(
        house,
        "insert into count_task (warehouse_id, place_id, reason, asked_by, asked_at) "
        "select p.warehouse_id, p.id, 'test', 'test', $1 from place p "
        "join warehouse w on w.id = p.warehouse_id "
        "where w.code = 'SOUTH' and p.code = 'A-01-01-1' returning 1",
        NOW,
    )
    assert (await at_work(house, "Nia", "MAIN", "count")).screen["idle"]
    carl = await at_work(house, "Carl", "SOUTH", "count")
    await carl.scan_all("A-01-01-1", "MUG")
    await carl.do("counted", 5)
    await carl.do("finish")
    assert await value(house, "select state from count_task") == "posted"


async def test_a_printer_is_the_only_one_of_its_name_and_stands_in_a_warehouse(
    house: asyncpg.Pool,
) -> None:
    def printer(site: str, **config: object) -> DeviceEntry:
        return DeviceEntry(site, "pack", "printer", "PRN-01", "127.0.0.1:9100", config)

    async with staff_transaction(house) as connection:
        await entry.enter_device(connection, printer(SITE, place="PACK-01", warehouse="MAIN"))
        await entry.enter_device(connection, printer(SITE, place="PACK-02", warehouse="MAIN"))
        with pytest.raises(Conflict, match="has a printer PRN-01"):
            await entry.enter_device(connection, printer("south", place="PACK-01"))
        with pytest.raises(Refused, match="no warehouse NOWHERE"):
            await entry.enter_device(connection, printer(SITE, warehouse="NOWHERE"))
