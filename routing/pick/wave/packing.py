"""Open aisles, the orders packed from what they hold, and how to open, close and undo."""

from typing import NamedTuple

import numpy as np

from routing.chance import share
from routing.kernel import kernel
from routing.pick.wave.flat import Flags, Floats, Ints, Wave

# Places in Packing.tally.
OPEN, UNITS, MISSED, TICK, DROPPED, FOUND, ADDED, FREED, OPENED, CLOSED = range(10)
# An order that must go is packed before any other.
FOREMOST = 1e12


class Packing(NamedTuple):
    """The state of a search; every array is the caller's and changed in place.

    aisles: all of them, the open ones first; place: where each lies there. slack: what of an item
    lies in the open aisles and is not packed. tally: how many aisles are open, units packed,
    orders missed that must go, a tick that tells marks apart, and how many entries the lists of
    the last step have. dropped, found, added are orders of that step, freed items, opened and
    closed aisles.
    """

    aisles: Ints
    place: Ints
    slack: Ints
    packed: Flags
    tally: Ints
    dropped: Ints
    found: Ints
    added: Ints
    freed: Ints
    opened: Ints
    closed: Ints
    order_mark: Ints
    item_mark: Ints
    key: Floats


def empty_packing(wave: Wave) -> Packing:
    """Nothing open, nothing packed."""
    orders, items = wave.orders, wave.items
    tally = np.zeros(10, np.int64)
    tally[MISSED] = int(wave.must.sum())
    return Packing(
        np.arange(wave.aisles),
        np.arange(wave.aisles),
        np.zeros(items, np.int64),
        np.zeros(orders, np.uint8),
        tally,
        np.zeros(orders + 1, np.int64),
        np.zeros(orders, np.int64),
        np.zeros(orders + 1, np.int64),
        np.zeros(items, np.int64),
        np.zeros(wave.aisles, np.int64),
        np.zeros(wave.aisles, np.int64),
        np.zeros(orders, np.int64),
        np.zeros(items, np.int64),
        np.zeros(orders, np.float64),
    )


@kernel
def begin_step(packing: Packing) -> None:
    """Empties the lists of the last step."""
    packing.tally[TICK] += 1
    for place in (DROPPED, FOUND, ADDED, FREED, OPENED, CLOSED):
        packing.tally[place] = 0


@kernel
def fits(wave: Wave, packing: Packing, order: int) -> bool:
    """Whether the open aisles still hold all that the order asks for."""
    for line in range(wave.order_start[order], wave.order_start[order + 1]):
        if wave.order_quantity[line] > packing.slack[wave.order_item[line]]:
            return False
    return True


@kernel
def add(wave: Wave, packing: Packing, order: int) -> None:
    """Packs an order that fits."""
    packing.packed[order] = 1
    packing.tally[UNITS] += wave.units[order]
    packing.tally[MISSED] -= wave.must[order]
    for line in range(wave.order_start[order], wave.order_start[order + 1]):
        packing.slack[wave.order_item[line]] -= wave.order_quantity[line]


@kernel
def drop(wave: Wave, packing: Packing, order: int) -> None:
    """Takes a packed order out."""
    packing.packed[order] = 0
    packing.tally[UNITS] -= wave.units[order]
    packing.tally[MISSED] += wave.must[order]
    for line in range(wave.order_start[order], wave.order_start[order + 1]):
        packing.slack[wave.order_item[line]] += wave.order_quantity[line]


@kernel
def drop_noted(wave: Wave, packing: Packing, order: int) -> None:
    """Takes an order out and notes the items whose shortage may have kept other orders out."""
    tally = packing.tally
    for line in range(wave.order_start[order], wave.order_start[order + 1]):
        item = wave.order_item[line]
        if packing.slack[item] < wave.dearest[item] and packing.item_mark[item] != tally[TICK]:
            packing.item_mark[item] = tally[TICK]
            packing.freed[tally[FREED]] = item
            tally[FREED] += 1
    drop(wave, packing, order)
    packing.dropped[tally[DROPPED]] = order
    tally[DROPPED] += 1


@kernel
def stock_aisle(wave: Wave, packing: Packing, aisle: int, times: int) -> None:
    """Adds what an aisle holds to the slack, or takes it away, and nothing else."""
    for line in range(wave.aisle_start[aisle], wave.aisle_start[aisle + 1]):
        packing.slack[wave.aisle_item[line]] += times * wave.aisle_quantity[line]


@kernel
def drain_aisle(wave: Wave, packing: Packing, aisle: int) -> None:
    """Takes away what an aisle holds, and out the orders that the rest cannot hold."""
    for line in range(wave.aisle_start[aisle], wave.aisle_start[aisle + 1]):
        item = wave.aisle_item[line]
        packing.slack[item] -= wave.aisle_quantity[line]
        at = wave.item_start[item]
        while packing.slack[item] < 0:
            order = wave.order_of[at]
            if packing.packed[order]:
                drop_noted(wave, packing, order)
            at += 1


@kernel
def find(wave: Wave, packing: Packing, item: int) -> None:
    """Notes the orders which ask for the item and fit."""
    tally = packing.tally
    if packing.slack[item] <= 0:
        return
    for at in range(wave.item_start[item], wave.item_start[item + 1]):
        order = wave.order_of[at]
        if packing.packed[order] == 0 and packing.order_mark[order] != tally[TICK]:
            packing.order_mark[order] = tally[TICK]
            if fits(wave, packing, order):
                packing.found[tally[FOUND]] = order
                tally[FOUND] += 1


