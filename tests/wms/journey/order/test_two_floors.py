"""A split order ships from two warehouses by itself, and neither takes what is the other's.

The two have the same places, down to the codes on their labels.
"""

from datetime import timedelta

import asyncpg
import pytest

from tests.builders import NOW, differences, order_id_of, pay, rows, solve_first_come, value
from tests.wms.journey.dockside import a_return, announced
from tests.wms.journey.label.printer import add_printer
from tests.wms.journey.order.two import (
    an_order,
    at_work,
    part_ids,
    parts,
    place,
    promised,
    shop_of_two,
)
from tests.wms.journey.people import (
    Handheld,
    pack_parcel,
    sort_all,
    sscc_of,
    state_of,
    take_cart,
    told_of,
    walk,
)
from wms.database.pool import staff_transaction
from wms.journey.order.waybill import prepare_waybills
from wms.journey.wave.wave_plan import plan_wave
from wms.journey.wave.wave_timer import release_when_due
from wms.orders.order import Fulfilment
from wms.picking.release import Rule
from wms.shipping import call_store
from wms.tenants.shop import Shop

AT_ONCE = Rule(1, timedelta(0), timedelta(0))
HOUSES = ("MAIN", "SOUTH")


@pytest.fixture
async def shop(house: asyncpg.Pool) -> Shop:
    """A shop with mugs in MAIN alone, cups in SOUTH alone, and pans in both."""
    return await shop_of_two(house, MUG=(5, 0), CUP=(0, 5), PAN=(7, 7))


async def _split_order(house: asyncpg.Pool, shop: Shop) -> dict[str, int]:
    """A paid order of both warehouses with its waybills; its part in each."""
    wish = an_order("1", ("MUG", 2), ("CUP", 3), fulfilment=Fulfilment.FILL_AVAILABLE)
    order = await place(house, shop, wish)
    assert [part[0] for part in parts(order)] == list(HOUSES)
    await pay(house, shop, order)
    part_of = dict(zip(HOUSES, part_ids(order), strict=True))
    for number in part_of.values():
        assert await prepare_waybills(house, number, NOW)
    return part_of


async def _release(house: asyncpg.Pool) -> None:
    """What the timer and the jobs do by themselves."""
    for wave in await release_when_due(house, AT_ONCE, 1, NOW):
        await plan_wave(house, wave, solve_first_come, NOW)


async def _pick(house: asyncpg.Pool, warehouse: str) -> Handheld:
    picker = await at_work(house, f"Pia of {warehouse}", warehouse, "pick")
    await take_cart(picker, "CART-01")
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert picker.screen["idle"]
    return picker


async def _pack(house: asyncpg.Pool, warehouse: str, part: int) -> Handheld:
    [row] = await rows(
        house,
        "select p.code as place, u.code as tote from fulfilment_order f "
        "join place p on p.id = f.packing_place_id "
        "join handling_unit u on u.fulfilment_order_id = f.id and u.kind = 'tote' "
        "where f.id = $1",
        part,
    )
    packer = await at_work(house, f"Paul of {warehouse}", warehouse, "pack")
    await packer.scan_all(row["place"], row["tote"])
    while packer.screen["step"] == "carton":
        await pack_parcel(house, packer)
    return packer


async def test_a_split_order_ships_from_both_warehouses_to_the_hand_over(
    house: asyncpg.Pool, shop: Shop
) -> None:
    for warehouse in HOUSES:
        for station in ("PACK-01", "PACK-02"):
            name = f"PRN-{warehouse}-{station}"
            await add_printer(house, name, site=warehouse, place=station, warehouse=warehouse)
    part_of = await _split_order(house, shop)
    told = await rows(house, "select payload->'body' as body from outbox where topic = 'carrier'")
    assert sorted(row["body"]["ship_from"]["warehouse"] for row in told) == list(HOUSES)
    await _release(house)
    waves = await rows(
        house,
        "select w.state, h.code from wave w join warehouse h on h.id = w.warehouse_id order by 2",
    )
    assert [tuple(wave) for wave in waves] == [("released", "MAIN"), ("released", "SOUTH")]
    for warehouse in HOUSES:
        await _pick(house, warehouse)
    await sort_all(house)
    for warehouse, part in part_of.items():
        assert await state_of(house, part) == "sorted"
        await _pack(house, warehouse, part)
        printer = await value(house, "select printer from label_job order by id desc limit 1")
        assert str(printer).startswith(f"PRN-{warehouse}-")
    for warehouse, part in part_of.items():
        loader = await at_work(house, f"Lou of {warehouse}", warehouse, "load")
        await loader.scan_all("DOCK-1")
        assert loader.screen["progress"] == {"done": 0, "total": 1}
        await loader.scan_all(f"]C100{await sscc_of(house, part)}")
        await loader.do("close")
        assert await state_of(house, part) == "handed_over"
    assert (await told_of(house, part_of["MAIN"]))[-2:] == ["order.handed_over"] * 2
    await _books_are_right(house, shop)


