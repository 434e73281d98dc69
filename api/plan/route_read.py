"""A file of routes as it was read: its problem, and how an answer is told in its own words."""

from dataclasses import replace
from pathlib import Path

from api.plan.refusal import PlanRefused
from api.plan.route import RouteInput
from api.plan.route_answer import Names
from api.plan.way import ways_between
from api.settings import Settings
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.reader.instance import RouteFile


class RoutesRead:
    """What a file holds, JSON or text.

    Raises: PlanRefused when its parts do not fit together, or its roads cannot be had.
    """

    def __init__(
        self,
        read: RouteInput | RouteFile,
        objective: str | None,
        roads: Path | None,
        settings: Settings,
    ) -> None:
        self._file = read if isinstance(read, RouteFile) else None
        if isinstance(read, RouteInput):
            self.problem = _problem(read, objective, roads, settings)
            return
        if roads is not None:
            raise PlanRefused("--roads: this file's points are on a plane, not on earth")
        self.problem = read.problem
        if objective is not None:
            self.problem = replace(self.problem, objective=Objective(objective))

    @property
    def by_clock(self) -> bool:
        """Whether moments are seconds of a day, and not units that only the file knows."""
        return self._file is None

    def names(self, plan: DeliveryPlan) -> Names:
        """How the plan is told in the file's own words and units."""
        ids = [stop.id for stop in self.problem.stops]
        if self._file is None:
            return Names(dict(zip(ids, ids, strict=True)), 1, plan.cost)
        numbers = dict(zip(ids, self._file.numbers, strict=True))
        return Names({**numbers}, self._file.rounding.scale, self._file.cost(plan))

    def solution_text(self, plan: DeliveryPlan) -> str:
        """The plan as a solution file."""
        if self._file is not None:
            return self._file.solution_text(plan)
        lines = [f"Route #{at}: {' '.join(one.stops)}" for at, one in enumerate(plan.routes, 1)]
        return "\n".join([*lines, f"Cost {plan.cost:g}", ""])


def _problem(
    read: RouteInput, objective: str | None, roads: Path | None, settings: Settings
) -> DeliveryProblem:
    if read.tables is not None:
        travel = read.tables.travel()
        if travel.places != len(read.places):
            raise PlanRefused(
                f"/tables: they hold {travel.places} places, and /places {len(read.places)}"
            )
    else:
        points = [place.point for place in read.places if place.point is not None]
        travel = ways_between(points, [place.id for place in read.places], roads, settings)
    try:
        return read.problem(travel, objective)
    except ValueError as error:
        raise PlanRefused(str(error)) from error
