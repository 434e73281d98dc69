"""The nearest neighbour rule: baseline and fallback."""

from routing.van.plan import DeliveryPlan, plan_of
from routing.van.problem import DeliveryProblem, Matrix, Van

ENGINE = "nearest_neighbour"


def nearest_neighbour(problem: DeliveryProblem, matrix: Matrix) -> DeliveryPlan:
    """One van after the other drives on to the nearest stop that it can still serve."""
    waiting = list(range(len(problem.stops)))
    sequences = []
    for van in problem.vans:
        sequence = _drive(problem, matrix, van, waiting)
        waiting = [k for k in waiting if k not in sequence]
        sequences.append(sequence)
    return plan_of(problem, matrix, sequences, ENGINE)


def _drive(problem: DeliveryProblem, matrix: Matrix, van: Van, waiting: list[int]) -> list[int]:
    sequence: list[int] = []
    left = set(waiting)
    here, mass_g, volume_ml, spent_s = 0, 0, 0, 0
    while True:
        reachable = []
        for k in left:
            stop = problem.stops[k]
            back_s = spent_s + matrix.drive_s[here][k + 1] + stop.service_s
            back_s += matrix.drive_s[k + 1][0]
            fits = mass_g + stop.mass_g <= van.mass_g_max
            fits = fits and volume_ml + stop.volume_ml <= van.volume_ml_max
            if fits and back_s <= van.shift_s:
                reachable.append((matrix.distance_m[here][k + 1], k))
        if not reachable:
            return sequence
        k = min(reachable)[1]
        stop = problem.stops[k]
        mass_g += stop.mass_g
        volume_ml += stop.volume_ml
        spent_s += matrix.drive_s[here][k + 1] + stop.service_s
        here = k + 1
        sequence.append(k)
        left.remove(k)
