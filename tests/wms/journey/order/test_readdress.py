"""Another address, service or contact: the waybill is made anew, and its old label goes nowhere."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.builders import (
    NOW,
    add_items,
    add_shop,
    add_stock,
    an_item,
    firm_order,
    new_order,
    rows,
    value,
)
from tests.wms.journey.label.printer import add_printer
from tests.wms.journey.order.editing import edit, order_of, sound
from tests.wms.journey.people import (
    holds_of,
    loader_at_dock,
    packed_order,
    packer_at_carton,
    picker_at_bin,
    print_labels,
    sorted_order,
    sscc_of,
    state_of,
    told_of,
    verdict,
    walk,
)
from wms.database.pool import staff_transaction
from wms.database.seal import Personal
from wms.error import Conflict, Refused
from wms.journey.order.cancel import cancel_order
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.journey.wave.parcel_sort import record_parcel_divert, ways_over
from wms.journey.wave.sort import Divert, Fall
from wms.labelling.queries import labels_after
from wms.sorting.plan import read_plan
from wms.tenants.shop import Shop

ADDRESS = dict(new_order([], "x").ship_to) | {"lines": ["2 Low Street"]}


async def shop_of(house: asyncpg.Pool) -> Shop:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    await add_stock(house, shop, "MUG", bin0=10)
    await add_stock(house, shop, "CUP", bin2=10)
    return shop


async def labelled(house: asyncpg.Pool, shop: Shop) -> tuple[int, str]:
    """A packed order whose one parcel waits for its departure; its SSCC."""
    await add_printer(house, "PRN-01", place="PACK-01")
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, fulfilment)
    await packed_order(house, fulfilment)
    return fulfilment, await sscc_of(house, fulfilment)


async def carrier_heard(house: asyncpg.Pool) -> list[tuple[str, Any]]:
    found = await rows(house, "select payload from outbox where topic = 'carrier' order by id")
    return [
        (row["payload"]["path"], row["payload"]["body"].get("ship_to", {}).get("lines"))
        for row in found
    ]


async def test_another_address_voids_the_waybill_and_tells_the_carrier_of_both(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    old = await sscc_of(house, fulfilment)
    version = await value(house, "select version from fulfilment_order where id = $1", fulfilment)
    await edit(house, shop, await order_of(house, fulfilment), ship_to=ADDRESS)
    new = await sscc_of(house, fulfilment)
    assert new != old
    assert await carrier_heard(house) == [
        ("/pickups", ["1 High Street"]),
        ("/voids", None),
        ("/pickups", ["2 Low Street"]),
    ]
    assert (await told_of(house, fulfilment)).count("order.waybill_ready") == 2
    assert (
        await value(house, "select version from fulfilment_order where id = $1", fulfilment)
        == version
    ), "cartons and walk stay as they are"
    await sound(house)


async def test_a_walk_goes_on_when_the_address_changes(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    picker = await picker_at_bin(house, fulfilment)
    await edit(house, shop, await order_of(house, fulfilment), ship_to=ADDRESS)
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    assert await state_of(house, fulfilment) == "picked"


async def test_a_printed_label_is_void_and_another_is_printed(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment, old = await labelled(house, shop)
    tracking = await value(house, "select tracking_number from waybill where sscc = $1", old)
    await edit(house, shop, await order_of(house, fulfilment), ship_to=ADDRESS)
    jobs = await rows(house, "select state, printer, reprint_of, id from label_job order by id")
    assert [(job["state"], job["printer"]) for job in jobs] == [
        ("void", "PRN-01"),
        ("queued", "PRN-01"),
    ]
    assert jobs[1]["reprint_of"] == jobs[0]["id"]
    # At the dock the old label is refused by either of its bar codes, and the new one goes.
    loader = await loader_at_dock(house)
    assert verdict(await loader.scan(f"]C100{old}")) == "void_label"
    assert verdict(await loader.scan(str(tracking))) == "void_label"
    await print_labels(house)
    await loader.scan_all(f"]C100{await sscc_of(house, fulfilment)}")
    await loader.do("close")
    assert await state_of(house, fulfilment) == "handed_over"
    await sound(house)


async def test_the_old_barcode_is_refused_at_staging(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    await add_printer(house, "PRN-01", place="PACK-01")
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, fulfilment)
    packer = await packer_at_carton(house, fulfilment)
    await packer.scan_all("C-S", "MUG")
    await print_labels(house)
    old = await sscc_of(house, fulfilment)
    tracking = await value(house, "select tracking_number from waybill where sscc = $1", old)
    await edit(house, shop, await order_of(house, fulfilment), service="express")
    for code in (f"]C100{old}", str(tracking)):
        assert verdict(await packer.scan(code)) == "void_label"
    assert await state_of(house, fulfilment) == "sorted"
    await print_labels(house)
    await packer.scan_all(f"]C100{await sscc_of(house, fulfilment)}")
    assert await state_of(house, fulfilment) == "packed"


async def test_a_sorter_puts_no_parcel_out_under_a_void_label(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    await add_printer(house, "PRN-01", place="PACK-01")
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, fulfilment)
    packer = await packer_at_carton(house, fulfilment)
    await packer.scan_all("C-S", "MUG")
    await print_labels(house)
    old = await sscc_of(house, fulfilment)
    plan = read_plan({"lanes": [{"lane": 7, "place": "DOCK-1"}]})

    async def ways() -> list[str]:
        async with staff_transaction(house) as connection:
            return [way.unit for way, _ in await ways_over(connection, plan, NOW)]

    assert old in await ways()
    await edit(house, shop, await order_of(house, fulfilment), ship_to=ADDRESS)
    assert old not in await ways()
    # It may have been on the belt already: where it fell it stands, and it is not put out.
    async with staff_transaction(house) as connection:
        fall = Fall(old, 7, "DOCK-1", set_aside=False, command_id="fall", device="PLC-1")
        assert await record_parcel_divert(connection, fall, NOW) is Divert.UNKNOWN_TOTE
    assert await value(house, "select count(*) from departure_parcel") == 0
    assert await state_of(house, fulfilment) == "sorted"


async def test_a_loaded_parcel_keeps_its_address(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment, sscc = await labelled(house, shop)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{sscc}")
    with pytest.raises(Conflict) as refusal:
        await edit(house, shop, await order_of(house, fulfilment), ship_to=ADDRESS)
    assert refusal.value.code == "parcel_gone"
    assert await sscc_of(house, fulfilment) == sscc


async def test_an_edit_racing_the_loader_has_one_winner(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment, _ = await labelled(house, shop)
    order = await order_of(house, fulfilment)
    loader = await loader_at_dock(house)
    for number in range(8):
        await print_labels(house)
        sscc = await sscc_of(house, fulfilment)
        street = ADDRESS | {"lines": [f"{number} Low Street"]}
        screen, answer = await asyncio.gather(
            loader.scan(f"]C100{sscc}"),
            edit(house, shop, order, ship_to=street),
            return_exceptions=True,
        )
        assert isinstance(screen, dict), screen
        loaded = await value(house, "select loaded_at is not null from departure_parcel")
        if isinstance(answer, Conflict):
            assert (answer.code, verdict(screen), loaded) == ("parcel_gone", "ok", True)
            assert await sscc_of(house, fulfilment) == sscc
            return
        assert not isinstance(answer, BaseException), answer
        assert (verdict(screen), loaded) == ("void_label", False)
    await sound(house)


async def test_a_doubtful_address_holds_the_order_and_gets_no_waybill(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    order = await order_of(house, fulfilment)
    doubtful = ADDRESS | {"postal_code": "99", "lines": ["?"], "city": "?"}
    await edit(house, shop, order, ship_to=doubtful)
    assert await holds_of(house, fulfilment) == ["address"]
    assert not await prepare_waybills(house, fulfilment, NOW)
    assert await value(house, "select count(*) from waybill where state = 'made'") == 0
    # A good one lets it go on by itself.
    await edit(house, shop, order, ship_to=ADDRESS)
    assert await holds_of(house, fulfilment) == []
    assert await prepare_waybills(house, fulfilment, NOW)


async def test_a_doubtful_address_is_refused_once_somebody_has_begun(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, fulfilment)
    doubtful = ADDRESS | {"postal_code": "99", "lines": ["?"], "city": "?"}
    with pytest.raises(Refused) as refusal:
        await edit(house, shop, await order_of(house, fulfilment), ship_to=doubtful)
    assert refusal.value.code == "doubtful_address"
    assert str(refusal.value.pointer).startswith("/ship_to/")
    assert await value(house, "select version from shop_order") == 1


async def test_a_buyer_s_contact_touches_no_waybill(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    before = await sscc_of(house, fulfilment)
    index = await value(house, "select buyer_index from shop_order")
    await edit(
        house,
        shop,
        await order_of(house, fulfilment),
        customer={"name": "Bea", "email": "bea@example.com", "reference": None, "phone": None},
    )
    assert await sscc_of(house, fulfilment) == before
    assert await value(house, "select buyer_index from shop_order") not in (None, index)
    customer = await value(house, "select customer from shop_order")
    assert isinstance(customer, Personal)
    assert customer["email"] == "bea@example.com"


async def test_lines_and_address_together_are_one_edit(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    order = await order_of(house, fulfilment)
    await edit(house, shop, order, (1, 1), ship_to=ADDRESS, service="express")
    assert await prepare_waybills(house, fulfilment, NOW)
    made = await rows(
        house,
        "select w.service, l.quantity from waybill w join parcel_line l using (parcel_id) "
        "where w.state = 'made'",
    )
    assert [tuple(row) for row in made] == [("express", 1)]
    assert (await carrier_heard(house))[-1] == ("/pickups", ["2 Low Street"])
    assert await value(house, "select version from shop_order") == 2
    await sound(house)


async def test_a_cancelled_order_is_edited_no_more(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    order = await order_of(house, fulfilment)
    await cancel_order(house, Request(shop, "c", "cancellation", b"c"), order, "no", NOW)
    with pytest.raises(Conflict) as refusal:
        await edit(house, shop, order, ship_to=ADDRESS)
    assert refusal.value.code == "order_over"


async def test_a_parcel_that_is_planned_anew_is_the_first_of_its_order(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    await add_printer(house, "PRN-01", place="PACK-01")
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await edit(house, shop, await order_of(house, fulfilment), (1, 1))
    assert await prepare_waybills(house, fulfilment, NOW)
    await sorted_order(house, fulfilment)
    packer = await packer_at_carton(house, fulfilment)
    assert packer.screen["lines"] == ["Parcel 1 of 1"]
    await packer.scan_all(packer.screen["target"], "MUG")
    async with staff_transaction(house) as connection:
        [label] = await labels_after(connection, "queued", None, 0, 10)
    assert (label["number"], label["parcels"]) == (1, 1)
