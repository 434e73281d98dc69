"""Labels of every format are asked for all or none, and each is printed by a job of its own."""

from datetime import date, timedelta
from itertools import count

import asyncpg
import pytest

from devices.gs1 import sscc18
from tests.builders import (
    BINS,
    NOW,
    add_items,
    add_shop,
    add_staff,
    add_stock,
    an_item,
    rows,
    value,
)
from tests.wms.journey.label.printer import add_printer, begin, printed
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound, Refused, WmsError
from wms.journey.label.asking import ask_for_labels
from wms.journey.label.verdict import reprint_label, verify_label, void_label
from wms.journey.label.wish import Wish
from wms.journey.request import StaffRequest
from wms.journey.wave import label
from wms.labelling.label import Format
from wms.outbox.command import Answer, body_hash
from wms.tenants import queries as tenants
from wms.tenants.staff import Staff

_numbers = count(1)


@pytest.fixture
async def planner(house: asyncpg.Pool) -> Staff:
    token = await add_staff(house, "Planner")
    async with staff_transaction(house) as connection:
        staff = await tenants.staff_of_token(connection, token, NOW)
    assert staff is not None
    await add_printer(house, "PRN-01")
    await add_printer(house, "PRN-02")
    return staff


def _request(planner: Staff, body: object, key: str | None = None) -> StaffRequest:
    return StaffRequest(planner, key or f"key {next(_numbers)}", "labels", body_hash([repr(body)]))


async def ask(house: asyncpg.Pool, planner: Staff, wish: Wish, key: str | None = None) -> Answer:
    return await ask_for_labels(house, _request(planner, wish, key), wish, lambda _row: None, NOW)


def ids(answer: Answer) -> list[int]:
    found = answer.body["labels"]
    assert isinstance(found, list)
    return [view["id"] for view in found]


async def test_each_copy_is_a_job_of_its_own_and_a_repeat_asks_for_none(
    house: asyncpg.Pool, planner: Staff
) -> None:
    wish = Wish(Format.BIN, BINS[:2], "PRN-01", copies=3)
    first = await ask(house, planner, wish, "once")
    again = await ask(house, planner, wish, "once")
    assert len(ids(first)) == 6 and ids(again) == ids(first) and again.replayed
    found = await rows(house, "select code, asked_by, tenant_id from label_job order by id")
    assert [row["code"] for row in found] == [BINS[0]] * 3 + [BINS[1]] * 3
    assert {row["asked_by"] for row in found} == {planner.actor}
    assert {row["tenant_id"] for row in found} == {None}


async def test_an_item_s_label_knows_its_name_and_its_number(
    house: asyncpg.Pool, planner: Staff
) -> None:
    shop = await add_shop(house)
    item = an_item("MUG")
    await add_items(house, shop, item)
    wish = Wish(
        Format.ITEM, ("mug",), "PRN-01", shop=shop.name, lot="L7", expires_on=date(2030, 1, 31)
    )
    await ask(house, planner, wish)
    [row] = await rows(house, "select tenant_id, code, content from label_job")
    assert (row["tenant_id"], row["code"]) == (shop.tenant_id, "MUG")
    assert row["content"]["name"] == "NAME OF MUG"
    assert row["content"]["gtin"].zfill(14) == str(item.barcodes[0]).zfill(14)
    assert (row["content"]["lot"], row["content"]["expiry"]) == ("L7", "2030-01-31")


@pytest.mark.parametrize("other", [False, True])
async def test_a_pallet_s_label_says_what_is_on_it_where_that_is_one_item(
    house: asyncpg.Pool, planner: Staff, other: bool
) -> None:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"), an_item("CUP"))
    sscc = sscc18("4012345", 77)
    for sku in ("MUG", "CUP")[: 1 + other]:
        await add_stock(house, shop, sku, bin0=4)
    await rows(
        house,
        "with u as (insert into handling_unit (warehouse_id, code, kind, place_id) "
        "select warehouse_id, $1, 'pallet', id from place where code = $2 returning id) "
        "update balance set handling_unit_id = u.id from u returning 1",
        sscc,
        BINS[0],
    )
    await ask(house, planner, Wish(Format.PALLET, (sscc,), "PRN-01"))
    content = await value(house, "select content from label_job")
    assert isinstance(content, dict) and content["sscc"] == sscc
    assert content.get("count") == (None if other else 4)


