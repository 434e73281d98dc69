"""What a file of a routing problem comes to, in whole units of a chosen fineness."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.delivery.travel import Table

Floats = NDArray[np.float64]
# Rows of a table that are worked out at once: so much memory goes to their floats.
BLOCK_CELLS = 4_000_000


class Rounding(StrEnum):
    """How straight lines become numbers.

    nearest: the nearest whole number. dimacs: cut off after one decimal. exact: not at all, which
    here is to a ten-thousandth, with costs told in full doubles.
    """

    NEAREST = "nearest"
    DIMACS = "dimacs"
    EXACT = "exact"

    @property
    def scale(self) -> int:
        """So many of our whole units are one of the file's."""
        return {"nearest": 1, "dimacs": 10, "exact": 10_000}[self.value]

    def whole(self, lengths: Floats) -> Table:
        """Lengths of the file in our whole units."""
        if self is Rounding.DIMACS:
            # A length that is whole in tenths must not fall to the tenth below.
            return np.floor(self.scale * lengths + 1e-9).astype(np.int64)
        return np.floor(self.scale * lengths + 0.5).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class RouteFile:
    """A problem read from a file.

    numbers: the customer number that the format gives to each stop.
    fleet: the numbers from 0 that the file gives to the vehicles of each type.
    points: (P, 2) coordinates in the file's units; None where it lists distances.
    """

    name: str
    problem: DeliveryProblem
    rounding: Rounding
    numbers: tuple[int, ...]
    fleet: tuple[tuple[int, ...], ...]
    points: Floats | None

    def cost(self, plan: DeliveryPlan) -> float:
        """The plan's cost in the file's units, in full doubles where nothing is rounded."""
        if self.rounding is not Rounding.EXACT or self.points is None:
            return plan.cost / self.rounding.scale
        stops = {stop.id: stop for stop in self.problem.stops}
        depots = {depot.id: depot.place for depot in self.problem.depots}
        vehicles = {vehicle.id: vehicle for vehicle in self.problem.vehicles}
        # Prizes of stops left out are no lengths, and are read without loss.
        cost = sum(stops[each.stop].prize or 0.0 for each in plan.unserved) / self.rounding.scale
        for route in plan.routes:
            vehicle = vehicles[route.vehicle]
            places = []
            for trip in route.trips:
                places.append(depots[vehicle.start])
                places += [stops[visit.stop].place for visit in trip.visits]
            if vehicle.end is not None:
                places.append(depots[vehicle.end])
            legs = np.diff(self.points[places], axis=0)
            length = float(np.hypot(legs[:, 0], legs[:, 1]).sum())
            cost += vehicle.fixed_cost / self.rounding.scale + vehicle.distance_cost * length
        return cost

    def routes(self, plan: DeliveryPlan) -> list[list[int]]:
        """The customers of each route, in order."""
        number_of = dict(zip((stop.id for stop in self.problem.stops), self.numbers, strict=True))
        return [[number_of[stop] for stop in route.stops] for route in plan.routes]

    def solution_text(self, plan: DeliveryPlan) -> str:
        """The plan as a solution file: a line for each route, then the cost.

        Where vehicles differ, every vehicle of the file has its line, empty for one that stays.
        """
        routes = self.routes(plan)
        if len(self.problem.vehicles) > 1:
            types = [vehicle.id for vehicle in self.problem.vehicles]
            lines: list[list[int]] = [[] for _ in range(sum(map(len, self.fleet)))]
            for route, customers in zip(plan.routes, routes, strict=True):
                lines[self.fleet[types.index(route.vehicle)][route.number]] = customers
            routes = lines
        text = [f"Route #{at}: {' '.join(map(str, one))}" for at, one in enumerate(routes, 1)]
        cost = f"{self.cost(plan):.4f}".rstrip("0").rstrip(".")
        return "\n".join([*text, f"Cost {cost}", ""])


def straight(points: Floats, rounding: Rounding) -> Table:
    """Straight lines between all points, (P, P)."""
    count = len(points)
    table = np.empty((count, count), np.int64)
    step = max(1, BLOCK_CELLS // max(1, count))
    for first in range(0, count, step):
        rows = points[first : first + step, None, :] - points[None, :, :]
        table[first : first + step] = rounding.whole(np.hypot(rows[..., 0], rows[..., 1]))
    return table


def latest(moment: float, scale: int) -> int:
    """A moment in our whole units, never later than it is."""
    return int(np.floor(moment * scale + 1e-9))


def earliest(moment: float, scale: int) -> int:
    """A moment in our whole units, never earlier than it is."""
    return int(np.ceil(moment * scale - 1e-9))
