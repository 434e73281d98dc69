"""Stock in a network. Reference values: Snyder & Shen's examples as stockpyl computes them."""

from itertools import product
from math import inf, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.policy.law import Normal
from forecasting.policy.placement import Stage, echelon_levels, place_stock

SAFETY = 1.6448536269514722


def test_example_6_5_one_stage_before_two_that_sell() -> None:
    found = place_stock(
        {
            "1": Stage(2, 1, safety=1, inbound=1),
            "3": Stage(1, 2, ("1",), safety=1),
            "2": Stage(1, 3, ("3",), 1, 1, promise=0),
            "4": Stage(1, 3, ("3",), 1, 1, promise=1),
        }
    )
    assert found.promises == {"1": 0, "2": 0, "3": 0, "4": 1}
    assert found.cost == pytest.approx(8.2779169, abs=1e-6)


def test_figure_6_14_ten_stages_of_a_camera() -> None:
    stages = {
        "1": Stage(2, 0.01),
        "2": Stage(3, 0.03, ("1",)),
        "3": Stage(2, 0.04, ("2",)),
        "4": Stage(4, 0.06),
        "5": Stage(2, 0.12, ("3", "4")),
        "6": Stage(3, 0.13, ("5",)),
        "7": Stage(6, 0.2),
        "8": Stage(4, 0.08),
        "9": Stage(3, 0.04),
        "10": Stage(2, 0.5, ("6", "7", "8", "9"), 10, promise=2),
    }
    found = place_stock(
        {
            name: Stage(s.time, s.holding_cost, s.suppliers, s.deviation, SAFETY, 0, s.promise)
            for name, s in stages.items()
        }
    )
    assert found.cost == pytest.approx(18.8240045, abs=1e-6)
    assert found.promises["10"] == 2
    assert found.stock["10"] == 0


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
    st.lists(st.floats(0.1, 5), min_size=4, max_size=4),
    st.integers(0, 2),
)
def test_no_other_promises_cost_less(times: list[int], costs: list[float], promise: int) -> None:
    stages = {
        "a": Stage(times[0], costs[0]),
        "b": Stage(times[1], costs[1]),
        "c": Stage(times[2], costs[2], ("a", "b"), 2),
        "d": Stage(times[3], costs[3], ("c",), 1, promise=promise),
    }
    reach_c = max(times[:2]) + times[2]
    square = {"a": 5.0, "b": 5.0, "c": 5.0, "d": 1.0}
    least = inf
    for a, b, c, d in product(
        range(times[0] + 1), range(times[1] + 1), range(reach_c + 1), range(promise + 1)
    ):
        nets = {"a": times[0] - a, "b": times[1] - b}
        nets |= {"c": max(a, b) + times[2] - c, "d": c + times[3] - d}
        if min(nets.values()) >= 0:
            cost = sum(
                stages[name].holding_cost * 1.645 * sqrt(square[name] * net)
                for name, net in nets.items()
            )
            least = min(least, cost)
    assert place_stock(stages).cost == pytest.approx(least, abs=1e-9)


def test_example_6_1_a_line_of_three_by_two_newsvendors_each() -> None:
    levels = echelon_levels([3, 2, 2], [1, 1, 2], 37.12, Normal(5, 1))
    assert levels == pytest.approx((6.4908810, 12.0274347, 22.6340324), abs=1e-6)


@pytest.mark.parametrize(
    ("stages", "why"),
    [
        ({}, "has stages"),
        ({"a": Stage(1, 1, ("b",))}, "no supplier b"),
        ({"a": Stage(1, 1, ("a",))}, "no supplier a"),
        ({"a": Stage(1, 1), "b": Stage(1, 1)}, "one tree"),
        ({"a": Stage(1, 1), "b": Stage(1, 1, ("a",)), "c": Stage(1, 1, ("a", "b"))}, "tree"),
        ({"a": Stage(1, 1, ("b",)), "b": Stage(1, 1, ("a",))}, "tree"),
        ({"a": Stage(-1, 1)}, "below 0"),
    ],
)
def test_networks_that_make_no_sense_are_refused(stages: dict[str, Stage], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        place_stock(stages)
