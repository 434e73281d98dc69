"""Several items in one order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.policy.joint import Line, fill_truck, joint_cycle, reach_worth

LINES = st.builds(
    Line,
    need=st.integers(0, 200),
    demand=st.floats(0, 20),
    minimum=st.integers(1, 60),
    multiple=st.integers(1, 12),
    load=st.tuples(st.floats(0.01, 3), st.floats(0, 3)),
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
    assert fill_truck([Line(need=7, demand=1, minimum=10, multiple=6)], (), 30) == (12,)
    assert fill_truck([Line(need=13, demand=1, minimum=10, multiple=6)], (), 30) == (18,)
    assert fill_truck([Line(need=0, demand=1, minimum=10)], (), 30) == (0,)


def test_the_rest_of_the_truck_goes_to_what_would_run_out_first() -> None:
    slow = Line(need=10, demand=1, load=(1,))
    fast = Line(need=10, demand=10, load=(1,))
    assert fill_truck([slow, fast], (30,), 60) == (10, 20)


def test_a_truck_is_full_when_either_its_mass_or_its_volume_is() -> None:
    heavy = Line(need=2, demand=1, load=(10, 1))
    light = Line(need=2, demand=1, load=(1, 10))
    # Together they fill one truck of which each alone fills only one measure.
    assert fill_truck([heavy, light], (33, 33), 60) == (3, 3)


def test_what_does_not_fit_leaves_the_room_to_what_does() -> None:
    pallet = Line(need=40, demand=10, multiple=40, load=(1,))
    single = Line(need=10, demand=1, load=(1,))
    assert fill_truck([pallet, single], (60,), 60) == (40, 20)


def test_nothing_is_loaded_beyond_the_days_that_are_wanted() -> None:
    assert fill_truck([Line(need=10, demand=1, load=(1,))], (100,), 14) == (14,)


def test_however_little_is_needed_it_is_a_truck_s_beginning() -> None:
    assert fill_truck([Line(need=1, demand=1, load=(1,))], (1e9,), 14) == (14,)


def test_without_a_need_no_truck_is_sent() -> None:
    assert fill_truck([Line(need=0, demand=5, load=(1,))], (100,), 90) == (0,)


def test_what_has_no_need_yet_joins_an_order_that_is_made() -> None:
    need, joins = Line(need=5, demand=1, load=(1,)), Line(need=0, demand=1, minimum=4, load=(1,))
    assert fill_truck([need, joins], (10,), 90) == (5, 5)
    assert reach_worth([need, joins], lambda _, quantity: quantity * 10, 100, 90) == (5, 5)


@given(st.lists(LINES, max_size=6), st.floats(1, 300), st.floats(1, 300), st.floats(1, 200))
def test_no_truck_more_is_needed_and_no_need_is_left(
    lines: list[Line], mass: float, volume: float, days: float
) -> None:
    needed = tuple(line.allowed() for line in lines)
    filled = fill_truck(lines, (mass, volume), days)

    def trucks(quantities: tuple[int, ...]) -> float:
        loads = [
            sum(line.load[at] * each for line, each in zip(lines, quantities, strict=True))
            for at in range(2)
        ]
        return max(-(-(loads[0] - 1e-5) // mass), -(-(loads[1] - 1e-5) // volume))

    assert trucks(filled) <= trucks(needed)
    _rules_are_kept(lines, needed, filled, days)


@given(st.lists(LINES, max_size=6), st.integers(1, 5_000), st.floats(1, 200))
def test_an_order_is_worth_what_it_has_to_be_with_nothing_left_out_or_cannot_be(
    lines: list[Line], least: int, days: float
) -> None:
    needed = tuple(line.allowed() for line in lines)

    def worth(k: int, quantity: int) -> int:
        return quantity * (k + 1)

    def total(quantities: tuple[int, ...]) -> int:
        return sum(worth(k, quantity) for k, quantity in enumerate(quantities))

    reached = reach_worth(lines, worth, least, days)
    most = tuple(each + line.room(each, days) for line, each in zip(lines, needed, strict=True))
    assert (reached is None) == (total(most) < least)
    if reached is not None:
        assert total(reached) >= least
        _rules_are_kept(lines, needed, reached, days)


def _rules_are_kept(
    lines: list[Line], needed: tuple[int, ...], ordered: tuple[int, ...], days: float
) -> None:
    for line, least, quantity in zip(lines, needed, ordered, strict=True):
        assert quantity >= least >= line.need
        assert quantity % line.multiple == 0
        assert quantity == 0 or quantity >= line.minimum
        if quantity > least:
            assert line.most is None or quantity <= line.most
            assert line.days(quantity) <= days * (1 + 1e-6)


def test_figures_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="not below 0"):
        Line(need=-1, demand=1)
    with pytest.raises(ValueError, match="above 0"):
        joint_cycle(1, [1], [0], [1])
    with pytest.raises(ValueError, match="costs something"):
        joint_cycle(0, [0], [1], [1])
    with pytest.raises(ValueError, match="a truck takes"):
        fill_truck([Line(need=1, demand=1, load=(1,))], (0,), 30)
    with pytest.raises(ValueError, match="a truck takes"):
        fill_truck([Line(need=1, demand=1)], (5,), 30)
