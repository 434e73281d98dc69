"""Rules of edits and cancellations, with no database."""

import pytest

from wms.error import Conflict, Refused
from wms.orders.cancellation import WAYS_BACK, refusal_of
from wms.orders.edit import (
    Edit,
    balance_of,
    is_none,
    price_minor,
    refuse_gone,
    refuse_left,
    refuse_other_currency,
)
from wms.orders.fulfilment import MOVES, Event, State

CANCELLED = {state for state, event in MOVES if event is Event.CANCEL}


@pytest.mark.parametrize("state", list(State))
def test_an_order_is_cancelled_exactly_where_the_table_says_so(state: State) -> None:
    refusal = refusal_of("accepted", {7: state})
    assert (refusal is None) == (state in CANCELLED)
    if refusal is not None:
        assert refusal.blocked() == [{"fulfilment_order_id": 7, "state": state.value}]
        assert "7" in refusal.sentence
        assert refusal.code in WAYS_BACK


def test_one_part_in_the_way_is_enough_and_is_named_alone() -> None:
    refusal = refusal_of("accepted", {1: State.OPEN, 2: State.HANDED_OVER, 3: State.SORTED})
    assert refusal is not None
    assert refusal.code == "handed_over"
    assert [part["fulfilment_order_id"] for part in refusal.blocked()] == [2, 3]
    sent = refusal_of("accepted", {1: State.OPEN, 2: State.CLOSED}, digital={2})
    assert sent is not None
    assert sent.code == "sent"


def test_what_is_over_is_cancelled_no_more() -> None:
    for state in ("cancelled", "rejected"):
        refusal = refusal_of(state, {})
        assert refusal is not None
        assert refusal.code == "order_over"


@pytest.mark.parametrize("state", list(State))
def test_an_order_is_edited_as_long_as_any_of_it_is_in_the_house(state: State) -> None:
    refuse_gone({1: State.OPEN, 2: state})
    if state in (State.HANDED_OVER, State.CLOSED, State.CANCELLED, State.INCOMPLETE):
        with pytest.raises(Conflict) as refusal:
            refuse_gone({1: state, 2: State.CANCELLED})
        gone = state in (State.HANDED_OVER, State.CLOSED)
        assert refusal.value.code == ("handed_over" if gone else "order_over")
        assert ("kind return" in refusal.value.detail) == gone
    else:
        refuse_gone({1: state, 2: State.CLOSED})
        with pytest.raises(Conflict):
            refuse_left({1: state, 2: State.CLOSED})


def test_a_quantity_of_nothing_is_said_in_many_ways() -> None:
    assert all(is_none(said) for said in (0, "0", "0.00", "000"))
    assert not any(is_none(said) for said in (1, "0.01", "10", 100))


def test_a_balance_is_due_or_to_be_given_back() -> None:
    for balance, due, refund in ((5, 5, 0), (0, 0, 0), (-5, 0, 5)):
        found = balance_of(balance)
        assert (found.due_minor, found.refund_minor) == (due, refund)


def test_a_price_is_rounded_half_up_as_it_is_paid() -> None:
    assert [price_minor(101, "0.5"), price_minor(100, "0.005"), price_minor(7, 3)] == [51, 1, 21]


def test_a_price_in_another_currency_is_refused_where_it_was_said() -> None:
    edit = Edit("", currencies=(("GBP", "/lines/0/x"), ("EUR", "/add/1/x")))
    with pytest.raises(Refused) as refusal:
        refuse_other_currency(edit, "GBP")
    assert (refusal.value.code, refusal.value.pointer) == ("wrong_currency", "/add/1/x")
