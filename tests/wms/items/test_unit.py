"""Quantities: exact at any scale, and refused where they say more than the item has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.error import Refused
from wms.items.unit import (
    QUANTITY_MAX,
    factor_of,
    format_quantity,
    parse_change,
    parse_quantity,
    smallest_units,
)

PACKAGING = {"inner": 6, "case": 24}


@given(st.integers(1, QUANTITY_MAX), st.integers(0, 6))
def test_a_quantity_comes_back_as_it_went(quantity: int, scale: int) -> None:
    assert parse_quantity(format_quantity(quantity, scale), scale) == quantity


@given(st.integers(-QUANTITY_MAX, QUANTITY_MAX).filter(bool), st.integers(1, 6))
def test_a_change_comes_back_as_it_went(change: int, scale: int) -> None:
    assert parse_change(format_quantity(change, scale), scale) == change


def test_metres_are_never_rounded() -> None:
    assert parse_quantity("3140", 2) - parse_quantity("3106.40", 2) == parse_quantity("33.60", 2)
    assert format_quantity(3_360, 2) == "33.60"
    assert parse_quantity(2, 2) == 200
    assert parse_quantity("2.50", 1) == 25


@pytest.mark.parametrize(
    ("said", "scale", "code"),
    [
        ("1.5", 0, "wrong_unit"),
        ("1.255", 2, "wrong_unit"),
        ("a lot", 0, "wrong_unit"),
        ("", 0, "wrong_unit"),
        ("1e3", 0, "wrong_unit"),
        ("٣", 0, "wrong_unit"),
        ("1\n", 0, "wrong_unit"),
        ("nan", 2, "wrong_unit"),
        (0, 0, "bad_quantity"),
        (-1, 0, "bad_quantity"),
        ("-1", 0, "bad_quantity"),
        ("0.00", 2, "bad_quantity"),
        (QUANTITY_MAX + 1, 0, "bad_quantity"),
        (10**11, 6, "bad_quantity"),
        ("999999999999.999999", 6, "bad_quantity"),
    ],
)
def test_nonsense_is_refused_by_its_kind(said: int | str, scale: int, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_quantity(said, scale, "/lines/0/quantity")
    assert (refusal.value.code, refusal.value.pointer) == (code, "/lines/0/quantity")


def test_a_change_is_something() -> None:
    with pytest.raises(Refused, match="not 0"):
        parse_change("0.0", 1)


def test_an_item_is_had_in_its_unit_and_its_packagings_only() -> None:
    assert factor_of(PACKAGING, "", "each") == factor_of(PACKAGING, "each", "each") == 1
    assert factor_of(PACKAGING, "case", "each") == 24
    for unit in ("pallet", "kg", "CASE"):
        with pytest.raises(Refused) as refusal:
            factor_of(PACKAGING, unit, "each")
        assert refusal.value.code == "wrong_unit"


def test_packs_are_whole_and_units_may_be_cut() -> None:
    def told(quantity: int | str, unit: str) -> tuple[int, int]:
        return smallest_units(quantity, unit, item_unit="m", scale=2, packaging={"case": 3_360})

    assert told("33.60", "") == (3_360, 1)
    assert told(2, "case") == (6_720, 3_360)
    for quantity, unit, code in (
        ("1.5", "case", "wrong_unit"),
        (QUANTITY_MAX, "case", "bad_quantity"),
    ):
        with pytest.raises(Refused) as refusal:
            told(quantity, unit)
        assert refusal.value.code == code
