"""The states of a label: a print of it is asked for once, and its outcome is known or asked about.

`sent` is in flight at one printer. `unsure` waits for somebody to scan the label or to say that
it is not there; `failed` was certainly not printed.
"""

from enum import StrEnum

from wms.state import follow


class Format(StrEnum):
    """What a label is for."""

    PARCEL = "parcel"
    BIN = "bin"
    TOTE = "tote"
    ITEM = "item"
    PALLET = "pallet"


class State(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    PRINTED = "printed"
    UNSURE = "unsure"
    FAILED = "failed"
    VOID = "void"


class Event(StrEnum):
    """What happens to a label: at its printer, or by a person."""

    BEGIN = "begin"
    PRINT = "print"
    DOUBT = "doubt"
    FAIL = "fail"
    MOVE = "move"
    VERIFY = "verify"
    VOID = "void"


MOVES: dict[tuple[State, Event], State] = {
    (State.QUEUED, Event.BEGIN): State.SENT,
    (State.QUEUED, Event.DOUBT): State.UNSURE,
    (State.QUEUED, Event.FAIL): State.FAILED,
    (State.QUEUED, Event.MOVE): State.QUEUED,
    (State.QUEUED, Event.VOID): State.VOID,
    (State.SENT, Event.PRINT): State.PRINTED,
    (State.SENT, Event.DOUBT): State.UNSURE,
    (State.SENT, Event.FAIL): State.FAILED,
    (State.SENT, Event.VERIFY): State.PRINTED,
    (State.SENT, Event.VOID): State.VOID,
    (State.FAILED, Event.MOVE): State.QUEUED,
    (State.FAILED, Event.VOID): State.VOID,
    (State.UNSURE, Event.VERIFY): State.PRINTED,
    (State.UNSURE, Event.VOID): State.VOID,
    (State.PRINTED, Event.VOID): State.VOID,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A label")
