"""The pack scenario: the planned carton or one that holds the goods, and the parcel's own label."""

import asyncpg

from devices.gs1 import sscc18
from tests.builders import (
    add_items,
    add_shop,
    add_stock,
    an_item,
    differences,
    firm_order,
    rows,
    value,
)
from tests.wms.journey.people import (
    Handheld,
    pack_parcel,
    packer_at_carton,
    person,
    print_labels,
    sorted_order,
    sscc_of,
    state_of,
    told_of,
    verdict,
)
from wms.database.pool import staff_transaction
from wms.orders import commands as orders


async def _ready(house: asyncpg.Pool, **lines: int) -> int:
    """A sorted order of these items."""
    shop = await add_shop(house)
    await add_items(house, shop, *(an_item(sku) for sku in lines))
    for number, (sku, quantity) in enumerate(lines.items()):
        await add_stock(house, shop, sku, **{f"bin{number}": quantity})
    order = await firm_order(house, shop, *lines.items())
    await sorted_order(house, order)
    return order


async def _waybills(house: asyncpg.Pool) -> list[tuple[str, str, str | None]]:
    found = await rows(house, "select sscc, state, void_reason from waybill order by id")
    return [tuple(row) for row in found]


async def _full(house: asyncpg.Pool, carton: str, **lines: int) -> tuple[int, Handheld]:
    """An order whose only parcel is full in this carton and waits for its label."""
    order = await _ready(house, **lines)
    packer = await packer_at_carton(house, order)
    await packer.scan_all(carton, *lines)
    assert packer.screen["step"] == "label"
    return order, packer


async def test_an_order_is_packed_as_it_was_planned(house: asyncpg.Pool) -> None:
    order = await _ready(house, MUG=3, CUP=2)
    packer = await packer_at_carton(house, order)
    assert (packer.screen["step"], packer.screen["target"]) == ("carton", "C-S")
    await packer.scan_all("C-S")
    shown = [fact["value"] for fact in packer.screen["facts"]]
    assert shown == ["1 of 1", "3 × NAME OF MUG", "2 × NAME OF CUP"]
    assert (await packer.scan("MUG", 1))["progress"] == {"done": 1, "total": 5}
    await packer.scan_all("CUP", "MUG")
    assert packer.screen["step"] == "label"
    sscc = await sscc_of(house, order)
    assert verdict(await packer.scan(f"(00){sscc}")) == "label_not_printed"
    await print_labels(house)
    assert verdict(await packer.scan(f"]C100{sscc}")) == "ok"
    assert (packer.screen["step"], packer.screen["idle"]) == ("tote", True)
    assert await state_of(house, order) == "packed"
    assert [row[1] for row in await _waybills(house)] == ["made"]
    assert await value(house, "select count(*) from label_job") == 1
    # The totes are free and empty, and the goods stand where the departure leaves from.
    assert not await rows(
        house,
        "select 1 from handling_unit where kind = 'tote' and fulfilment_order_id is not null",
    )
    standing = await rows(
        house,
        "select p.code, sum(b.on_hand)::int from balance b join place p on p.id = b.place_id "
        "where b.on_hand > 0 group by 1",
    )
    assert [tuple(row) for row in standing] == [("DOCK-1", 5)]
    assert (await told_of(house, order))[-2:] == ["parcel.label_printed", "order.packed"]
    assert await differences(house) == []


async def test_only_the_parcel_s_items_go_into_it(house: asyncpg.Pool) -> None:
    order = await _ready(house, MUG=3)
    packer = await packer_at_carton(house, order)
    await packer.scan_all("C-S")
    before = await value(house, "select count(*) from movement")
    for code in ("CUP", "NOTHING", "C-S"):
        assert verdict(await packer.scan(code)) == "not_in_parcel"
    for quantity in (0, -1, 4):
        assert verdict(await packer.scan("MUG", quantity)) == "wrong_quantity"
    assert await value(house, "select count(*) from movement") == before
    await packer.scan_all("MUG")
    assert verdict(await packer.scan("MUG")) == "wrong_label"


async def test_another_carton_voids_the_waybill_and_makes_a_new_one(house: asyncpg.Pool) -> None:
    order = await _ready(house, MUG=3)
    old = await sscc_of(house, order)
    packer = await packer_at_carton(house, order)
    assert verdict(await packer.scan("C-XXL")) == "unknown_carton"
    screen = await packer.scan("C-L")
    assert screen["verdict"]["ok"] and "new label" in screen["verdict"]["text"]
    new = await sscc_of(house, order)
    assert await _waybills(house) == [(old, "void", "packed into C-L"), (new, "made", None)]
    [parcel] = await rows(house, "select carton_code, planned_carton_code, mass_g from parcel")
    assert tuple(parcel) == ("C-L", "C-S", 500)
    told = await rows(house, "select payload->>'path' as path from outbox order by id")
    assert [row["path"] for row in told] == ["/pickups", "/voids", "/pickups"]
    await packer.scan_all("MUG")
    await print_labels(house)
    assert verdict(await packer.scan(f"]C100{old}")) == "void_label"
    assert verdict(await packer.scan(f"]C100{new}")) == "ok"
    assert await state_of(house, order) == "packed"


