"""A search from start to end: first for every stop, then for fewer vehicles, then for less cost."""

from collections.abc import Callable

import numpy as np

from routing.delivery.draft import Progress, Watch
from routing.delivery.fleet.exchange import refit
from routing.delivery.fleet.flat import COUNT, LEVEL, OPTIONAL, PICKUP, Flat
from routing.delivery.fleet.nearness import NEAR
from routing.delivery.fleet.recreate import ORDERS, PLAIN_ORDERS, put_in_order, recreate
from routing.delivery.fleet.search import (
    BEST,
    BEST_COST,
    COST,
    NOW,
    Stretch,
    count_absent,
    empty_search,
    keep_best,
    restore,
    run_stretch,
)
from routing.delivery.fleet.state import (
    HEAD,
    LIMIT,
    LOGGED,
    NEXT,
    NOWHERE,
    ROUTE,
    SORT,
    USED,
    State,
)
from routing.delivery.fleet.upkeep import engage, take_back
from routing.effort import Effort

# First and last temperature, in the mean cost of a leg; with fewer iterations a stop than CALM
# the search begins cooler in proportion, down to HASTY.
HOT, COLD = 2.0, 0.03
HASTY, CALM = 0.5, 9_000
# How likely a stop opens a route though a place on another is cheaper.
OPENING = 0.01
# Up to this share, changes that leave out what was out less are taken.
HUNT_SHARE = 0.5
# So much of what is left goes into losing vehicles, where they count.
FLEET_SHARE = 0.4
# Seconds that a stretch should last, where seconds are limited; steps where they are not.
STRETCH_S = (0.01, 0.04)
STRETCH_STEPS = 100


def never() -> bool:
    """For a search that goes on."""
    return False


