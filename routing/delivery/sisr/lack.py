"""What a problem may ask for that this engine cannot carry."""

from collections.abc import Iterator

from routing.delivery.problem import DeliveryProblem


def lacks(problem: DeliveryProblem) -> str:
    """Empty if every constraint of the problem is kept and its whole cost counted; else why not."""
    reasons = [*_of_problem(problem), *_of_vehicle(problem), *_of_stops(problem)]
    return reasons[0] if reasons else ""


def _of_problem(problem: DeliveryProblem) -> Iterator[str]:
    if len(problem.vehicles) > 1:
        yield "there are several types of vehicles"
    if problem.pairs:
        yield "goods go from stop to stop"
    if problem.begun:
        yield "vehicles are already on their way"
    if problem.balance_price > 0:
        yield "drivers are to be balanced"
    if problem.travel.varies:
        yield "travel times change during the day"
    if problem.dimensions > 1:
        yield "loads are measured in several ways"


def _of_vehicle(problem: DeliveryProblem) -> Iterator[str]:
    vehicle = problem.vehicles[0]
    shift_s = vehicle.closes_s - vehicle.opens_s
    if vehicle.end != vehicle.start:
        yield "routes do not end where they start"
    if vehicle.trips_max > 1:
        yield "vehicles may be loaded several times"
    if vehicle.breaks or vehicle.driving is not None:
        yield "drivers take breaks"
    if vehicle.duration_s_max is not None and vehicle.duration_s_max < shift_s:
        yield "the duration of a route is limited"
    if vehicle.distance_m_max is not None:
        yield "the distance of a route is limited"
    if vehicle.duration_cost > 0:
        yield "time costs money"
    if vehicle.distance_cost == 0:
        yield "distance costs nothing"


def _of_stops(problem: DeliveryProblem) -> Iterator[str]:
    loaded = [stop for stop in problem.stops if any(stop.load)]
    if len({stop.kind for stop in loaded}) > 1:
        yield "goods are delivered and picked up on the same routes"
    if any(len(stop.windows) > 1 for stop in problem.stops):
        yield "a stop has several windows"
    if any(stop.soft is not None for stop in problem.stops):
        yield "a stop has a soft window"
    if any(stop.prize is not None for stop in problem.stops):
        yield "a stop is optional"
    if _collide(problem):
        yield "goods must not share a vehicle"


def _collide(problem: DeliveryProblem) -> bool:
    carried = {goods for stop in problem.stops for goods in stop.goods}
    return any(a in carried and b in carried for a, b in problem.incompatible)
