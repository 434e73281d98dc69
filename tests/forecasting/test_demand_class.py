from collections.abc import Sequence

import numpy as np
import pytest

from forecasting.demand_class import DemandClass, begun, classify

NAN = np.nan


def code(demand: Sequence[float], promoted: bool = False) -> DemandClass:
    values = np.array([demand], dtype=np.float64)
    return DemandClass(int(classify(values, 7, np.array([promoted]))[0]))


def test_demand_is_classed_by_interval_and_variation() -> None:
    assert code([5, 6, 4, 5, 5, 6, 4, 5, 5, 6]) is DemandClass.SMOOTH
    assert code([1, 30, 2, 1, 40, 1, 2, 50, 1, 30]) is DemandClass.ERRATIC
    assert code([5, 0, 5, 0, 0, 5, 0, 5, 0, 5]) is DemandClass.INTERMITTENT
    assert code([1, 0, 40, 0, 0, 1, 0, 50, 0, 1]) is DemandClass.LUMPY


def test_a_short_or_almost_empty_history_is_new() -> None:
    assert code([5, 6, 4]) is DemandClass.NEW
    assert code([0] * 30) is DemandClass.NEW
    assert code([0] * 28 + [3, 4]) is DemandClass.NEW
    assert code([NAN] * 30) is DemandClass.NEW


def test_an_item_that_long_sold_nothing_is_dying_but_a_rare_one_is_not() -> None:
    assert code([5] * 20 + [0] * 10) is DemandClass.DYING
    assert code(([5] + [0] * 9) * 3 + [0] * 5) is DemandClass.INTERMITTENT


def test_being_unable_to_sell_is_no_silence() -> None:
    assert code([5] * 20 + [NAN] * 10) is DemandClass.SMOOTH


def test_a_driver_makes_an_item_promoted_once_it_has_sold_enough() -> None:
    assert code([5] * 20, promoted=True) is DemandClass.PROMOTED
    assert code([0] * 17 + [5, 0, 5], promoted=True) is not DemandClass.PROMOTED


@pytest.mark.parametrize(
    ("demand", "first"),
    [
        ([0] * 10 + [5] * 10, 10),
        ([0, 5, 0, 5, 0, 5, 0, 5], 0),
        ([0] * 10 + ([5] + [0] * 9) * 3, 0),
        ([5] * 8, 0),
        ([0] * 8, 0),
        ([0] * 29 + [5], 0),
        ([NAN] * 5 + [5] * 5, 5),
    ],
)
def test_zeros_before_the_first_sale_count_unless_chance_explains_them(
    demand: Sequence[float], first: int
) -> None:
    found = int(begun(np.array([demand], dtype=np.float64))[0])
    assert found == first or np.isnan(demand[:first]).all()
