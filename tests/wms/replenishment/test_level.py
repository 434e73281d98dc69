"""From the demand of a protection interval to levels."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.distribution import Distribution
from forecasting.policy.service import LeadTime
from wms.replenishment.level import INTERVALS, interval_for, levels

PROBABILITIES = (0.5, 0.75, 0.9, 0.95, 0.99)


def demand(*values: tuple[float, ...]) -> Distribution:
    return Distribution.build(
        [float(np.mean(each)) for each in values], PROBABILITIES, np.array(values)
    )


def test_more_service_asks_for_more_stock() -> None:
    spread = demand((8, 12, 18, 24, 40), (8, 12, 18, 24, 40))
    less, more = levels(spread, [0.9, 0.99], [20.0, 20.0])
    assert (less.reorder_point, more.reorder_point) == (18, 40)
    assert less.reorder_point < more.reorder_point
    assert less.safety_stock < more.safety_stock
    assert more.order_up_to == more.reorder_point + 20


def test_a_lead_time_that_varies_moves_the_point_as_it_moves_the_deviation() -> None:
    spread = demand((8, 12, 18, 24, 40))
    [steady] = levels(spread, [0.95], [0.0], [LeadTime(6)])
    points = [
        levels(spread, [0.95], [0.0], [LeadTime(6, days)])[0].reorder_point for days in (1, 2, 4)
    ]
    assert [steady.reorder_point, *points] == sorted({steady.reorder_point, *points})
    # Where demand never varies, what is sold in the days of delay is all there is to it.
    [known] = levels(demand((12.0,) * 5), [0.95], [0.0], [LeadTime(6, 2)])
    assert known.reorder_point == ceil(12 + 1.6449 * 2 * 2)


@pytest.mark.parametrize("service", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("deviation", [1, 2, 4])
def test_the_level_is_enough_for_drawn_demand_over_drawn_lead_times(
    service: float, deviation: int
) -> None:
    rng = np.random.default_rng(7)
    days = np.maximum(np.round(rng.normal(14, deviation, 20_000)), 0).astype(int)
    daily = np.cumsum(rng.negative_binomial(1, 1 / 6, (20_000, 40)), axis=1)
    steady = daily[:, 13]
    reached = np.where(days > 0, daily[np.arange(20_000), np.maximum(days, 1) - 1], 0)
    law = Distribution.build(
        [float(steady.mean())], PROBABILITIES, [np.quantile(steady, PROBABILITIES)]
    )
    [level] = levels(law, [service], [0.0], [LeadTime(14, deviation)])
    enough = float((reached <= level.reorder_point).mean())
    assert service - 0.02 <= enough <= service + 0.03


@given(
    st.lists(st.floats(0, 1e6), min_size=5, max_size=5),
    st.floats(0.5, 0.9999),
    st.floats(0, 60),
)
def test_a_lead_time_that_varies_never_lowers_a_level(
    values: list[float], service: float, days: float
) -> None:
    spread = demand(tuple(sorted(values)))
    [steady] = levels(spread, [service], [0.0])
    [varied] = levels(spread, [service], [0.0], [LeadTime(6, days)])
    assert varied.reorder_point >= steady.reorder_point


def test_what_nobody_wants_is_not_kept() -> None:
    [level] = levels(demand((0.0, 0.0, 0.0, 0.0, 0.0)), [0.99], [0.0])
    assert (level.safety_stock, level.reorder_point, level.order_up_to) == (0, 0, 0)


@given(
    st.lists(st.floats(0, 1e6), min_size=5, max_size=5),
    st.floats(0.5, 0.9999),
    st.floats(0, 1e5),
)
def test_levels_ascend_and_are_never_negative(
    values: list[float], service: float, cycle: float
) -> None:
    [level] = levels(demand(tuple(sorted(values))), [service], [cycle])
    assert 0 <= level.safety_stock <= level.reorder_point <= level.order_up_to


@given(st.integers(1, 732))
def test_an_interval_is_covered_by_the_next_that_is_forecast(days: int) -> None:
    found = interval_for(days)
    assert found in INTERVALS and found >= days
    assert interval_for(9_999) == INTERVALS[-1]
