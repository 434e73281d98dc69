"""Which bins a wave's lines are picked from: first expired, first out; then the fewest stops."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Want:
    """A line to be picked; `volume_mm3` and `mass_g` are of one unit."""

    line_id: int
    fulfilment_order_id: int
    tenant_id: int
    item_id: int
    quantity: int
    volume_mm3: int
    mass_g: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Free stock of an item in a bin."""

    balance_id: int
    item_id: int
    place_id: int
    code: str
    aisle: int
    y_mm: int
    walk_seq: int
    free: int
    expires_on: date | None = None


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


def allocate(wants: list[Want], bins: list[Bin]) -> Allocation:
    """Takes each line from one bin where one holds it all, else from as few as can be.

    Lines are served in the order given. Bins that expire sooner always come first; among equals
    the smallest bin that holds the whole line, else the fullest.
    """
    free = {bin.balance_id: bin.free for bin in bins}
    bins_of: dict[int, list[Bin]] = {}
    for bin in bins:
        bins_of.setdefault(bin.item_id, []).append(bin)
    picks: list[Pick] = []
    missing: list[tuple[Want, int]] = []
    for want in wants:
        left = want.quantity
        while left:
            chosen = _best_bin(bins_of.get(want.item_id, []), free, left)
            if chosen is None:
                missing.append((want, left))
                break
            taken = min(left, free[chosen.balance_id])
            free[chosen.balance_id] -= taken
            left -= taken
            picks.append(Pick(want, chosen, taken))
    return Allocation(tuple(picks), tuple(missing))


def _best_bin(bins: list[Bin], free: dict[int, int], quantity: int) -> Bin | None:
    candidates = [bin for bin in bins if free[bin.balance_id] > 0]
    if not candidates:
        return None
    soonest = min(bin.expires_on or date.max for bin in candidates)
    fresh = [bin for bin in candidates if (bin.expires_on or date.max) == soonest]
    whole = [bin for bin in fresh if free[bin.balance_id] >= quantity]
    if whole:
        return min(whole, key=lambda bin: (free[bin.balance_id], bin.walk_seq, bin.balance_id))
    return max(fresh, key=lambda bin: (free[bin.balance_id], -bin.walk_seq, -bin.balance_id))
