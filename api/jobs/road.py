"""Where distances and times come from: a road service, else an extract, else straight lines."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from api.dispatch.road import RoadError, RoadService, open_road_service
from api.jobs.line import thinned
from api.jobs.solver import Solver
from api.settings import Settings
from routing.delivery.travel import Travel
from routing.error import NoPlan
from routing.road.point import Point
from routing.road.straight import straight_travel
from wms.journey.route.route_plan import Roads
from wms.shipping.route_plan import Way

# Between towns a van is faster than in one, and most of a round lies between them.
STRAIGHT_KMH = 50.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Map:
    """The roads that the settings name. What does not answer is passed over, and the plan says so.

    service: a road service's client, where one is named.
    """

    settings: Settings
    solver: Solver
    service: RoadService | None = None

    async def travel(self, points: Sequence[Point]) -> Travel:
        """What lies between points, by the best of the sources that answers."""
        silent = ""
        if self.service is not None:
            try:
                return await self.service.travel(points)
            except RoadError as error:
                silent = "; the road service did not answer"
                log.warning("road_service_silent", error=str(error))
        if self.settings.roads_extract is not None:
            try:
                found = await self.solver.road_travel(self.settings.roads_extract, points)
                return replace(found, source=found.source + silent)
            except NoPlan as error:
                silent += "; the extract of roads cannot be read"
                log.warning("road_extract_silent", error=str(error))
        lines = straight_travel(points, speed_kmh=STRAIGHT_KMH)
        return replace(lines, source=lines.source + silent)

    async def ways(self, rounds: Sequence[Sequence[Point]]) -> Sequence[Way]:
        """The lines that vans drive on; none where no roads are known."""
        try:
            if self.service is not None:
                return [thinned(await self.service.way(passed)) for passed in rounds]
            if self.settings.roads_extract is not None:
                return await self.solver.road_ways(self.settings.roads_extract, rounds)
        except (RoadError, NoPlan) as error:
            # A map without its lines still shows the stops; the plan is not held up for it.
            log.warning("road_lines_silent", error=str(error))
        return ()


@asynccontextmanager
async def open_roads(settings: Settings, solver: Solver) -> AsyncIterator[Roads]:
    """What a plan of routes asks for, with the road service's connections closed at the end.

    Raises: RoadError where the settings name an address that is none.
    """
    if settings.roads_url is None:
        known = Map(settings, solver)
        yield Roads(known.travel, known.ways)
        return
    async with open_road_service(settings.roads_url) as service:
        known = Map(settings, solver, service)
        yield Roads(known.travel, known.ways)
