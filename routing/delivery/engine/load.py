"""Constraints of what is aboard for OR-Tools: capacities, trips, pairs and goods."""

from dataclasses import dataclass

from routing.delivery.engine.model import NOBODY, Model
from routing.delivery.stop import Kind


@dataclass(frozen=True, slots=True)
class Change:
    """What each node changes in one dimension, by who carries it."""

    delivered: list[int]
    collected: list[int]
    between: list[int]


def keep_loads(model: Model) -> None:
    """No more aboard than fits, in any dimension, at any moment of any trip."""
    for k in range(model.problem.dimensions):
        change = _change(model, k)
        rooms = [model.vehicle(v).capacity[k] for v in range(len(model.vans))]
        if any(change.delivered) and (any(change.collected) or any(change.between)):
            _keep_both(model, change, rooms, k)
        else:
            # What is brought and what is fetched alone are counted the same way round.
            columns = (change.delivered, change.collected, change.between)
            _count(model, [sum(column) for column in zip(*columns, strict=True)], rooms, f"{k}")


def keep_trips(model: Model) -> None:
    """A vehicle is reloaded between two trips that each have a stop; pairs stay in one trip."""
    routing = model.routing
    reloads = model.reload_indexes()
    for index, v in reloads:
        routing.AddDisjunction([index], 0)
        routing.VehicleVar(index).SetValues([NOBODY, v])
        routing.NextVar(routing.Start(v)).RemoveValue(index)
        routing.NextVar(index).RemoveValue(routing.End(v))
        for other, _ in reloads:
            if other != index:
                routing.NextVar(index).RemoveValue(other)
    if not reloads or not model.problem.pairs:
        return
    first = len(model.stops)
    steps = [int(first <= node < first + len(reloads)) for node in range(len(model.places))]
    transit = routing.RegisterUnaryTransitVector(steps)
    routing.AddDimension(transit, 0, len(reloads), True, "trip")
    trip = routing.GetDimensionOrDie("trip")
    for pickup, delivery in pairs_in(model):
        routing.solver().Add(trip.CumulVar(pickup) == trip.CumulVar(delivery))


def keep_pairs(model: Model) -> None:
    """Both of a pair by the same vehicle, the pickup first, or neither."""
    routing, solver = model.routing, model.routing.solver()
    for pickup, delivery in pairs_in(model):
        routing.AddPickupAndDelivery(pickup, delivery)
        solver.Add(routing.VehicleVar(pickup) == routing.VehicleVar(delivery))
        solver.Add(routing.ActiveVar(pickup) == routing.ActiveVar(delivery))


def keep_goods_apart(model: Model) -> None:
    """Goods that must not meet are never on the same route."""
    if not model.problem.incompatible:
        return
    routing = model.routing
    types: dict[frozenset[str], int] = {}
    for stop, index in model.indexes().items():
        goods = model.problem.stops[stop].goods
        kind = types.setdefault(goods, len(types))
        routing.SetVisitType(index, kind, routing.TYPE_ADDED_TO_VEHICLE)
    for a, b in sorted(model.problem.incompatible):
        for ours, k in types.items():
            for theirs, j in types.items():
                if a in ours and b in theirs:
                    routing.AddHardTypeIncompatibility(k, j)


def pairs_in(model: Model) -> list[tuple[int, int]]:
    """The library's indexes of both stops of each pair that is in the model."""
    index = model.indexes()
    stops = {stop.id: i for i, stop in enumerate(model.problem.stops)}
    pairs = [(stops[pair.pickup], stops[pair.delivery]) for pair in model.problem.pairs]
    return [(index[p], index[d]) for p, d in pairs if p in index and d in index]


def _change(model: Model, dimension: int) -> Change:
    paired = {stop for pair in model.problem.pairs for stop in (pair.pickup, pair.delivery)}
    change = Change(*([0] * len(model.places) for _ in range(3)))
    for node, index in enumerate(model.stops):
        stop = model.problem.stops[index]
        load = stop.load[dimension]
        if stop.id in paired:
            change.between[node] = load if stop.kind is Kind.PICKUP else -load
        elif stop.kind is Kind.PICKUP:
            change.collected[node] = load
        else:
            change.delivered[node] = load
    return change


def _count(model: Model, values: list[int], rooms: list[int], name: str) -> None:
    """A count from 0 that stays within the room; a reload may take it back to 0."""
    values = list(values)
    first = len(model.stops)
    for k, v in enumerate(model.reloads):
        values[first + k] = -rooms[v]
    slack = max(rooms) if model.reloads else 0
    transit = model.routing.RegisterUnaryTransitVector(values)
    model.routing.AddDimensionWithVehicleCapacity(transit, slack, rooms, True, name)
    _only_reloads_skip(model, name)


def _keep_both(model: Model, change: Change, rooms: list[int], dimension: int) -> None:
    """What is aboard fits, where what is still to be delivered is aboard from the trip's start."""
    routing, solver = model.routing, model.routing.solver()
    first, slack = len(model.stops), max(rooms) if model.reloads else 0
    columns = (change.collected, change.between)
    steps = [sum(column) for column in zip(*columns, strict=True)]
    steps = [more - less for more, less in zip(steps, change.delivered, strict=True)]
    for k, v in enumerate(model.reloads):
        steps[first + k] = -rooms[v]
    for name, values, most in (
        (f"{dimension} brought", [-load for load in change.delivered], slack),
        (f"{dimension}", steps, 2 * slack),
    ):
        transit = routing.RegisterUnaryTransitVector(values)
        routing.AddDimensionWithVehicleCapacity(transit, most, rooms, False, name)
        _only_reloads_skip(model, name)
    to_bring = routing.GetDimensionOrDie(f"{dimension} brought")
    aboard = routing.GetDimensionOrDie(f"{dimension}")
    for v in range(len(model.vans)):
        start = routing.Start(v)
        to_bring.CumulVar(routing.End(v)).SetValue(0)
        solver.Add(aboard.CumulVar(start) == to_bring.CumulVar(start))
    for index, v in model.reload_indexes():
        to_bring.CumulVar(index).SetValue(0)
        loaded = aboard.CumulVar(index) + aboard.SlackVar(index) - rooms[v]
        solver.Add(loaded == to_bring.SlackVar(index))


def _only_reloads_skip(model: Model, name: str) -> None:
    if not model.reloads:
        return
    dimension = model.routing.GetDimensionOrDie(name)
    for index in model.indexes().values():
        dimension.SlackVar(index).SetValue(0)
    for v in range(len(model.vans)):
        dimension.SlackVar(model.routing.Start(v)).SetValue(0)
