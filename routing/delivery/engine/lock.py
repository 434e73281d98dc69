"""Constraints of who goes where for OR-Tools: skills, distances, begun routes, stops left out."""

from routing.delivery.engine.model import NOBODY, Model
from routing.delivery.engine.roster import may_serve


def keep_vehicles(model: Model) -> None:
    """A stop only by a vehicle that may serve it."""
    routing, problem = model.routing, model.problem
    begun = {stop: v for v, van in enumerate(model.vans) for stop in van.begun}
    for stop, index in model.indexes().items():
        if stop in begun:
            continue
        fit = [may_serve(problem, each, problem.stops[stop]) for each in problem.vehicles]
        vans = [v for v, van in enumerate(model.vans) if fit[van.vehicle]]
        if len(vans) < len(model.vans):
            routing.VehicleVar(index).SetValues([NOBODY, *vans])


def keep_distances(model: Model) -> None:
    """No route longer than its vehicle's limit."""
    limits = [model.vehicle(v).distance_m_max for v in range(len(model.vans))]
    if all(limit is None for limit in limits):
        return
    distance_m = model.by_node(model.problem.travel.distance_m)
    transit = model.routing.RegisterTransitMatrix(distance_m.tolist())
    most = int(distance_m.sum(axis=1).max())
    model.routing.AddDimensionWithVehicleCapacity(
        transit, 0, [most if limit is None else limit for limit in limits], True, "distance"
    )


def keep_begun(model: Model) -> None:
    """A route that is under way begins with what it has begun with."""
    index = model.indexes()
    for v, van in enumerate(model.vans):
        before = model.routing.Start(v)
        for stop in van.begun:
            model.routing.NextVar(before).SetValue(index[stop])
            before = index[stop]


def allow_unserved(model: Model) -> None:
    """Stops may be left out for their prize, mandatory ones for more than any detour."""
    problem, prices = model.problem, model.prices
    begun = {stop for van in model.vans for stop in van.begun}
    for stop, index in model.indexes().items():
        if stop in begun:
            continue
        prize, priority = problem.stops[stop].prize, problem.stops[stop].priority
        price = prices.leave_out[priority] if prize is None else prices.whole(prize)
        model.routing.AddDisjunction([index], price)
