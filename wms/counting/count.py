"""A count: its states, what a variance is worth, and how it is shared out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wms.state import follow

CLAIM_LASTS = timedelta(minutes=30)


class State(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    COUNTED = "counted"
    REVIEW = "review"
    POSTED = "posted"
    VOID = "void"


class Event(StrEnum):
    CLAIM = "claim"
    GIVE_BACK = "give_back"
    FINISH = "finish"
    ASK_REVIEW = "ask_review"
    POST = "post"
    REJECT = "reject"
    CANCEL = "cancel"


MOVES: dict[tuple[State, Event], State] = {
    (State.OPEN, Event.CLAIM): State.CLAIMED,
    # A claim lapses, and the next person takes the count over.
    (State.CLAIMED, Event.CLAIM): State.CLAIMED,
    (State.CLAIMED, Event.GIVE_BACK): State.OPEN,
    (State.CLAIMED, Event.FINISH): State.COUNTED,
    (State.COUNTED, Event.ASK_REVIEW): State.REVIEW,
    (State.COUNTED, Event.POST): State.POSTED,
    (State.REVIEW, Event.POST): State.POSTED,
    (State.REVIEW, Event.REJECT): State.VOID,
    (State.OPEN, Event.CANCEL): State.VOID,
    (State.CLAIMED, Event.CANCEL): State.VOID,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A count")


def share_out(counted: int, books: Sequence[int]) -> list[int]:
    """What was counted, over the balances it may be: as the books say, as far as it reaches.

    A counter sees goods, not their status. What is too much goes to the first balance, what is
    missing is missing from the first, then from the next.
    """
    assert books, "there is a balance to be counted"
    shares = list(books)
    surplus = counted - sum(books)
    if surplus >= 0:
        shares[0] += surplus
        return shares
    for number, share in enumerate(shares):
        cut = min(share, -surplus)
        shares[number] -= cut
        surplus += cut
    return shares


@dataclass(frozen=True, slots=True)
class Worth:
    """What one whole unit of an item is worth in minor units, and how many decimals it has."""

    unit_minor: int | None
    scale: int


def value_minor(quantity: int, worth: Worth) -> int | None:
    """The value of a quantity, its sign left aside, rounded up; None where nobody has said it."""
    if quantity == 0:
        return 0
    if worth.unit_minor is None:
        return None
    one: int = 10**worth.scale
    return -(-abs(quantity) * worth.unit_minor // one)


def needs_review(values: Sequence[int | None], limit_minor: int) -> bool:
    """Whether somebody else has to look at a count's variances before they are posted.

    Their values are added up, gains and losses alike: two that cancel out are two mistakes. What
    nobody has put a price on is worth a look.
    """
    if any(value is None for value in values):
        return True
    return sum(value for value in values if value is not None) > limit_minor


def applied(variance: int, on_hand: int) -> int:
    """How much of a variance can still be booked: what has left since cannot be lost here."""
    return max(variance, -on_hand)
