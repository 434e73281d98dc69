"""At the packing place: a label that is late, in doubt, moved, spoilt or not there."""

import asyncio

import asyncpg
import pytest

from tests.builders import (
    NOW,
    add_items,
    add_shop,
    add_stock,
    an_item,
    firm_order,
    place_ids,
    rows,
    value,
)
from tests.wms.journey.desk import open_desk
from tests.wms.journey.label.printer import (
    add_printer,
    begin,
    doubt,
    fail,
    last_label,
    note,
    printed,
    state_of,
)
from tests.wms.journey.people import (
    Handheld,
    loader_at_dock,
    packer_at_carton,
    print_labels,
    sorted_order,
    sscc_of,
    told_of,
    verdict,
    wait_for_lock,
)
from tests.wms.journey.people import state_of as order_state
from wms.database.pool import staff_transaction
from wms.error import Conflict
from wms.journey.label.verdict import reprint_label
from wms.shipping.queries import printer_of_place


async def _at_label(house: asyncpg.Pool) -> tuple[int, Handheld, asyncpg.Record]:
    """An order whose only parcel waits for its label, with a printer at either packing place."""
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=3)
    order = await firm_order(house, shop, ("MUG", 3))
    await sorted_order(house, order)
    packer = await packer_at_carton(house, order)
    await packer.scan_all("C-S", "MUG")
    assert packer.screen["step"] == "label"
    return order, packer, await last_label(house)


def _actions(packer: Handheld) -> list[str]:
    return [action["code"] for action in packer.screen["actions"]]


@pytest.fixture
async def printers(house: asyncpg.Pool) -> tuple[int, int]:
    return (
        await add_printer(house, "PRN-01", place="PACK-01"),
        await add_printer(house, "PRN-02", place="PACK-02"),
    )


