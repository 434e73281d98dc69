"""Quantities at once. Reference values: Snyder & Shen's examples as stockpyl computes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.policy import lot
from forecasting.policy.lot import Lot

COSTS = st.floats(0.01, 1e4)


def near(found: Lot, quantity: float, cost: float) -> bool:
    return found.quantity == pytest.approx(quantity, rel=1e-6) and found.cost == pytest.approx(
        cost, rel=1e-6
    )


def test_example_3_1_the_economic_order_quantity() -> None:
    assert near(lot.economic_order_quantity(8, 0.225, 1300), 304.0467800, 68.4105255)


def test_prices_of_all_units_that_fall_at_breaks() -> None:
    found = lot.with_all_units_discount(200, 0.2, 1000, [0, 200, 500], [500, 475, 450])
    assert near(found, 500, 472_900)
    assert found.tier == 2


def test_prices_of_the_units_above_each_break() -> None:
    found = lot.with_incremental_discount(150, 0.25, 2400, [0, 300, 600], [100, 90, 80])
    assert near(found, 1481.8906843, 222_762.8136845)
    assert found.tier == 2


def test_example_3_8_what_is_best_owed() -> None:
    found, owed = lot.with_backorders(8, 0.225, 5, 1300)
    assert near(found, 310.8125552, 66.9213636)
    assert owed == pytest.approx(0.0430622, abs=1e-6)


def test_what_is_made_while_it_is_sold() -> None:
    found = lot.economic_production_quantity(8, 0.225, 1300, 1700)
    assert near(found, 626.8084946, 33.1839791)


def test_examples_9_1_and_9_2_a_supplier_that_fails_at_times() -> None:
    found = lot.with_disruptions(8, 0.225, 5, 1300, 1.5, 14)
    assert found.quantity == pytest.approx(772.8110740, abs=1e-4)
    assert found.cost == pytest.approx(173.9500026, abs=1e-6)


def test_example_9_4_a_yield_that_adds_or_takes_units() -> None:
    found = lot.with_additive_yield(18_500, 0.06, 75_000, -15_000, 9_000)
    assert near(found, 230_246.3704688, 12_914.7822281)


def test_example_9_5_a_yield_that_is_a_share() -> None:
    found = lot.with_multiplicative_yield(18_500, 0.06, 75_000, 0.8333, 0.0198**0.5)
    assert near(found, 254_477.4613034, 13_086.1616910)


@given(COSTS, st.floats(0.001, 100), COSTS, st.floats(0.2, 5))
def test_no_other_quantity_costs_less(
    order: float, holding: float, demand: float, other: float
) -> None:
    best = lot.economic_order_quantity(order, holding, demand)
    quantity = best.quantity * other
    assert best.cost <= order * demand / quantity + holding * quantity / 2 + 1e-9 * best.cost


@given(COSTS, st.floats(0.01, 2), COSTS, st.floats(1, 2000))
def test_a_discount_never_makes_it_dearer(
    order: float, rate: float, demand: float, start: float
) -> None:
    plain = lot.with_all_units_discount(order, rate, demand, [0], [10])
    for offer in (lot.with_all_units_discount, lot.with_incremental_discount):
        assert offer(order, rate, demand, [0, start], [10, 9]).cost <= plain.cost * (1 + 1e-9)


@pytest.mark.parametrize(
    ("breaks", "prices"),
    [([], []), ([1], [5]), ([0, 5], [5]), ([0, 5], [4, 5]), ([0], [0])],
)
def test_breaks_that_make_no_sense_are_refused(breaks: list[float], prices: list[float]) -> None:
    with pytest.raises(ValueError, match="price"):
        lot.with_all_units_discount(1, 1, 1, breaks, prices)


def test_figures_out_of_range_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="demand is above 0"):
        lot.economic_order_quantity(1, 1, 0)
    with pytest.raises(ValueError, match="holding_cost is above 0, not nan"):
        lot.economic_order_quantity(1, float("nan"), 1)
    with pytest.raises(ValueError, match="faster"):
        lot.economic_production_quantity(1, 1, 5, 5)
