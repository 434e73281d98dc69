"""Parts of a graph in which everyone comes everywhere."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from routing.road.point import Ints
from routing.road.turn import strong_parts

arrows = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=30)


def reach(pairs: list[tuple[int, int]]) -> Ints:
    """Who comes where, by squaring the table of steps."""
    comes = np.eye(9, dtype=np.int64)
    for start, end in pairs:
        comes[start, end] = 1
    for _ in range(4):
        comes = np.minimum(comes @ comes, 1)
    return comes


@given(arrows)
def test_a_part_is_those_who_come_to_each_other(pairs: list[tuple[int, int]]) -> None:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    part = strong_parts(9, both[:, 0], both[:, 1])
    comes = reach(pairs)
    mutual = (comes > 0) & (comes.T > 0)
    assert ((part[:, np.newaxis] == part) == mutual).all()


def test_a_long_street_needs_no_deep_stack() -> None:
    tail = np.arange(50_000)
    assert len(set(strong_parts(50_001, tail, tail + 1).tolist())) == 50_001
    ring = strong_parts(50_000, tail, (tail + 1) % 50_000)
    assert len(set(ring.tolist())) == 1
