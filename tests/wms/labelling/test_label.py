"""A label's states: what is in flight ends in the truth, in doubt, or in a person's word."""

import itertools

import pytest

from wms.error import Conflict
from wms.labelling.label import MOVES, Event, State, after


def test_every_pair_that_is_not_listed_is_refused() -> None:
    for state, event in itertools.product(State, Event):
        if (state, event) in MOVES:
            assert after(state, event) is MOVES[state, event]
            continue
        with pytest.raises(Conflict) as refused:
            after(state, event)
        assert refused.value.code == "wrong_state"


def test_a_label_in_flight_never_waits_again() -> None:
    assert State.QUEUED not in {to for (state, _), to in MOVES.items() if state is State.SENT}


def test_doubt_ends_only_by_a_person() -> None:
    assert {event for (state, event) in MOVES if state is State.UNSURE} == {
        Event.VERIFY,
        Event.VOID,
    }


def test_what_is_void_stays_void() -> None:
    assert not [event for (state, event) in MOVES if state is State.VOID]
