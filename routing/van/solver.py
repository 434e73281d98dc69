"""Routes by OR-Tools: one function a constraint."""

from dataclasses import dataclass
from random import Random

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.van.plan import DeliveryPlan, plan_of, why_impossible
from routing.van.problem import DeliveryProblem, Matrix

ENGINE = "ortools"
DEPOT = 0


@dataclass(frozen=True, slots=True)
class Model:
    """The library's model, and the node of the matrix that each of its nodes stands for."""

    routing: pywrapcp.RoutingModel
    manager: pywrapcp.RoutingIndexManager
    nodes: tuple[int, ...]


def solve_routes(
    problem: DeliveryProblem,
    matrix: Matrix,
    seed: int,
    time_limit_s: int,
    solutions: int,
) -> DeliveryPlan | None:
    """The shortest routes met within so many improving or accepted solutions; None if none.

    The seed numbers the stops anew, which is all the chance there is. A search that ends by
    `solutions` repeats; one that ends by time_limit_s need not.
    """
    possible = [
        n for n in range(1, len(problem.stops) + 1) if not why_impossible(problem, matrix, n)
    ]
    Random(seed).shuffle(possible)
    nodes = (DEPOT, *possible)
    manager = pywrapcp.RoutingIndexManager(len(nodes), len(problem.vans), DEPOT)
    model = Model(pywrapcp.RoutingModel(manager), manager, nodes)
    _minimise_distance(model, matrix)
    _limit_load(model, problem)
    _limit_shift(model, problem, matrix)
    _allow_unserved(model, matrix)
    answer = model.routing.SolveWithParameters(_parameters(time_limit_s, solutions))
    if answer is None:
        return None
    vans = range(len(problem.vans))
    return plan_of(problem, matrix, [_sequence(model, answer, van) for van in vans], ENGINE)


def _minimise_distance(model: Model, matrix: Matrix) -> None:
    rows = [[matrix.distance_m[a][b] for b in model.nodes] for a in model.nodes]
    arc = model.routing.RegisterTransitMatrix(rows)
    model.routing.SetArcCostEvaluatorOfAllVehicles(arc)


def _limit_load(model: Model, problem: DeliveryProblem) -> None:
    stops = [problem.stops[node - 1] for node in model.nodes[1:]]
    mass = model.routing.RegisterUnaryTransitVector([0, *(stop.mass_g for stop in stops)])
    volume = model.routing.RegisterUnaryTransitVector([0, *(stop.volume_ml for stop in stops)])
    mass_max = [van.mass_g_max for van in problem.vans]
    volume_max = [van.volume_ml_max for van in problem.vans]
    model.routing.AddDimensionWithVehicleCapacity(mass, 0, mass_max, True, "mass_g")
    model.routing.AddDimensionWithVehicleCapacity(volume, 0, volume_max, True, "volume_ml")


def _limit_shift(model: Model, problem: DeliveryProblem, matrix: Matrix) -> None:
    service_s = [0, *(problem.stops[node - 1].service_s for node in model.nodes[1:])]
    rows = [
        [matrix.drive_s[a][b] + service_s[k] for b in model.nodes]
        for k, a in enumerate(model.nodes)
    ]
    transit = model.routing.RegisterTransitMatrix(rows)
    shifts = [van.shift_s for van in problem.vans]
    model.routing.AddDimensionWithVehicleCapacity(transit, 0, shifts, True, "time_s")


def _allow_unserved(model: Model, matrix: Matrix) -> None:
    # Leaving one stop out costs more than any set of routes, so it never pays.
    penalty = 1 + 2 * sum(max(matrix.distance_m[node]) for node in model.nodes)
    for k in range(1, len(model.nodes)):
        model.routing.AddDisjunction([model.manager.NodeToIndex(k)], penalty)


def _parameters(time_limit_s: int, solutions: int) -> object:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    first, search = (
        routing_enums_pb2.FirstSolutionStrategy,
        routing_enums_pb2.LocalSearchMetaheuristic,
    )
    parameters.first_solution_strategy = first.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = search.GUIDED_LOCAL_SEARCH
    parameters.time_limit.seconds = time_limit_s
    parameters.solution_limit = solutions
    return parameters


def _sequence(model: Model, answer: pywrapcp.Assignment, van: int) -> list[int]:
    sequence = []
    index = answer.Value(model.routing.NextVar(model.routing.Start(van)))
    while not model.routing.IsEnd(index):
        sequence.append(model.nodes[model.manager.IndexToNode(index)] - 1)
        index = answer.Value(model.routing.NextVar(index))
    return sequence
