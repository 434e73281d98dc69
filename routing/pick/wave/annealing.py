"""Aisles opened, closed and swapped under a falling temperature, orders packed along.

An aisle costs the best units by aisle so far (Dinkelbach's method inside the annealing), so that a
change which pays is one towards a better ratio.

Sources: S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi (1983), Optimization by Simulated Annealing;
W. Dinkelbach (1967), On Nonlinear Fractional Programming.
"""

from typing import NamedTuple

import numpy as np

from routing.chance import draw, share
from routing.kernel import kernel
from routing.pick.wave.flat import Flags, Floats, Ints, Wave
from routing.pick.wave.packing import (
    ADDED,
    MISSED,
    OPEN,
    OPENED,
    TICK,
    UNITS,
    Packing,
    add,
    begin_step,
    close_aisle,
    drop_noted,
    fill,
    fits,
    open_aisle,
    swap_places,
    undo,
)
from routing.pick.wave.trim import surplus

NONE = -1
# Places in Search.value.
PRICE, SCORE, RATIO, SHORT_PRICE = range(4)
# What an order that must go and is missed costs, in prices of an aisle.
MISSED_PRICES = 10.0
# How packing strays from largest first.
NOISE = 0.3
# How fast an aisle's habitual gain or loss follows what its last step brought.
HABIT = 0.1
HEAT_STEPS = 64
# The shares of steps that begin by dropping an order, and of exchanges that keep the number.
KICKS = 0.05
SWAPS = 0.74
# An order for which more aisles would have to be opened at once is passed over.
SERVE_AISLES_MAX = 6


class Search(NamedTuple):
    """The best choice so far and what the search has learnt; arrays changed in place.

    best: how many aisles and units it has. value: price of an aisle, score of the packing, best
    ratio, price of a unit short of units_min. gain, loss: units that opening or closing each aisle
    has lately brought or cost.
    """

    best: Ints
    best_aisles: Ints
    best_packed: Flags
    value: Floats
    gain: Floats
    loss: Floats
    chance: Ints


class Stretch(NamedTuple):
    """A piece of a run: from an iteration to another one, of so many; temperatures in units."""

    start: int
    stop: int
    total: int
    hot: float
    cold: float
    # Keeps the number of open aisles.
    fixed: bool
    # How many steps begin with an order, not with an aisle.
    serving: float


@kernel
def score(wave: Wave, packing: Packing, search: Search) -> float:
    """Units less the price of the open aisles and of what is not reached."""
    units, price = packing.tally[UNITS], search.value[PRICE]
    short = max(0, wave.units_min - units)
    missed = packing.tally[MISSED] * MISSED_PRICES
    kept = min(units, wave.units_max)
    cost = price * (packing.tally[OPEN] + missed) + search.value[SHORT_PRICE] * short
    return float(kept - cost)


@kernel
def note_best(wave: Wave, packing: Packing, search: Search) -> bool:
    """Keeps the packing if it is the best choice so far, and raises the price of an aisle."""
    tally, units = packing.tally, packing.tally[UNITS]
    if tally[OPEN] == 0 or tally[MISSED] > 0 or units < wave.units_min:
        return False
    if min(units, wave.units_max) <= search.value[RATIO] * tally[OPEN] + 1e-9:
        return False
    dropped = surplus(wave, packing.packed)
    for order in dropped:
        units -= wave.units[order]
    if not wave.units_min <= units <= wave.units_max:
        return False
    if units <= search.value[RATIO] * tally[OPEN] + 1e-9:
        return False
    search.best[0], search.best[1] = tally[OPEN], units
    search.best_aisles[: tally[OPEN]] = packing.aisles[: tally[OPEN]]
    search.best_packed[:] = packing.packed
    search.best_packed[dropped] = 0
    search.value[RATIO] = units / tally[OPEN]
    search.value[PRICE] = max(search.value[PRICE], search.value[RATIO])
    return True


@kernel
def _likely(packing: Packing, search: Search, low: int, high: int, opens: bool) -> int:
    """An aisle of that part of the list; mostly the best by habit of three."""
    aisle = packing.aisles[low + draw(search.chance, high - low)]
    if high - low > 3 and share(search.chance) < 0.6:
        for _ in range(2):
            other = packing.aisles[low + draw(search.chance, high - low)]
            if opens:
                better = search.gain[other] > search.gain[aisle]
            else:
                better = search.loss[other] < search.loss[aisle]
            if better:
                aisle = other
    return int(aisle)


@kernel
def _close(wave: Wave, packing: Packing, search: Search, aisle: int) -> None:
    lost = close_aisle(wave, packing, aisle)
    search.loss[aisle] += HABIT * (lost - search.loss[aisle])


