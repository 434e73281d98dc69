"""How long an order lasts, by what ordering and keeping cost."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.replenishment.cycle import Cycle, Member, cycles, demand_over
from wms.replenishment.purchase import PriceBreak


def member(demand: float, *prices: tuple[int, int], scale: int = 0) -> Member:
    return Member(demand, scale, tuple(PriceBreak(*each) for each in prices or ((1, 100),)))


def test_one_item_is_ordered_as_harris_says() -> None:
    [cycle] = cycles(800, [member(10, (1, 100))], 36.5, 365)
    # 36.5 % a year of 100 is 0.1 a day.
    assert cycle.days == pytest.approx(sqrt(2 * 800 * 10 / 0.1) / 10)


def test_the_more_there_is_in_an_order_the_more_often_it_is_made() -> None:
    [alone] = cycles(800, [member(10)], 20, 365)
    together = cycles(800, [member(10), member(5, (1, 300))], 20, 365)
    assert together[0] == together[1]
    assert together[0].days < alone.days


def test_a_whole_unit_costs_the_same_however_fine_it_is_counted() -> None:
    assert cycles(800, [member(10)], 20, 365)[0].days == pytest.approx(
        cycles(800, [member(10_000, scale=3)], 20, 365)[0].days
    )


def test_a_lower_price_is_waited_for_as_long_as_that_pays() -> None:
    plain, cheap, dear = (
        cycles(800, [member(10, (1, 100), *step)], 20, 365)[0]
        for step in ((), ((1_200, 90),), ((3_000, 99),))
    )
    assert cheap == Cycle(120.0, 1_200)
    assert dear.days == pytest.approx(plain.days)
    assert dear.least == 0


def test_a_price_that_would_last_too_long_is_not_reached_for() -> None:
    [cycle] = cycles(800, [member(10, (1, 100), (1_200, 90))], 20, 60)
    assert cycle == Cycle(60.0)


def test_what_costs_nothing_or_nobody_wants_rides_along() -> None:
    found = cycles(800, [member(10), member(10, (1, 0)), member(0)], 20, 365)
    assert found[0] == found[1] == found[2]
    assert cycles(800, [member(10, (1, 0))], 20, 30) == [Cycle(30)]


MEMBERS = st.builds(
    member,
    st.floats(0, 1e5),
    st.tuples(st.just(1), st.integers(0, 10**6)),
    st.tuples(st.integers(2, 10**6), st.integers(0, 10**6)),
    scale=st.integers(0, 6),
)


@given(
    st.integers(1, 10**9), st.lists(MEMBERS, max_size=5), st.floats(0.1, 200), st.integers(1, 365)
)
def test_an_order_lasts_a_day_at_least_and_never_too_long(
    cost: int, members: list[Member], holding: float, days_max: int
) -> None:
    for cycle, each in zip(cycles(cost, members, holding, days_max), members, strict=True):
        assert 1 <= cycle.days <= days_max
        if cycle.least:
            assert cycle.least in [step.from_quantity for step in each.prices]
            assert cycle.days * each.demand >= cycle.least * (1 - 1e-9)


def test_beyond_the_forecast_its_last_week_goes_on() -> None:
    mean = np.array([1.0] * 7 + [3.0] * 7)
    assert [demand_over(mean, days) for days in (0, 7, 7.5, 14, 20.5)] == [0, 7, 8.5, 28, 47.5]
    assert demand_over(np.array([]), 7) == 0
