"""A place in a sale's queue, and what can honestly be said of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil


class TicketState(StrEnum):
    """Where a ticket is: it waits, may order, was not used in time, or is an order's."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    EXPIRED = "expired"
    USED = "used"


class Outlook(StrEnum):
    """Whether there will be pieces: there are; only if others leave theirs; or hardly any more."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"


@dataclass(frozen=True, slots=True)
class Ahead:
    """Who is before a ticket that waits: how many, and how many pieces they want.

    `free` pieces are there, of which `let_in` are for those who may order already. `first_out` is
    when the first of those has to have ordered.
    """

    before: int
    pieces_before: int
    free: int
    let_in: int
    per_minute: int | None
    first_out: datetime | None

    @property
    def place(self) -> int:
        """Which one in the queue it is, from 1."""
        return self.before + 1

    def outlook(self, quantity: int) -> Outlook:
        """Whether so many pieces are left when its turn comes, as stock stands now."""
        wanted = self.pieces_before + quantity
        if wanted <= self.free - self.let_in:
            return Outlook.LIKELY
        return Outlook.POSSIBLE if wanted <= self.free else Outlook.UNLIKELY

    def wait_s_min(self, quantity: int, now: datetime) -> int | None:
        """For how long it waits at least, in seconds; None where nothing can be said."""
        outlook = self.outlook(quantity)
        if outlook is Outlook.UNLIKELY:
            return None
        wait_s = 0 if self.per_minute is None else self.before // self.per_minute * 60
        if outlook is Outlook.POSSIBLE and self.first_out is not None:
            wait_s = max(wait_s, ceil((self.first_out - now).total_seconds()))
        return max(wait_s, 0)
