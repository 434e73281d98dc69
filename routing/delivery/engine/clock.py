"""Constraints of time for OR-Tools: windows, shifts, limits, balance, breaks and driving."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from routing.delivery.engine.model import NOBODY, Model, cut_off, seconds_of
from routing.delivery.engine.roster import depots_of
from routing.delivery.travel import LEG_MAX, Table
from routing.delivery.vehicle import Vehicle


def keep_time(model: Model) -> None:
    """Everything that depends on when a vehicle is where; nothing where no moment matters."""
    if not _matters(model):
        return
    horizon_s = max(_closes_s(model, v) for v in range(len(model.vans)))
    transits = _transits(model, horizon_s)
    model.routing.AddDimensionWithVehicleTransitAndCapacity(
        transits, horizon_s, [_closes_s(model, v) for v in range(len(model.vans))], False, "time"
    )
    time = model.routing.GetDimensionOrDie("time")
    _keep_shifts(model, time)
    _keep_windows(model, time)
    _price_soft_windows(model, time)
    _keep_durations(model, time)
    _keep_order_of_pairs(model, time)
    _balance(model, time, transits, horizon_s)
    _take_breaks(model, time)


def _matters(model: Model) -> bool:
    """Whether anything of the problem depends on when a vehicle is where."""
    problem = model.problem
    return (
        cut_off(model)
        or bool(problem.pairs)
        or problem.balance_price > 0
        or any(stop.windows or stop.soft for stop in problem.stops)
        or any(depot.closes_s < LEG_MAX for depot in problem.depots)
        or any(
            vehicle.closes_s < LEG_MAX
            or vehicle.duration_s_max is not None
            or vehicle.duration_cost
            or vehicle.breaks
            or vehicle.driving
            for vehicle in problem.vehicles
        )
    )


def _opens_s(model: Model, van: int) -> int:
    vehicle = model.vehicle(van)
    start, _ = depots_of(model.problem, vehicle)
    return max(vehicle.opens_s, start.opens_s)


def _closes_s(model: Model, van: int) -> int:
    vehicle = model.vehicle(van)
    _, end = depots_of(model.problem, vehicle)
    return vehicle.closes_s if end is None else min(vehicle.closes_s, end.closes_s)


def _services_s(model: Model) -> list[int]:
    """How long each node takes, a reload too."""
    stops = [model.problem.stops[stop].service_s for stop in model.stops]
    reloads = [model.vehicle(v).reload_s for v in model.reloads]
    return stops + reloads + [0] * (len(model.places) - len(stops) - len(reloads))


def _transits(model: Model, horizon_s: int) -> list[int]:
    """For each van, its table of service and way.

    Rests from driving are spread over the way: who takes a share of a rest with every second of
    driving is never earlier than who rests when he must. Optional rests as intervals would be
    exact, but the library tries every second for each of them.
    """
    service = np.array(_services_s(model), np.int64)[:, None]
    tables = seconds_of(model, horizon_s)
    registered = {
        pace: _registered(model, np.minimum(tables[pace[0]] * pace[1], horizon_s + 1) + service)
        for pace in sorted({_pace(vehicle) for vehicle in model.problem.vehicles})
    }
    return [registered[_pace(model.vehicle(v))] for v in range(len(model.vans))]


def _pace(vehicle: Vehicle) -> tuple[float, float]:
    """Its speed factor, and by how much rests stretch a way."""
    rule = vehicle.driving
    return vehicle.speed_factor, 1.0 if rule is None else 1 + rule.rest_s / rule.drive_s_max


def _registered(model: Model, seconds: NDArray[np.float64]) -> int:
    """A table made known to the library.

    It copies a table for each vehicle, which takes longer than a whole first solution. That one
    asks Python instead, which a long search must not.
    """
    routing: pywrapcp.RoutingModel = model.routing
    whole: Table = np.ceil(seconds - 1e-9).astype(np.int64)
    if not model.once:
        return int(routing.RegisterTransitMatrix(whole.tolist()))
    nodes = [model.manager.IndexToNode(k) for k in range(model.manager.GetNumberOfIndices())]
    rows = whole[np.ix_(nodes, nodes)].tolist()
    return int(routing.RegisterTransitCallback(lambda start, end: rows[start][end]))


def _keep_shifts(model: Model, time: pywrapcp.RoutingDimension) -> None:
    routing = model.routing
    for v in range(len(model.vans)):
        home, end = depots_of(model.problem, model.vehicle(v))
        closes_s = _closes_s(model, v)
        leaves_s = (_opens_s(model, v), min(home.closes_s, closes_s))
        ends_s = (0 if end is None else end.opens_s, closes_s)
        if leaves_s[0] > leaves_s[1] or ends_s[0] > ends_s[1]:
            # A shift that is over before it begins leaves the vehicle at home.
            routing.NextVar(routing.Start(v)).SetValue(routing.End(v))
        else:
            time.CumulVar(routing.Start(v)).SetRange(*leaves_s)
            time.CumulVar(routing.End(v)).SetRange(*ends_s)
    for index, v in model.reload_indexes():
        home, _ = depots_of(model.problem, model.vehicle(v))
        reload_s = model.vehicle(v).reload_s
        if home.opens_s <= home.closes_s - reload_s:
            time.CumulVar(index).SetRange(home.opens_s, home.closes_s - reload_s)
        else:
            routing.VehicleVar(index).SetValue(NOBODY)


def _keep_windows(model: Model, time: pywrapcp.RoutingDimension) -> None:
    for stop, index in model.indexes().items():
        windows = model.problem.stops[stop].windows
        if not windows:
            continue
        moment = time.CumulVar(index)
        moment.SetRange(windows[0].opens_s, windows[-1].closes_s)
        for before, after in pairwise(windows):
            if before.closes_s + 1 < after.opens_s:
                moment.RemoveInterval(before.closes_s + 1, after.opens_s - 1)


def _price_soft_windows(model: Model, time: pywrapcp.RoutingDimension) -> None:
    for stop, index in model.indexes().items():
        soft = model.problem.stops[stop].soft
        if soft is None:
            continue
        if early := model.prices.whole(soft.early_price):
            time.SetCumulVarSoftLowerBound(index, soft.opens_s, early)
        if late := model.prices.whole(soft.late_price):
            time.SetCumulVarSoftUpperBound(index, soft.closes_s, late)


def _keep_durations(model: Model, time: pywrapcp.RoutingDimension) -> None:
    for v in range(len(model.vans)):
        vehicle = model.vehicle(v)
        if vehicle.duration_s_max is not None:
            time.SetSpanUpperBoundForVehicle(vehicle.duration_s_max, v)
        if price := model.prices.whole(vehicle.duration_cost):
            time.SetSpanCostCoefficientForVehicle(price, v)


def _keep_order_of_pairs(model: Model, time: pywrapcp.RoutingDimension) -> None:
    solver, index = model.routing.solver(), model.indexes()
    stops = {stop.id: i for i, stop in enumerate(model.problem.stops)}
    for pair in model.problem.pairs:
        pickup, delivery = stops[pair.pickup], stops[pair.delivery]
        if pickup in index and delivery in index:
            solver.Add(time.CumulVar(index[pickup]) <= time.CumulVar(index[delivery]))


def _balance(
    model: Model, time: pywrapcp.RoutingDimension, transits: list[int], horizon_s: int
) -> None:
    """Prices the longest duration, by a second clock that starts when the vehicle does."""
    price = model.prices.whole(model.problem.balance_price)
    if not price:
        return
    vans = range(len(model.vans))
    model.routing.AddDimensionWithVehicleTransitAndCapacity(
        transits, horizon_s, [horizon_s] * len(model.vans), True, "work"
    )
    work, solver = model.routing.GetDimensionOrDie("work"), model.routing.solver()
    for v in vans:
        start, end = model.routing.Start(v), model.routing.End(v)
        solver.Add(work.CumulVar(end) == time.CumulVar(end) - time.CumulVar(start))
    work.SetGlobalSpanCostCoefficient(price)


def _take_breaks(model: Model, time: pywrapcp.RoutingDimension) -> None:
    """Breaks within their windows. Stricter than the rule: no route begins after one has closed."""
    solver, services_s = model.routing.solver(), _services_s(model)
    visits = [services_s[model.manager.IndexToNode(index)] for index in range(model.routing.Size())]
    for v in range(len(model.vans)):
        vehicle = model.vehicle(v)
        start = time.CumulVar(model.routing.Start(v))
        pauses = []
        for k, each in enumerate(vehicle.breaks):
            if each.closes_s < _opens_s(model, v) or each.opens_s > _closes_s(model, v):
                continue
            pause = solver.FixedDurationIntervalVar(
                each.opens_s, each.closes_s, each.length_s, False, f"break {v} {k}"
            )
            solver.Add(pause.StartExpr() >= start)
            pauses.append(pause)
        if pauses:
            time.SetBreakIntervalsOfVehicle(pauses, v, visits)
