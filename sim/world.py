"""The truth: where every unit physically is, whatever any database says.

Units lie in holders: `bin A-03-07-2`, `tote T-00042`, `hand B-01`, `carton PACK-01` (the open
parcel there), `parcel <SSCC>`. Totes and parcels stand somewhere themselves: totes in the `pool`
of empty ones, on a `cart`, on the `belt`, on a `rack`; parcels on a `dock`, in a `van`.
Nothing but `place` brings units into the world, and nothing takes any out of it.
"""

from collections import Counter, deque
from collections.abc import Iterable

POOL = "pool"
BELT = "belt"


class Impossible(Exception):
    """Somebody tried what cannot be done with the hands."""


class World:
    """Holders with their units, and where totes and parcels stand."""

    def __init__(self, totes: Iterable[str]) -> None:
        self._units: dict[str, Counter[str]] = {}
        self._pool = deque(totes)
        self._whereabouts = dict.fromkeys(self._pool, POOL)
        self._standing: dict[str, dict[str, None]] = {}

    def place(self, holder: str, sku: str, quantity: int) -> None:
        """Have units lie in a holder from the beginning."""
        if quantity < 0:
            raise Impossible(f"{quantity} of {sku} cannot lie anywhere")
        if quantity:
            self._units.setdefault(holder, Counter())[sku] += quantity

    def quantity(self, holder: str, sku: str) -> int:
        """Count the units of an item in a holder."""
        units = self._units.get(holder)
        return units[sku] if units else 0

    def units(self, holder: str) -> dict[str, int]:
        """Give what lies in a holder."""
        return dict(self._units.get(holder, {}))

    def total(self, sku: str) -> int:
        """Count the units of an item in the whole world."""
        return sum(units[sku] for units in self._units.values())

    def move(self, sku: str, quantity: int, source: str, target: str) -> None:
        """Take units from one holder to another.

        Raises: Impossible when there are not as many, or none are to be moved.
        """
        there = self.quantity(source, sku)
        if not 0 < quantity <= there or source == target:
            raise Impossible(f"{quantity} of {sku} from {source} to {target}: {there} lie there")
        self._units[source][sku] -= quantity
        if not self._units[source][sku]:
            del self._units[source][sku]
        if not self._units[source]:
            del self._units[source]
        self._units.setdefault(target, Counter())[sku] += quantity

    def pour(self, source: str, target: str) -> None:
        """Take everything from one holder to another."""
        for sku, quantity in self.units(source).items():
            self.move(sku, quantity, source, target)

    def take_tote(self) -> str:
        """Take the tote that has been empty for the longest.

        Raises: Impossible when no tote is left.
        """
        if not self._pool:
            raise Impossible("no empty tote is left")
        return self._pool.popleft()

    def return_tote(self, tote: str) -> None:
        """Put an empty tote back to the others.

        Raises: Impossible when something lies in it.
        """
        if self._units.get(f"tote {tote}"):
            raise Impossible(f"{tote} is not empty")
        self.stand(tote, POOL)
        self._pool.append(tote)

    def stand(self, carrier: str, spot: str) -> None:
        """Put a tote or a parcel somewhere."""
        before = self._whereabouts.get(carrier)
        if before is not None and before in self._standing:
            self._standing[before].pop(carrier, None)
        self._whereabouts[carrier] = spot
        if spot != POOL:
            self._standing.setdefault(spot, {})[carrier] = None

    def whereabouts(self, carrier: str) -> str | None:
        """Say where a tote or a parcel stands; None for one that does not exist."""
        return self._whereabouts.get(carrier)

    def standing(self, spot: str) -> list[str]:
        """Give the totes or parcels that stand somewhere, the first to arrive first."""
        return list(self._standing.get(spot, {}))

    def stock(self, kind: str) -> dict[str, dict[str, int]]:
        """Give what lies in all holders of a kind, by their names."""
        return {
            holder.removeprefix(f"{kind} "): dict(sorted(units.items()))
            for holder, units in sorted(self._units.items())
            if holder.startswith(f"{kind} ")
        }
