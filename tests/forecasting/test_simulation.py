"""A stock policy run over demand that came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.simulation import Outcome, simulate


def run(demand: list[float], level: float, lead: int, first: int = 0) -> Outcome:
    return simulate(np.array([demand]), first, lead, lambda _: np.array([level]))


def test_stock_for_a_steady_demand_over_the_protection_interval_fills_all_of_it() -> None:
    outcome = run([4.0] * 20, 12.0, lead=2)
    assert outcome.fill_rate() == 1.0
    assert outcome.met.tolist() == [1.0]
    assert outcome.mean_stock.tolist() == [0.0]


def test_one_unit_less_is_owed_in_every_period() -> None:
    outcome = run([4.0] * 20, 11.0, lead=2)
    assert outcome.fill_rate() == pytest.approx(0.75)
    assert outcome.met.tolist() == [0.0]


def test_what_is_owed_is_served_before_the_next_demand() -> None:
    # Ten are asked for at once of five; five are owed, and arrive a period later.
    outcome = run([0.0, 0.0, 10.0, 0.0, 0.0, 0.0], 5.0, lead=1)
    assert (outcome.filled.item(), outcome.demanded.item()) == (5.0, 10.0)
    assert outcome.orders.item() == 1
    assert outcome.mean_stock.item() == pytest.approx((0 + 0 + 5 + 5) / 4)


def test_a_lead_time_of_none_arrives_before_the_demand_of_its_period() -> None:
    outcome = run([3.0] * 6, 3.0, lead=0)
    assert outcome.fill_rate() == 1.0


def test_an_unknown_period_asks_for_nothing() -> None:
    outcome = run([1.0, 1.0, 1.0, float("nan"), 1.0, 1.0], 3.0, lead=1)
    assert outcome.demanded.item() == 3.0


def test_targets_are_raised_to_whole_units_and_never_below_none() -> None:
    assert run([1.0] * 8, 1.2, lead=1).fill_rate() == 1.0
    assert run([1.0] * 8, -3.0, lead=1).fill_rate() == 0.0


def test_what_happened_is_told_period_by_period() -> None:
    seen: list[tuple[int, float, float]] = []
    simulate(
        np.full((1, 6), 2.0),
        1,
        1,
        lambda _: np.array([3.0]),
        observe=lambda period, given, asked: seen.append((period, given.item(), asked.item())),
    )
    assert seen == [(3, 1.0, 2.0), (4, 1.0, 2.0), (5, 1.0, 2.0)]


@pytest.mark.parametrize(("first", "lead"), [(-1, 0), (0, -1), (3, 1), (0, 4)])
def test_periods_that_leave_nothing_to_count_are_refused(first: int, lead: int) -> None:
    with pytest.raises(ValueError, match="leave nothing"):
        run([1.0] * 5, 1.0, lead, first)


def test_a_target_that_is_no_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        run([1.0] * 5, float("nan"), lead=1)


@given(
    st.lists(st.integers(0, 30), min_size=8, max_size=30),
    st.floats(0, 80),
    st.integers(0, 4),
)
def test_more_stock_never_fills_less(demand: list[int], level: float, lead: int) -> None:
    asked = [float(units) for units in demand]
    less, more = run(asked, level, lead), run(asked, level + 5.0, lead)
    assert 0 <= less.filled.item() <= more.filled.item() <= more.demanded.item()
    assert less.mean_stock.item() <= more.mean_stock.item()