async def test_a_printer_that_waits_for_somebody_says_so_on_the_screen(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    _, packer, label = await _at_label(house)
    assert packer.screen["lines"] == [] and _actions(packer) == ["refresh"]
    own = printers[0] if label["printer"] == "PRN-01" else printers[1]
    await note(house, own, "blocked", "paper out")
    await packer.do("refresh")
    assert packer.screen["lines"] == [f"{label['printer']} waits for you: paper out."]
    assert (packer.screen["step"], packer.screen["expect"]) == ("label", "label")
    await note(house, own, "ready")
    assert (await packer.do("refresh"))["lines"] == []


async def test_a_label_in_doubt_is_settled_by_its_scan(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    order, packer, label = await _at_label(house)
    await doubt(house, label["id"])
    await packer.do("refresh")
    assert packer.screen["title"] == "Is there a label?" and "not_there" in _actions(packer)
    assert (await told_of(house, order))[-1] == "parcel.label_unsure"
    sscc = await sscc_of(house, order)
    assert verdict(await packer.scan(f"]C100{sscc}")) == "ok"
    assert await order_state(house, order) == "packed"
    [row] = await rows(house, "select state, verified_by, printed_at from label_job")
    assert row["state"] == "printed" and row["verified_by"] and row["printed_at"] == NOW
    assert "parcel.label_printed" in await told_of(house, order)


async def test_a_label_that_is_not_there_is_printed_anew_and_the_old_one_is_void(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    order, packer, label = await _at_label(house)
    old = await sscc_of(house, order)
    await doubt(house, label["id"])
    await packer.do("refresh")
    assert verdict(await packer.do("not_there")) == "ok"
    new = await sscc_of(house, order)
    assert new != old
    after = await last_label(house)
    assert (after["state"], after["reprint_of"]) == ("queued", label["id"])
    assert await state_of(house, label["id"]) == "void"
    # The first one turns up after all: nobody may ship the parcel with it.
    assert verdict(await packer.scan(f"]C100{old}")) == "void_label"
    await print_labels(house)
    assert verdict(await packer.scan(f"]C100{new}")) == "ok"
    loader = await loader_at_dock(house)
    assert verdict(await loader.scan(f"]C100{old}")) == "void_label"
    assert verdict(await loader.scan(f"]C100{new}")) == "ok"
    told = await rows(house, "select payload->>'path' as path from outbox order by id")
    assert [row["path"] for row in told] == ["/pickups", "/voids", "/pickups"]


async def test_a_scan_settles_a_label_whose_printer_fell_silent(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    order, packer, label = await _at_label(house)
    await begin(house, label["id"])
    await packer.do("refresh")
    assert verdict(await packer.do("not_there")) == "unknown_action"
    assert verdict(await packer.scan(f"]C100{await sscc_of(house, order)}")) == "ok"
    # The printer's counter comes later and says nothing new.
    assert not await printed(house, label["id"])
    happened = await told_of(house, order)
    assert happened.count("parcel.label_printed") == 1


async def test_a_spoilt_label_is_printed_anew(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    order, packer, label = await _at_label(house)
    await print_labels(house)
    old = await sscc_of(house, order)
    await packer.do("refresh")
    assert _actions(packer) == ["refresh", "not_there", "spoilt"]
    assert verdict(await packer.do("spoilt")) == "ok"
    assert await value(house, "select void_reason from label_job where id = $1", label["id"])
    assert verdict(await packer.scan(f"]C100{old}")) == "void_label"
    assert (await told_of(house, order))[-1] == "parcel.label_reprinted"


async def test_a_label_that_was_not_printed_goes_to_the_fallback_and_says_so(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    order, packer, label = await _at_label(house)
    other = "PRN-02" if label["printer"] == "PRN-01" else "PRN-01"
    await fail(house, label["id"], fallback=other)
    await packer.do("refresh")
    assert packer.screen["lines"] == [f"It is printed at {other}, not at {label['printer']}."]
    assert (await told_of(house, order))[-1] == "parcel.label_moved"
    # The second printer cannot either: it does not go back and forth, a person decides.
    await fail(house, label["id"], fallback=str(label["printer"]))
    await packer.do("refresh")
    assert packer.screen["title"] == "The label was not printed"
    assert verdict(await packer.do("print")) == "ok"
    # It was never printed, so that nothing has to be voided with the carrier.
    assert await value(house, "select count(*) from waybill") == 1
    assert (await last_label(house))["state"] == "queued"


async def _out_of_service(house: asyncpg.Pool, name: str) -> None:
    await rows(house, "update device set in_service = false where name = $1 returning 1", name)


async def test_what_waits_for_a_printer_out_of_service_says_so_and_no_more_comes_to_it(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    _, packer, label = await _at_label(house)
    await _out_of_service(house, str(label["printer"]))
    await packer.do("refresh")
    [line] = packer.screen["lines"]
    assert line.startswith(f"Printer {label['printer']} is not in service.")
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        for place in ("PACK-01", "PACK-02"):
            assert await printer_of_place(connection, places[place]) != label["printer"]
    assert label["asked_at"] == NOW


async def test_what_a_void_waybill_left_in_flight_is_printed_nowhere_else(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    _, _, label = await _at_label(house)
    await rows(house, "update waybill set state = 'void', void_reason = 'x' returning 1")
    await fail(house, label["id"], fallback="PRN-02" if label["printer"] == "PRN-01" else "PRN-01")
    assert await state_of(house, label["id"]) == "failed"


async def test_a_parcel_that_is_loaded_meanwhile_keeps_its_label(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    order, packer, label = await _at_label(house)
    await print_labels(house)
    sscc = await sscc_of(house, order)
    await packer.scan_all(f"]C100{sscc}")
    desk = await open_desk(house)
    async with staff_transaction(house) as connection:
        await connection.execute("select 1 from departure for share")
        again = asyncio.create_task(
            reprint_label(house, desk.request("label/reprint", [1]), label["id"], "x", None, NOW)
        )
        await wait_for_lock(house, 1)
        await connection.execute("update departure_parcel set loaded_at = $1", NOW)
    with pytest.raises(Conflict) as gone:
        await again
    assert gone.value.code == "parcel_gone"
    assert await sscc_of(house, order) == sscc


async def test_a_fallback_that_is_no_printer_of_the_site_takes_nothing(
    house: asyncpg.Pool, printers: tuple[int, int]
) -> None:
    await add_printer(house, "PRN-FAR", site="elsewhere")
    _, _, label = await _at_label(house)
    other = "PRN-02" if label["printer"] == "PRN-01" else "PRN-01"
    await _out_of_service(house, other)
    for fallback in ("PRN-FAR", "NOBODY", str(label["printer"]), other):
        await fail(house, label["id"], fallback=fallback)
        assert await state_of(house, label["id"]) == "failed"
        await _again(house, label["id"])


async def _again(house: asyncpg.Pool, label_id: int) -> None:
    await rows(house, "update label_job set state = 'queued' where id = $1 returning 1", label_id)
