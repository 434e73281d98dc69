"""Opening stock that covers the demand, and the bins that hold less than the books say.

An item gets 1.3 times its demand, rounded up, and two to six units more; an item that nobody
orders gets three to eight. It lies in one to three bins (more where one cannot hold its share),
bins being filled in a seeded order, each within its volume. One in twenty of the items that lie in
several bins is short: the first of them holds none, or a third, of what the books say, but never so
little that the demand would not be covered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sim.chance import choose, fraction, stream, whole
from sim.scenario.item import Item
from sim.scenario.place import BIN_VOLUME_ML, Place

_FILL = 0.9


@dataclass(frozen=True, slots=True)
class StockRecord:
    """Units of an item in a bin: what the books say, and what lies there."""

    sku: str
    place: str
    booked: int
    physical: int


class _Shelves:
    """Bins with room, handed out in a seeded order that begins again at its end."""

    def __init__(self, bins: Iterable[Place], seed: int) -> None:
        self._order = [place.code for place in bins]
        stream(seed, "bins").shuffle(self._order)
        self._room_ml = dict.fromkeys(self._order, round(BIN_VOLUME_ML * _FILL))
        self._next = 0

    def take(self, volume_ml: int, taken: set[str]) -> str:
        """Give a bin with room that this item does not lie in yet.

        Raises: ValueError when no bin has room.
        """
        for _ in self._order:
            code = self._order[self._next]
            self._next = (self._next + 1) % len(self._order)
            if code not in taken and self._room_ml[code] >= volume_ml:
                self._room_ml[code] -= volume_ml
                return code
        raise ValueError(f"no bin has {volume_ml} ml left: the warehouse is full")


def make_stock(
    items: Iterable[Item], demand: Mapping[str, int], bins: Iterable[Place], seed: int
) -> list[StockRecord]:
    """Put every item into bins; the records of an item follow each other."""
    shelves = _Shelves(bins, seed)
    records: list[StockRecord] = []
    for item in items:
        wanted = demand.get(item.sku, 0)
        total = opening_quantity(item.sku, wanted, seed)
        taken: set[str] = set()
        parts = []
        for part in _parts(item, total, seed):
            place = shelves.take(part * item.volume_ml, taken)
            taken.add(place)
            parts.append((place, part))
        records.extend(_records(item.sku, parts, total - wanted, seed))
    return records


def opening_quantity(sku: str, demand: int, seed: int) -> int:
    """Say how many units of an item there are at the beginning."""
    if demand == 0:
        return whole(3, 8, seed, "spare", sku)
    return -(-demand * 13 // 10) + whole(2, 6, seed, "spare", sku)


def _parts(item: Item, total: int, seed: int) -> Iterator[int]:
    fit = max(int(BIN_VOLUME_ML * _FILL / 2) // item.volume_ml, 1)
    bins = min(max(choose((1, 2, 2, 3), seed, "bins", item.sku), -(-total // fit)), total)
    # The first bin is the small one, as one that was opened before the others.
    first = total // bins
    if bins > 1:
        first = max(round(first * (0.2 + 0.6 * fraction(seed, "first", item.sku))), 1)
    yield first
    left = total - first
    for place in range(bins - 1, 0, -1):
        part = left // place
        yield part
        left -= part


def _records(
    sku: str, parts: list[tuple[str, int]], slack: int, seed: int
) -> Iterator[StockRecord]:
    place, booked = parts[0]
    physical = booked
    if len(parts) > 1 and fraction(seed, "short", sku) < 0.05:
        missing = booked if fraction(seed, "empty", sku) < 0.5 else booked - booked // 3
        physical = booked - min(missing, slack)
    yield StockRecord(sku, place, booked, physical)
    for place, part in parts[1:]:
        yield StockRecord(sku, place, part, part)