@pytest.mark.parametrize(
    ("wish", "error", "code", "pointer"),
    [
        (Wish(Format.BIN, BINS[:1], "PRN-99"), Refused, "unknown_printer", "/printer"),
        (Wish(Format.BIN, (BINS[0], "Z-09"), "PRN-01"), Refused, "unknown_place", "/codes/1"),
        (Wish(Format.BIN, ("CUSTOMER",), "PRN-01"), Refused, "unknown_place", "/codes/0"),
        (Wish(Format.BIN, BINS[:1], "PRN-01", warehouse="X"), NotFound, "unknown_warehouse", None),
        (Wish(Format.ITEM, ("MUG",), "PRN-01"), Refused, "unknown_shop", "/shop"),
        (Wish(Format.PALLET, ("P-1",), "PRN-01"), Refused, "unknown_unit", "/codes/0"),
        (Wish(Format.PARCEL, ("0" * 18,), "PRN-01"), Refused, "unknown_label", "/codes/0"),
        (Wish(Format.TOTE, ("T-1",) * 20, "PRN-01", 100), Refused, "too_many_labels", "/copies"),
    ],
)
async def test_a_label_of_nothing_is_refused_and_none_is_queued(
    house: asyncpg.Pool,
    planner: Staff,
    wish: Wish,
    error: type[WmsError],
    code: str,
    pointer: str | None,
) -> None:
    with pytest.raises(error) as refused:
        await ask(house, planner, wish)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)
    assert await value(house, "select count(*) from label_job") == 0


async def test_what_cannot_be_drawn_is_refused_before_it_is_queued(
    house: asyncpg.Pool, planner: Staff
) -> None:
    def draw(row: asyncpg.Record) -> None:
        raise ValueError(f"{row['code']} is too long")

    wish = Wish(Format.BIN, BINS[:1], "PRN-01")
    with pytest.raises(Refused) as refused:
        await ask_for_labels(house, _request(planner, wish), wish, draw, NOW)
    assert refused.value.code == "cannot_be_drawn"
    assert await value(house, "select count(*) from label_job") == 0


async def test_a_reprint_says_who_and_why_and_voids_the_first(
    house: asyncpg.Pool, planner: Staff
) -> None:
    [label_id] = ids(await ask(house, planner, Wish(Format.BIN, BINS[:1], "PRN-01")))
    with pytest.raises(Conflict) as early:
        await _verify(house, planner, label_id, BINS[0])
    assert early.value.code == "wrong_state"
    await begin(house, label_id)
    assert await printed(house, label_id)
    answer = await reprint_label(
        house, _request(planner, "r"), label_id, "scratched", "PRN-02", NOW
    )
    assert (answer.body["reprint_of"], answer.body["printer"]) == (label_id, "PRN-02")
    [row] = await rows(house, "select * from label_job where id = $1", label_id)
    assert (row["state"], row["void_reason"]) == ("void", "scratched")
    assert (row["voided_by"], row["voided_at"]) == (planner.actor, NOW)
    with pytest.raises(Conflict) as again:
        await void_label(house, _request(planner, "v"), label_id, "again", NOW)
    assert again.value.code == "wrong_state"
    with pytest.raises(Refused) as unknown:
        await reprint_label(house, _request(planner, "x"), label_id, "why", "PRN-99", NOW)
    assert unknown.value.code == "unknown_printer"


async def _verify(house: asyncpg.Pool, planner: Staff, label_id: int, code: str) -> Answer:
    return await verify_label(house, _request(planner, code), label_id, code, NOW)


async def test_only_the_label_s_own_scan_verifies_it(house: asyncpg.Pool, planner: Staff) -> None:
    [label_id] = ids(await ask(house, planner, Wish(Format.BIN, BINS[:1], "PRN-01")))
    await begin(house, label_id)
    with pytest.raises(Refused) as other:
        await _verify(house, planner, label_id, BINS[1])
    assert other.value.code == "wrong_label"
    answer = await _verify(house, planner, label_id, BINS[0])
    assert (answer.body["state"], answer.body["verified_by"]) == ("printed", planner.actor)


async def test_labels_that_wait_too_long_move_once_and_those_in_flight_never(
    house: asyncpg.Pool, planner: Staff
) -> None:
    begun, waiting, _ = ids(await ask(house, planner, Wish(Format.BIN, BINS[:3], "PRN-01")))
    await begin(house, begun)
    late = NOW + timedelta(seconds=60)
    moves = [("PRN-01", "PRN-02", NOW), ("PRN-01", "PRN-02", late), ("PRN-02", "PRN-01", late)]
    moved = []
    for printer, fallback, now in moves:
        async with staff_transaction(house) as connection:
            waited = timedelta(seconds=60)
            moved.append(await label.move_waiting(connection, printer, fallback, waited, now))
    assert moved == [0, 2, 0]
    found = await rows(house, "select id, state, printer, moved_from from label_job order by id")
    assert tuple(found[0])[1:] == ("sent", "PRN-01", None)
    assert tuple(found[1]) == (waiting, "queued", "PRN-02", "PRN-01")
