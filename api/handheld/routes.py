"""The handheld's own HTTP: sign in, and scan in, next screen out."""

from os import PathLike, stat_result
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.auth import Bearer, HouseOf, bearer
from api.handheld.messages import InputRequest, ScreenView, SessionView, SignIn
from api.orders.routes import REFUSALS
from api.settings import Settings
from devices.scan.wedge import WedgeFormat, read_wedge
from wms.database.pool import staff_transaction
from wms.journey.floor import sign_in as door
from wms.journey.floor.handheld import current_screen, take_input
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows

router = APIRouter(prefix="/handheld", tags=["handheld"])
STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def _wedge(settings: Settings) -> WedgeFormat:
    """What this site's readers type around a code."""
    return WedgeFormat(settings.wedge_prefix, settings.wedge_suffix)


@router.post("/sessions", status_code=201, response_model=SessionView, responses=REFUSALS)
async def sign_in(house: HouseOf, body: SignIn) -> JSONResponse:
    """Signs one of the staff in by badge and PIN.

    Where there are several warehouses the first screen asks in which one they work.
    """
    badge = read_wedge(body.badge, _wedge(house.settings)).raw
    token, staff = await door.sign_in(house.pool, badge, body.pin, body.device, house.now())
    view = {
        "token": token,
        "staff": {"name": staff.name, "role": staff.role},
        "screen": await current_screen(house.pool, token, house.now()),
    }
    return JSONResponse(view, 201)


@router.delete("/sessions/current", status_code=204, responses=REFUSALS)
async def sign_out(house: HouseOf, authorization: Bearer = None) -> Response:
    """Signs out; a cart that was begun stays with the picker for the next sign-in."""
    token = bearer(authorization)
    async with staff_transaction(house.pool) as connection:
        staff = await tenant_rows.staff_of_token(connection, token, house.now())
        if staff is not None:
            await tenants.sign_out(connection, staff.session_id, house.now())
    return Response(status_code=204)


@router.get("/screen", response_model=ScreenView, responses=REFUSALS)
async def get_screen(house: HouseOf, authorization: Bearer = None) -> JSONResponse:
    """The screen that this session is at."""
    return JSONResponse(await current_screen(house.pool, bearer(authorization), house.now()))


@router.post("/scans", response_model=ScreenView, responses=REFUSALS)
async def post_scan(
    house: HouseOf, body: InputRequest, authorization: Bearer = None
) -> JSONResponse:
    """Takes a scan, a typed code or an action; a wrong one is a verdict, not an error."""
    given = body.given(_wedge(house.settings))
    screen = await take_input(house.pool, bearer(authorization), given, house.now())
    return JSONResponse(screen)


class PageFiles(StaticFiles):
    """The page's files, under a policy that lets nothing in from outside."""

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file with its headers."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-cache"
        return response


def serve_page(app: FastAPI) -> None:
    """Serves the web app under /handheld/, with a policy that lets nothing in from outside."""

    @app.get("/handheld", include_in_schema=False)
    async def to_page() -> RedirectResponse:
        return RedirectResponse("/handheld/")

    app.mount("/handheld", PageFiles(directory=STATIC, html=True), name="handheld")
