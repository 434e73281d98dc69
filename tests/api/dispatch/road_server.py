"""A road service over real HTTP that answers from a known table, in either protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from aiohttp import web

from routing.road.point import Point


def encoded(line: list[Point]) -> str:
    """A line as Valhalla writes it."""
    text, last = "", (0, 0)
    for latitude, longitude in line:
        here = round(latitude * 1e6), round(longitude * 1e6)
        for value in (here[0] - last[0], here[1] - last[1]):
            rest = ~(value << 1) if value < 0 else value << 1
            while rest >= 32:
                text += chr((32 | rest & 31) + 63)
                rest >>= 5
            text += chr(rest + 63)
        last = here
    return text


@dataclass(slots=True)
class RoadServer:
    """Knows places by their degrees.

    metres: from and to places; None where there is no way. Seconds are a tenth of them.
    places_max: more at once are refused. moved_m: how far from a road a place lies.
    breaks: status and body of what it answers to tables instead.
    """

    metres: dict[tuple[Point, Point], float | None]
    places_max: int = 100
    moved_m: dict[Point, float] = field(default_factory=dict)
    breaks: tuple[int, str] | None = None
    url: str = ""
    asked: list[int] = field(default_factory=list)

    async def status(self, request: web.Request) -> web.Response:
        return web.json_response({"version": "3.5.1", "tileset_last_modified": 1})

    async def osrm_table(self, request: web.Request) -> web.Response:
        places = _places(request)
        self.asked.append(len(places))
        if self.breaks is not None:
            return web.Response(status=self.breaks[0], text=self.breaks[1])
        if len(places) > self.places_max:
            body = {"code": "TooBig", "message": "Too many table coordinates"}
            return web.json_response(body, status=400)
        assert set(request.query["annotations"].split(",")) == {"duration", "distance"}
        sources = [places[int(at)] for at in request.query["sources"].split(";")]
        targets = [places[int(at)] for at in request.query["destinations"].split(";")]
        return web.json_response(
            {
                "code": "Ok",
                "distances": [[self.metres[s, t] for t in targets] for s in sources],
                "durations": [[_tenth(self.metres[s, t]) for t in targets] for s in sources],
                "sources": [{"distance": self.moved_m.get(s, 3.5)} for s in sources],
                "destinations": [{"distance": self.moved_m.get(t, 3.5)} for t in targets],
            }
        )

    async def osrm_route(self, request: web.Request) -> web.Response:
        line = [[longitude, latitude] for latitude, longitude in _places(request)]
        way = {"geometry": {"type": "LineString", "coordinates": line}}
        return web.json_response({"code": "Ok", "routes": [way]})

    async def valhalla_table(self, request: web.Request) -> web.Response:
        asked = await request.json()
        sources, targets = (_latlon(asked[key]) for key in ("sources", "targets"))
        self.asked.append(max(len(sources), len(targets)))
        if self.breaks is not None:
            return web.Response(status=self.breaks[0], text=self.breaks[1])
        if self.asked[-1] > self.places_max:
            told = f"Exceeded max locations:{self.places_max}"
            body = {"error_code": 150, "error": told, "status_code": 400}
            return web.json_response(body, status=400)
        assert asked["costing"] == "auto" and asked["units"] == "km"
        rows = [[self._leg(s, t) for t in targets] for s in sources]
        return web.json_response({"sources_to_targets": rows, "units": "kilometers"})

    def _leg(self, source: Point, target: Point) -> dict[str, float | None]:
        metres = self.metres[source, target]
        kilometres = None if metres is None else metres / 1000
        return {"distance": kilometres, "time": _tenth(metres)}

    async def valhalla_route(self, request: web.Request) -> web.Response:
        places = _latlon((await request.json())["locations"])
        legs = [{"shape": encoded(list(pair))} for pair in pairwise(places)]
        return web.json_response({"trip": {"legs": legs}})


def _tenth(metres: float | None) -> float | None:
    return None if metres is None else metres / 10


def _places(request: web.Request) -> list[Point]:
    pairs = [pair.split(",") for pair in request.match_info["places"].split(";")]
    return [(float(latitude), float(longitude)) for longitude, latitude in pairs]


def _latlon(places: list[dict[str, Any]]) -> list[Point]:
    return [(place["lat"], place["lon"]) for place in places]


@asynccontextmanager
async def serving(server: RoadServer, protocol: str) -> AsyncIterator[RoadServer]:
    """The server on a port of its own, speaking `osrm` or `valhalla`."""
    app = web.Application()
    if protocol == "osrm":
        app.router.add_get("/table/v1/driving/{places}", server.osrm_table)
        app.router.add_get("/route/v1/driving/{places}", server.osrm_route)
    else:
        app.router.add_get("/status", server.status)
        app.router.add_post("/sources_to_targets", server.valhalla_table)
        app.router.add_post("/route", server.valhalla_route)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()
