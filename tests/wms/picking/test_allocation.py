"""Bins for a wave's lines: first expired first out, then as few stops as can be."""

from datetime import date, timedelta

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


def _case(line: int, quantity: int, case: int, days: int = 0) -> Want:
    return Want(line, line, 1, 1, quantity, 1_000, 100, 1, case, days)


def _reserve(number: int, free: int, expires_on: date | None = None) -> Bin:
    return Bin(
        number, 1, number, f"R-{number}", 0, 1_000, number, free, expires_on, None, "", "reserve"
    )


def _dated(number: int, free: int, days_left: int | None) -> Bin:
    day = None if days_left is None else date(2010, 12, 1) + timedelta(days_left)
    return Bin(number, 1, number, f"A-{number}", 0, 1_000, number, free, day, days_left)


def test_bins_in_aisles_that_are_walked_come_before_smaller_and_nearer_ones() -> None:
    far = Bin(1, 1, 1, "B-1", 5, 1_000, 900, 40)
    assert _taken([_want(1, 7)], [_bin(2, 7), far]) == [(1, 2, 7)]
    picks = allocate([_want(1, 7)], [_bin(2, 7), far], aisles=[5]).picks
    assert [pick.bin.balance_id for pick in picks] == [1]


def test_no_aisle_is_worth_leaving_what_expires_first_or_leaving_a_line_short() -> None:
    fresh = Bin(1, 1, 1, "B-1", 5, 1_000, 900, 40, date(2011, 2, 1))
    old = _bin(2, 3, date(2011, 1, 1))
    picks = allocate([_want(1, 7)], [fresh, old], aisles=[5]).picks
    assert [(pick.bin.balance_id, pick.quantity) for pick in picks] == [(2, 3), (1, 4)]
    small = Bin(3, 1, 3, "B-3", 5, 1_000, 900, 2)
    allocation = allocate([_want(1, 7)], [small, _bin(4, 50)], aisles=[5])
    assert not allocation.missing
    assert {pick.bin.balance_id for pick in allocation.picks} == {3, 4}


def test_full_cases_come_from_reserve_in_whatever_aisle() -> None:
    picks = allocate([_case(1, 24, 12)], [_bin(1, 50), _reserve(2, 30)], aisles=[5]).picks
    assert [pick.bin.balance_id for pick in picks] == [2]


def test_what_has_expired_is_taken_by_nobody_and_the_last_day_still_counts() -> None:
    assert _taken([_want(1, 5)], [_dated(1, 5, -1), _dated(2, 5, 0)]) == [(1, 2, 5)]
    assert allocate([_want(1, 5)], [_dated(1, 5, -1)]).picks == ()


def test_goods_that_last_too_short_for_the_customer_are_left_for_others() -> None:
    bins = [_dated(1, 5, 3), _dated(2, 5, 30), _dated(3, 5, None)]
    assert _taken([_case(1, 10, 0, days=14)], bins) == [(1, 2, 5), (1, 3, 5)]
    assert _taken([_case(1, 10, 0, days=3)], bins) == [(1, 1, 5), (1, 2, 5)]


def test_full_cases_come_from_reserve_and_the_rest_from_a_forward_bin() -> None:
    bins = [_bin(1, 50), _reserve(2, 30), _reserve(3, 7)]
    assert _taken([_case(1, 29, 12)], bins) == [(1, 2, 24), (1, 1, 5)]
    # Less than a case opens none, and a bin that holds no full case gives none.
    assert _taken([_case(1, 11, 12)], bins) == [(1, 1, 11)]
    assert _taken([_case(1, 12, 12)], [_bin(1, 50), _reserve(3, 7)]) == [(1, 1, 12)]


def test_reserve_gives_pieces_only_where_no_forward_bin_has_them() -> None:
    assert _taken([_case(1, 5, 12)], [_bin(1, 2), _reserve(2, 30)]) == [(1, 1, 2), (1, 2, 3)]


def test_what_expires_first_goes_before_full_cases() -> None:
    bins = [_bin(1, 50, date(2011, 1, 1)), _reserve(2, 24, date(2011, 2, 1))]
    assert _taken([_case(1, 24, 12)], bins) == [(1, 1, 24)]


def test_among_equals_the_bin_nearest_to_the_walk_is_chosen() -> None:
    bins = [_bin(1, 5), _bin(9, 5), Bin(20, 2, 20, "A-20", 0, 1_000, 10, 5)]
    assert _taken([_want(1, 2)], bins) == [(1, 1, 2)]
    assert _taken([_want(1, 2, item=2), _want(2, 2)], bins) == [(1, 20, 2), (2, 9, 2)]
    allocation = allocate([_want(1, 2)], bins, stops=[8])
    assert [pick.bin.balance_id for pick in allocation.picks] == [9]


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
