"""Moves within the house: what is asked for, how urgent it is, and its states."""

from dataclasses import dataclass
from enum import StrEnum

from wms.state import follow


class MoveKind(StrEnum):
    """Why goods move; also the kind of the movement that the ledger keeps."""

    PUTAWAY = "putaway"
    CROSS_DOCK = "cross_dock"
    REFILL = "refill"
    RESLOT = "reslot"
    PUT_BACK = "put_back"


# What an order waits for comes first, what only tidies up last.
URGENCY = {
    MoveKind.CROSS_DOCK: 100,
    MoveKind.PUT_BACK: 40,
    MoveKind.REFILL: 50,
    MoveKind.PUTAWAY: 30,
    MoveKind.RESLOT: 10,
}
URGENCY_DEMANDED = 80


class State(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    VOID = "void"


class Event(StrEnum):
    CLAIM = "claim"
    LAY_DOWN = "lay_down"
    FINISH = "finish"
    GIVE_UP = "give_up"


# A claim that ran out is claimed anew by somebody else.
MOVES: dict[tuple[State, Event], State] = {
    (State.OPEN, Event.CLAIM): State.CLAIMED,
    (State.CLAIMED, Event.CLAIM): State.CLAIMED,
    (State.CLAIMED, Event.LAY_DOWN): State.OPEN,
    (State.OPEN, Event.FINISH): State.DONE,
    (State.CLAIMED, Event.FINISH): State.DONE,
    (State.OPEN, Event.GIVE_UP): State.VOID,
    (State.CLAIMED, Event.GIVE_UP): State.VOID,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A move")


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """Goods that are to go from one place to another in the same house, as they are.

    What lies in a handling unit (`from_unit_id`) is taken out of it; at the target it lies loose.
    """

    kind: MoveKind
    tenant_id: int
    owner_id: int
    warehouse_id: int
    item_id: int
    lot: str
    serial: str
    status: str
    from_place_id: int
    from_unit_id: int
    to_place_id: int
    quantity: int
    reason: str = ""
    urgency: int | None = None

    def __post_init__(self) -> None:
        assert self.quantity > 0, "a move moves something"
        assert self.from_place_id != self.to_place_id, "a move leads elsewhere"

    def row(self) -> dict[str, object]:
        """The order as its task is kept."""
        urgency = URGENCY[self.kind] if self.urgency is None else self.urgency
        return {
            name: getattr(self, name) for name in self.__slots__ if name not in ("kind", "urgency")
        } | {"kind": str(self.kind), "urgency": urgency}
