"""A stay on the sorter, from the induction to a lane: every move that it may make."""

from enum import StrEnum

from wms.state import follow

ROUNDS_MAX = 3


class State(StrEnum):
    """Where a stay stands."""

    INDUCTED = "inducted"
    READ = "read"
    NO_READ = "no_read"
    MULTI_READ = "multi_read"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    RECIRCULATED = "recirculated"
    DIVERTED = "diverted"
    MISSORTED = "missorted"
    REJECTED = "rejected"
    LOST = "lost"


class Event(StrEnum):
    """What happens to a stay."""

    INDUCT = "induct"
    READ = "read"
    FAIL_READ = "fail_read"
    READ_MANY = "read_many"
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    WITHDRAW = "withdraw"
    DIVERT = "divert"
    STRAY = "stray"
    TURN_BACK = "turn_back"
    REJECT = "reject"
    LOSE = "lose"


ENDED = frozenset({State.DIVERTED, State.MISSORTED, State.REJECTED, State.LOST})
RIDING = tuple(state for state in State if state not in ENDED | {State.RECIRCULATED})

# However far a decision came: the PLC turns back, rejects, loses and misleads whatever rides.
_ENDS = {
    (state, event): to
    for state in RIDING
    for event, to in (
        (Event.TURN_BACK, State.RECIRCULATED),
        (Event.STRAY, State.MISSORTED),
        (Event.REJECT, State.REJECTED),
        (Event.LOSE, State.LOST),
    )
}

MOVES: dict[tuple[State, Event], State] = {
    (State.INDUCTED, Event.READ): State.READ,
    (State.INDUCTED, Event.FAIL_READ): State.NO_READ,
    (State.INDUCTED, Event.READ_MANY): State.MULTI_READ,
    # A second scanner may read what the first could not, or find a second code.
    (State.NO_READ, Event.READ): State.READ,
    (State.NO_READ, Event.READ_MANY): State.MULTI_READ,
    (State.READ, Event.READ_MANY): State.MULTI_READ,
    (State.ASSIGNED, Event.READ_MANY): State.MULTI_READ,
    (State.ACKNOWLEDGED, Event.READ_MANY): State.MULTI_READ,
    (State.READ, Event.ASSIGN): State.ASSIGNED,
    (State.NO_READ, Event.ASSIGN): State.ASSIGNED,
    (State.MULTI_READ, Event.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Event.ASSIGN): State.ASSIGNED,
    (State.ACKNOWLEDGED, Event.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.ASSIGNED, Event.WITHDRAW): State.READ,
    (State.ACKNOWLEDGED, Event.WITHDRAW): State.READ,
    (State.ASSIGNED, Event.DIVERT): State.DIVERTED,
    (State.ACKNOWLEDGED, Event.DIVERT): State.DIVERTED,
    **_ENDS,
    (State.RECIRCULATED, Event.INDUCT): State.INDUCTED,
    (State.RECIRCULATED, Event.REJECT): State.REJECTED,
    (State.RECIRCULATED, Event.LOSE): State.LOST,
}


def after(state: State, *events: Event) -> State:
    """The state that these events lead to, one after the other.

    Raises:
        Conflict: `wrong_state`, the table does not list a pair.
    """
    for event in events:
        state = follow(MOVES, state, event, "An item on the sorter")
    return state
