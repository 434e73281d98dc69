"""Where goods should go: places in the order in which they are filled.

A forward bin that a refill rule keeps the item in is filled up to what the rule says; the rest of
such an item goes into reserve. An item that no rule names goes where pickers find it. In each, the
same item is joined first, the same lot before others; then comes the nearest empty place. Places
shared with other items come last of all. A bin that a rule keeps for another item is not asked.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """A place that takes some of the goods; quantities in the item's smallest unit.

    `takes` is what its capacity still takes; `here` what lies there of the item or is on its way;
    `keeps` the refill rule's most for this item, None without a rule.
    """

    place_id: int
    purpose: str
    walk_seq: int
    takes: int
    here: int = 0
    same_lot: bool = False
    empty: bool = True
    names_class: bool = False
    keeps: int | None = None

    @property
    def fits(self) -> int:
        """How much may be put there, by capacity and by the rule."""
        if self.keeps is None:
            return self.takes
        return max(0, min(self.takes, self.keeps - self.here))


def rank(room: Room, ruled: bool) -> tuple[int, ...]:
    """Where a place comes in the order of filling; the lowest first.

    `ruled` says that a refill rule keeps the item in some forward bin.
    """
    reserve = room.purpose == "reserve"
    tier = 0 if room.keeps is not None else 2 if ruled and not reserve else 1
    return (
        not (room.here or room.empty),
        tier,
        not room.here,
        not room.names_class,
        not (room.here and room.same_lot),
        reserve,
        room.walk_seq,
        room.place_id,
    )


def suggest(rooms: list[Room], quantity: int, *, ruled: bool) -> list[tuple[int, int]]:
    """Places with how much of a quantity each gets; together at most the quantity."""
    left = quantity
    found: list[tuple[int, int]] = []
    for room in sorted(rooms, key=lambda room: rank(room, ruled)):
        put = min(left, room.fits)
        if put:
            found.append((room.place_id, put))
            left -= put
        if left == 0:
            break
    return found
