"""What could be promised of an item in a warehouse: now, and as goods on their way come."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Coming:
    """What is expected at a moment."""

    expected_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class Atp:
    """How much more could be promised from a moment on, or now where `at` is None."""

    at: datetime | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Position:
    """An item's numbers in one warehouse, as one channel sees them.

    `elsewhere` is what other channels still have to themselves; `coming` is in order of time.
    """

    item_id: int
    warehouse_id: int
    warehouse: str
    sellable: int
    promised: int
    held_back: int
    elsewhere: int
    inbound: int
    backordered: int
    coming: tuple[Coming, ...] = ()

    @property
    def available(self) -> int:
        """What an order could be promised of the stock now."""
        return max(0, self.sellable - self.promised - self.held_back - self.elsewhere)


def available_to_promise(position: Position) -> list[Atp]:
    """What could be promised now, and what each later moment adds to it.

    Claims that wait take what comes first. An order gets an item wholly of what is there now, or
    wholly of what is coming.
    """
    answer = [Atp(None, position.available)]
    waiting = position.backordered
    for coming in position.coming:
        taken = min(waiting, coming.quantity)
        waiting -= taken
        free = coming.quantity - taken
        if not free:
            continue
        if answer[-1].at == coming.expected_at:
            free += answer.pop().quantity
        answer.append(Atp(coming.expected_at, free))
    return answer
