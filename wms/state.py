"""The one way along a table of states: what is not listed is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from wms.error import Conflict

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


def follow(
    moves: Mapping[tuple[State, Event], State], state: State, event: Event, what: str
) -> State:
    """The state that an event leads to by a table of moves; `what` begins the refusal.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    to = moves.get((state, event))
    if to is None:
        wish = event.replace("_", " ")
        raise Conflict("wrong_state", f"{what} that is {state} cannot {wish}.")
    return to
