"""The console's pages."""

import hashlib
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app as nicegui_app
from nicegui import ui

from api.audit.reading import ReadLog
from api.console import departure as departure_view
from api.console import order as order_view
from api.console import overview as overview_view
from api.console import replenishment as replenishment_view
from api.console import session
from api.console import sorter as sorter_view
from api.console import wave as wave_view
from api.console.button import offer_buttons
from api.console.departure_desk import PLAN, PLAN_ANEW, offer_wish
from api.console.frame import Desk
from api.console.given_up_page import add_page as add_given_up_page
from api.console.handoff_page import add_pages as add_ticket_pages
from api.console.lane_button import lane_buttons
from api.console.page import page
from api.console.replenishment_desk import FORECAST, approve_all, offer_decision, offer_sending
from api.console.replenishment_desk import PATH as REPLENISHMENT
from api.console.wave_button import REPLAN, UNRELEASE
from api.console.words import Scene
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.overview import queries
from wms.overview import sorter as sorters
from wms.overview.pipeline import Stage
from wms.overview.replenishment import replenishment_page
from wms.replenishment.proposal import Kind

STATIC = Path(__file__).parent / "static"
STATIC_PATH = "/console-static"
ROWS = 100


def create(house: House) -> FastAPI:
    """The console over an open house; call it once in a process, for NiceGUI's pages are global."""
    # The hash in the address lets browsers keep the file until it changes.
    version = hashlib.sha256((STATIC / "console.css").read_bytes()).hexdigest()[:12]
    style, icon = f"{STATIC_PATH}/console.css?{version}", f"{STATIC_PATH}/icon.svg"
    desk = Desk(house, style)
    nicegui_app.add_static_files(STATIC_PATH, STATIC)
    _overview_page(desk)
    _order_pages(desk)
    _wave_pages(desk)
    _sorter_pages(desk)
    _departure_pages(desk)
    _replenishment_page(desk)
    add_ticket_pages(desk)
    add_given_up_page(desk)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(session.routes(house, style, icon))

    @app.get("/")
    async def root() -> RedirectResponse:
        return RedirectResponse(session.HOME)

    ui.run_with(
        app,
        title="Stowline",
        favicon=STATIC / "icon.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        show_welcome_message=False,
    )
    return app


def _answer(shown: object) -> Response | None:
    return shown if isinstance(shown, Response) else None


def _overview_page(desk: Desk) -> None:
    @page("/console")
    async def overview(request: Request) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            return overview_view.draw(await desk.overview(connection), scene)

        return _answer(await desk.open(request, "Overview", draw))


def _order_pages(desk: Desk) -> None:
    @page("/console/orders")
    async def orders(
        request: Request, stage: str = "", q: str = "", before: int | None = None
    ) -> Response | None:
        wanted = stage if stage in set(Stage) else None

        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            rows = await queries.order_rows(
                connection, stage=wanted, text=q.strip(), before_id=before, limit=ROWS + 1
            )
            desk.house.reads.orders(scene.viewer, "list", [row.order_id for row in rows[:ROWS]])
            return order_view.draw_list(rows[:ROWS], wanted, q, len(rows) > ROWS, scene)

        return _answer(await desk.open(request, "Orders", draw))

    @page("/console/orders/{order_id}")
    async def order(request: Request, order_id: int) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            story = await queries.order_story(connection, order_id)
            desk.house.reads.order(scene.viewer, "console", order_id)
            return order_view.draw_story(story, scene)

        return _answer(await desk.open(request, f"Order {order_id}", draw))


def _wave_pages(desk: Desk) -> None:
    @page("/console/waves")
    async def waves(request: Request) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            return wave_view.draw_list(await queries.wave_rows(connection), scene)

        return _answer(await desk.open(request, "Waves", draw))

    @page("/console/waves/{wave_id}")
    async def wave(request: Request, wave_id: int, cart: int | None = None) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            return wave_view.draw_wave(await queries.wave_on_floor(connection, wave_id), cart)

        shown = await desk.open(request, f"Wave {wave_id}", draw)
        if isinstance(shown, Response):
            return shown
        await offer_buttons(desk, shown, wave_id, UNRELEASE, REPLAN)
        return None


