"""From a start through falling temperatures to the best routes."""

import numpy as np

from routing.chance import seeded
from routing.delivery.sisr.flat import Flat
from routing.delivery.sisr.limit import Limit
from routing.delivery.sisr.neighbour import Near
from routing.delivery.sisr.pool import Pool
from routing.delivery.sisr.recreate import Recipe
from routing.delivery.sisr.ruin import Strings
from routing.delivery.sisr.search import (
    BEST_COST,
    COST,
    Search,
    run,
)
from routing.delivery.sisr.state import NEXT, USED, empty_state

# Temperatures at first and at last, in mean legs.
HOT = 1.0
COLD = 0.01
# With windows and fewer iterations a stop than CALM, the search begins cooler in proportion, down
# to HASTY; by capacity alone that was three times worse on 200 and 300 stops.
HASTY = 0.6
CALM = 4_000
# How likely a whole route is taken out where time binds: strings alone hardly ever empty one.
WHOLE = 0.05
# At first where good routes are given.
WARM = 0.1
# A small search with windows settles in one valley, long before its iterations are used up: with
# so many of them a stop for each round it heats up again to REHEAT, and takes longer strings out.
SMALL = 150
ROUND = 1_700
ROUNDS_MAX = 6
REHEAT = 0.3
SMALL_STRINGS = Strings(mean=15.0, longest=15.0, whole=WHOLE)
# How likely a place is overlooked; and, where time binds, that a stop opens a new route.
BLINK = 0.01
OPENING = 0.001
BLINK_TIMED = 0.03


def prepared(flat: Flat, near: Near, routes: int, seed: int) -> Search:
    """Room for a search with so many routes at most; nothing is on a route yet."""
    nodes = len(flat.demand)
    state = empty_state(flat, routes)
    levels = int(flat.level.max(initial=0)) + 1
    rows = len(state.rows)
    missing = np.bincount(flat.level[1:], minlength=levels)
    return Search(
        flat=flat,
        near=near,
        state=state,
        strings=_strings(flat),
        recipe=Recipe(0, OPENING, BLINK_TIMED) if flat.timed else Recipe(0, 0.0, BLINK),
        chance=seeded(seed),
        out=np.zeros(2 * nodes, np.int64),
        keys=np.zeros(2 * nodes),
        absent=np.arange(1, nodes + 1),
        failed=np.zeros(2 * nodes, np.int64),
        misses=np.zeros(nodes, np.int64),
        best=state.rows[:, NEXT].copy(),
        changed=np.zeros(rows, np.int32),
        is_changed=np.zeros(rows, np.int32),
        missing=missing,
        best_missing=missing.copy(),
        figures=np.array([0, 0, nodes - 1, 0], np.int64),
    )


def hunt(search: Search, limit: Limit, pool: Pool | None, warm: bool = False) -> None:
    """Searches from the present routes on until the limit's end, cooling all the way.

    warm: begins at a lower temperature, so that good routes are not lost first.
    """
    state, figures = search.state, search.figures
    legs = len(search.flat.demand) - 1 + int(state.tally[USED])
    leg = max(1.0, float(figures[COST]) / legs)
    hot, since = WARM if warm else _hot(search, limit), limit.share()
    rounds = 1 if warm else _rounds(search, limit)
    while (share := limit.share()) < 1.0:
        at, part = divmod((share - since) / (1.0 - since) * rounds, 1.0)
        top = hot if at == 0 else min(hot, REHEAT)
        limit.done += run(search, limit.steps(), leg * top * (COLD / top) ** part, False)
        limit.tell(int(figures[BEST_COST]), int(search.best_missing.sum()))
        if pool is not None:
            pool.look(search)


def _hot(search: Search, limit: Limit) -> float:
    if not search.flat.timed:
        return HOT
    return min(HOT, max(HASTY, limit.outlook() / len(search.flat.demand) / CALM))


def _is_small(flat: Flat) -> bool:
    return bool(flat.timed) and len(flat.demand) <= SMALL


def _strings(flat: Flat) -> Strings:
    if not flat.timed:
        return Strings()
    return SMALL_STRINGS if _is_small(flat) else Strings(whole=WHOLE)


def _rounds(search: Search, limit: Limit) -> int:
    """How many times the search cools down."""
    if not _is_small(search.flat):
        return 1
    return int(min(ROUNDS_MAX, max(1.0, limit.outlook() / len(search.flat.demand) / ROUND)))
