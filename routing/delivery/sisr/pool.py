"""Good routes met on the way, for whoever puts the best plan together from them."""

from collections.abc import Sequence

from routing.delivery.sisr.search import Search
from routing.delivery.sisr.start import routes_of
from routing.delivery.sisr.state import NEXT

# Routes kept at most: the oldest go first.
POOL_MAX = 20_000
# Looks at the clock between two looks at the routes.
EVERY = 10


class Pool:
    """Of every set of stops the shortest route met; nodes, not stops of the problem."""

    def __init__(self) -> None:
        self._kept: dict[frozenset[int], tuple[int, tuple[int, ...]]] = {}
        self._looks = 0

    def look(self, search: Search) -> None:
        """Now and then, keeps the search's present routes."""
        self._looks += 1
        if self._looks % EVERY == 0:
            self.keep(search, routes_of(search.state.rows[:, NEXT], len(search.flat.demand)))

    def keep(self, search: Search, routes: Sequence[Sequence[int]]) -> None:
        """Adds these routes."""
        length = search.flat.length
        for route in routes:
            whole = (0, *route, 0)
            metres = int(length[whole[:-1], whole[1:]].sum(dtype="int64"))
            key = frozenset(route)
            known = self._kept.pop(key, None)
            best = (metres, tuple(route))
            self._kept[key] = best if known is None else min(known, best)
        while len(self._kept) > POOL_MAX:
            del self._kept[next(iter(self._kept))]

    def routes(self) -> list[tuple[int, ...]]:
        """What is kept, the latest last."""
        return [route for _, route in self._kept.values()]
