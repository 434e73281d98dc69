"""A stay on the sorter moves as its table says, and refuses everything else."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.error import Conflict
from wms.sorting.item import ENDED, MOVES, RIDING, Event, State, after


def test_a_unit_is_read_assigned_acknowledged_and_diverted() -> None:
    events = (Event.READ, Event.ASSIGN, Event.ACKNOWLEDGE, Event.DIVERT)
    assert after(State.INDUCTED, *events) is State.DIVERTED


def test_a_unit_that_was_turned_back_begins_another_round() -> None:
    events = (Event.READ, Event.TURN_BACK, Event.INDUCT, Event.FAIL_READ)
    assert after(State.INDUCTED, *events) is State.NO_READ


def test_what_nobody_read_can_only_be_assigned_or_leave() -> None:
    assert after(State.NO_READ, Event.ASSIGN, Event.REJECT) is State.REJECTED
    with pytest.raises(Conflict, match="no_read cannot divert"):
        after(State.NO_READ, Event.DIVERT)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_every_unlisted_move_is_refused(state: State, event: Event) -> None:
    if (state, event) in MOVES:
        assert after(state, event) is MOVES[state, event]
        return
    with pytest.raises(Conflict) as refusal:
        after(state, event)
    assert refusal.value.code == "wrong_state"


@pytest.mark.parametrize("state", RIDING)
def test_whatever_rides_may_be_lost_led_astray_rejected_or_turned_back(state: State) -> None:
    ends = {after(state, event) for event in (Event.LOSE, Event.STRAY, Event.REJECT)}
    assert ends == {State.LOST, State.MISSORTED, State.REJECTED}
    assert after(state, Event.TURN_BACK) is State.RECIRCULATED


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_nothing_leaves_an_end(events: list[Event]) -> None:
    state = State.INDUCTED
    for event in events:
        to = MOVES.get((state, event))
        assert to is None or state not in ENDED
        state = to or state
