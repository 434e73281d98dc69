"""What a claim on availability came to."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Short:
    """An item of which less is free than was wanted."""

    item_id: int
    wanted: int
    available: int


class Backordered(NamedTuple):
    """An item that is claimed of what is on its way, and when that will have come."""

    item_id: int
    quantity: int
    expected_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Its admission number, and what fell short: nothing where all is claimed.

    Who gets nothing has an admission number too: the place in the order of arrival.
    """

    admission: int
    short: tuple[Short, ...] = ()
    backordered: tuple[Backordered, ...] = ()

    @property
    def granted(self) -> bool:
        """True where everything wanted is claimed; otherwise nothing is."""
        return not self.short
