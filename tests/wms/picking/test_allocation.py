"""Bins for a wave's lines: first expired first out, then as few stops as can be."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from wms.picking.allocation import Bin, Want, allocate


def _want(line: int, quantity: int, item: int = 1) -> Want:
    return Want(line, line, 1, item, quantity, 1_000, 100)


def _bin(number: int, free: int, expires_on: date | None = None, item: int = 1) -> Bin:
    return Bin(number, item, number, f"A-{number}", 0, 1_000, number, free, expires_on)


def _taken(wants: list[Want], bins: list[Bin]) -> list[tuple[int, int, int]]:
    picks = allocate(wants, bins).picks
    return [(pick.want.line_id, pick.bin.balance_id, pick.quantity) for pick in picks]


def test_what_expires_first_goes_first() -> None:
    bins = [_bin(1, 50), _bin(2, 3, date(2011, 2, 1)), _bin(3, 3, date(2011, 1, 1))]
    assert _taken([_want(1, 7)], bins) == [(1, 3, 3), (1, 2, 3), (1, 1, 1)]


def test_a_line_is_taken_from_the_smallest_bin_that_holds_it_all() -> None:
    assert _taken([_want(1, 7)], [_bin(1, 50), _bin(2, 8), _bin(3, 6)]) == [(1, 2, 7)]


def test_a_line_that_no_bin_holds_is_taken_from_as_few_as_can_be() -> None:
    assert _taken([_want(1, 12)], [_bin(1, 2), _bin(2, 9), _bin(3, 4)]) == [(1, 2, 9), (1, 3, 3)]


def test_what_no_bin_has_is_said() -> None:
    allocation = allocate([_want(1, 5), _want(2, 5)], [_bin(1, 7)])
    assert [(want.line_id, missing) for want, missing in allocation.missing] == [(2, 3)]


wants = st.lists(st.tuples(st.integers(1, 20), st.integers(1, 3)), max_size=8)
stocks = st.lists(
    st.tuples(st.integers(1, 20), st.integers(1, 3), st.none() | st.dates()), max_size=8
)


@given(wants, stocks)
def test_every_unit_wanted_is_picked_or_missing_and_no_bin_gives_more_than_it_has(
    wanted: list[tuple[int, int]], stock: list[tuple[int, int, date | None]]
) -> None:
    lines = [_want(n, quantity, item) for n, (quantity, item) in enumerate(wanted)]
    bins = [_bin(n, free, day, item) for n, (free, item, day) in enumerate(stock)]
    allocation = allocate(lines, bins)
    missing = {want.line_id: quantity for want, quantity in allocation.missing}
    for line in lines:
        picked = sum(p.quantity for p in allocation.picks if p.want.line_id == line.line_id)
        assert picked + missing.get(line.line_id, 0) == line.quantity
    for bin in bins:
        given_up = [pick for pick in allocation.picks if pick.bin == bin]
        assert sum(pick.quantity for pick in given_up) <= bin.free
        assert all(pick.want.item_id == bin.item_id for pick in given_up)
    # Missing means missing: no bin of that item has anything left.
    for want, _ in allocation.missing:
        of_item = [bin for bin in bins if bin.item_id == want.item_id]
        taken = sum(p.quantity for p in allocation.picks if p.want.item_id == want.item_id)
        assert taken == sum(bin.free for bin in of_item)