async def test_a_carton_that_is_too_small_is_refused(house: asyncpg.Pool) -> None:
    order = await _ready(house, MUG=100)
    packer = await packer_at_carton(house, order)
    assert packer.screen["target"] == "C-L"
    before = await _waybills(house)
    assert verdict(await packer.scan("C-S")) == "carton_too_small"
    assert packer.screen["step"] == "carton"
    assert await _waybills(house) == before


async def test_the_label_of_another_parcel_is_refused(house: asyncpg.Pool) -> None:
    _, packer = await _full(house, "C-S", MUG=3)
    await print_labels(house)
    shop = await add_shop(house)
    await add_items(house, shop, an_item("PAN"))
    await add_stock(house, shop, "PAN", bin0=1)
    other = await firm_order(house, shop, ("PAN", 1))
    for label in (await sscc_of(house, other), sscc18("4012345", 999_999)):
        assert verdict(await packer.scan(f"]C100{label}")) == "wrong_label"
    assert verdict(await packer.scan("]C100123456789012345678")) == "unreadable"
    assert packer.screen["step"] == "label"


async def test_a_label_is_printed_once_for_a_waybill(house: asyncpg.Pool) -> None:
    _, packer = await _full(house, "C-S", MUG=3)
    async with staff_transaction(house) as connection:
        await connection.execute(
            "insert into label_job (tenant_id, waybill_id, printer, asked_by) "
            "select tenant_id, waybill_id, printer, 'test' from label_job "
            "on conflict (waybill_id) where state <> 'void' do nothing"
        )
    assert (await packer.do("refresh"))["step"] == "label"
    assert await value(house, "select count(*) from label_job") == 1


async def test_a_tote_is_packed_where_it_belongs_and_when_it_is_complete(
    house: asyncpg.Pool,
) -> None:
    order = await _ready(house, MUG=3)
    [row] = await rows(
        house,
        "select u.code as tote, p.code as place from handling_unit u "
        "join place p on p.id = u.place_id where u.kind = 'tote'",
    )
    other_place = {"PACK-01": "PACK-02", "PACK-02": "PACK-01"}[row["place"]]
    stranger = await person(house, "Sam")
    await stranger.do("pack")
    assert verdict(await stranger.scan("DOCK-1")) == "wrong_place"
    await stranger.scan_all(other_place)
    assert verdict(await stranger.scan(row["tote"])) == "wrong_station"
    assert verdict(await stranger.scan("T-77777")) == "no_tote"
    packer = await packer_at_carton(house, order)
    assert packer.screen["step"] == "carton"
    second = await person(house, "Sue")
    await second.do("pack")
    await second.scan_all(row["place"])
    assert verdict(await second.scan(row["tote"])) == "packed_elsewhere"


async def test_a_packer_comes_back_to_the_parcel_they_left(house: asyncpg.Pool) -> None:
    order = await _ready(house, MUG=3)
    packer = await packer_at_carton(house, order)
    await packer.scan_all("C-S")
    assert (await packer.do("refresh"))["step"] == "item"


async def test_two_lines_of_one_item_are_packed_together(house: asyncpg.Pool) -> None:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=5, bin1=5)
    order = await firm_order(house, shop, ("MUG", 3), ("MUG", 4))
    await sorted_order(house, order)
    packer = await packer_at_carton(house, order)
    await pack_parcel(house, packer)
    assert await state_of(house, order) == "packed"
    packed = await rows(house, "select packed from fulfilment_line order by id")
    assert [row["packed"] for row in packed] == [3, 4]
    assert await differences(house) == []


async def test_what_buyer_and_giver_wrote_is_shown_where_it_is_packed(house: asyncpg.Pool) -> None:
    number = await _ready(house, MUG=1)
    async with staff_transaction(house) as connection:
        order_id = await connection.fetchval(
            "select order_id from fulfilment_order where id = $1", number
        )
        await orders.set_gift_messages(connection, order_id, "For Adalbertina", {1: "Hot!"})
        await orders.set_buyer_note(connection, order_id, "No <b>bows</b>, please")
    packer = await packer_at_carton(house, number)
    await packer.scan_all("C-S")
    assert packer.screen["lines"] == [
        "Gift card: For Adalbertina",
        "Gift card: MUG: Hot!",
        "The buyer wrote: No <b>bows</b>, please",
    ]
    # Who read it is noted once, and what is kept of the screen is sealed.
    await packer.do("refresh")
    noted = await rows(house, "select actor, action, order_id from audit_note")
    assert [tuple(row) for row in noted] == [("staff:Paul", "personal.handheld", order_id)]
    kept = await rows(house, "select response::text as text from command")
    assert kept and not [
        row for row in kept if "Adalbertina" in row["text"] or "please" in row["text"]
    ]