@kernel
def _exchange(wave: Wave, packing: Packing, search: Search, closes: bool, opens: bool) -> bool:
    """Opens an aisle, closes one, or both."""
    is_open, all_aisles = packing.tally[OPEN], len(packing.aisles)
    closed, opened = NONE, NONE
    if closes and is_open > (0 if opens else 1):
        closed = _likely(packing, search, 0, is_open, False)
    if opens and is_open < all_aisles:
        opened = _likely(packing, search, is_open, all_aisles, True)
    if opened != NONE:
        open_aisle(wave, packing, opened)
    if closed != NONE:
        _close(wave, packing, search, closed)
    before = packing.tally[UNITS]
    fill(wave, packing, NOISE, search.chance)
    if opened != NONE:
        brought = packing.tally[UNITS] - before
        search.gain[opened] += HABIT * (brought - search.gain[opened])
    return opened != NONE or closed != NONE


@kernel
def _holder(wave: Wave, packing: Packing, search: Search, item: int) -> int:
    """A closed aisle that holds the item: mostly what holds most, now and then any."""
    low, high = wave.holder_start[item], wave.holder_start[item + 1]
    if share(search.chance) < 0.5:
        low += draw(search.chance, high - low)
    for at in range(low, high):
        if packing.place[wave.holder[at]] >= packing.tally[OPEN]:
            return int(wave.holder[at])
    return NONE


@kernel
def _serve(wave: Wave, packing: Packing, search: Search, fixed: bool) -> bool:
    """Opens what an order by chance still needs, closes as many or so, and packs it first."""
    tally, chance = packing.tally, search.chance
    order = draw(chance, len(wave.units))
    if packing.packed[order]:
        return False
    first_new = tally[OPEN]
    for line in range(wave.order_start[order], wave.order_start[order + 1]):
        item = wave.order_item[line]
        while packing.slack[item] < wave.order_quantity[line]:
            aisle = _holder(wave, packing, search, item)
            if aisle == NONE or tally[OPENED] >= SERVE_AISLES_MAX:
                undo(wave, packing)
                return False
            open_aisle(wave, packing, aisle)
    closing = tally[OPENED]
    if not fixed:
        closing = min(first_new, max(0, closing + draw(chance, 3) - 1))
    elif closing > first_new:
        undo(wave, packing)
        return False
    for _ in range(closing):
        aisle = _likely(packing, search, 0, first_new, False)
        # The new aisles stay last in the list of the open ones, where none of them is drawn.
        swap_places(packing, aisle, packing.aisles[first_new - 1])
        _close(wave, packing, search, aisle)
        first_new -= 1
    if fits(wave, packing, order):
        add(wave, packing, order)
        packing.added[tally[ADDED]] = order
        tally[ADDED] += 1
    fill(wave, packing, NOISE, chance)
    return True


@kernel
def _kick(wave: Wave, packing: Packing, search: Search) -> bool:
    """Takes out an order by chance, packs others in its place, and it again if it still fits."""
    tally = packing.tally
    if tally[OPEN] == 0:
        return False
    aisle = packing.aisles[draw(search.chance, tally[OPEN])]
    lines = wave.aisle_start[aisle + 1] - wave.aisle_start[aisle]
    item = wave.aisle_item[wave.aisle_start[aisle] + draw(search.chance, lines)]
    asking = wave.item_start[item + 1] - wave.item_start[item]
    order = wave.order_of[wave.item_start[item] + draw(search.chance, asking)]
    if not packing.packed[order]:
        return False
    drop_noted(wave, packing, order)
    packing.order_mark[order] = tally[TICK]
    fill(wave, packing, NOISE, search.chance)
    if fits(wave, packing, order):
        add(wave, packing, order)
        packing.added[tally[ADDED]] = order
        tally[ADDED] += 1
    return True


@kernel
def _step(wave: Wave, packing: Packing, search: Search, heat: float, stretch: Stretch) -> None:
    kind = share(search.chance)
    begin_step(packing)
    if kind < KICKS:
        changed = _kick(wave, packing, search)
    elif kind < KICKS + stretch.serving:
        changed = _serve(wave, packing, search, stretch.fixed)
    elif stretch.fixed and packing.tally[OPEN] in (0, len(packing.aisles)):
        changed = False
    else:
        way = share(search.chance)
        swaps = stretch.fixed or way < SWAPS
        opens = swaps or way < (1.0 + SWAPS) / 2
        changed = _exchange(wave, packing, search, swaps or not opens, opens)
    if not changed:
        return
    new = score(wave, packing, search)
    change = new - search.value[SCORE]
    if change >= 0 or share(search.chance) < np.exp(change / heat):
        search.value[SCORE] = new
        if note_best(wave, packing, search):
            search.value[SCORE] = score(wave, packing, search)
    else:
        undo(wave, packing)


@kernel
def anneal(wave: Wave, packing: Packing, search: Search, stretch: Stretch) -> None:
    """Goes on with a run; the pieces of a run make the same steps as the whole at once."""
    heat = stretch.hot
    if stretch.start == 0:
        search.value[SCORE] = score(wave, packing, search)
        note_best(wave, packing, search)
    for iteration in range(stretch.start, stretch.stop):
        if iteration % HEAT_STEPS == 0 or iteration == stretch.start:
            done = iteration // HEAT_STEPS * HEAT_STEPS / stretch.total
            heat = stretch.hot * (stretch.cold / stretch.hot) ** done
        _step(wave, packing, search, heat, stretch)
