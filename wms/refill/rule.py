"""When a forward bin is refilled, with how much, and out of which reserve."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from wms.error import Refused
from wms.items.unit import QUANTITY_MAX


@dataclass(frozen=True, slots=True)
class ForwardBin:
    """A bin with its rule; quantities in the item's smallest unit.

    `free` is what pickers may still be sent for, `here` all that lies there; both count what open
    moves bring.
    """

    place_id: int
    quantity_min: int
    quantity_max: int
    free: int
    here: int


@dataclass(frozen=True, slots=True)
class Need:
    """What a bin has to get, and up to how much may come; `demanded` where orders wait for it."""

    place_id: int
    must: int
    may: int
    demanded: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Goods in reserve that are free."""

    balance_id: int
    free: int
    expires_on: date | None = None


def check_rule(quantity_min: int, quantity_max: int) -> None:
    """Passes a rule that makes sense.

    Raises:
        Refused: `bad_rule`.
    """
    if not 0 <= quantity_min <= quantity_max or not 0 < quantity_max <= QUANTITY_MAX:
        raise Refused("bad_rule", "A rule has 0 ≤ min ≤ max, and max is more than 0.", "/max")


def needs(bins: Iterable[ForwardBin], demand: int) -> list[Need]:
    """What the bins of one item need: below its least a bin is refilled up to its most.

    Where orders wait for more than all bins have free, bins get more than their least, in the
    order given.
    """
    bins = list(bins)
    missing = demand - sum(bin.free for bin in bins)
    found: list[Need] = []
    for bin in bins:
        room = max(0, bin.quantity_max - bin.here)
        least = min(room, max(0, bin.quantity_min - bin.free))
        must = min(room, max(least, missing))
        missing -= must
        if must:
            # Orders wait for it where they want more than the bins had.
            found.append(Need(bin.place_id, must, room, missing + must > 0))
    return found


def choose(
    sources: Iterable[Source], must: int, may: int, case: int | None
) -> list[tuple[int, int]]:
    """Balances with how much to take of each: what expires first first, whole cases before loose.

    Of the goods that expire on one day whole cases come first, then what is loose anyway; a case
    is broken only for what the bin has to get. Without a case each piece is loose.
    """
    taken: dict[int, int] = {}
    total = 0
    for _, same_day in groupby(sources, key=lambda source: source.expires_on):
        group = list(same_day)
        for rounding in (_whole_cases, _loose, _broken):
            for source in group:
                limit = must if rounding is _broken else may
                left = source.free - taken.get(source.balance_id, 0)
                quantity = rounding(left, max(0, limit - total), case or 1)
                if quantity:
                    taken[source.balance_id] = taken.get(source.balance_id, 0) + quantity
                    total += quantity
    return list(taken.items())


def _whole_cases(free: int, wanted: int, case: int) -> int:
    return min(free, wanted) // case * case


def _loose(free: int, wanted: int, case: int) -> int:
    return min(free % case, wanted)


def _broken(free: int, wanted: int, case: int) -> int:
    return min(free, wanted)
