"""When a forward bin is refilled, with how much, and out of which reserve."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.error import Refused
from wms.refill.rule import ForwardBin, Need, Source, check_rule, choose, needs

EARLY, LATE = date(2011, 1, 1), date(2011, 6, 1)


def test_a_bin_below_its_least_is_refilled_up_to_its_most() -> None:
    assert needs([ForwardBin(1, 5, 20, free=4, here=6)], 0) == [Need(1, 1, 14, False)]


def test_a_bin_at_its_least_waits() -> None:
    assert needs([ForwardBin(1, 5, 20, free=5, here=5)], 5) == []


def test_orders_that_wait_refill_a_bin_that_is_above_its_least() -> None:
    assert needs([ForwardBin(1, 5, 20, free=8, here=8)], 11) == [Need(1, 3, 12, True)]


def test_demand_goes_on_to_the_next_bin_and_never_beyond_the_most() -> None:
    bins = [ForwardBin(1, 0, 10, free=6, here=6), ForwardBin(2, 0, 10, free=3, here=3)]
    assert needs(bins, 40) == [Need(1, 4, 4, True), Need(2, 7, 7, True)]


def test_a_bin_that_is_full_of_reserved_goods_gets_no_more() -> None:
    assert needs([ForwardBin(1, 5, 20, free=0, here=20)], 7) == []


def test_what_expires_first_goes_first() -> None:
    sources = [Source(1, 3, EARLY), Source(2, 9, LATE), Source(3, 9, None)]
    assert choose(sources, 10, 10, None) == [(1, 3), (2, 7)]


def test_whole_cases_come_before_loose_goods_and_none_is_broken_without_need() -> None:
    assert choose([Source(1, 24)], 1, 20, 6) == [(1, 18)]
    assert choose([Source(1, 2), Source(2, 24)], 1, 20, 6) == [(2, 18), (1, 2)]


def test_a_case_is_broken_for_what_the_bin_has_to_get() -> None:
    assert choose([Source(1, 12)], 4, 5, 6) == [(1, 4)]
    assert choose([Source(1, 24)], 8, 10, 6) == [(1, 8)]


@pytest.mark.parametrize(("least", "most"), [(-1, 5), (6, 5), (0, 0), (0, 10**12 + 1)])
def test_a_rule_without_sense_is_refused(least: int, most: int) -> None:
    with pytest.raises(Refused):
        check_rule(least, most)


SOURCES = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([EARLY, LATE])), max_size=6).map(
    lambda found: [
        Source(number, free, day)
        for number, (free, day) in enumerate(sorted(found, key=lambda each: each[1]))
    ]
)


@given(SOURCES, st.integers(1, 60), st.integers(0, 60), st.none() | st.integers(2, 12))
def test_the_bin_gets_what_it_must_where_there_is_any_and_never_more_than_it_may(
    sources: list[Source], must: int, more: int, case: int | None
) -> None:
    chosen = choose(sources, must, must + more, case)
    free = {source.balance_id: source.free for source in sources}
    assert all(0 < quantity <= free[balance_id] for balance_id, quantity in chosen)
    total = sum(quantity for _, quantity in chosen)
    assert min(must, sum(free.values())) <= total <= must + more
