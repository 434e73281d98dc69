"""Orders from a CSV file: a result for each line, and no line holds up another order."""

import asyncio
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.orders.sheet import NEEDS, read_sheets
from tests.api.service import Json, Seller, Service, bearer, is_problem, unique

HEADER = ",".join((*NEEDS, "postal_code"))


def line(number: str, sku: str = "CUP", quantity: object = 1, **changed: str) -> str:
    cells = {
        "external_order_id": number,
        "placed_at": "2010-12-01T08:26:00+00:00",
        "currency": "GBP",
        "name": "Ada Merton",
        "address": "Flat 2 / 12 Mill Lane",
        "city": "Luton",
        "country": "GB",
        "sku": sku,
        "quantity": str(quantity),
        "unit_price_minor": "255",
        "postal_code": "LU1 2AB",
    }
    return ",".join((cells | changed).values())


async def send(seller: Seller, text: str | bytes, key: str | None = None) -> httpx.Response:
    headers = bearer(seller.key) | {"Content-Type": "text/csv"}
    headers["Idempotency-Key"] = key or unique("key")
    content = text.encode() if isinstance(text, str) else text
    return await seller.client.post("/v1/orders/csv", content=content, headers=headers)


async def sent(seller: Seller, *lines: str) -> Json:
    answer = await send(seller, "\n".join((HEADER, *lines)))
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=10, MUG=10)


async def test_lines_of_one_number_are_one_order(seller: Seller) -> None:
    came = await sent(seller, line("A-1"), line("A-1", "MUG", 2), line("A-2"))
    assert (came["accepted"], came["refused"]) == (2, 0)
    assert [(x["line"], x["result"]) for x in came["lines"]] == [
        (2, "accepted"),
        (3, "accepted"),
        (4, "accepted"),
    ]
    first, second, _ = came["lines"]
    assert first["order_id"] == second["order_id"]
    order = (await seller.get(f"/v1/orders/{first['order_id']}")).json()
    assert [(x["sku"], x["quantity"]) for x in order["lines"]] == [("CUP", 1), ("MUG", 2)]
    assert order["ship_to"]["lines"] == ["Flat 2", "12 Mill Lane"]


async def test_a_bad_line_is_named_with_its_column_and_stops_no_other_order(
    seller: Seller,
) -> None:
    came = await sent(
        seller,
        line("B-1"),
        line("B-2", "TEAPOT"),
        line("B-3", quantity="many"),
        line("B-4", city=""),
        line("B-5", quantity=99),
        line("B-6"),
        line("B-6", "NOTHING"),
    )
    assert (came["accepted"], came["refused"]) == (1, 5)
    said = {x["line"]: (x["result"], x["code"], x["column"]) for x in came["lines"]}
    assert said == {
        2: ("accepted", None, None),
        3: ("refused", "unknown_item", "sku"),
        4: ("refused", "invalid_order", "quantity"),
        5: ("refused", "invalid_order", "city"),
        6: ("refused", "not_available", "quantity"),
        7: ("refused", "order_refused", None),
        8: ("refused", "unknown_item", "sku"),
    }


async def test_of_500_lines_499_are_taken_and_one_is_refused(service: Service) -> None:
    seller = await service.seller(CUP=1_000)
    lines = [line(f"C-{number}", "CUP" if number != 250 else "CUPP") for number in range(500)]
    came = await sent(seller, *lines)
    assert (came["accepted"], came["refused"]) == (499, 1)
    [refused] = [x for x in came["lines"] if x["result"] == "refused"]
    assert (refused["line"], refused["column"]) == (252, "sku")


async def test_the_same_file_again_is_the_same_orders(seller: Seller) -> None:
    lines = (line("D-1"), line("D-2"))
    first, again = await sent(seller, *lines), await sent(seller, *lines)
    assert (again["accepted"], again["same"]) == (0, 2)
    assert [x["order_id"] for x in again["lines"]] == [x["order_id"] for x in first["lines"]]
    changed = await sent(seller, line("D-1", quantity=2))
    assert changed["lines"][0]["code"] == "order_differs"


async def test_a_mark_of_its_encoding_and_windows_line_ends_are_no_matter(seller: Seller) -> None:
    text = "\ufeff" + "\r\n".join((HEADER, line("E-1"), "", line("E-2"), ""))
    came = (await send(seller, text)).json()
    assert (came["accepted"], [x["line"] for x in came["lines"]]) == (2, [2, 4])


