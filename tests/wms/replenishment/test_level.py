"""From the demand of a protection interval to levels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecasting.distribution import Distribution
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
