"""VRPLIB files: capacity, time windows, backhauls, prizes, mixed fleets and several depots."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from routing.delivery.problem import DeliveryProblem
from routing.delivery.reader.instance import (
    Floats,
    Rounding,
    RouteFile,
    earliest,
    latest,
    straight,
)
from routing.delivery.reader.section import Sections, read_heads, table_of
from routing.delivery.stop import Kind, Stop, Window
from routing.delivery.travel import LEG_MAX, Travel
from routing.delivery.vehicle import Depot, Vehicle
from routing.line import Lines

Refuse = Callable[[str], ValueError]
EUCLIDEAN = "EUC_2D"
EXPLICIT = "EXPLICIT"


@dataclass(frozen=True, slots=True)
class Kit:
    """What tells one type of vehicle from another."""

    depot: int
    capacity: float | None
    fixed: float
    unit: float
    duration: float | None
    distance: float | None
    trips: int
    customers: tuple[float, ...] | None


def read_sections(lines: Lines, name: str, rounding: Rounding | None) -> RouteFile:
    """The problem of a whole file.

    Vehicles that are alike become one type. Without VEHICLES there are as many as customers.

    Raises: ValueError with the line's number, or naming the section, and what was expected there.
    """
    read = read_heads(lines)
    refuse = partial(_refusal, name)
    rounding = rounding or _usual(read)
    points = read.nodes.get("NODE_COORD_SECTION")
    travel = _travel(read, points, rounding, refuse)
    depots = tuple(_depot(read, at, rounding.scale, refuse) for at in range(len(read.depots)))
    first = len(read.depots)
    kits = _kits(read)
    _refuse_far_reloads(read, kits, refuse)
    types: dict[Kit, list[int]] = {}
    for number, kit in enumerate(kits):
        types.setdefault(kit, []).append(number)
    vehicles = tuple(
        _vehicle(str(at), kit, len(numbers), rounding.scale)
        for at, (kit, numbers) in enumerate(types.items(), 1)
    )
    allowed = _allowed(types)
    stops = tuple(
        _stop(read, node, rounding.scale, allowed, refuse) for node in range(first, read.dimension)
    )
    problem = DeliveryProblem(depots=depots, vehicles=vehicles, stops=stops, travel=travel)
    fleet = tuple(tuple(numbers) for numbers in types.values())
    numbers = tuple(range(first, read.dimension))
    return RouteFile(name, problem, rounding, numbers, fleet, None if read.weights else points)


def _refusal(name: str, why: str) -> ValueError:
    return ValueError(f"{name}: {why}")


def _usual(read: Sections) -> Rounding:
    if len(read.depots) > 1 or read.vehicles:
        return Rounding.EXACT
    return Rounding.DIMACS if "TIME_WINDOW_SECTION" in read.nodes else Rounding.NEAREST


def _travel(read: Sections, points: Floats | None, rounding: Rounding, refuse: Refuse) -> Travel:
    kind = read.words.get("EDGE_WEIGHT_TYPE", EXPLICIT if read.weights else EUCLIDEAN)
    if kind == EXPLICIT:
        if not read.weights:
            raise refuse("EDGE_WEIGHT_TYPE is EXPLICIT, and there is no EDGE_WEIGHT_SECTION")
        form = read.words.get("EDGE_WEIGHT_FORMAT", "FULL_MATRIX")
        table = rounding.whole(table_of(read.weights, form, read.dimension))
        return Travel(table, table[None], source="the file's own distances")
    if kind != EUCLIDEAN:
        raise refuse(f"EDGE_WEIGHT_TYPE must be {EUCLIDEAN} or {EXPLICIT}, not {kind}")
    if points is None:
        raise refuse("there is neither a NODE_COORD_SECTION nor an EDGE_WEIGHT_SECTION")
    table = straight(points, rounding)
    source = f"straight lines between points, {rounding.value}"
    return Travel(table, table[None], source=source)


def _window(read: Sections, node: int, scale: int, refuse: Refuse) -> Window | None:
    rows = read.nodes.get("TIME_WINDOW_SECTION")
    if rows is None:
        return None
    opens, closes = float(rows[node, 0]), float(rows[node, 1])
    if closes < opens:
        raise refuse(f"the window of node {node + 1} closes at {closes:g}, before {opens:g}")
    return Window(min(LEG_MAX, earliest(opens, scale)), min(LEG_MAX, latest(closes, scale)))


def _depot(read: Sections, at: int, scale: int, refuse: Refuse) -> Depot:
    window = _window(read, at, scale, refuse) or Window(0, LEG_MAX)
    return Depot(str(at), at, window.opens_s, window.closes_s)


def _kits(read: Sections) -> list[Kit]:
    count = int(read.numbers.get("VEHICLES", read.dimension - len(read.depots)))
    reloads = "VEHICLES_RELOAD_DEPOT_SECTION" in read.vehicles

    def said(section: str, vehicle: int) -> float | None:
        rows = read.vehicles.get(section)
        if rows is not None:
            return rows[vehicle][0]
        return read.numbers.get(section.removesuffix("_SECTION"))

    kits = []
    for vehicle in range(count):
        clients = read.vehicles.get("VEHICLES_ALLOWED_CLIENTS_SECTION")
        again = said("VEHICLES_MAX_RELOADS_SECTION", vehicle)
        unit = said("VEHICLES_UNIT_DISTANCE_COST_SECTION", vehicle)
        kits.append(
            Kit(
                depot=int(said("VEHICLES_DEPOT_SECTION", vehicle) or 1) - 1,
                capacity=said("CAPACITY_SECTION", vehicle),
                fixed=said("VEHICLES_FIXED_COST_SECTION", vehicle) or 0.0,
                unit=1.0 if unit is None else unit,
                # A limit of CVRPLIB's DISTANCE has the service times in it.
                duration=said("VEHICLES_MAX_DURATION_SECTION", vehicle)
                or read.numbers.get("DISTANCE"),
                distance=said("VEHICLES_MAX_DISTANCE_SECTION", vehicle),
                trips=1 + int(read.dimension if again is None else again) if reloads else 1,
                customers=None if clients is None else clients[vehicle],
            )
        )
    return kits


def _refuse_far_reloads(read: Sections, kits: list[Kit], refuse: Refuse) -> None:
    """A vehicle is loaded again where it starts."""
    rows = read.vehicles.get("VEHICLES_RELOAD_DEPOT_SECTION", [])
    for vehicle, (depots, kit) in enumerate(zip(rows, kits, strict=False), 1):
        for depot in depots:
            if depot != kit.depot + 1:
                raise refuse(
                    f"vehicle {vehicle} reloads at depot {depot:g}; expected depot "
                    f"{kit.depot + 1}, where it starts"
                )


def _vehicle(name: str, kit: Kit, count: int, scale: int) -> Vehicle:
    room = LEG_MAX if kit.capacity is None else int(kit.capacity)
    return Vehicle(
        id=name,
        start=str(kit.depot),
        end=str(kit.depot),
        capacity=(room,),
        count=count,
        duration_s_max=None if kit.duration is None else latest(kit.duration, scale),
        distance_m_max=None if kit.distance is None else latest(kit.distance, scale),
        fixed_cost=kit.fixed * scale,
        distance_cost=kit.unit,
        trips_max=kit.trips,
    )


def _allowed(types: dict[Kit, list[int]]) -> dict[int, frozenset[str]] | None:
    """Which types may serve each node; None where all may."""
    if all(kit.customers is None for kit in types):
        return None
    allowed: dict[int, set[str]] = {}
    for name, kit in enumerate(types, 1):
        for node in kit.customers or ():
            allowed.setdefault(int(node) - 1, set()).add(str(name))
    return {node: frozenset(names) for node, names in allowed.items()}


def _stop(
    read: Sections,
    node: int,
    scale: int,
    allowed: dict[int, frozenset[str]] | None,
    refuse: Refuse,
) -> Stop:
    def said(section: str) -> float:
        rows = read.nodes.get(section)
        return 0.0 if rows is None else float(rows[node, 0])

    delivered = said("DEMAND_SECTION") + said("LINEHAUL_SECTION")
    picked_up = said("BACKHAUL_SECTION")
    if delivered and picked_up:
        raise refuse(f"node {node + 1} has a delivery and a pickup; make two nodes of it")
    service = said("SERVICE_TIME_SECTION") or read.numbers.get("SERVICE_TIME", 0.0)
    window = _window(read, node, scale, refuse)
    prizes = read.nodes.get("PRIZE_SECTION")
    return Stop(
        id=str(node),
        place=node,
        load=(int(np.ceil(delivered or picked_up)),),
        kind=Kind.PICKUP if picked_up else Kind.DELIVERY,
        windows=() if window is None else (window,),
        service_s=round(service * scale),
        # In instances of this format a stop without a prize must be served, as PyVRP reads them.
        prize=None if prizes is None or not prizes[node, 0] else float(prizes[node, 0]) * scale,
        vehicles=None if allowed is None else allowed.get(node, frozenset()),
    )
