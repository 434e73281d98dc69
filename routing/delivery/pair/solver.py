"""Routes for pickup-and-delivery pairs, and single stops among them."""

from math import inf

from routing.delivery.draft import Draft, Progress, Run, Watch, unwatched
from routing.delivery.pair.flat import (
    COST,
    DUE,
    FIXED,
    HELD,
    PER_METRE,
    PER_SECOND,
    PRIZE,
    USED,
    WEIGHT,
    Fleet,
    Jobs,
    Routes,
    flatten,
)
from routing.delivery.pair.lack import lacks
from routing.delivery.pair.meter import Meter
from routing.delivery.pair.recreate import CLOSE_BY, EARLY, FAR_OFF, NARROW, TURNS, Terms
from routing.delivery.pair.ruin import Manner
from routing.delivery.pair.search import Search, keep_best, new_search, take_steps
from routing.delivery.pair.start import (
    begun_rows,
    draft_rows,
    drop_vehicle,
    place_absent,
    recall,
    set_rows,
)
from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.travel import LEG_MAX
from routing.effort import Effort

__all__ = ["lacks", "solve"]

ENGINE = "pair"
MANNER = Manner(
    removed_mean=12.0,
    string_max=10.0,
    split=0.5,
    grow=0.01,
    alike=0.2,
    whole=0.02,
    overlook=0.02,
    hardest=0.2,
    focus=0.0,
)
# In a hunt.
HUNT_MANNER = MANNER._replace(removed_mean=6.0, focus=0.5)
STEPS_BETWEEN_CLOCKS = 100
# A change of so many mean legs is taken at 1/e at first, and at last.
HOT_LEGS, COLD_LEGS = 1.0, 0.01
# The share of the effort by which all stops are to be served, and vehicles saved.
HUNT_SHARE = 0.6
WARM_UP_SHARE = 0.1
HUNT_CYCLE, HUNT_HOT, HUNT_COLD = 0.1, 1.0, 0.02
# A job opens a route with this chance, whatever it costs, where vehicles do not count.
OPEN_SHARE = 0.01
# The watch is told when so much more of the effort is spent.
TELL_SHARE = 0.02
STARTS = (FAR_OFF, NARROW, EARLY, CLOSE_BY)


def solve(
    problem: DeliveryProblem,
    effort: Effort,
    warm: Draft | None = None,
    watch: Watch = unwatched,
) -> Draft:
    """The best routes met until the effort's end; those of warm are never made worse.

    By iterations alone, equal seeds give equal drafts.

    Raises: ValueError for a problem that has what `lacks` names.
    """
    if reason := lacks(problem):
        raise ValueError(reason)
    meter = Meter(effort)
    routes, jobs, fleet = flatten(problem)
    search = new_search(routes, jobs, effort.seed, TURNS)
    journey = _Journey(problem, search, meter, watch)
    journey.begin(fleet, warm)
    journey.hunt()
    journey.improve()
    journey.tell(1.0)
    return _draft(search, fleet, meter.done)


