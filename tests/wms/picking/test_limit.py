"""A plan takes as long as it may, and never longer than the cut-off allows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wms.picking.limit import SOLVE_S_MIN, SOLVE_SHARE, ended_by, seconds_to_solve, walk_time

NOW = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_without_a_cut_off_it_may_take_all_its_time() -> None:
    assert seconds_to_solve(60, None, HOUR, NOW) == 60


def test_a_cut_off_leaves_what_the_walk_does_not_need() -> None:
    soon = NOW + HOUR + timedelta(seconds=20)
    assert seconds_to_solve(60, soon, HOUR, NOW) == 20
    assert seconds_to_solve(60, soon + HOUR, HOUR, NOW) == 60


@given(st.floats(SOLVE_S_MIN, 200), st.integers(-7_200, 7_200), st.integers(0, 7_200))
def test_it_is_never_longer_than_the_cut_off_allows_while_it_can_be_kept(
    most_s: float, left_s: int, walk_s: int
) -> None:
    walk = timedelta(seconds=walk_s)
    seconds = seconds_to_solve(most_s, NOW + timedelta(seconds=left_s), walk, NOW)
    assert SOLVE_S_MIN <= seconds <= most_s
    if left_s - walk_s >= SOLVE_S_MIN:
        assert seconds <= left_s - walk_s
    else:
        assert seconds <= max(SOLVE_S_MIN, SOLVE_SHARE * walk_s)


def test_more_pickers_walk_shorter() -> None:
    assert walk_time(200, 100, 1) == 2 * HOUR
    assert walk_time(200, 100, 4) == HOUR / 2


def test_a_plan_says_which_limit_ended_it() -> None:
    assert ended_by(None, None) is None
    assert ended_by(0.4, 60.0) == "search"
    assert ended_by(60.1, 60.0) == "time"
