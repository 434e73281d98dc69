"""Asks a road service for distances, times and lines: OSRM or Valhalla, whichever answers there."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import numpy as np

from api.dispatch.road_dialect import Ask, Dialect, Nonsense, Osrm, TooBig, Valhalla
from routing.delivery.travel import Travel, whole_table
from routing.road.point import Floats, Point, checked_points

TIMEOUT = httpx.Timeout(60, connect=5)
# Requests under way at once; the service is often a machine that does other work too.
AT_ONCE = 4
# Points of a line that services take at once where nobody raised their limit.
LINE_PLACES = 20
# What an answer can fail to be read by.
UNREADABLE = (ValueError, IndexError, Nonsense)


class RoadError(Exception):
    """The road service gave no answer that can be used; the text says why."""


class RoadService:
    """A road service's client.

    Which protocol it speaks is asked for once, unless its address begins with `osrm+` or
    `valhalla+`.
    """

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        """Asks nothing yet.

        Raises: RoadError for an address that is none.
        """
        said, plus, rest = url.partition("+")
        dialects: dict[str, Dialect] = {"osrm": Osrm(), "valhalla": Valhalla()}
        known = bool(plus) and said in dialects
        self._dialect: Dialect | None = dialects[said] if known else None
        self._url = (rest if known else url).rstrip("/")
        self._client = client
        self._size: int | None = None
        try:
            address = httpx.URL(self._url)
        except httpx.InvalidURL as error:
            raise RoadError(f"{url!r} is no address of a road service: {error}") from error
        if address.scheme not in ("http", "https") or not address.host:
            raise RoadError(f"{url!r} is no address of a road service")
        # Names and passwords of an address are nobody's business.
        self._name = f"the road service at {address.netloc.decode('ascii')}"

    async def travel(self, points: Sequence[Point], names: Sequence[str] | None = None) -> Travel:
        """Metres and seconds from each point to each other; FAR where the service knows no way.

        Raises: RoadError; ValueError naming a point that is no place on earth.
        """
        checked_points(points, names)
        dialect = await self._speaks()
        metres = seconds = np.zeros((0, 0))
        while points:
            size = self._size or dialect.places_max // 2
            try:
                metres, seconds = await self._tables(dialect, points, size)
                break
            except TooBig:
                if size == 1:
                    raise RoadError(f"{self._name} refuses a table of two places") from None
                self._size = size // 2
        np.fill_diagonal(metres, 0)
        np.fill_diagonal(seconds, 0)
        source = f"{self._name} ({dialect.name})"
        try:
            return Travel(whole_table(metres), whole_table(seconds)[np.newaxis], source=source)
        except ValueError as error:
            raise RoadError(f"{self._name} answered nonsense: {error}") from error

    async def way(self, points: Sequence[Point]) -> tuple[Point, ...]:
        """The line of the way past the points in their order, to draw on a map.

        Raises: RoadError; ValueError for a point that is no place on earth.
        """
        checked_points(points)
        dialect = await self._speaks()
        line: list[Point] = []
        for first in range(0, max(len(points) - 1, 0), LINE_PLACES - 1):
            answer = await self._answer(dialect, dialect.route(points[first : first + LINE_PLACES]))
            try:
                line += dialect.read_route(answer)
            except UNREADABLE as error:
                raise self._misread(error) from error
        return tuple(line)

    async def _tables(
        self, dialect: Dialect, points: Sequence[Point], size: int
    ) -> tuple[Floats, Floats]:
        """The whole table, from tables of so many sources and targets each."""
        many = len(points)
        metres, seconds = np.empty((many, many)), np.empty((many, many))
        gate = asyncio.Semaphore(AT_ONCE)

        async def ask(row: int, column: int) -> None:
            sources, targets = points[row : row + size], points[column : column + size]
            async with gate:
                answer = await self._answer(dialect, dialect.table(sources, targets))
            try:
                block_m, block_s = dialect.read_table(answer)
            except UNREADABLE as error:
                raise self._misread(error) from error
            shape = (len(sources), len(targets))
            if block_m.shape != shape or block_s.shape != shape:
                raise RoadError(f"{self._name} answered a table of {block_s.shape}, not of {shape}")
            metres[row : row + size, column : column + size] = block_m
            seconds[row : row + size, column : column + size] = block_s

        # The first alone finds out what the service takes.
        await ask(0, 0)
        blocks = [(row, column) for row in range(0, many, size) for column in range(0, many, size)]
        failed: list[Exception] = []
        try:
            async with asyncio.TaskGroup() as group:
                for block in blocks[1:]:
                    group.create_task(ask(*block))
        except* (RoadError, TooBig) as errors:
            failed += errors.exceptions
        if failed:
            raise failed[0]
        # What cannot be driven has no length, and the other way round.
        endless = np.isinf(metres) | np.isinf(seconds)
        metres[endless] = seconds[endless] = np.inf
        return metres, seconds

    async def _speaks(self) -> Dialect:
        """The protocol spoken there: Valhalla tells its version, OSRM knows no such question."""
        if self._dialect is None:
            response = await self._send(Ask("/status"))
            try:
                told = json.loads(response.content)
            except ValueError:
                told = None
            is_valhalla = response.status_code == 200 and isinstance(told, dict)
            self._dialect = Valhalla() if is_valhalla and "version" in told else Osrm()
        return self._dialect

    async def _answer(self, dialect: Dialect, ask: Ask) -> bytes:
        response = await self._send(ask)
        if response.status_code == 200:
            return response.content
        try:
            why = dialect.refusal(response.content)
        except UNREADABLE:
            why = f"HTTP {response.status_code}"
        raise RoadError(f"{self._name} refused: {why}")

    async def _send(self, ask: Ask) -> httpx.Response:
        method = "GET" if ask.body is None else "POST"
        try:
            return await self._client.request(
                method, self._url + ask.path, json=ask.body, timeout=TIMEOUT
            )
        except httpx.TimeoutException as error:
            raise RoadError(f"{self._name} did not answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RoadError(f"{self._name} cannot be reached: {error}") from error

    def _misread(self, error: Exception) -> RoadError:
        first = str(error).partition("\n")[0]
        return RoadError(f"{self._name} answered what cannot be read: {first}")


@asynccontextmanager
async def open_road_service(url: str) -> AsyncIterator[RoadService]:
    """A road service's client with connections of its own, closed at the end.

    Raises: RoadError for an address that is none.
    """
    async with httpx.AsyncClient() as client:
        yield RoadService(url, client)
