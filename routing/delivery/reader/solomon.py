"""Files of vehicle routing with time windows.

A name, VEHICLE with NUMBER and CAPACITY, then CUSTOMER with a row each: number, x, y, demand,
ready time, due date, service time. Customer 0 is the depot.

Source: M. M. Solomon (1987), Operations Research 35; H. Gehring and J. Homberger (1999).
"""

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
from routing.delivery.stop import Stop, Window
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Depot, Vehicle
from routing.line import Lines

ROW = ("number", "x", "y", "demand", "ready time", "due date", "service time")
PLACE_MAX = 1_000_000


def read_solomon(lines: Lines, name: str, rounding: Rounding) -> RouteFile:
    """The problem of a whole file.

    Raises: ValueError with the line's number and what was expected there.
    """
    lines.take("the problem's name")
    lines.keyword("VEHICLE")
    if lines.take("NUMBER CAPACITY").split() != ["NUMBER", "CAPACITY"]:
        raise lines.refusal("NUMBER CAPACITY")
    fleet, room = lines.row(("number of vehicles", "capacity"))
    count, capacity = lines.whole(fleet, "number of vehicles", 1), lines.whole(room, "capacity")
    lines.keyword("CUSTOMER")
    lines.take("the heads of the columns")
    depot: Depot | None = None
    stops: list[Stop] = []
    points: list[tuple[float, float]] = []
    while lines.peek():
        words = lines.row(ROW)
        number = lines.whole(words[0], f"customer {len(points)}")
        if number != len(points):
            raise lines.refusal(f"customer {len(points)}", words[0])
        points.append(point_of(lines, words))
        window, service = when_of(lines, words, rounding.scale)
        if number == 0:
            depot = Depot("0", 0, window.opens_s, window.closes_s)
            continue
        demand = lines.whole(words[3], "demand", 0)
        stops.append(
            Stop(
                id=str(number),
                place=number,
                load=(demand,),
                windows=(window,),
                service_s=service,
            )
        )
    if depot is None:
        raise lines.missing("a row for the depot, customer 0")
    problem = DeliveryProblem(
        depots=(depot,),
        vehicles=(Vehicle(id="1", start="0", end="0", capacity=(capacity,), count=count),),
        stops=tuple(stops),
        travel=travel_of(np.array(points, np.float64), rounding),
    )
    numbers = tuple(range(1, len(points)))
    fleet_numbers = (tuple(range(count)),)
    return RouteFile(name, problem, rounding, numbers, fleet_numbers, np.array(points, np.float64))


def point_of(lines: Lines, words: list[str]) -> tuple[float, float]:
    """The second and third word as coordinates."""
    x = lines.number(words[1], "x", -PLACE_MAX, PLACE_MAX)
    return x, lines.number(words[2], "y", -PLACE_MAX, PLACE_MAX)


def when_of(lines: Lines, words: list[str], scale: int) -> tuple[Window, int]:
    """The fifth to seventh word as a window and a time of service.

    Raises: ValueError naming the line for a window that closes before it opens.
    """
    ready = lines.number(words[4], "ready time", 0, 100_000)
    due = lines.number(words[5], "due date", 0, 100_000)
    service = lines.number(words[6], "service time", 0, 100_000)
    if due < ready:
        raise lines.refusal(f"a due date of at least the ready time {words[4]}", words[5])
    return Window(earliest(ready, scale), latest(due, scale)), round(service * scale)


def travel_of(points: Floats, rounding: Rounding) -> Travel:
    """Straight lines; a unit of length takes a unit of time."""
    table = straight(points, rounding)
    return Travel(table, table[None], source=f"straight lines between points, {rounding.value}")