async def test_a_cell_that_looks_like_a_formula_is_text(seller: Seller) -> None:
    nasty = "=HYPERLINK(1)"
    came = await sent(seller, line("F-1", name=nasty, address="@SUM(1) / +1 / -2"))
    order = (await seller.get(f"/v1/orders/{came['lines'][0]['order_id']}")).json()
    assert order["ship_to"]["name"] == nasty
    assert order["ship_to"]["lines"] == ["@SUM(1)", "+1", "-2"]


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        (b"", "no_lines", "/1"),
        (HEADER.encode(), "no_lines", "/1"),
        (b"external_order_id\nA", "column_missing", "/1"),
        (f"{HEADER},colour\n".encode(), "column_unknown", "/1"),
        (f"{HEADER},sku\n".encode(), "column_twice", "/1"),
        (f"{HEADER}\n{line('A')}\x00\n".encode(), "nul", "/2"),
        (HEADER.encode() + b"\n\xff\xfe", "no_utf8", None),
        (f'{HEADER}\n"A'.encode(), "no_csv", "/2"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_whole(
    seller: Seller, text: bytes, code: str, pointer: str | None
) -> None:
    is_problem(await send(seller, text), 422, code, pointer)


async def test_a_file_that_is_too_large_is_413_and_says_how_to_part_it(seller: Seller) -> None:
    text = "\n".join((HEADER, *(line("L-1", name="x" * 200) for _ in range(8_000))))
    assert 2_000_000 < len(text) < 4_000_000
    found = is_problem(await send(seller, text), 413, "too_large")
    assert "split it between two orders" in found.detail
    assert "parts" in is_problem(await send(seller, text * 3), 413, "too_large").detail


async def test_ten_thousand_lines_are_taken_and_one_more_is_not(service: Service) -> None:
    seller = await service.seller(CUP=10_000)
    lines = [
        ",".join((f"M-{number % 20}", *["" for _ in range(6)], "CUP", "1", "255", ""))
        for number in range(20, 10_000)
    ]
    # What is said of an order stands in its first line; the lines of 20 orders take turns.
    lines = [line(f"M-{number}") for number in range(20)] + lines
    came = await sent(seller, *lines)
    assert (came["accepted"], came["refused"], len(came["lines"])) == (20, 0, 10_000)
    assert [one["line"] for one in came["lines"]] == list(range(2, 10_002))
    [level] = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert level["promised"] == 10_000
    answer = await send(seller, "\n".join((HEADER, *lines, line("M-20"))))
    is_problem(answer, 422, "too_many_lines", "/10002")


@pytest.mark.parametrize("separator", [";", "\t"])
async def test_cells_may_be_parted_as_spreadsheets_elsewhere_part_them(
    seller: Seller, separator: str
) -> None:
    text = "\ufeff" + "\r\n".join((HEADER, line("S-1"), line("S-1", "MUG", 2)))
    came = (await send(seller, text.replace(",", separator))).json()
    assert [x["result"] for x in came["lines"]] == ["accepted", "accepted"]


async def test_the_same_file_under_its_key_is_answered_as_before_and_another_is_refused(
    seller: Seller,
) -> None:
    key, text = unique("key"), "\n".join((HEADER, line("T-1"), line("T-2", "TEAPOT"), "T-3,short"))
    first, again = await send(seller, text, key), await send(seller, text, key)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    is_problem(await send(seller, text + "\n", key), 422, "idempotency_key_reused")


def test_lines_of_one_order_that_say_different_things_are_seen() -> None:
    [sheet] = read_sheets("\n".join((HEADER, line("G-1"), line("G-1", city="Leeds"))))
    assert [number for number, _ in sheet.rows] == [2, 3]


async def test_one_order_has_one_address_and_every_line_a_number(seller: Seller) -> None:
    came = await sent(seller, line("H-1"), line("H-1", city="Leeds"), line(""), "H-3,too,short")
    said = [(x["line"], x["code"], x["column"]) for x in came["lines"]]
    assert said == [
        (2, "order_refused", None),
        (3, "lines_differ", "city"),
        (4, "order_missing", "external_order_id"),
        (5, "wrong_fields", None),
    ]


async def test_the_command_tells_every_line_and_fails_where_one_is_refused(
    seller: Seller, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("\n".join((HEADER, line("I-1"), line("I-2", "TEAPOT"))), "utf-8")
    command = ["import", "orders", str(file), "--shop", seller.shop.name]

    done = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert done.exit_code == 1, done.output
    assert "line 2: 'I-1' accepted" in done.output
    assert "line 3, sku: 'I-2' refused (unknown_item)" in done.output
