"""Which bins a wave's lines are picked from, by rules in their order.

What has expired, or lasts less long than the line asks for, is no candidate. Of the rest what
expires first comes first. Among equals a line that wants a case takes full cases from reserve;
what is less than a case comes from forward bins where they have it; one stop is better than two;
the smallest bin that holds the line is emptied soonest; and at last the nearest to the walk. Where
a wave was chosen for some aisles, bins in them come before these last three.
"""

from bisect import bisect, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import asyncpg

RESERVE = "reserve"


@dataclass(frozen=True, slots=True)
class Want:
    """A line to be picked, its quantity in the item's smallest unit.

    `volume_mm3` and `mass_g` are of one whole unit, which is `whole` smallest ones. `case` is how
    many smallest units a case holds, 0 where the item has none. Goods that still last fewer than
    `shelf_life_min_days` days are not taken. What a rule `inserted` is no reason to wait.
    """

    line_id: int
    fulfilment_order_id: int
    tenant_id: int
    item_id: int
    quantity: int
    volume_mm3: int
    mass_g: int
    whole: int = 1
    case: int = 0
    shelf_life_min_days: int = 0
    inserted: bool = False


@dataclass(frozen=True, slots=True)
class Bin:
    """Free stock of an item in a bin; `days_left` is None where it never expires."""

    balance_id: int
    item_id: int
    place_id: int
    code: str
    aisle: int
    y_mm: int
    walk_seq: int
    free: int
    expires_on: date | None = None
    days_left: int | None = None
    zone: str = ""
    purpose: str = "forward"
    x_mm: int | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Pick:
    """A quantity of a line to be taken from one bin."""

    want: Want
    bin: Bin
    quantity: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """The picks, and for each line that the bins cannot cover how much of it is missing."""

    picks: tuple[Pick, ...]
    missing: tuple[tuple[Want, int], ...]


def allocate(
    wants: Iterable[Want],
    bins: Iterable[Bin],
    stops: Iterable[int] = (),
    aisles: Iterable[int] = (),
) -> Allocation:
    """Takes each line from the bins that the rules choose; what no bin has is missing.

    Lines are served in the order given. `stops` are the `walk_seq` of bins that are walked to
    anyway; those of the lines served before join them. `aisles` are those that are to be walked;
    others are entered only for what these do not have.
    """
    shelf = _Shelf(list(bins), sorted(stops), frozenset(aisles))
    picks: list[Pick] = []
    missing: list[tuple[Want, int]] = []
    for want in wants:
        left = want.quantity
        while left:
            chosen = shelf.choose(want, left)
            if chosen is None:
                missing.append((want, left))
                break
            bin, quantity = chosen
            shelf.take(bin, quantity)
            left -= quantity
            picks.append(Pick(want, bin, quantity))
    return Allocation(tuple(picks), tuple(missing))


def lasts(days_left: int | None, shelf_life_min_days: int) -> bool:
    """Whether goods are not expired and last as long as is asked for."""
    return days_left is None or days_left >= max(0, shelf_life_min_days)


def want_from(row: asyncpg.Record, quantity: int) -> Want:
    """What is wanted of a line, from its row."""
    return Want(
        row["line_id"],
        row["fulfilment_order_id"],
        row["tenant_id"],
        row["item_id"],
        quantity,
        row["volume_mm3"],
        row["mass_g"],
        row["whole"],
        row["case_quantity"],
        row["shelf_life_min_days"],
        row["inserted"],
    )


def bin_from(row: asyncpg.Record) -> Bin:
    """Free goods in a place, from their row."""
    return Bin(
        row["balance_id"],
        row["item_id"],
        row["place_id"],
        row["code"],
        row["aisle"],
        row["y_mm"],
        row["walk_seq"],
        row["free"],
        row["expires_on"],
        row["days_left"],
        row["zone"],
        row["purpose"],
        row.get("x_mm"),
        row.get("level") or 0,
    )


@dataclass(slots=True)
class _Shelf:
    """What is left in the bins, and where the walk stops already."""

    bins: list[Bin]
    stops: list[int]
    aisles: frozenset[int] = frozenset()
    free: dict[int, int] = field(default_factory=dict)
    of_item: dict[int, list[Bin]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for bin in self.bins:
            self.free[bin.balance_id] = bin.free
            self.of_item.setdefault(bin.item_id, []).append(bin)

    def take(self, bin: Bin, quantity: int) -> None:
        self.free[bin.balance_id] -= quantity
        insort(self.stops, bin.walk_seq)

    def choose(self, want: Want, left: int) -> tuple[Bin, int] | None:
        """The next bin for a line of which `left` is to be taken, and how much comes from it."""
        candidates = [
            bin
            for bin in self.of_item.get(want.item_id, [])
            if self.free[bin.balance_id] > 0 and lasts(bin.days_left, want.shelf_life_min_days)
        ]
        if not candidates:
            return None
        soonest = min(bin.expires_on or date.max for bin in candidates)
        fresh = [bin for bin in candidates if (bin.expires_on or date.max) == soonest]
        return self._cases(want, left, fresh) or self._pieces(left, fresh)

    def _cases(self, want: Want, left: int, bins: list[Bin]) -> tuple[Bin, int] | None:
        """As many full cases as are wanted from a reserve bin; None where there are none."""
        if not want.case or left < want.case:
            return None
        full = {
            bin.balance_id: min(left, self.free[bin.balance_id]) // want.case * want.case
            for bin in bins
            if bin.purpose == RESERVE
        }
        stored = [bin for bin in bins if full.get(bin.balance_id)]
        if not stored:
            return None
        stored = self._walked(stored)
        most = max(full[bin.balance_id] for bin in stored)
        chosen = self._smallest([bin for bin in stored if full[bin.balance_id] == most])
        return chosen, most

    def _pieces(self, left: int, bins: list[Bin]) -> tuple[Bin, int]:
        forward = self._walked([bin for bin in bins if bin.purpose != RESERVE] or bins)
        whole = [bin for bin in forward if self.free[bin.balance_id] >= left]
        chosen = self._smallest(whole) if whole else self._fullest(forward)
        return chosen, min(left, self.free[chosen.balance_id])

    def _walked(self, bins: list[Bin]) -> list[Bin]:
        """The bins in aisles that are to be walked; all where none of them is."""
        return [bin for bin in bins if bin.aisle in self.aisles] or bins

    def _smallest(self, bins: list[Bin]) -> Bin:
        return min(
            bins, key=lambda bin: (self.free[bin.balance_id], self._detour(bin), *_order(bin))
        )

    def _fullest(self, bins: list[Bin]) -> Bin:
        return min(
            bins, key=lambda bin: (-self.free[bin.balance_id], self._detour(bin), *_order(bin))
        )

    def _detour(self, bin: Bin) -> int:
        """How far a bin is from the nearest stop of the walk, in steps of the walking sequence."""
        place = bisect(self.stops, bin.walk_seq)
        return min(
            (abs(bin.walk_seq - stop) for stop in self.stops[max(0, place - 1) : place + 1]),
            default=0,
        )


def _order(bin: Bin) -> tuple[int, int]:
    return bin.walk_seq, bin.balance_id
