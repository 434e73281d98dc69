"""Several items in one order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.policy.joint import Line, fill_truck, joint_cycle

LINES = st.builds(
    Line,
    need=st.integers(0, 200),
    demand=st.floats(0, 20),
    minimum=st.integers(1, 60),
    multiple=st.integers(1, 12),
    load=st.floats(0.01, 3),
    position=st.integers(0, 300),
    most=st.none() | st.integers(0, 400),
)


def test_a_family_is_ordered_when_its_cheapest_member_is() -> None:
    found = joint_cycle(600, [120, 840, 300], [160, 20, 50], [1, 1, 1])
    assert found.every == (1, 3, 1)
    assert found.time == pytest.approx(3.1031645)
    assert found.cost == pytest.approx(837.8544026)
    assert found.quantities == pytest.approx((3.1031645, 9.3094934, 3.1031645))


def test_minimum_and_multiple_are_kept() -> None:
    assert fill_truck([Line(need=7, demand=1, minimum=10, multiple=6)], 0, 30) == (12,)
    assert fill_truck([Line(need=13, demand=1, minimum=10, multiple=6)], 0, 30) == (18,)
    assert fill_truck([Line(need=0, demand=1, minimum=10)], 0, 30) == (0,)


def test_the_rest_of_the_truck_goes_to_what_would_run_out_first() -> None:
    slow = Line(need=10, demand=1, load=1)
    fast = Line(need=10, demand=10, load=1)
    assert fill_truck([slow, fast], 30, 60) == (10, 20)


def test_nothing_is_loaded_beyond_the_days_that_are_wanted() -> None:
    assert fill_truck([Line(need=10, demand=1, load=1)], 100, 14) == (14,)


def test_without_a_need_no_truck_is_sent() -> None:
    assert fill_truck([Line(need=0, demand=5, load=1)], 100, 90) == (0,)


@given(st.lists(LINES, max_size=6), st.floats(1, 300), st.floats(1, 200))
def test_no_truck_more_is_needed_and_no_need_is_left(
    lines: list[Line], truck: float, days: float
) -> None:
    needed = fill_truck(lines, 0, days)
    filled = fill_truck(lines, truck, days)

    def trucks(quantities: tuple[int, ...]) -> float:
        load = sum(line.load * each for line, each in zip(lines, quantities, strict=True))
        return -(-(load - 1e-6) // truck)

    assert trucks(filled) == trucks(needed)
    for line, least, quantity in zip(lines, needed, filled, strict=True):
        assert quantity >= least >= line.need
        assert quantity % line.multiple == 0
        assert quantity == 0 or quantity >= line.minimum
        if line.most is not None and quantity > least:
            assert quantity <= line.most


def test_figures_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="not below 0"):
        Line(need=-1, demand=1)
    with pytest.raises(ValueError, match="above 0"):
        joint_cycle(1, [1], [0], [1])
    with pytest.raises(ValueError, match="costs something"):
        joint_cycle(0, [0], [1], [1])