class Hunt:
    """The routes as they are searched, and how far the search is."""

    def __init__(self, flat: Flat, state: State, effort: Effort, watch: Watch) -> None:
        self.flat = flat
        self.state = state
        self.effort = effort
        self.watch = watch
        self.left = effort.left()
        self.step = 0
        self.iterations = 0
        self.stretch_steps = STRETCH_STEPS if effort.seconds is None else 10
        weight = np.array(ORDERS if flat.timed else PLAIN_ORDERS)
        self.search = empty_search(flat, len(state.route), weight)

    def share(self) -> float:
        """How much of the effort is spent."""
        spent = 0.0
        if self.effort.iterations is not None:
            spent = self.iterations / self.effort.iterations if self.effort.iterations else 1.0
        if self.effort.seconds is not None:
            spent = max(spent, 1.0 - self.left() / max(self.effort.seconds, 1e-9))
        return min(1.0, spent)

    def start(self) -> None:
        """Puts in what is on no route yet: the best of several orders."""
        flat, state, search = self.flat, self.state, self.search
        out = np.flatnonzero(state.node[: len(flat.stop), ROUTE] < 0)
        orders = len(search.weight)
        for at in range(orders):
            state.tally[LOGGED] = 0
            rest = out.copy()
            weight = np.zeros(orders)
            weight[(at + 1) % orders] = 1.0
            put_in_order(flat, rest, len(rest), search.key, weight, state.chance)
            recreate(flat, state, rest, len(rest), NEAR, 0.0, 0.0, NOWHERE, self.step)
            refit(flat, state, self.step)
            self.step += 1
            search.value[COST] = state.cost.sum()
            count_absent(flat, state, search)
            if at == 0 or self._is_best():
                keep_best(state, search)
            if at + 1 == orders or self.left() <= 0 or not len(out):
                break
            state.node[out, ROUTE] = NOWHERE
            take_back(flat, state)
        self._return_to_best()
        legs = max(1, len(flat.stop) - int(search.absents[0]) + int(state.tally[USED]))
        self.leg_cost = float(state.cost.sum()) / legs

    def run(self, until: float, *, hunting: bool, stop: Callable[[], bool] = never) -> None:
        """Goes on until that share of the effort is spent, or `stop` says so."""
        while (share := self.share()) < until and not stop():
            self.advance(share, hunting)

    def advance(self, share: float, hunting: bool) -> None:
        """One stretch."""
        steps = self.stretch_steps
        if self.effort.iterations is not None:
            steps = min(steps, self.effort.iterations - self.iterations)
        hot = self._hot(share)
        heat = self.leg_cost * hot * (COLD / hot) ** share
        before = self.left()
        run_stretch(
            self.flat,
            self.state,
            self.search,
            Stretch(self.step, steps, heat, OPENING if self.flat.timed else 0.0, hunting),
        )
        self.step += steps
        self.iterations += steps
        took = before - self.left()
        if self.effort.seconds is not None and took < STRETCH_S[0]:
            self.stretch_steps = min(1000, 2 * steps)
        elif self.effort.seconds is not None and took > STRETCH_S[1]:
            self.stretch_steps = max(1, steps // 2)
        # Sums that are only ever added to would drift.
        prizes = self.flat.prize[self.search.absent[: self.search.absents[0]]]
        self.search.value[COST] = self.state.cost.sum() + prizes[np.isfinite(prizes)].sum()
        self.watch(self.progress())

    def _hot(self, share: float) -> float:
        outlook = float(self.effort.iterations or 0)
        if self.effort.iterations is None and share > 0:
            outlook = self.iterations / share
        return min(HOT, max(HASTY, outlook / len(self.flat.stop) / CALM))

    def is_complete(self) -> bool:
        """Whether the best routes hold all mandatory stops."""
        return not self.search.missed[BEST].any()

    def progress(self) -> Progress:
        """How far the search is."""
        return Progress(
            self.share(),
            float(self.search.value[BEST_COST]),
            int(self.search.missed[BEST].sum()),
            self.iterations,
        )

    def lose_vehicles(self) -> None:
        """As long as it can, empties a route and finds its stops a place on the others."""
        state, search = self.state, self.search
        least = least_vehicles(self.flat)
        until = self.share() + (1.0 - self.share()) * FLEET_SHARE
        while self.share() < until and self.is_complete():
            self._return_to_best()
            if state.tally[USED] <= least or not self._empty_a_route():
                break
            kept = (search.best_next.copy(), search.best_sort.copy(), search.value[BEST_COST])
            state.tally[LIMIT] = state.tally[USED]
            keep_best(state, search)
            self.run(until, hunting=True, stop=self.is_complete)
            if not self.is_complete():
                search.best_next[:], search.best_sort[:], search.value[BEST_COST] = kept
                search.missed[BEST] = 0
        self._return_to_best()
        if self.is_complete():
            state.tally[LIMIT] = max(1, state.tally[USED])

    def _empty_a_route(self) -> bool:
        """Takes the stops off the route whose stops have been out least; False if all are begun."""
        state, search, stops = self.state, self.search, len(self.flat.stop)
        used = state.active[: state.tally[USED]]
        used = used[state.route[used, HEAD] == 0]
        if not len(used):
            return False
        owner = state.node[:stops, ROUTE]
        absence = np.zeros(len(state.route))
        np.add.at(absence, owner[owner >= 0], search.absence[owner >= 0])
        route = int(used[np.argmin(absence[used])])
        engage(state, route, NOWHERE)
        sort = state.route[:, SORT].copy()
        links = state.node[:, NEXT].copy()
        links[stops + route] = stops + route
        restore(self.flat, state, search, links, sort)
        return True

    def _is_best(self) -> bool:
        search = self.search
        now, best = (search.missed[row][::-1].tolist() for row in (NOW, BEST))
        return (now, search.value[COST]) < (best, search.value[BEST_COST])

    def _return_to_best(self) -> None:
        search = self.search
        restore(self.flat, self.state, search, search.best_next.copy(), search.best_sort.copy())


def least_vehicles(flat: Flat) -> int:
    """No fewer vehicles carry all mandatory stops, by the sums of their loads."""
    least = 1
    must = flat.stop[:, LEVEL] != OPTIONAL
    room = np.repeat(flat.capacity, flat.sort[:, COUNT], axis=0)
    for d in range(flat.load.shape[1]):
        most = np.cumsum(np.sort(room[:, d])[::-1])
        for side in range(2):
            load = flat.load[must & (flat.stop[:, PICKUP] == side), d].sum()
            least = max(least, int(np.searchsorted(most, load)) + 1)
    return least