class _Journey:
    """One search from its start to its end. per_vehicle: what each counts before all costs."""

    def __init__(
        self, problem: DeliveryProblem, search: Search, meter: Meter, watch: Watch
    ) -> None:
        self.problem, self.search, self.meter, self.watch = problem, search, meter, watch
        self.saves_vehicles = problem.objective is Objective.VEHICLES
        self.per_vehicle = 0.0
        self.told = 0.0

    def begin(self, fleet: Fleet, warm: Draft | None) -> None:
        """The best of the draft that is there, and of placing all jobs in some orders."""
        search = self.search
        routes, jobs = search.bench.routes, search.bench.jobs
        begun = begun_rows(self.problem, fleet)
        if self.saves_vehicles:
            self.per_vehicle = _above_all_costs(routes, jobs)
        terms = self._terms(len(routes.row), self.per_vehicle / 2)
        if warm is not None:
            set_rows(search, draft_rows(self.problem, routes, jobs, fleet, warm), begun)
            keep_best(search, self.per_vehicle)
            place_absent(search, MANNER, terms, STARTS[0])
            keep_best(search, self.per_vehicle)
        else:
            for order in STARTS:
                set_rows(search, begun, begun)
                place_absent(search, MANNER, terms, order)
                keep_best(search, self.per_vehicle)
                if self.meter.is_over():
                    break
        recall(search, search.best.following)

    def hunt(self) -> None:
        """Looks for places for all stops that must be served; then does with fewer vehicles."""
        search = self.search
        best, routes = search.best, search.bench.routes
        toll = search.bench.jobs.worth[:, WEIGHT].copy()
        if self.saves_vehicles and best.score[0] == 0:
            self._warm_up()
        while self.meter.gone() < HUNT_SHARE:
            vehicles = len(routes.row)
            if best.score[0] == 0:
                if not self.saves_vehicles or not drop_vehicle(search, toll):
                    break
                vehicles = int(routes.tally[USED])
            terms = self._terms(vehicles, self.per_vehicle / 2)._replace(toll=toll, hunts=True)
            leg, since = self._leg_cost(), self.meter.gone()
            done = False
            while not done and self.meter.gone() < HUNT_SHARE:
                gone = (self.meter.gone() - since) / HUNT_CYCLE % 1.0
                heat = leg * HUNT_HOT * (HUNT_COLD / HUNT_HOT) ** gone
                done = take_steps(search, HUNT_MANNER, terms, self._steps(), heat)
            if done:
                keep_best(search, self.per_vehicle)
        recall(search, best.following)

    def _warm_up(self) -> None:
        """Goes on from routes that are cheap, as many as there are; the best stays as it was.

        Good routes are easier to do without than those of jobs placed one by one.
        """
        best = self.search.best
        following, score = best.following.copy(), best.score.copy()
        best.score[:] = inf
        terms = self._terms(len(self.search.bench.routes.row), 0.0)
        self._cool(terms._replace(per_vehicle=0.0), WARM_UP_SHARE)
        if best.score[0] < inf:
            recall(self.search, best.following)
        best.following[:], best.score[:] = following, score
        keep_best(self.search, self.per_vehicle)

    def improve(self) -> None:
        """Makes the routes cheaper under a falling temperature."""
        search = self.search
        vehicles = len(search.bench.routes.row)
        if self.saves_vehicles:
            vehicles = int(search.bench.routes.tally[USED])
        opening = 0.0 if self.saves_vehicles else OPEN_SHARE
        self._cool(self._terms(vehicles, 0.0)._replace(open=opening), 1.0)

    def _cool(self, terms: Terms, until: float) -> None:
        """Anneals until that share of the effort is spent."""
        leg, since = self._leg_cost(), self.meter.gone()
        while not self.meter.is_over() and (now := self.meter.gone()) < until:
            heat = leg * HOT_LEGS * (COLD_LEGS / HOT_LEGS) ** ((now - since) / (until - since))
            take_steps(self.search, MANNER, terms, self._steps(), heat)

    def _terms(self, vehicles: int, reluctance: float) -> Terms:
        toll = self.search.bench.jobs.worth[:, WEIGHT].copy()
        return Terms(vehicles, reluctance, toll, False, inf, self.per_vehicle, 0.0)

    def tell(self, gone: float) -> None:
        """Tells the watch what the best routes cost."""
        best, n = self.search.best, len(self.search.bench.jobs.near)
        used = int((best.following[n:] < n).sum())
        self.told = gone
        self.watch(
            Progress(
                share=min(1.0, gone),
                cost=float(best.score[1]) - self.per_vehicle * used,
                unserved=_absent_stops(self.search),
                iterations=self.meter.done,
            )
        )

    def _steps(self) -> int:
        """How many steps come next; tells the watch now and then how far the search is."""
        gone = self.meter.gone()
        if gone - self.told >= TELL_SHARE:
            self.tell(gone)
        return self.meter.next_steps(STEPS_BETWEEN_CLOCKS)

    def _leg_cost(self) -> float:
        """The mean cost of a leg on the best routes."""
        routes = self.search.bench.routes
        used = routes.row[:, HELD] > 0
        moving = float((routes.money[:, COST] - routes.money[:, FIXED] * used).sum())
        return max(moving / max(1, int(routes.row[:, HELD].sum() + used.sum())), 1e-9)


def _above_all_costs(routes: Routes, jobs: Jobs) -> float:
    """More than what any two sets of routes differ by."""
    real = routes.legs[routes.legs < LEG_MAX].max(initial=0)
    span = float(min(routes.tag[:, DUE].max(), LEG_MAX))
    per_metre, per_second = routes.money[:, [PER_METRE, PER_SECOND]].max(axis=0)
    most = per_metre * float(real) * len(routes.node) + per_second * span * len(routes.row)
    return float(1.0 + jobs.worth[:, PRIZE].sum() + routes.money[:, FIXED].sum() + most)


def _absent_stops(search: Search) -> int:
    """Stops on none of the best routes."""
    n = len(search.bench.jobs.near)
    following = search.best.following
    on_routes = 0
    for end in range(n, len(following)):
        node = following[end]
        while node != end:
            on_routes += 1
            node = following[node]
    return n - on_routes


def _draft(search: Search, fleet: Fleet, iterations: int) -> Draft:
    n = len(search.bench.jobs.near)
    following = search.best.following.tolist()
    runs = []
    for k, (kind, number) in enumerate(fleet):
        stops, node = [], following[n + k]
        while node < n:
            stops.append(node)
            node = following[node]
        if stops:
            runs.append(Run(kind, (tuple(stops),), number))
    return Draft(tuple(runs), ENGINE, iterations)