@kernel
def find_for_aisle(wave: Wave, packing: Packing, aisle: int) -> None:
    """Notes the orders which an aisle just stocked may have made possible."""
    for line in range(wave.aisle_start[aisle], wave.aisle_start[aisle + 1]):
        find(wave, packing, wave.aisle_item[line])


@kernel
def find_for_dropped(wave: Wave, packing: Packing) -> None:
    """Notes the orders which those taken out may have made possible."""
    tally = packing.tally
    for number in range(tally[DROPPED]):
        order = packing.dropped[number]
        if packing.order_mark[order] != tally[TICK] and fits(wave, packing, order):
            packing.found[tally[FOUND]] = order
            tally[FOUND] += 1
        packing.order_mark[order] = tally[TICK]
    for number in range(tally[FREED]):
        find(wave, packing, packing.freed[number])


@kernel
def _sorted_by_key(orders: Ints, key: Floats, n: int) -> None:
    if n > 40:
        rank = np.argsort(key[:n])
        orders[:n] = orders[:n][rank]
        return
    for at in range(1, n):
        order, value = orders[at], key[at]
        to = at - 1
        while to >= 0 and key[to] > value:
            orders[to + 1], key[to + 1] = orders[to], key[to]
            to -= 1
        orders[to + 1], key[to + 1] = order, value


@kernel
def add_found(wave: Wave, packing: Packing, noise: float, state: Ints) -> None:
    """Packs the orders found as far as they go, the largest first, give or take the noise."""
    tally, found, key = packing.tally, packing.found, packing.key
    for number in range(tally[FOUND]):
        order = found[number]
        key[number] = -wave.units[order] * (1.0 + noise * share(state) if noise > 0 else 1.0)
        key[number] -= FOREMOST * wave.must[order]
    _sorted_by_key(found, key, tally[FOUND])
    for number in range(tally[FOUND]):
        if fits(wave, packing, found[number]):
            add(wave, packing, found[number])
            packing.added[tally[ADDED]] = found[number]
            tally[ADDED] += 1


@kernel
def list_open(packing: Packing, aisle: int) -> None:
    """Counts a closed aisle among the open ones."""
    swap_places(packing, aisle, packing.aisles[packing.tally[OPEN]])
    packing.tally[OPEN] += 1


@kernel
def list_closed(packing: Packing, aisle: int) -> None:
    """Counts an open aisle among the closed ones."""
    packing.tally[OPEN] -= 1
    swap_places(packing, aisle, packing.aisles[packing.tally[OPEN]])


@kernel
def swap_places(packing: Packing, a: int, b: int) -> None:
    """Swaps two aisles in the list of all."""
    at, to = packing.place[a], packing.place[b]
    packing.aisles[at], packing.aisles[to] = b, a
    packing.place[a], packing.place[b] = to, at


@kernel
def open_aisle(wave: Wave, packing: Packing, aisle: int) -> None:
    """Opens an aisle as a part of the step; packs nothing yet."""
    stock_aisle(wave, packing, aisle, 1)
    list_open(packing, aisle)
    packing.opened[packing.tally[OPENED]] = aisle
    packing.tally[OPENED] += 1


@kernel
def close_aisle(wave: Wave, packing: Packing, aisle: int) -> int:
    """Closes an aisle as a part of the step; the units of the orders which that drops."""
    before = packing.tally[UNITS]
    drain_aisle(wave, packing, aisle)
    list_closed(packing, aisle)
    packing.closed[packing.tally[CLOSED]] = aisle
    packing.tally[CLOSED] += 1
    return int(before - packing.tally[UNITS])


@kernel
def fill(wave: Wave, packing: Packing, noise: float, state: Ints) -> None:
    """Packs what the step has made possible."""
    for number in range(packing.tally[OPENED]):
        find_for_aisle(wave, packing, packing.opened[number])
    find_for_dropped(wave, packing)
    add_found(wave, packing, noise, state)


@kernel
def undo(wave: Wave, packing: Packing) -> None:
    """Takes the whole step back. An order is added after the last drop, or it is in both lists."""
    tally = packing.tally
    for number in range(tally[ADDED]):
        if packing.packed[packing.added[number]]:
            drop(wave, packing, packing.added[number])
    for number in range(tally[OPENED]):
        stock_aisle(wave, packing, packing.opened[number], -1)
        list_closed(packing, packing.opened[number])
    for number in range(tally[CLOSED]):
        stock_aisle(wave, packing, packing.closed[number], 1)
        list_open(packing, packing.closed[number])
    for number in range(tally[DROPPED]):
        add(wave, packing, packing.dropped[number])


@kernel
def open_only(wave: Wave, packing: Packing, opened: Ints) -> None:
    """Opens just these aisles; nothing is packed."""
    packing.slack[:] = 0
    packing.packed[:] = 0
    packing.tally[OPEN] = 0
    packing.tally[UNITS] = 0
    packing.tally[MISSED] = wave.must.sum()
    begin_step(packing)
    for aisle in opened:
        list_open(packing, aisle)
        stock_aisle(wave, packing, aisle, 1)


@kernel
def restore(wave: Wave, packing: Packing, opened: Ints, packed: Flags) -> None:
    """Opens just these aisles and packs just these orders, which they must hold."""
    open_only(wave, packing, opened)
    for order in range(len(packed)):
        if packed[order]:
            add(wave, packing, order)


@kernel
def pack_afresh(wave: Wave, packing: Packing, opened: Ints, state: Ints) -> None:
    """Opens just these aisles and packs the largest orders first."""
    open_only(wave, packing, opened)
    for order in range(len(wave.units)):
        if fits(wave, packing, order):
            packing.found[packing.tally[FOUND]] = order
            packing.tally[FOUND] += 1
    add_found(wave, packing, 0.0, state)
