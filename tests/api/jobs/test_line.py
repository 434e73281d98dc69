"""Lines on a map with no more points than an eye can tell apart."""

from hypothesis import given
from hypothesis import strategies as st

from api.jobs.line import DECIMALS, STEP_DEGREE, thinned

POINTS = st.lists(st.tuples(st.floats(-60, 60), st.floats(-150, 150)), max_size=20)


@given(POINTS)
def test_the_ends_stay_and_every_step_is_one(points: list[tuple[float, float]]) -> None:
    line = thinned(points)
    rounded = [(round(a, DECIMALS), round(b, DECIMALS)) for a, b in points]
    assert set(line) <= set(rounded)
    assert bool(line) == bool(points)
    if points:
        assert (line[0], line[-1]) == (rounded[0], rounded[-1])


def test_what_lies_closer_than_a_step_is_left_out() -> None:
    close = [(52.0 + at * STEP_DEGREE / 4, -1.5) for at in range(9)]
    assert len(thinned(close)) < len(close)
