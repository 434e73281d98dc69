"""A road service is asked in its own protocol, and what it answers is checked."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dispatch import road
from api.dispatch.road import RoadError, RoadService, open_road_service
from api.dispatch.road_dialect import Nonsense, polyline
from routing.delivery.travel import FAR
from routing.road.point import Point
from tests.api.dispatch.road_server import RoadServer, encoded, serving
from tests.patience import PATIENCE_S

PROTOCOLS = ("osrm", "valhalla")
both = pytest.mark.parametrize("protocol", PROTOCOLS)


def places(many: int) -> list[Point]:
    return [(48.0 + at / 1000, 11.0 - at / 500) for at in range(many)]


def server(points: list[Point]) -> RoadServer:
    """A table in which no two ways are equally long."""
    return RoadServer(
        {
            (start, end): 1000.0 * i + 10.0 * j if i != j else 0.0
            for i, start in enumerate(points)
            for j, end in enumerate(points)
        }
    )


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        yield client


@both
async def test_metres_and_seconds_come_as_they_are(
    protocol: str, client: httpx.AsyncClient
) -> None:
    points = places(5)
    async with serving(server(points), protocol) as told:
        travel = await RoadService(told.url, client).travel(points)
    wanted = np.array([[1000 * i + 10 * j if i != j else 0 for j in range(5)] for i in range(5)])
    assert (travel.distance_m == wanted).all()
    assert (travel.duration_s[0] == wanted / 10).all()
    assert "127.0.0.1" in travel.source and protocol in travel.source.lower()


@both
async def test_a_large_table_is_asked_for_piece_by_piece(
    protocol: str, client: httpx.AsyncClient
) -> None:
    points = places(130)
    async with serving(server(points), protocol) as told:
        travel = await RoadService(told.url, client).travel(points)
    assert max(told.asked) <= 100
    assert travel.distance_m[129, 1] == 129_010
    assert travel.distance_m[3, 128] == 4280


@both
async def test_a_service_that_takes_less_is_asked_for_less(
    protocol: str, client: httpx.AsyncClient
) -> None:
    points = places(40)
    told = server(points)
    told.places_max = 7
    async with serving(told, protocol):
        service = RoadService(told.url, client)
        travel = await service.travel(points)
        refused = sum(1 for many in told.asked if many > 7)
        await service.travel(points)
    assert travel.distance_m[39, 38] == 39_380
    # What it takes is found out once.
    assert 0 < refused < 10
    assert sum(1 for many in told.asked if many > 7) == refused


@both
async def test_where_there_is_no_way_it_is_far(protocol: str, client: httpx.AsyncClient) -> None:
    points = places(3)
    told = server(points)
    told.metres[points[0], points[2]] = None
    async with serving(told, protocol):
        travel = await RoadService(told.url, client).travel(points)
    assert travel.distance_m[0, 2] == travel.duration_s[0, 0, 2] == FAR
    assert travel.distance_m[2, 0] == 2000


async def test_a_place_far_from_every_road_has_no_way(client: httpx.AsyncClient) -> None:
    points = places(3)
    told = server(points)
    told.moved_m[points[1]] = 501.0
    async with serving(told, "osrm"):
        travel = await RoadService(told.url, client).travel(points)
    assert (travel.distance_m == FAR).tolist() == [
        [False, True, False],
        [True, False, True],
        [False, True, False],
    ]


@both
async def test_a_line_passes_all_points(protocol: str, client: httpx.AsyncClient) -> None:
    points = places(45)
    async with serving(server(points), protocol) as told:
        line = await RoadService(told.url, client).way(points)
    assert list(dict.fromkeys(line)) == [pytest.approx(point) for point in points]


async def test_no_points_are_asked_for_by_nobody(client: httpx.AsyncClient) -> None:
    async with serving(server([]), "osrm") as told:
        service = RoadService(told.url, client)
        assert (await service.travel([])).places == 0
        assert await service.way([]) == ()
    assert not told.asked


@both
@pytest.mark.parametrize(
    ("breaks", "why"),
    [
        ((200, "<html>"), "cannot be read"),
        ((200, "{}"), "cannot be read"),
        ((502, "bad gateway"), "HTTP 502"),
        ((301, ""), "HTTP 301"),
    ],
)
async def test_what_is_no_answer_is_an_error(
    protocol: str, breaks: tuple[int, str], why: str, client: httpx.AsyncClient
) -> None:
    told = server(places(3))
    told.breaks = breaks
    async with serving(told, protocol):
        with pytest.raises(RoadError, match=why):
            await RoadService(told.url, client).travel(places(3))


@pytest.mark.parametrize(
    ("protocol", "breaks", "why"),
    [
        ("osrm", (400, '{"code": "NoSegment", "message": "for point 2"}'), "NoSegment: for point"),
        ("osrm", (200, '{"durations": [[0, 1], [2, 0]], "distances": [[0]]}'), "a table of"),
        ("osrm", (200, '{"durations": [[0, 1], [2]], "distances": [[0, 1], [2]]}'), "equally"),
        ("osrm", (200, '{"durations": [[0,-1],[2,0]], "distances": [[0,1],[2,0]]}'), "negative"),
        (
            "osrm",
            (200, '{"durations": [], "distances": [], "destinations": [{"distance": 900}]}'),
            "cannot be read",
        ),
        ("osrm", (200, '{"durations": [[0,NaN],[2,0]], "distances": [[0,1],[2,0]]}'), "read"),
        (
            "valhalla",
            (400, '{"error_code": 171, "error": "No suitable edges near location"}'),
            "No suitable edges near location",
        ),
        ("valhalla", (200, '{"sources_to_targets": [[{"distance": "far"}]]}'), "cannot be read"),
    ],
)
async def test_a_refusal_or_nonsense_is_told(
    protocol: str, breaks: tuple[int, str], why: str, client: httpx.AsyncClient
) -> None:
    told = server(places(2))
    told.breaks = breaks
    async with serving(told, protocol):
        with pytest.raises(RoadError, match=why):
            await RoadService(told.url, client).travel(places(2))


async def test_a_service_that_refuses_two_places_is_given_up(client: httpx.AsyncClient) -> None:
    told = server(places(3))
    told.places_max = 0
    async with serving(told, "osrm"):
        with pytest.raises(RoadError, match="two places"):
            await RoadService(told.url, client).travel(places(3))


@both
async def test_a_protocol_that_is_named_is_not_asked_for(
    protocol: str, client: httpx.AsyncClient
) -> None:
    points = places(2)
    async with serving(server(points), protocol) as told:
        travel = await RoadService(f"{protocol}+{told.url}/", client).travel(points)
    assert travel.distance_m[1, 0] == 1000


async def test_a_service_that_is_away_is_an_error(client: httpx.AsyncClient) -> None:
    async with serving(server([]), "osrm") as told:
        pass
    with pytest.raises(RoadError, match="cannot be reached"):
        await RoadService(told.url, client).travel(places(2))


async def test_a_service_that_hangs_is_given_up(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(road, "TIMEOUT", httpx.Timeout(0.05))

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(RoadError, match="did not answer in time"):
            await RoadService(f"http://127.0.0.1:{port}", client).travel(places(2))


@pytest.mark.parametrize("url", ["", "roads", "ftp://roads.example", "http://", "http://[::"])
async def test_what_is_no_address_is_refused(url: str, client: httpx.AsyncClient) -> None:
    with pytest.raises(RoadError, match="is no address"):
        RoadService(url, client)


async def test_a_password_in_the_address_is_told_to_nobody() -> None:
    with pytest.raises(RoadError) as told:
        async with open_road_service("http://user:secret@127.0.0.1:1") as service:
            await service.travel(places(2))
    assert "secret" not in str(told.value)


async def test_a_point_that_is_no_place_is_refused(client: httpx.AsyncClient) -> None:
    with pytest.raises(ValueError, match="the depot"):
        await RoadService("http://127.0.0.1:1", client).travel([(95.0, 0.0)], ["the depot"])


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), max_size=5))
def test_an_encoded_line_is_read_back(line: list[Point]) -> None:
    assert polyline(encoded(line)) == [pytest.approx(point, abs=1e-6) for point in line]


@pytest.mark.parametrize("shape", ["_", "?", "_p~iF~ps|", " ", "é"])
def test_a_broken_line_is_refused(shape: str) -> None:
    with pytest.raises(Nonsense):
        polyline(shape)
