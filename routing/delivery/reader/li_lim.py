"""Files of pickups and deliveries with time windows.

The first row holds vehicles, capacity and speed; then a row each: number, x, y, demand, ready
time, due date, service time, and the number of the pickup or of the delivery that belongs to it,
0 for none. Number 0 is the depot. Fewest vehicles come first.

Source: H. Li and A. Lim (2003), International Journal on Artificial Intelligence Tools 12.
"""

from dataclasses import dataclass

import numpy as np

from routing.delivery.problem import DeliveryProblem, Objective, Pair
from routing.delivery.reader.instance import Rounding, RouteFile
from routing.delivery.reader.solomon import ROW, point_of, travel_of, when_of
from routing.delivery.stop import Kind, Stop, Window
from routing.delivery.vehicle import Depot, Vehicle
from routing.line import Lines


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the file."""

    demand: int
    window: Window
    service_s: int
    pickup: int
    delivery: int


def read_pairs(lines: Lines, name: str, rounding: Rounding) -> RouteFile:
    """The problem of a whole file.

    Raises: ValueError with the line's number and what was expected there.
    """
    words = lines.row(("vehicles", "capacity", "speed"))
    count = lines.whole(words[0], "vehicles", 1)
    capacity = lines.whole(words[1], "capacity")
    lines.number(words[2], "speed", 0)
    tasks: list[Task] = []
    points: list[tuple[float, float]] = []
    while lines.peek():
        words = lines.row((*ROW, "pickup", "delivery"))
        if lines.whole(words[0], f"task {len(tasks)}") != len(tasks):
            raise lines.refusal(f"task {len(tasks)}", words[0])
        points.append(point_of(lines, words))
        tasks.append(_task(lines, words, rounding.scale))
    if not tasks:
        raise lines.missing("a row for the depot, task 0")
    stops, pairs = _stops(tasks, name)
    depot = Depot("0", 0, tasks[0].window.opens_s, tasks[0].window.closes_s)
    problem = DeliveryProblem(
        depots=(depot,),
        vehicles=(Vehicle(id="1", start="0", end="0", capacity=(capacity,), count=count),),
        stops=stops,
        travel=travel_of(np.array(points, np.float64), rounding),
        pairs=pairs,
        objective=Objective.VEHICLES,
    )
    numbers = tuple(range(1, len(tasks)))
    fleet = (tuple(range(count)),)
    return RouteFile(name, problem, rounding, numbers, fleet, np.array(points, np.float64))


def _task(lines: Lines, words: list[str], scale: int) -> Task:
    demand = int(lines.number(words[3], "demand", -100_000, 100_000))
    window, service = when_of(lines, words, scale)
    pickup, delivery = lines.whole(words[7], "pickup"), lines.whole(words[8], "delivery")
    if pickup and delivery:
        raise lines.refusal("a pickup or a delivery, not both")
    return Task(demand, window, service, pickup, delivery)


def _stops(tasks: list[Task], name: str) -> tuple[tuple[Stop, ...], tuple[Pair, ...]]:
    pairs = []
    for number, task in enumerate(tasks):
        other = task.pickup or task.delivery
        if other >= len(tasks):
            raise ValueError(f"{name}: task {number} names the unknown task {other}")
        if other and number not in (tasks[other].pickup, tasks[other].delivery):
            raise ValueError(f"{name}: task {number} names task {other}, which names another")
        if other and tasks[other].demand != -task.demand:
            raise ValueError(f"{name}: tasks {number} and {other} carry unlike loads")
        if task.delivery:
            pairs.append(Pair(str(number), str(task.delivery)))
    stops = tuple(
        Stop(
            id=str(number),
            place=number,
            load=(abs(task.demand),),
            kind=Kind.DELIVERY if task.pickup or task.demand < 0 else Kind.PICKUP,
            windows=(task.window,),
            service_s=task.service_s,
        )
        for number, task in enumerate(tasks[1:], 1)
    )
    return stops, tuple(pairs)
