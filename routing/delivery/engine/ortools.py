"""Routes by OR-Tools' routing library, which carries every constraint of the problem."""

from collections.abc import Callable

from ortools.constraint_solver import (
    pywrapcp,
    routing_enums_pb2,
    routing_parameters_pb2,
)

from routing.delivery.draft import Draft, Progress, Run, Watch, unwatched
from routing.delivery.engine.clock import keep_time
from routing.delivery.engine.filling import fill
from routing.delivery.engine.load import keep_goods_apart, keep_loads, keep_pairs, keep_trips
from routing.delivery.engine.lock import (
    allow_unserved,
    keep_begun,
    keep_distances,
    keep_vehicles,
)
from routing.delivery.engine.model import Model, model_of
from routing.delivery.engine.repair import keep_what_drives
from routing.delivery.problem import DeliveryProblem
from routing.effort import Effort

ENGINE = "ortools"
First = routing_enums_pb2.FirstSolutionStrategy
# A table of so many stops takes half a gigabyte while it is handed over.
STOPS_MAX = 3_000
# The clock is read once in so many neighbours.
NEIGHBOURS_BETWEEN_CLOCKS = 64
SOLUTIONS_MAX = 2**62
# By iterations alone, the search ends when so many neighbours brought no solution.
STALL, STALL_A_STOP = 20_000, 1_000


def lacks(problem: DeliveryProblem) -> str:
    """Only room: what the library sees more strictly, or not at all, is mended afterwards."""
    if len(problem.stops) > STOPS_MAX:
        return f"OR-Tools' tables of more than {STOPS_MAX} stops take more memory than they should"
    return ""


def solve(
    problem: DeliveryProblem, effort: Effort, warm: Draft | None = None, watch: Watch = unwatched
) -> Draft:
    """The best routes met by guided local search; each of them can be driven.

    The search ends by so many solutions, each better than the one before or accepted after it, or
    by the effort's clock, which it asks itself. A travel time that varies is taken at its worst.
    """
    left = effort.left()
    model = whole_model(problem, effort.seed)
    if not model.stops:
        return Draft((), ENGINE)
    search = Search(model, effort, left, watch)
    answer = search.run(warm)
    if answer is None:
        return Draft(() if warm is None else warm.runs, ENGINE)
    kept = fill(problem, keep_what_drives(problem, runs_of(model, answer)))
    return Draft(kept, ENGINE, search.solutions)


def whole_model(problem: DeliveryProblem, seed: int, once: bool = False) -> Model:
    """A model with all constraints. once: for a first solution only."""
    model = model_of(problem, seed, once)
    if not model.stops:
        return model
    keep_loads(model)
    keep_time(model)
    keep_trips(model)
    keep_pairs(model)
    keep_goods_apart(model)
    keep_vehicles(model)
    keep_distances(model)
    keep_begun(model)
    allow_unserved(model)
    return model


class Search:
    """One search, its end, and those who look on."""

    def __init__(
        self, model: Model, effort: Effort, left: Callable[[], float], watch: Watch
    ) -> None:
        self.model, self.effort, self.left, self.watch = model, effort, left, watch
        self.solutions = 0
        self._asked = 0
        self._be_patient()
        self._best = 2**62

    def run(self, warm: Draft | None) -> pywrapcp.Assignment | None:
        """The best solution met, or None."""
        routing = self.model.routing
        routing.AddSearchMonitor(routing.solver().CustomLimit(self._is_over))
        routing.AddAtSolutionCallback(self._tell)
        parameters = parameters_of(First.PARALLEL_CHEAPEST_INSERTION, self.effort.iterations)
        routing.CloseModelWithParameters(parameters)
        answer = None
        if warm is not None and (start := _assignment(self.model, warm)) is not None:
            answer = routing.SolveFromAssignmentWithParameters(start, parameters)
        return answer or routing.SolveWithParameters(parameters)

    def _is_over(self) -> bool:
        self._asked += 1
        if self._asked % NEIGHBOURS_BETWEEN_CLOCKS:
            return False
        stalled = self.effort.seconds is None and self._asked > self._asked_max
        return stalled or self.left() <= 0

    def _be_patient(self) -> None:
        """Without a clock, nothing else ends a search for the moments of a hopeless route."""
        self._asked_max = self._asked + STALL + STALL_A_STOP * len(self.model.stops)

    def _tell(self) -> None:
        self.solutions += 1
        self._be_patient()
        routing, scale = self.model.routing, self.model.prices.scale
        price = routing.CostVar().Min()
        if price >= self._best:
            return
        self._best = price
        indexes = self.model.indexes().values()
        unserved = len(self.model.problem.stops) - len(self.model.stops)
        unserved += sum(routing.ActiveVar(index).Max() == 0 for index in indexes)
        self.watch(Progress(self._share(), price / scale, unserved, self.solutions))

    def _share(self) -> float:
        shares = [0.0]
        if self.effort.iterations:
            shares.append(self.solutions / self.effort.iterations)
        if self.effort.seconds:
            shares.append(1 - self.left() / self.effort.seconds)
        return min(1.0, max(shares))


def parameters_of(
    first: int, solutions: int | None
) -> routing_parameters_pb2.RoutingSearchParameters:
    """How the library searches."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = first
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    parameters.solution_limit = SOLUTIONS_MAX if solutions is None else max(1, solutions)
    return parameters


def runs_of(model: Model, answer: pywrapcp.Assignment) -> list[Run]:
    """The routes of a solution."""
    first, runs = len(model.stops), []
    for v, van in enumerate(model.vans):
        trips: list[list[int]] = [[]]
        index = answer.Value(model.routing.NextVar(model.routing.Start(v)))
        while not model.routing.IsEnd(index):
            node = model.manager.IndexToNode(index)
            if node < first:
                trips[-1].append(model.stops[node])
            else:
                trips.append([])
            index = answer.Value(model.routing.NextVar(index))
        if any(trips):
            number = van.number if van.begun else None
            runs.append(Run(van.vehicle, tuple(tuple(trip) for trip in trips if trip), number))
    return runs


def _assignment(model: Model, warm: Draft) -> pywrapcp.Assignment | None:
    """The warm routes as the library's, or None where they don't fit its model."""
    index, reloads = model.indexes(), model.reload_indexes()
    routes: list[list[int]] = [[] for _ in model.vans]
    free = {v for v, van in enumerate(model.vans) if not van.begun}
    for run in warm.runs:
        begun = [
            v
            for v, van in enumerate(model.vans)
            if van.begun and (van.vehicle, van.number) == (run.vehicle, run.number)
        ]
        same = [v for v in sorted(free) if model.vans[v].vehicle == run.vehicle]
        if not begun and not same:
            return None
        van = begun[0] if begun else same[0]
        free.discard(van)
        ways = [node for node, owner in reloads if owner == van]
        for k, trip in enumerate(run.trips):
            if k:
                routes[van].append(ways[k - 1])
            routes[van] += [index[stop] for stop in trip if stop in index]
    return model.routing.ReadAssignmentFromRoutes(routes, True)
