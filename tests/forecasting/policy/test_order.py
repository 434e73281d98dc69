"""Reorder points and levels. Reference values: Snyder & Shen's examples, by stockpyl."""

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.policy import r_q, s_s
from forecasting.policy.law import Normal, poisson
from forecasting.policy.r_q import Costs, Policy
from forecasting.policy.wagner_whitin import wagner_whitin

COSTS = Costs(0.225, 7.5, 8)
LEAD = Normal(1300 / 12, 150 / math.sqrt(12))


def near(found: Policy, point: float, quantity: float) -> bool:
    return found.point == pytest.approx(point, abs=1e-4) and found.quantity == pytest.approx(
        quantity, abs=1e-4
    )


def test_example_5_1_what_a_policy_costs() -> None:
    assert r_q.cost(126.8, 328.5, 1300, LEAD, COSTS) == pytest.approx(78.0711625, abs=1e-6)


def test_example_5_2_the_best_point_and_hadleys_approximation() -> None:
    assert r_q.best_point(300, LEAD, COSTS) == pytest.approx(129.4272799, abs=1e-4)
    found = r_q.by_expected_level(1300, LEAD, COSTS)
    assert near(found, 213.9704421, 318.5901811)
    assert found.cost == pytest.approx(95.4511402, abs=1e-6)


def test_example_5_4_the_quantity_with_backorders() -> None:
    assert near(r_q.by_backorder_lot(1300, LEAD, COSTS), 128.6378144, 308.5737801)


def test_example_5_5_quantity_and_safety_stock_apart() -> None:
    assert near(r_q.by_lot_and_safety_stock(1300, LEAD, COSTS), 190.3369966, 304.0467800)


def test_example_5_6_the_approximation_by_losses_and_the_exact_policy() -> None:
    assert near(r_q.by_loss(1300, LEAD, COSTS), 126.8670634, 328.4491422)
    exact = r_q.exact(1300, LEAD, COSTS)
    for other in (r_q.by_loss, r_q.by_backorder_lot, r_q.by_lot_and_safety_stock):
        assert exact.cost <= other(1300, LEAD, COSTS).cost + 1e-9


def test_example_5_8_poisson_demand() -> None:
    found = r_q.poisson_exact(1.5, 2, Costs(20, 150, 100))
    assert (found.point, found.quantity) == (3, 5)
    assert found.cost == pytest.approx(107.9235806, abs=1e-6)
    assert r_q.poisson_cost(3, 5, 1.5, 2, Costs(20, 150, 100)) == pytest.approx(found.cost)


@settings(max_examples=20)
@given(st.floats(0.2, 4), st.floats(0.5, 3), st.floats(1, 30), st.floats(20, 200), st.floats(5, 99))
def test_no_whole_numbers_nearby_cost_less_than_poissons_best(
    rate: float, lead: float, holding: float, shortage: float, order: float
) -> None:
    costs = Costs(holding, shortage, order)
    best = r_q.poisson_exact(rate, lead, costs)
    for away, more in product(range(-3, 4), range(-3, 4)):
        quantity = int(best.quantity) + more
        if quantity > 0:
            other = r_q.poisson_cost(int(best.point) + away, quantity, rate, lead, costs)
            assert best.cost <= other + 1e-9


def test_example_4_7_the_exact_band() -> None:
    costs = Costs(1, 4, 5)
    assert s_s.cost(4, 10, poisson(6), costs) == pytest.approx(8.0341116, abs=1e-6)
    found = s_s.exact(poisson(6), costs)
    assert (found.point, found.up_to) == (4, 10)
    assert found.cost == pytest.approx(8.0341116, abs=1e-6)


@settings(max_examples=20)
@given(st.floats(0.3, 12), st.floats(0.2, 5), st.floats(1, 40), st.floats(0.5, 60))
def test_no_band_nearby_costs_less_than_the_exact_one(
    mean: float, holding: float, shortage: float, order: float
) -> None:
    costs, law = Costs(holding, shortage, order), poisson(mean)
    best = s_s.exact(law, costs)
    for down, up in product(range(-3, 4), range(-3, 4)):
        point, up_to = int(best.point) + down, int(best.up_to) + up
        if up_to > point:
            assert best.cost <= s_s.cost(point, up_to, law, costs) + 1e-9


def test_the_power_approximation() -> None:
    found = s_s.by_power(Normal(50, 8), Costs(0.18, 0.70, 2.5))
    assert found.point == pytest.approx(40.1946170, abs=1e-6)
    assert found.up_to == pytest.approx(74.2901701, abs=1e-6)


def test_a_horizon_of_five_periods() -> None:
    period = s_s.Period(Normal(100, 20), Costs(1, 20, 50), 2)
    bands = s_s.over_horizon((period,) * 5, 1, 20)
    assert [band.point for band in bands] == [110, 110, 110, 110, 111]
    assert [band.up_to for band in bands] == [133, 133, 133, 133, 126]
    # The reference leaves out what lies four deviations off, and has 1558.6947.
    assert bands[0].cost == pytest.approx(1558.6947, rel=2e-4)


def test_example_3_9_known_demand_ordered_together() -> None:
    found = wagner_whitin([90, 120, 80, 70], 2, 500)
    assert found.quantities == (210, 0, 150, 0)
    assert found.cost == 1380


@settings(max_examples=50)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=6),
    st.integers(0, 5),
    st.integers(0, 100),
    st.lists(st.integers(0, 9), min_size=6, max_size=6),
)
def test_no_other_schedule_of_known_demand_costs_less(
    demand: list[int], holding: int, order: int, prices: list[int]
) -> None:
    periods = len(demand)
    best = wagner_whitin(demand, holding, order, prices[:periods])
    assert sum(best.quantities) == sum(demand)
    least = math.inf
    for orders in product((False, True), repeat=periods):
        cost, bought = 0.0, None
        for period, units in enumerate(demand):
            if orders[period]:
                bought, cost = period, cost + order
            if units and bought is None:
                break
            if units and bought is not None:
                cost += units * (prices[bought] + holding * (period - bought))
        else:
            least = min(least, cost)
    assert best.cost == pytest.approx(least)


def test_figures_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Costs(0, 1, 1)
    with pytest.raises(ValueError, match="cheap"):
        r_q.by_expected_level(1, Normal(1, 1), Costs(100, 0.001, 1))
    with pytest.raises(ValueError, match="nothing is ever demanded"):
        s_s.exact(poisson(0), COSTS)
    with pytest.raises(ValueError, match="lies above"):
        s_s.cost(5, 5, poisson(3), COSTS)
    with pytest.raises(ValueError, match="demand is a figure"):
        wagner_whitin([1, -1], 1, 1)
    with pytest.raises(ValueError, match="holding_cost is a figure"):
        wagner_whitin([1, 1], [1, 1, 1], 1)
    with pytest.raises(ValueError, match="horizon"):
        s_s.over_horizon((), 1, 1)
    with pytest.raises(ValueError, match="deviation"):
        s_s.by_power(Normal(5, 0), COSTS)
