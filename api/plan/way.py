"""Ways between points on earth: by an extract of roads, by a road service, or in straight lines."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from api.dispatch.road import RoadError, open_road_service
from api.plan.refusal import PlanRefused
from api.settings import Settings
from routing.delivery.travel import Travel


def ways_between(
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    roads: Path | None,
    settings: Settings,
) -> Travel:
    """Metres and seconds from each point to each other, and where they come from.

    By the roads of a file; else of the service or the extract of the settings; else straight.

    Raises: PlanRefused when the roads cannot be had, or do not reach a point.
    """
    extract = roads or settings.roads_extract
    try:
        if roads is None and settings.roads_url is not None:
            return asyncio.run(_by_service(settings.roads_url, points, names))
        if extract is not None:
            from routing.road.network import RoadNetwork
            from routing.road.profile import VAN

            network = RoadNetwork.open(extract, VAN, settings.home / "roads")
            return network.travel(points, names=names)
        from routing.road.straight import straight_travel

        return straight_travel(points, names=names)
    except (ValueError, OSError, RoadError) as error:
        raise PlanRefused(str(error)) from error


async def _by_service(
    url: str, points: Sequence[tuple[float, float]], names: Sequence[str]
) -> Travel:
    async with open_road_service(url) as service:
        return await service.travel(points, names)
