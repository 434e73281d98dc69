"""Transfers: goods that go from one warehouse of the house to another."""

from dataclasses import dataclass
from enum import StrEnum

from wms.state import follow


class State(StrEnum):
    REQUESTED = "requested"
    SENT = "sent"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    SEND = "send"
    CANCEL = "cancel"
    RECEIVE = "receive"
    CLOSE = "close"


MOVES: dict[tuple[State, Event], State] = {
    (State.REQUESTED, Event.SEND): State.SENT,
    (State.REQUESTED, Event.CANCEL): State.CANCELLED,
    (State.SENT, Event.RECEIVE): State.RECEIVED,
    (State.SENT, Event.CLOSE): State.CLOSED,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A transfer")


@dataclass(frozen=True, slots=True)
class Part:
    """So much of one balance."""

    balance_id: int
    quantity: int


def taken(free: list[tuple[int, int]], quantity: int) -> list[Part] | None:
    """So much out of balances (id, free quantity) in their order; None where they hold less."""
    parts: list[Part] = []
    for balance_id, here in free:
        part = min(here, quantity)
        if part:
            parts.append(Part(balance_id, part))
            quantity -= part
    return parts if quantity == 0 else None
