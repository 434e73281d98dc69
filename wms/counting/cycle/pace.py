"""How often a place is counted: as often as the fastest item in it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LOOKBACK = timedelta(days=90)


class Pace(StrEnum):
    """How fast an item is picked: A the most, C the rest."""

    A = "A"
    B = "B"
    C = "C"


INTERVALS = {
    Pace.A: timedelta(days=30),
    Pace.B: timedelta(days=90),
    Pace.C: timedelta(days=180),
}
PERCENT_A = 80
PERCENT_B = 95


def paces(picks: Mapping[int, int]) -> dict[int, Pace]:
    """The class of each item that was picked: A makes the top 80 % of picks, B the next 15 %.

    The item that crosses a border still belongs to the faster class. Among equals the lower
    number comes first, so that the same picks give the same classes.
    """
    total = sum(picks.values())
    classes: dict[int, Pace] = {}
    before = 0
    for item_id, picked in sorted(picks.items(), key=lambda entry: (-entry[1], entry[0])):
        if picked <= 0:
            continue
        percent = 100 * before
        if percent < PERCENT_A * total:
            classes[item_id] = Pace.A
        elif percent < PERCENT_B * total:
            classes[item_id] = Pace.B
        else:
            classes[item_id] = Pace.C
        before += picked
    return classes


@dataclass(frozen=True, slots=True)
class Shelf:
    """A place as the cycle sees it: what lies in it, and when it was last counted as a whole."""

    place_id: int
    item_ids: tuple[int, ...]
    counted_at: datetime | None


def due_shelves(
    shelves: Sequence[Shelf], classes: Mapping[int, Pace], now: datetime, most: int
) -> list[Shelf]:
    """The places that are due, at most so many: the longest overdue for its class first.

    A place is counted as often as its fastest item; one that was never counted is the first.
    """
    due: list[tuple[float, int, Shelf]] = []
    for shelf in shelves:
        pace = min((classes.get(item_id, Pace.C) for item_id in shelf.item_ids), default=Pace.C)
        every = INTERVALS[pace]
        if shelf.counted_at is None:
            overdue = float("inf")
        else:
            overdue = (now - shelf.counted_at - every) / every
        if overdue >= 0:
            # Among those never counted the fast ones have waited longest for their next count.
            due.append((-overdue, list(Pace).index(pace), shelf))
    due.sort(key=lambda entry: (entry[0], entry[1], entry[2].place_id))
    return [shelf for _, _, shelf in due[:most]]
