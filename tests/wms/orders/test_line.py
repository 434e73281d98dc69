"""Lines of an order: units, decimals, bundles, and what a refusal says of them."""

from dataclasses import replace

import pytest

from tests.builders import new_order
from wms.error import Refused
from wms.orders.line import Part, Sold, not_available, read_lines
from wms.orders.order import NewLine

MUG = Sold(1, "MUG", "Mug", "goods", "each", 0, False, {"case": 8})
ROPE = Sold(2, "ROPE", "Rope", "goods", "metre", 2, False, {})
SET = Sold(3, "SET", "Set", "bundle", "each", 0, False, {"case": 4}, ((1, 2), (4, 1)))
KIT = Sold(5, "KIT", "Kit", "kit", "each", 0, False, {})
ITEMS = [MUG, ROPE, SET, KIT]


def _refusal(*lines: NewLine) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refusal:
        read_lines(lines, ITEMS)
    return refusal.value.code, refusal.value.pointer


def test_a_packaging_is_so_many_of_the_smallest_unit() -> None:
    [line] = read_lines((NewLine(" mug ", 2, 255, "case"),), ITEMS)
    assert (line.quantity, line.factor, line.unit) == (16, 8, "case")
    assert line.parts == (Part(1, 16),)


def test_a_scaled_item_speaks_decimals() -> None:
    [line] = read_lines((NewLine("ROPE", "33.60", 255),), ITEMS)
    assert (line.quantity, line.unit) == (3360, "metre")


def test_a_bundle_is_the_sum_of_its_components_and_a_kit_is_goods() -> None:
    bundle, case, kit = read_lines(
        (NewLine("SET", 3, 255), NewLine("SET", 1, 900, "case"), NewLine("KIT", 3, 255)), ITEMS
    )
    assert bundle.parts == (Part(1, 6), Part(4, 3))
    assert case.parts == (Part(1, 8), Part(4, 4))
    assert kit.parts == (Part(5, 3),)


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (NewLine("VASE", 1, 1), "unknown_item", "sku"),
        (NewLine("MUG", 1, 1, "pallet"), "wrong_unit", "unit"),
        (NewLine("MUG", "1.5", 1), "wrong_unit", "quantity"),
        (NewLine("MUG", "1.5", 1, "case"), "wrong_unit", "quantity"),
        (NewLine("ROPE", "1.005", 1), "wrong_unit", "quantity"),
        (NewLine("MUG", 0, 1), "bad_quantity", "quantity"),
        (NewLine("ROPE", "0.00", 1), "bad_quantity", "quantity"),
        (NewLine("MUG", -3, 1), "bad_quantity", "quantity"),
        (NewLine("MUG", 10**12 + 1, 1), "bad_quantity", "quantity"),
        (NewLine("MUG", 10**12, 1, "case"), "bad_quantity", "quantity"),
        (NewLine("SET", 10**12, 1), "bad_quantity", "quantity"),
    ],
)
def test_what_makes_no_sense_points_at_its_line(line: NewLine, code: str, field: str) -> None:
    assert _refusal(NewLine("MUG", 1, 1), line) == (code, f"/lines/1/{field}")


def test_a_bundle_of_nothing_is_not_sold() -> None:
    with pytest.raises(Refused, match="SET"):
        read_lines((NewLine("SET", 1, 1),), [replace(SET, components=())])


@pytest.mark.parametrize(
    ("new", "short", "words"),
    [
        (NewLine("MUG", 2, 1, "case"), {1: (16, 15)}, "2 case are wanted and 1 can be"),
        (NewLine("SET", 3, 1), {1: (6, 5)}, "SET 3 each are wanted and 2 can be"),
        (NewLine("ROPE", "33.60", 1), {2: (3360, 3359)}, "33.60 metre are wanted and 33.59 can be"),
    ],
)
def test_a_refusal_speaks_in_the_unit_asked_for(
    new: NewLine, short: dict[int, tuple[int, int]], words: str
) -> None:
    assert words in not_available(read_lines((new,), ITEMS), short).detail


@pytest.mark.parametrize(
    ("quantity", "price_minor", "total_minor"),
    [(3, 255, 765), ("33.60", 255, 8568), ("0.5", 1, 1), ("0.49", 1, 0), ("1.5", 3, 5)],
)
def test_a_price_is_rounded_half_up(
    quantity: int | str, price_minor: int, total_minor: int
) -> None:
    assert NewLine("ROPE", quantity, price_minor).price_minor() == total_minor


def test_an_order_that_no_one_can_pay_is_refused() -> None:
    order = new_order([("MUG", 1)], "1")
    order.refuse_huge_total()
    with pytest.raises(Refused) as refusal:
        replace(order, total_minor=10**15 + 1).refuse_huge_total()
    assert refusal.value.code == "amount_too_large"
