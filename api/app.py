"""The API: every door that shops, carriers, handhelds and planners knock at."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse

from api.addresses.routes import router as addresses
from api.admissions.routes import router as admissions
from api.audit.routes import privacy
from api.audit.routes import router as audit
from api.auth import HouseOf
from api.buyer.help import router as help_pages
from api.buyer.routes import router as buyer
from api.cancellations.routes import router as cancellations
from api.carriers.routes import router as carriers
from api.connectors.routes import router as connectors
from api.counts.routes import router as counts
from api.departures.routes import router as departures
from api.devices.routes import faults as device_faults
from api.devices.routes import router as devices
from api.digital.routes import router as digital
from api.edits.routes import router as edits
from api.events.endpoint_routes import router as endpoints
from api.events.routes import router as events
from api.handheld.routes import router as handheld
from api.handheld.routes import serve_page
from api.handoffs.routes import router as handoffs
from api.handoffs.sop_routes import router as sop
from api.inbound.routes import inspections
from api.inbound.routes import router as inbound
from api.inserts.routes import router as inserts
from api.items.routes import router as items
from api.keys.routes import router as keys
from api.kits.routes import router as kits
from api.labels.routes import router as labels
from api.log import configure_log
from api.metric import CONTENT_TYPE, render_metrics
from api.movements.routes import router as movements
from api.notices.report_routes import router as mail_reports
from api.notices.routes import router as notices
from api.openapi import DescribedApi, operation_id
from api.orders.part_routes import router as parts
from api.orders.routes import router as orders
from api.orders.sheet_routes import router as sheets
from api.pauses.routes import router as pauses
from api.places.routes import router as places
from api.problems import BodyLimit, answer_with_problems, problem
from api.promotions.routes import router as promotions
from api.purchases.routes import router as purchases
from api.quotes.routes import router as quotes
from api.refill.routes import router as refill
from api.replenishment.routes import router as replenishment
from api.replenishment.routes import transfers
from api.settings import Settings
from api.shops.routes import router as shops
from api.slotting.routes import router as slotting
from api.sorters.routes import router as sorters
from api.stock.adjustment_routes import router as adjustments
from api.stock.policy_routes import router as policies
from api.stock.routes import router as stock
from api.suppliers.routes import router as suppliers
from api.tasks.routes import router as tasks
from api.tracking.routes import router as tracking
from api.units.routes import router as units
from api.vans.routes import router as vans
from api.waves.routes import router as waves
from api.wiring import open_house
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.handoff import queries as handoff_rows
from wms.overview import queries as overviews

BODY_BYTES_MAX = 4_000_000
# Python looks at 700 by itself, which a few requests at once have standing without any being lost.
GARBAGE_BEFORE_LOOK = 10_000


def create() -> FastAPI:
    """The application, for the server's workers; each opens its own connections."""
    settings = Settings.from_environment()
    configure_log(settings, "api")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings, "api", settings.pool_size) as house:
            app.state.house = house
            _leave_alone_what_stays()
            yield

    app = DescribedApi(
        title="Stowline",
        version="1",
        summary="A paid order ships at any hour without a human hand, and everyone can see why.",
        lifespan=lifespan,
        servers=[{"url": settings.public_url or "/"}],
        generate_unique_id_function=operation_id,
        docs_url=None,
        redoc_url=None,
    )
    answer_with_problems(app)
    app.add_middleware(BodyLimit, bytes_max=BODY_BYTES_MAX)
    for router in (orders, items, places, stock, waves, events, endpoints, tracking, handheld):
        app.include_router(router)
    for router in (adjustments, movements, units):
        app.include_router(router)
    for router in (inbound, inspections, suppliers, purchases):
        app.include_router(router)
    for router in (replenishment, transfers):
        app.include_router(router)
    for router in (policies, promotions, shops):
        app.include_router(router)
    for router in (tasks, refill, pauses):
        app.include_router(router)
    for router in (cancellations, carriers, edits, parts):
        app.include_router(router)
    for router in (digital, notices, mail_reports):
        app.include_router(router)
    for router in (departures, vans):
        app.include_router(router)
    for router in (devices, device_faults):
        app.include_router(router)
    for router in (counts, kits, labels, slotting, sorters):
        app.include_router(router)
    for router in (audit, privacy):
        app.include_router(router)
    for router in (handoffs, sop, help_pages):
        app.include_router(router)
    for router in (addresses, buyer, quotes):
        app.include_router(router)
    for router in (admissions, inserts):
        app.include_router(router)
    for router in (keys, connectors, sheets):
        app.include_router(router)
    _watch(app)
    _console(app, settings)
    serve_page(app)
    return app


def _leave_alone_what_stays() -> None:
    """Keeps the garbage collector from going through all modules and models again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_BEFORE_LOOK)


def _watch(app: FastAPI) -> None:
    @app.get("/health", tags=["watch"])
    async def health() -> dict[str, str]:
        """This worker lives."""
        return {"status": "ok"}

    @app.get("/ready", tags=["watch"])
    async def ready(house: HouseOf) -> JSONResponse:
        """This worker can do its work: the database answers."""
        try:
            async with staff_transaction(house.pool) as connection:
                await connection.fetchval("select 1")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return problem(503, "database_away", str(error))
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", tags=["watch"], response_class=PlainTextResponse)
    async def metrics(house: HouseOf) -> PlainTextResponse:
        """Queue depths, the outbox's age and latencies, as Prometheus reads them."""
        async with staff_transaction(house.pool) as connection:
            overview = await overviews.overview(connection, house.now())
            watch = await equipment.watch_devices(connection)
            desk = await handoff_rows.desk(connection, house.now())
        return PlainTextResponse(render_metrics(overview, watch, desk), media_type=CONTENT_TYPE)


def _console(app: FastAPI, settings: Settings) -> None:
    @app.get("/console", include_in_schema=False)
    async def console(request: Request) -> RedirectResponse:
        # The name by which this caller reached us; the address we listen on may be 0.0.0.0.
        host = request.url.hostname or settings.host
        return RedirectResponse(f"http://{host}:{settings.console_port}/console")

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("/handheld/")
