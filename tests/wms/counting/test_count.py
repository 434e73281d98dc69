"""Counts without a database: states, values, shares, and when places are due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.counting.count import (
    MOVES,
    Event,
    State,
    Worth,
    after,
    applied,
    needs_review,
    share_out,
    value_minor,
)
from wms.counting.cycle.pace import Pace, Shelf, due_shelves, paces
from wms.error import Conflict

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_move_that_is_not_listed_is_refused(state: State, event: Event) -> None:
    if (state, event) in MOVES:
        assert after(state, event) is MOVES[state, event]
        return
    with pytest.raises(Conflict) as refusal:
        after(state, event)
    assert refusal.value.code == "wrong_state"


def test_nothing_follows_a_count_that_is_posted_or_void() -> None:
    assert not [state for state, _ in MOVES if state in (State.POSTED, State.VOID)]


@given(st.integers(0, 10_000), st.lists(st.integers(0, 1_000), min_size=1, max_size=5))
def test_shares_add_up_to_what_was_counted(counted: int, books: list[int]) -> None:
    shares = share_out(counted, books)
    assert sum(shares) == counted
    assert all(share >= 0 for share in shares)
    if counted <= sum(books):
        assert all(share <= book for share, book in zip(shares, books, strict=True))


@given(st.integers(-1_000, 1_000), st.integers(0, 1_000))
def test_a_variance_never_takes_more_than_there_is(variance: int, on_hand: int) -> None:
    change = applied(variance, on_hand)
    assert on_hand + change >= 0
    assert change == variance or (change == -on_hand and variance < change)


def test_a_value_is_of_whole_units_and_rounded_up() -> None:
    assert value_minor(-3, Worth(250, 0)) == 750
    assert value_minor(1, Worth(250, 2)) == 3
    assert value_minor(0, Worth(None, 0)) == 0
    assert value_minor(1, Worth(None, 0)) is None


def test_gains_and_losses_do_not_cancel_out_and_no_price_is_worth_a_look() -> None:
    assert not needs_review([30, 20], 50)
    assert needs_review([30, 21], 50)
    assert needs_review([None], 50)
    assert not needs_review([], 0)


def test_the_fast_four_fifths_are_a_and_the_next_fifteen_percent_b() -> None:
    classes = paces({1: 80, 2: 10, 3: 5, 4: 4, 5: 1, 6: 0})
    assert classes == {1: Pace.A, 2: Pace.B, 3: Pace.B, 4: Pace.C, 5: Pace.C}
    assert paces({}) == {}


@given(st.dictionaries(st.integers(1, 50), st.integers(1, 1_000), min_size=1))
def test_faster_items_are_never_in_a_slower_class(picks: dict[int, int]) -> None:
    classes = paces(picks)
    assert classes.keys() == picks.keys()
    assert Pace.A in classes.values()
    for one in picks:
        for other in picks:
            assert picks[one] <= picks[other] or classes[one] <= classes[other]


def counted(days: int, number: int = 1, *item_ids: int) -> Shelf:
    return Shelf(number, item_ids, NOW - timedelta(days=days))


def test_a_place_is_as_fast_as_its_fastest_item() -> None:
    classes = {1: Pace.A, 2: Pace.B}
    assert due_shelves([counted(30, 1, 1, 3)], classes, NOW, 9)
    assert not due_shelves([counted(29, 1, 1, 3)], classes, NOW, 9)
    assert due_shelves([counted(90, 1, 2)], classes, NOW, 9)
    assert not due_shelves([counted(89, 1, 2)], classes, NOW, 9)
    assert due_shelves([counted(180, 1)], classes, NOW, 9)
    assert not due_shelves([counted(179, 1, 3)], classes, NOW, 9)


def test_the_longest_overdue_come_first_and_no_more_than_may() -> None:
    classes = {1: Pace.A}
    shelves = [
        counted(190, 1),
        counted(60, 2, 1),
        Shelf(3, (), None),
        Shelf(4, (1,), None),
        counted(31, 5, 1),
    ]
    due = [shelf.place_id for shelf in due_shelves(shelves, classes, NOW, 9)]
    assert due == [4, 3, 2, 1, 5]
    assert [shelf.place_id for shelf in due_shelves(shelves, classes, NOW, 2)] == [4, 3]
