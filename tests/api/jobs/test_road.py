"""Where distances come from: what does not answer is passed over, and the plan says so."""

from pathlib import Path

import httpx
import pytest

from api.dispatch.road import RoadService
from api.jobs.road import Map
from api.jobs.solver import Solver
from api.settings import Settings
from tests.conftest import SHARED_DATA
from tests.patience import PATIENCE_S

MONACO = SHARED_DATA / "roads" / "monaco.osm.pbf"
# The palace, the casino, and a point far out at sea.
POINTS = [(43.7311, 7.4203), (43.7394, 7.4279), (43.2, 8.5)]


def _settings(tmp_path: Path, extract: Path | None = None) -> Settings:
    return Settings(home=tmp_path, roads_extract=extract)


async def test_without_a_map_there_are_straight_lines_and_no_ways(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    known = Map(settings, Solver(settings))
    travel = await known.travel(POINTS)
    assert travel.source.startswith("straight lines")
    assert travel.distance_m[0, 1] > 0
    assert await known.ways([POINTS]) == ()


async def test_a_service_that_is_away_and_an_extract_that_is_none_are_named(
    tmp_path: Path,
) -> None:
    settings = _settings(tmp_path, tmp_path / "none.osm.pbf")
    solver = Solver(settings)
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            service = RoadService("osrm+http://127.0.0.1:1", client)
            known = Map(settings, solver, service)
            travel = await known.travel(POINTS)
            assert await known.ways([POINTS]) == ()
    finally:
        solver.close()
    assert travel.source.startswith("straight lines")
    assert "service did not answer" in travel.source
    assert "extract" in travel.source


@pytest.mark.needs_data
async def test_an_extract_tells_ways_by_road_and_what_has_none(tmp_path: Path) -> None:
    settings = _settings(tmp_path, MONACO)
    solver = Solver(settings)
    known = Map(settings, solver)
    try:
        travel = await known.travel(POINTS)
        [line] = await known.ways([POINTS[:2]])
    finally:
        solver.close()
    straight = await Map(_settings(tmp_path), solver).travel(POINTS)
    assert "OpenStreetMap" in travel.source
    assert straight.distance_m[0, 1] / 1.3 < travel.distance_m[0, 1] < 10_000
    # By road nobody gets to a point at sea; that is an answer, and no error.
    assert travel.distance_m[0, 2] > 10**12
    assert (travel.duration_s[:, 2, 2] == 0).all()
    assert len(line) > 10
    assert line[0] == pytest.approx(POINTS[0], abs=1e-4)
    assert line[-1] == pytest.approx(POINTS[1], abs=1e-4)
