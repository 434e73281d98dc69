"""Aisles opened one after another while they bring most, or closed while they cost least."""

from routing.kernel import kernel
from routing.pick.wave.flat import Ints, Wave
from routing.pick.wave.packing import (
    DROPPED,
    MISSED,
    OPEN,
    UNITS,
    Packing,
    add,
    begin_step,
    close_aisle,
    fill,
    fits,
    open_aisle,
    undo,
)

NONE = -1
# Of two aisles that bring or cost the same units, the one with more lines is worth more.
LINE_WORTH = 1e-4
# What an order that must go counts for, in units.
MUST_WORTH = 1e6


@kernel
def _worth(packing: Packing) -> float:
    return float(packing.tally[UNITS] - MUST_WORTH * packing.tally[MISSED])


@kernel
def _open(wave: Wave, packing: Packing, aisle: int, state: Ints) -> None:
    begin_step(packing)
    open_aisle(wave, packing, aisle)
    fill(wave, packing, 0.0, state)


@kernel
def open_best(wave: Wave, packing: Packing, state: Ints) -> bool:
    """Opens the aisle that brings most units at once; false if all are open."""
    best, best_worth = NONE, 0.0
    for at in range(packing.tally[OPEN], len(packing.aisles)):
        aisle = packing.aisles[at]
        _open(wave, packing, aisle, state)
        worth = _worth(packing) + LINE_WORTH * (
            wave.aisle_start[aisle + 1] - wave.aisle_start[aisle]
        )
        undo(wave, packing)
        if best == NONE or worth > best_worth:
            best, best_worth = aisle, worth
    if best == NONE:
        return False
    _open(wave, packing, best, state)
    return True


@kernel
def close_cheapest(wave: Wave, packing: Packing) -> bool:
    """Closes the aisle whose goods are missed least; false if none is open."""
    best, best_worth = NONE, 0.0
    for at in range(packing.tally[OPEN]):
        aisle = packing.aisles[at]
        begin_step(packing)
        close_aisle(wave, packing, aisle)
        worth = _worth(packing) - LINE_WORTH * (
            wave.aisle_start[aisle + 1] - wave.aisle_start[aisle]
        )
        idle = packing.tally[DROPPED] == 0
        undo(wave, packing)
        if best == NONE or worth > best_worth:
            best, best_worth = aisle, worth
        if idle:
            best = aisle
            break
    if best == NONE:
        return False
    begin_step(packing)
    close_aisle(wave, packing, best)
    return True


@kernel
def add_what_fits(wave: Wave, packing: Packing) -> None:
    """Packs every order that the open aisles still hold and units_max allows."""
    for order in range(len(wave.units)):
        room = wave.units_max - packing.tally[UNITS]
        if not packing.packed[order] and wave.units[order] <= room and fits(wave, packing, order):
            add(wave, packing, order)


@kernel
def close_idle(wave: Wave, packing: Packing) -> None:
    """Closes every aisle without which all that is packed is still held."""
    for at in range(packing.tally[OPEN] - 1, -1, -1):
        begin_step(packing)
        close_aisle(wave, packing, packing.aisles[at])
        if packing.tally[DROPPED] > 0:
            undo(wave, packing)
