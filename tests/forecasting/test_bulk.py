"""Bulk orders."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecasting.bulk import bulk_lines


def bulk(*quantities: float) -> list[float]:
    found = bulk_lines(np.zeros(len(quantities), np.intp), np.array(quantities))
    return [q for q, is_bulk in zip(quantities, found, strict=True) if is_bulk]


def test_a_line_far_above_what_is_usual_is_a_bulk_order() -> None:
    assert bulk(1, 2, 1, 3, 2, 1, 2, 1, 1, 500) == [500]


def test_lines_that_are_merely_large_are_not() -> None:
    assert bulk(1, 2, 4, 8, 6, 3, 2, 1, 1, 12) == []


def test_a_few_lines_tell_nothing_of_what_is_usual() -> None:
    assert bulk(1, 1, 1000) == []


def test_each_item_has_its_own_measure() -> None:
    items = np.array([0] * 10 + [1] * 10, np.intp)
    lines = np.array([1.0] * 9 + [400.0] + [400.0] * 10)
    order = np.random.default_rng(3).permutation(20)
    found = bulk_lines(items[order], lines[order])
    assert np.flatnonzero(found).tolist() == [int(np.flatnonzero(order == 9)[0])]


@given(st.lists(st.integers(1, 3), max_size=40))
def test_everyday_lines_are_never_bulk(quantities: list[int]) -> None:
    assert bulk(*map(float, quantities)) == []