async def test_goods_come_back_to_where_they_left(house: asyncpg.Pool, shop: Shop) -> None:
    order = await place(house, shop, an_order("1", ("CUP", 1)))
    await pay(house, shop, order)
    [part] = part_ids(order)
    await prepare_waybills(house, part, NOW)
    await _release(house)
    await _pick(house, "SOUTH")
    await sort_all(house)
    await _pack(house, "SOUTH", part)
    loader = await at_work(house, "Lou", "SOUTH", "load")
    await loader.scan_all("DOCK-1", f"]C100{await sscc_of(house, part)}")
    await loader.do("close")
    inbound_id = await announced(house, shop, a_return(order_id_of(order), ("CUP", 1)))
    came = "select w.code from inbound_shipment s join warehouse w on w.id = s.warehouse_id "
    assert await value(house, f"{came} where s.id = $1", inbound_id) == "SOUTH"


async def _books_are_right(house: asyncpg.Pool, shop: Shop) -> None:
    """Each warehouse gave what it had promised, and the ledger has it leave at its own door."""
    assert await promised(house, shop) == {
        ("MUG", "MAIN"): (3, 0, 0),
        ("CUP", "SOUTH"): (2, 0, 0),
        ("PAN", "MAIN"): (7, 0, 0),
        ("PAN", "SOUTH"): (7, 0, 0),
    }
    departures = await rows(
        house,
        "select w.code, d.state, count(*) from departure d join warehouse w "
        "on w.id = d.warehouse_id join departure_parcel p on p.departure_id = d.id "
        "group by 1, 2 order by 1",
    )
    assert [tuple(row) for row in departures] == [("MAIN", "closed", 1), ("SOUTH", "closed", 1)]
    handed = await rows(
        house,
        "select i.sku, f.code as left, t.code as gone, l.quantity from movement_line l "
        "join movement m on m.id = l.movement_id and m.kind = 'hand_over' "
        "join item i on i.id = l.item_id join place p on p.id = l.from_place_id "
        "join warehouse f on f.id = p.warehouse_id join place q on q.id = l.to_place_id "
        "join warehouse t on t.id = q.warehouse_id order by 1 desc",
    )
    assert [tuple(row) for row in handed] == [
        ("MUG", "MAIN", "MAIN", 2),
        ("CUP", "SOUTH", "SOUTH", 3),
    ]
    assert await _across(house) == 0
    assert await differences(house) == []


async def _across(house: asyncpg.Pool) -> object:
    """How many lines of the ledger lead out of one warehouse into another."""
    return await value(
        house,
        "select count(*) from movement_line l join place p on p.id = l.from_place_id "
        "join place q on q.id = l.to_place_id where p.warehouse_id <> q.warehouse_id",
    )


async def test_a_picker_is_offered_the_walks_of_their_own_warehouse(
    house: asyncpg.Pool, shop: Shop
) -> None:
    order = await place(house, shop, an_order("1", ("CUP", 1)))
    await pay(house, shop, order)
    await prepare_waybills(house, part_ids(order)[0], NOW)
    await _release(house)
    near = await at_work(house, "Pia", "MAIN", "pick")
    assert near.screen["idle"]
    far = await at_work(house, "Pit", "SOUTH", "pick")
    assert far.screen["step"] == "cart"


