"""Tickets: a human is asked for, takes it and answers; the only moves, and whose turn is next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wms.error import Refused
from wms.state import follow
from wms.tenants.staff import RANK, Role

WORDS_MAX = 10_000
# So often a buyer may write to one ticket before somebody of the shop has to.
BUYER_NOTES_MAX = 20


class State(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    CLOSED = "closed"


class Event(StrEnum):
    CLAIM = "claim"
    RELEASE = "release"
    ANSWER = "answer"
    ESCALATE = "escalate"
    CLOSE = "close"
    REOPEN = "reopen"


# Escalated, it waits for the next role. Closed without an answer is what settled itself; whoever
# asks after that gets a ticket of their own.
MOVES: dict[tuple[State, Event], State] = {
    (State.OPEN, Event.CLAIM): State.CLAIMED,
    (State.OPEN, Event.ESCALATE): State.OPEN,
    (State.OPEN, Event.CLOSE): State.CLOSED,
    (State.CLAIMED, Event.RELEASE): State.OPEN,
    (State.CLAIMED, Event.ANSWER): State.ANSWERED,
    (State.CLAIMED, Event.ESCALATE): State.OPEN,
    (State.CLAIMED, Event.CLOSE): State.CLOSED,
    (State.ANSWERED, Event.CLOSE): State.CLOSED,
    (State.ANSWERED, Event.REOPEN): State.OPEN,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A ticket")


class Urgency(StrEnum):
    """How soon an answer is wanted, the soonest first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class AskedBy(StrEnum):
    SHOP = "shop"
    BUYER = "buyer"
    RULE = "rule"


# What a shop may ask about.
KINDS = (
    "question",
    "address",
    "delivery",
    "cancellation",
    "return",
    "damage",
    "missing_goods",
    "payment",
    "stock",
    "complaint",
    "other",
)
# Who answers tickets, the lowest first.
ANSWERERS = (Role.PLANNER, Role.SUPERVISOR, Role.ADMIN)


def due_at(waiting_since: datetime, limit: timedelta) -> datetime:
    """When a ticket has to be answered, by which the queue is ordered: whoever is due first.

    Urgency gives the limit and waiting brings the end of it nearer: an urgent one overtakes those
    with longer limits, and one that has waited its time is before all that come later.
    """
    return waiting_since + limit


def opened_to(role: Role) -> tuple[Role, ...]:
    """The roles whose tickets one of this role may take: one's own and all below."""
    return tuple(one for one in ANSWERERS if RANK[one] <= RANK[role])


def next_role(role: Role) -> Role:
    """Who is told when a role lets its time go by; above the highest is nobody."""
    ranked = sorted(RANK, key=lambda one: RANK[one])
    return ranked[min(RANK[role] + 1, len(ranked) - 1)]


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What somebody wants a human for.

    cause: what it is opened for once, however often it comes; empty where a shop asks.

    Raises:
        Refused: `bad_words`.
    """

    kind: str
    urgency: Urgency
    words: str
    asked_by: AskedBy = AskedBy.SHOP
    order_id: int | None = None
    cause: str = ""

    def __post_init__(self) -> None:
        check_words(self.words)


def check_words(words: str, pointer: str = "/words") -> None:
    """Takes a text that says something and can be kept.

    Raises:
        Refused: `bad_words`.
    """
    if not words.strip() or len(words) > WORDS_MAX or "\x00" in words:
        raise Refused("bad_words", f"A text has 1 to {WORDS_MAX} characters, none of them NUL.",
                      pointer)  # fmt: skip
