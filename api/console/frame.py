"""What surrounds every page: the header, the live sign, and the loop that keeps a page true."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import asyncpg
from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from api.console.fragment import Fragment
from api.console.session import COOKIE, SIGN_IN, holder, visitor
from api.console.words import Scene, empty, join
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.error import NotFound
from wms.overview import queries
from wms.overview.pipeline import Overview, Site
from wms.tenants.staff import Staff

REFRESH_S = 1.0
SECTIONS = (
    ("/console", "Overview"),
    ("/console/orders", "Orders"),
    ("/console/waves", "Waves"),
    ("/console/sorters", "Sorters"),
    ("/console/departures", "Departures"),
    ("/console/replenishment", "Replenishment"),
    ("/console/tickets", "Tickets"),
)
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

Draw = Callable[[asyncpg.Connection, Scene], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """One open page: who looks at it, and how to bring it up to date."""

    staff: Staff
    token: str
    refresh: Callable[[], Awaitable[None]]


class Desk:
    """Opens pages on the house; all that are open share one reading of the overview."""

    def __init__(self, house: House, style: str) -> None:
        """`style` is the address of the style sheet."""
        self.house = house
        self._style = style
        self._overview: Overview | None = None
        self._reading = asyncio.Lock()

    async def overview(self, connection: asyncpg.Connection) -> Overview:
        """The newest overview, read at most once in a refresh for all who look at it."""
        async with self._reading:
            now = self.house.now()
            known = self._overview
            if known is None or (now - known.at).total_seconds() >= REFRESH_S * 0.9:
                self._overview = known = await queries.overview(connection, now)
            return known

    async def open(
        self, request: Request, title: str, draw: Draw, *, live: bool = True
    ) -> Page | RedirectResponse:
        """Shows what `draw` makes, every second anew where `live`; or sends to the sign-in."""
        staff = await visitor(self.house, request)
        if staff is None:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{SIGN_IN}?next={quote(request.url.path + query)}")
        token = request.cookies[COOKIE]
        async with staff_transaction(self.house.pool) as connection:
            site = await queries.site(connection)
            markup = await self._draw(connection, draw, site, staff)
        ui.page_title(f"{title} · Stowline")
        ui.add_head_html(f'<link rel="stylesheet" href="{self._style}">')
        with ui.element("header").classes("top"):
            Fragment(_sections(request.url.path)).classes("sections")
            light = Fragment(_light(self._scene(site), away=False)).classes("light")
            Fragment(_seat(staff, site)).classes("seat")
        body = Fragment(markup).classes("page").props('role="main"')

        async def refresh() -> None:
            try:
                if await holder(self.house, token) is None:
                    ui.navigate.to(SIGN_IN)
                    return
                async with staff_transaction(self.house.pool) as connection:
                    body.show(await self._draw(connection, draw, site, staff))
            except AWAY:
                light.show(_light(self._scene(site), away=True))
                return
            light.show(_light(self._scene(site), away=False))

        if live:
            ui.timer(REFRESH_S, refresh)
        return Page(staff, token, refresh)

    async def _draw(
        self, connection: asyncpg.Connection, draw: Draw, site: Site | None, staff: Staff
    ) -> str:
        try:
            return await draw(connection, replace(self._scene(site), viewer=staff.actor))
        except NotFound as missing:
            return empty(escape(missing.detail), "It may have another number.")
        except asyncpg.DataError:
            return empty("There is no such page.", "No number here is that long.")

    def _scene(self, site: Site | None) -> Scene:
        return Scene(self.house.now(), _zone(site))


def _zone(site: Site | None) -> tzinfo:
    # A machine without a time zone database still shows true moments, in UTC.
    try:
        return UTC if site is None else ZoneInfo(site.time_zone)
    except ZoneInfoNotFoundError:
        return UTC


def _sections(path: str) -> str:
    links = join(
        f'<a href="{address}"{" aria-current=page" if _is_here(path, address) else ""}>{name}</a>'
        for address, name in SECTIONS
    )
    return f"""<p class="brand"><i></i>Stowline</p>
      <nav aria-label="Sections">{links}</nav>"""


def _seat(staff: Staff, site: Site | None) -> str:
    name = escape(site.name) if site else "No warehouse yet"
    return f"""<p class="site">{name}</p>
      <form method="post" action="/console/sign-out"><span>{escape(staff.name)}
      <small>{staff.role}</small></span><button class="button">Sign out</button></form>"""


def _is_here(path: str, address: str) -> bool:
    return path == address or (address != "/console" and path.startswith(address))


def _light(scene: Scene, *, away: bool) -> str:
    text = "Database away" if away else "Live"
    return (
        f'<p data-away="{"yes" if away else "no"}"><i></i>{text} '
        f"<time>{scene.time(scene.now)}</time></p>"
    )