async def test_a_bin_that_is_short_is_made_good_in_the_same_warehouse_or_not_at_all(
    house: asyncpg.Pool, shop: Shop
) -> None:
    order = await place(house, shop, an_order("1", ("CUP", 1), ("PAN", 2)))
    assert parts(order) == [("SOUTH", "open", [(1, 1), (2, 2)])]
    await pay(house, shop, order)
    await prepare_waybills(house, part_ids(order)[0], NOW)
    await _release(house)
    picker = await at_work(house, "Pit", "SOUTH", "pick")
    await take_cart(picker, "CART-02")
    while "SKU PAN" not in picker.screen["lines"]:
        await picker.do("skip")
    await picker.scan_all(picker.screen["target"], "PAN")
    await picker.do("short")
    await picker.do("not_found")
    assert (await picker.do("count", 0))["verdict"]["code"] == "short_unsolved"
    left = await promised(house, shop)
    assert (left["PAN", "SOUTH"], left["PAN", "MAIN"]) == ((0, 0, 0), (7, 0, 0))
    assert (
        await value(
            house,
            "select count(*) from reservation r join balance b on b.id = r.balance_id join place p "
            "on p.id = b.place_id join warehouse w on w.id = p.warehouse_id where w.code = 'MAIN'",
        )
        == 0
    )
    assert await differences(house) == []


async def test_a_tote_in_use_elsewhere_is_refused_and_an_empty_one_changes_the_house(
    house: asyncpg.Pool, shop: Shop
) -> None:
    await _split_order(house, shop)
    await _release(house)
    near = await at_work(house, "Pia", "MAIN", "pick")
    await near.scan_all("CART-01", "T-90001")
    far = await at_work(house, "Pit", "SOUTH", "pick")
    await far.scan_all("CART-01")
    screen = await far.scan("T-90001")
    assert screen["verdict"]["code"] == "tote_in_use"
    assert "in use in MAIN" in screen["verdict"]["text"]
    await rows(house, "update handling_unit set fulfilment_order_id = null returning 1")
    await far.scan_all("T-90001")
    [tote] = await rows(
        house,
        "select u.warehouse_id = p.warehouse_id as sound, w.code from handling_unit u "
        "join place p on p.id = u.place_id join warehouse w on w.id = u.warehouse_id",
    )
    assert tuple(tote) == (True, "SOUTH")


async def test_who_is_told_that_a_van_does_not_come_hears_of_its_own_parcels_alone(
    house: asyncpg.Pool, shop: Shop
) -> None:
    part_of = await _split_order(house, shop)
    async with staff_transaction(house) as connection:
        departure_id = await connection.fetchval(
            "insert into departure (warehouse_id, carrier_id, place_id, opened_at, kind) "
            "select p.warehouse_id, c.id, p.id, $1, 'own_vans' from place p "
            "join warehouse w on w.id = p.warehouse_id and w.code = 'SOUTH' cross join carrier c "
            "where p.code = 'DOCK-1' returning id",
            NOW,
        )
        await connection.execute(
            "insert into departure_stop (departure_id, order_id, tenant_id, van, position, "
            "loading, earliest_at, expected_at, latest_at, leaves_at, told_at) "
            "select $1, f.order_id, f.tenant_id, 'VAN-1', 1, 1, $3, $3, $3, $3, $3 "
            "from fulfilment_order f where f.id = $2",
            departure_id,
            part_of["SOUTH"],
            NOW,
        )
        [gone] = await call_store.replace_calls(connection, departure_id, [])
    its = "select w.tracking_number from waybill w join parcel p on p.id = w.parcel_id "
    own = await rows(house, f"{its} where p.fulfilment_order_id = $1", part_of["SOUTH"])
    assert gone["tracking_numbers"] == [row["tracking_number"] for row in own]


async def test_a_label_is_printed_in_its_own_warehouse(house: asyncpg.Pool, shop: Shop) -> None:
    # One that names no warehouse stands in the first.
    await add_printer(house, "PRN-NEAR", place="PACK-01")
    await add_printer(house, "PRN-NEAR-2", place="PACK-02")
    part_of = await _split_order(house, shop)
    await _release(house)
    await _pick(house, "SOUTH")
    await sort_all(house)
    await _pack(house, "SOUTH", part_of["SOUTH"])
    assert await value(house, "select printer from label_job") == ""
