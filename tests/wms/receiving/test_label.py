"""What labels on goods say: GS1's dates without a clock of their own, lots, serials and counts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.receiving.label import GoodsLabel, goods_label, gs1_date, typed_date

TODAY = date(2026, 11, 22)


def test_a_label_says_lot_last_day_serial_and_count() -> None:
    raw = "]C10104006381333931" + "17270131" + "10LOT-7\x1d" + "21S-9\x1d" + "3012"
    assert goods_label(raw, TODAY) == GoodsLabel("LOT-7", "S-9", date(2027, 1, 31), 12)


def test_a_plain_code_says_nothing_of_the_goods() -> None:
    assert goods_label("4006381333931", TODAY) == GoodsLabel()


def test_a_best_before_day_counts_where_there_is_no_other() -> None:
    assert goods_label("(01)04006381333931(15)270200", TODAY).expires_on == date(2027, 2, 28)


def test_the_day_00_is_the_last_of_its_month() -> None:
    assert gs1_date("280200", TODAY) == date(2028, 2, 29)


def test_a_year_lies_at_most_49_back_and_50_ahead() -> None:
    assert gs1_date("760101", TODAY).year == 2076
    assert gs1_date("770101", TODAY).year == 1977
    assert gs1_date("000101", date(2099, 1, 1)).year == 2100
    assert gs1_date("990101", date(2001, 1, 1)).year == 1999


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)))
def test_a_day_is_read_as_it_was_printed(day: date) -> None:
    assert gs1_date(day.strftime("%y%m%d"), TODAY) == day
    assert typed_date(day.isoformat(), TODAY) == day


@pytest.mark.parametrize(
    "text", ["", "soon", "271301", "270230", "2027-02-30", "27013", "２７０１３１"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        typed_date(text, TODAY)


def test_a_day_may_be_typed_or_scanned() -> None:
    for text in ("2027-01-31", "270131", " 270131 ", "(17)270131"):
        assert typed_date(text, TODAY) == date(2027, 1, 31)
