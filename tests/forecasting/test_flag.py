"""What a reader should know about a history."""

import numpy as np
import pytest

from forecasting.flag import Flag, flag

NAN = np.nan


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([NAN] * 10, {Flag.EMPTY}),
        ([0.0] * 10, {Flag.ALL_ZERO}),
        ([NAN] * 9 + [5.0], {Flag.ONE_POINT, Flag.SHORT}),
        ([0.0] * 9 + [5.0], {Flag.ONE_POINT}),
        ([5.0] * 10, {Flag.CONSTANT}),
        ([NAN] * 5 + [1.0, 2.0, 0.0, 3.0, 1.0], {Flag.SHORT}),
        ([1.0, NAN, NAN, 2.0, NAN, NAN, NAN, 4.0, NAN, 1.0], {Flag.SHORT, Flag.GAPS}),
        ([1.0, 2.0, 0.0, 3.0, 1.0, 1.0, 2.0, 0.0, 3.0, 1.0], set()),
    ],
)
def test_a_history_is_flagged_for_what_it_lacks(history: list[float], expected: set[Flag]) -> None:
    assert flag(np.array([history])) == (frozenset(expected),)


def test_no_periods_at_all_are_an_empty_history() -> None:
    assert flag(np.zeros((2, 0))) == (frozenset({Flag.EMPTY}),) * 2
