"""What a kit takes, and what comes back out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.error import Refused
from wms.kitting.kit import Made, Piece, Stocked, needed, take_apart, take_stock


def test_a_kit_takes_its_components_so_many_times() -> None:
    assert needed(3, 0, {1: 2, 2: 5}) == {1: 6, 2: 15}
    assert needed(150, 2, {1: 2}) == {1: 3}
    with pytest.raises(Refused) as refusal:
        needed(125, 2, {1: 2})
    assert refusal.value.code == "wrong_unit"


def test_bins_are_taken_in_their_order_and_too_little_is_nothing() -> None:
    bins = [Stocked(1, Piece(7, 2, "L1")), Stocked(2, Piece(7, 5, "L2"))]
    assert take_stock({7: 3}, bins) == [
        Stocked(1, Piece(7, 2, "L1")),
        Stocked(2, Piece(7, 1, "L2")),
    ]
    assert take_stock({7: 8}, bins) is None
    assert take_stock({7: 1, 8: 1}, bins) is None


def test_the_last_put_together_are_taken_apart_first() -> None:
    made = [Made(2, (Piece(7, 2, "new"),)), Made(1, (Piece(7, 4, "old"),))]
    back, unknown = take_apart({7: 3}, made)
    assert back == [(2, Piece(7, 2, "new")), (1, Piece(7, 1, "old"))]
    assert unknown == {}
    assert take_apart({7: 9}, made)[1] == {7: 3}


@given(
    st.dictionaries(st.integers(1, 3), st.integers(1, 20), min_size=1),
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 20)), max_size=6),
)
def test_no_more_and_no_less_than_wanted(
    wanted: dict[int, int], found: list[tuple[int, int]]
) -> None:
    bins = [Stocked(number, Piece(*one)) for number, one in enumerate(found)]
    taken = take_stock(wanted, bins)
    held = {item_id: sum(n for one, n in found if one == item_id) for item_id in wanted}
    assert (taken is None) == any(held[item_id] < n for item_id, n in wanted.items())
    for item_id, quantity in wanted.items() if taken is not None else ():
        assert quantity == sum(
            one.piece.quantity for one in taken or () if one.piece.item_id == item_id
        )
