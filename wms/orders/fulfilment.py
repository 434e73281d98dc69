"""The states of a fulfilment order, and the only moves between them."""

from enum import StrEnum

from wms.state import follow


class State(StrEnum):
    SCHEDULED = "scheduled"
    BACKORDERED = "backordered"
    OPEN = "open"
    RELEASED = "released"
    PICKING = "picking"
    PICKED = "picked"
    SORTED = "sorted"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    INCOMPLETE = "incomplete"
    CANCELLED = "cancelled"


class Event(StrEnum):
    DUE = "due"
    SUPPLIED = "supplied"
    RELEASE = "release"
    UNRELEASE = "unrelease"
    START_PICKING = "start_picking"
    FINISH_PICKING = "finish_picking"
    SORT = "sort"
    PACK = "pack"
    HAND_OVER = "hand_over"
    DELIVER = "deliver"
    CLOSE = "close"
    CLOSE_SHORT = "close_short"
    CANCEL = "cancel"
    STOP = "stop"


MOVES: dict[tuple[State, Event], State] = {
    (State.SCHEDULED, Event.DUE): State.OPEN,
    (State.BACKORDERED, Event.SUPPLIED): State.OPEN,
    (State.OPEN, Event.RELEASE): State.RELEASED,
    (State.RELEASED, Event.UNRELEASE): State.OPEN,
    (State.RELEASED, Event.START_PICKING): State.PICKING,
    (State.PICKING, Event.FINISH_PICKING): State.PICKED,
    (State.PICKED, Event.SORT): State.SORTED,
    (State.SORTED, Event.PACK): State.PACKED,
    (State.PACKED, Event.HAND_OVER): State.HANDED_OVER,
    (State.OPEN, Event.DELIVER): State.HANDED_OVER,
    (State.HANDED_OVER, Event.CLOSE): State.CLOSED,
    (State.HANDED_OVER, Event.CLOSE_SHORT): State.INCOMPLETE,
    (State.SCHEDULED, Event.CLOSE_SHORT): State.INCOMPLETE,
    (State.BACKORDERED, Event.CLOSE_SHORT): State.INCOMPLETE,
    (State.OPEN, Event.CLOSE_SHORT): State.INCOMPLETE,
    (State.SCHEDULED, Event.CANCEL): State.CANCELLED,
    (State.BACKORDERED, Event.CANCEL): State.CANCELLED,
    (State.OPEN, Event.CANCEL): State.CANCELLED,
    (State.RELEASED, Event.CANCEL): State.CANCELLED,
    (State.PICKING, Event.CANCEL): State.CANCELLED,
    (State.PICKED, Event.CANCEL): State.CANCELLED,
    # Past picking nobody asks for it; all of the money that goes back stops it at the dock.
    (State.SORTED, Event.STOP): State.CANCELLED,
    (State.PACKED, Event.STOP): State.CANCELLED,
}

# The moment that each state is first reached, where the fulfilment order keeps it.
CLOCK = {
    State.RELEASED: "released_at",
    State.PICKED: "picked_at",
    State.SORTED: "sorted_at",
    State.PACKED: "packed_at",
    State.HANDED_OVER: "handed_over_at",
}


# What ships no more, whatever became of it.
OVER = (State.CANCELLED, State.INCOMPLETE)
# Where nobody has begun with it: it may still be moved, parted or closed short.
UNRELEASED = (State.SCHEDULED, State.BACKORDERED, State.OPEN)


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A fulfilment order")


def sources(event: Event) -> list[State]:
    """The states that an event leads on from."""
    return [state for state, moves in MOVES if moves is event]


def target(event: Event) -> State:
    """The state that an event leads to, from wherever."""
    (state,) = {to for (_, moves), to in MOVES.items() if moves is event}
    return state
