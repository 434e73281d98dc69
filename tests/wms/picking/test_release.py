"""When a wave is let go by itself, and how much the pickers may have before them."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wms.picking.release import (
    Rule,
    Waiting,
    due,
    grown,
    lines_allowed,
    next_cut_off,
    takeable,
    within_capacity,
)

NOW = datetime(2010, 6, 1, 14, 30, tzinfo=UTC)
RULE = Rule(3, timedelta(minutes=5), timedelta(hours=1))


def _waiting(number: int, minutes: int, cut_off: time | None = None) -> Waiting:
    return Waiting(number, NOW - timedelta(minutes=minutes), cut_off)


def test_a_cut_off_is_read_by_the_clocks_of_the_warehouse() -> None:
    assert next_cut_off(time(16), "Europe/London", NOW) == datetime(2010, 6, 1, 15, tzinfo=UTC)
    assert next_cut_off(time(15), "Europe/London", NOW) == datetime(2010, 6, 2, 14, tzinfo=UTC)
    assert next_cut_off(time(16), "Europe/London", NOW.replace(month=12)) == datetime(
        2010, 12, 1, 16, tzinfo=UTC
    )
    assert next_cut_off(time(15, 30), "Europe/London", NOW) == NOW


def test_nothing_goes_while_too_few_wait_and_none_for_long() -> None:
    assert due([], RULE, "UTC", NOW) is None
    assert due([_waiting(1, 1), _waiting(2, 4)], RULE, "UTC", NOW) is None


def test_all_go_when_enough_wait_or_one_for_long_enough() -> None:
    assert due([_waiting(n, 0) for n in (1, 2, 3)], RULE, "UTC", NOW) == ()
    assert due([_waiting(1, 5)], RULE, "UTC", NOW) == ()


def test_only_those_go_at_once_whose_cut_off_comes_within_the_lead() -> None:
    waiting = [_waiting(1, 0, time(15, 30)), _waiting(2, 0, time(15, 31)), _waiting(3, 0)]
    assert due(waiting[:2], RULE, "UTC", NOW) == (1,)
    assert due([_waiting(4, 0, time(14, 29))], RULE, "UTC", NOW) is None


def test_without_pickers_there_is_no_limit() -> None:
    assert lines_allowed(0, 100, 10_000) is None
    assert lines_allowed(2, 100, 150) == 50
    assert lines_allowed(2, 100, 250) == 0


def test_who_is_left_out_for_want_of_pickers_is_told_how_many_lines_are_left() -> None:
    taken, left_out = within_capacity([(1, 3), (2, 4), (3, 1)], 5, 20)
    assert taken == [1]
    # Nobody overtakes: the third would fit, and waits behind the second.
    assert [order for order, _ in left_out] == [2, 3]
    assert "2 more line(s)" in left_out[0][1]


def test_an_order_that_is_more_than_an_hour_s_work_goes_alone() -> None:
    assert within_capacity([(1, 50), (2, 1)], 5, 0)[0] == [1]
    assert within_capacity([(1, 50)], 5, 1)[0] == []


@given(st.lists(st.integers(1, 20), max_size=20), st.integers(0, 60), st.integers(1, 5))
def test_no_more_lines_are_open_than_the_pickers_can_do(
    lines: list[int], allowed: int, open_lines: int
) -> None:
    orders = list(enumerate(lines))
    taken, left_out = within_capacity(orders, allowed, open_lines)
    assert sum(lines[number] for number in taken) <= allowed
    assert [*taken, *(number for number, _ in left_out)] == [number for number, _ in orders]


def test_a_cart_that_shares_an_order_with_a_begun_one_stays_and_so_on() -> None:
    lie = [(1, 10), (2, 10), (2, 20), (3, 20), (3, 30), (4, 40), (5, 50)]
    assert takeable([2, 3, 4, 5], lie) == ({4, 5}, {40, 50})
    assert takeable([1, 2, 3, 4, 5], lie) == ({1, 2, 3, 4, 5}, {10, 20, 30, 40, 50})
    assert takeable([], lie) == (set(), set())
    assert takeable([7], lie) == (set(), set())


@given(
    st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), max_size=20),
    st.sets(st.integers(1, 8)),
)
def test_no_order_is_parted_and_nothing_more_could_be_taken(
    lie: list[tuple[int, int]], free: set[int]
) -> None:
    carts, orders = takeable(free, lie)
    assert carts <= free
    assert {order for cart, order in lie if cart in carts} == orders
    assert not {order for cart, order in lie if cart not in carts} & orders
    # Whatever free cart stays, is tied to one that is not free.
    tied = {cart for cart, _ in lie} - free
    for _ in lie:
        held = {order for cart, order in lie if cart in tied}
        tied |= {cart for cart, order in lie if order in held}
    assert carts == ({cart for cart, _ in lie} & free) - tied


def test_carts_are_worth_planning_anew_once_a_tenth_of_their_picks_was_added() -> None:
    assert grown({1: (10, 1), 2: (11, 1), 3: (5, 0)}, [(1, 10), (2, 20), (3, 30)]) == {1}
    assert grown({1: (10, 1), 2: (11, 1)}, [(1, 10), (2, 10)]) == set(), "they go together"
    assert grown({1: (10, 1), 2: (10, 1), 3: (1, 0)}, [(1, 10), (2, 10), (3, 30)]) == {1, 2}
    assert grown({1: (3, 0), 2: (1, 1), 3: (2, 0)}, [(1, 7), (3, 8), (2, 7), (2, 8)]) == {1, 2, 3}
    assert grown({}, [(1, 10)]) == grown({1: (0, 0)}, []) == set()


@given(
    st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), max_size=20),
    st.dictionaries(st.integers(1, 8), st.tuples(st.integers(1, 30), st.integers(0, 5))),
)
def test_carts_that_share_an_order_grow_together(
    lie: list[tuple[int, int]], picks_of: dict[int, tuple[int, int]]
) -> None:
    carts = grown(picks_of, lie)
    assert carts <= picks_of.keys()
    there = [(cart, order) for cart, order in lie if cart in picks_of]
    orders = {order for cart, order in there if cart in carts}
    assert not {order for cart, order in there if cart not in carts} & orders
    if carts:
        assert sum(picks_of[cart][1] for cart in carts) >= 0.1 * sum(picks_of[c][0] for c in carts)
