"""Which orders look wrong, and which only a little."""

from dataclasses import replace

import pytest

from wms.error import Refused
from wms.orders.line import Line, Sold
from wms.orders.suspicion import (
    SUSPICION,
    Suspicion,
    check_wish,
    odd_countries,
    odd_lines,
    odd_total,
)
from wms.orders.usual import Median, Usual

MUG = Sold(1, "MUG", "Mug", "goods", "each", 0, False, {"case": 12})
SOLD = Usual(medians={"GBP": Median(500, 2, 40)})


def _line(price: int, quantity: int = 1, usual: Usual = SOLD, unit: str = "each") -> Line:
    factor = 12 if unit == "case" else 1
    item = replace(MUG, usual=usual)
    return Line(1, item, unit, factor, quantity * factor, price, 0, ())


def _odd(line: Line, rule: Suspicion = SUSPICION, currency: str = "GBP") -> bool:
    return bool(odd_lines(rule, [line], currency))


@pytest.mark.parametrize(("price", "odd"), [(0, True), (1, True), (99, True), (100, False)])
def test_a_price_far_below_the_median_is_odd(price: int, odd: bool) -> None:
    assert _odd(_line(price)) is odd
    assert not _odd(_line(price), replace(SUSPICION, price_percent=0))


def test_a_case_is_as_dear_as_its_pieces() -> None:
    assert not _odd(_line(1_200, unit="case"))
    assert _odd(_line(500, unit="case"))


def test_a_promotion_makes_a_low_price_usual() -> None:
    sale = replace(SOLD, offers=(("GBP", 60), ("EUR", 1)))
    assert not _odd(_line(60, usual=sale))
    assert _odd(_line(5, usual=sale))


def test_few_lines_are_no_custom_yet_and_the_list_counts() -> None:
    few = Usual(1_000, {"GBP": Median(1, 1, 4)})
    assert _odd(_line(150, usual=few))
    assert not _odd(_line(200, usual=few))


def test_a_list_price_says_nothing_in_a_currency_that_the_item_does_not_sell_in() -> None:
    assert not _odd(_line(3, usual=Usual(1_000, {"EUR": Median(900, 1, 40)})))
    assert _odd(_line(3, usual=Usual(1_000)))


def test_nothing_is_odd_of_an_item_that_nobody_knows() -> None:
    assert not _odd(_line(0, 100_000, usual=Usual()))


@pytest.mark.parametrize(("quantity", "odd"), [(39, False), (49, False), (50, True), (500, True)])
def test_many_of_one_item_are_odd_against_its_usual_line(quantity: int, odd: bool) -> None:
    assert _odd(_line(500, quantity)) is odd


def test_many_are_usual_where_many_are_usually_bought() -> None:
    assert not _odd(_line(500, 500, usual=Usual(medians={"GBP": Median(500, 100, 40)})))


def test_another_total_than_the_lines_is_odd_where_the_shop_says_one() -> None:
    assert odd_total(SUSPICION, 999, 1_000, "GBP")
    assert not odd_total(SUSPICION, 1_000, 1_000, "GBP")
    assert not odd_total(SUSPICION, None, 1_000, "GBP")
    assert not odd_total(replace(SUSPICION, total=False), 999, 1_000, "GBP")


def test_countries_are_odd_where_they_are_known_and_differ() -> None:
    assert odd_countries(SUSPICION, "GB", payer="NG")
    assert not odd_countries(SUSPICION, "GB", payer="GB")
    assert not odd_countries(SUSPICION, "GB")
    assert not odd_countries(SUSPICION, "GB", phone="FR")
    assert odd_countries(replace(SUSPICION, phone=True), "GB", phone="FR")


def test_a_shop_s_wish_takes_the_place_of_the_house_s() -> None:
    wish = {"price_percent": 50, "total": False}
    check_wish(wish)
    rule = SUSPICION.with_wish(wish)
    assert (rule.price_percent, rule.total, rule.quantity_times) == (50, False, 20)
    assert SUSPICION.with_wish(None) == SUSPICION


@pytest.mark.parametrize("wish", [{"price_percent": 101}, {"quantity_least": 0}])
def test_a_threshold_that_makes_no_sense_is_refused(wish: dict[str, int]) -> None:
    with pytest.raises(Refused) as refusal:
        check_wish(wish)
    assert refusal.value.pointer == f"/suspicion/{next(iter(wish))}"