def _sorter_pages(desk: Desk) -> None:
    @page("/console/sorters")
    async def first_sorter(request: Request) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            rows = await sorters.sorters(connection)
            chosen = None
            if rows:
                chosen = await sorters.sorter(connection, rows[0].name, rows[0].site)
            return sorter_view.draw(rows, chosen, None, scene)

        return _answer(await desk.open(request, "Sorters", draw))

    @page("/console/sorters/{name}")
    async def one_sorter(
        request: Request, name: str, site: str | None = None, lane: int | None = None
    ) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            rows = await sorters.sorters(connection)
            chosen = await sorters.sorter(connection, name, site)
            return sorter_view.draw(rows, chosen, lane, scene)

        shown = await desk.open(request, f"Sorter {name}", draw)
        if isinstance(shown, Response):
            return shown
        async with staff_transaction(desk.house.pool) as connection:
            found = [row for row in await sorters.sorters(connection) if row.name == name]
        # The one that is drawn above: that site's, or the first of this name.
        here = [row for row in sorted(found, key=lambda row: row.id) if site in (None, row.site)]
        if lane is not None and here:
            await offer_buttons(desk, shown, lane, *lane_buttons(here[0], lane))
        return None


def _departure_pages(desk: Desk) -> None:
    @page("/console/departures")
    async def departures(request: Request) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            departure_id = await queries.newest_with_routes(connection)
            return await _departures(desk.house.reads, connection, scene, departure_id)

        return _answer(await desk.open(request, "Departures", draw))

    @page("/console/departures/{departure_id}")
    async def departure(
        request: Request,
        departure_id: int,
        version: int | None = None,
        van: str | None = None,
        order: int | None = None,
    ) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            return await _departures(
                desk.house.reads, connection, scene, departure_id, version, van
            )

        shown = await desk.open(request, f"Departure {departure_id}", draw)
        if isinstance(shown, Response):
            return shown
        await offer_buttons(desk, shown, departure_id, PLAN, PLAN_ANEW)
        if order is not None:
            await offer_wish(desk, shown, departure_id, order)
        return None


def _replenishment_page(desk: Desk) -> None:
    @page(REPLENISHMENT)
    async def replenishment(
        request: Request,
        q: str = "",
        kind: str = "",
        proposal: int | None = None,
        transfer: int | None = None,
    ) -> Response | None:
        text, wanted = q.strip()[:100].replace("\x00", ""), kind if kind in set(Kind) else ""

        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            page = await replenishment_page(
                connection, scene.now.astimezone(scene.zone).date(), text, wanted or None
            )
            return replenishment_view.draw(page, text, wanted, scene)

        shown = await desk.open(request, "Replenishment", draw)
        if isinstance(shown, Response):
            return shown
        await offer_buttons(desk, shown, 0, FORECAST, approve_all(text, wanted))
        if proposal is not None:
            path = f"{REPLENISHMENT}?{urlencode({'q': text, 'kind': wanted})}"
            await offer_decision(desk, shown, proposal, path)
        if transfer is not None:
            await offer_sending(desk, shown, transfer)
        return None


async def _departures(
    reads: ReadLog,
    connection: asyncpg.Connection,
    scene: Scene,
    departure_id: int | None,
    version: int | None = None,
    van: str | None = None,
) -> str:
    """All departures, with the chosen one's routes."""
    rows = await queries.departure_rows(connection)
    chosen = None
    if departure_id is not None:
        chosen = await queries.departure(connection, departure_id, version)
        routes = () if chosen.plan is None else chosen.plan.routes
        stops = [stop.order_id for route in routes for stop in (*route.visited, *route.stops)]
        reads.orders(scene.viewer, "route", [number for number in stops if number is not None])
    return departure_view.draw(rows, chosen, van, scene)
