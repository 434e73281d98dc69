"""Transfers: their moves, and which goods they take."""

from itertools import product

import pytest

from wms.error import Conflict
from wms.replenishment.transfer import MOVES, Event, Part, State, after, taken

UNLISTED = [pair for pair in product(State, Event) if pair not in MOVES]


@pytest.mark.parametrize(("state", "event"), UNLISTED)
def test_a_move_that_is_not_listed_is_refused(state: State, event: Event) -> None:
    with pytest.raises(Conflict):
        after(state, event)


def test_goods_are_taken_in_the_order_given_and_all_or_none() -> None:
    free = [(7, 3), (8, 0), (9, 5)]
    assert taken(free, 6) == [Part(7, 3), Part(9, 3)]
    assert taken(free, 9) is None
