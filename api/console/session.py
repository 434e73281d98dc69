"""Who sits at the console: sign-in by badge and PIN, kept in a cookie that scripts can't read."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.wiring import House
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.journey.floor import sign_in as door
from wms.tenants import commands, queries
from wms.tenants.commands import SESSION_LASTS
from wms.tenants.staff import Staff

COOKIE = "stowline_console"
DEVICE = "console"
SIGN_IN = "/console/sign-in"
HOME = "/console"


async def visitor(house: House, request: Request) -> Staff | None:
    """Who sent this request, or None when nobody is signed in."""
    return await holder(house, request.cookies.get(COOKIE, ""))


async def holder(house: House, token: str) -> Staff | None:
    """Who holds this token now, or None."""
    if not token:
        return None
    async with staff_transaction(house.pool) as connection:
        return await queries.staff_of_token(connection, token, house.now())


def routes(house: House, style: str, icon: str) -> APIRouter:
    """The sign-in page and the two doors behind it; `style` and `icon` are addresses."""
    router = APIRouter()

    @router.get(SIGN_IN, include_in_schema=False)
    async def page(next: str = HOME) -> HTMLResponse:
        return HTMLResponse(_page(style, icon, next, ""))

    @router.post(SIGN_IN, include_in_schema=False, response_model=None)
    async def sign_in(
        request: Request,
        badge: Annotated[str, Form()],
        pin: Annotated[str, Form()],
        next: Annotated[str, Form()] = HOME,
    ) -> HTMLResponse | RedirectResponse:
        try:
            token, _ = await door.sign_in(
                house.pool, badge.strip(), pin.strip(), DEVICE, house.now()
            )
        except Refused as refusal:
            braked = refusal.retry_after_s is not None
            return HTMLResponse(_page(style, icon, next, refusal.detail), 429 if braked else 401)
        answer = RedirectResponse(_inside(next), status_code=303)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION_LASTS.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    @router.post("/console/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> RedirectResponse:
        person = await visitor(house, request)
        if person is not None:
            async with staff_transaction(house.pool) as connection:
                await commands.sign_out(connection, person.session_id, house.now())
        answer = RedirectResponse(SIGN_IN, status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    return router


def _inside(path: str) -> str:
    """The path, or the first page where it would lead out of the console."""
    inside = path == HOME or path.startswith((f"{HOME}/", f"{HOME}?"))
    return path if inside and "\\" not in path else HOME


def _page(style: str, icon: str, next_path: str, refusal: str) -> str:
    notice = f'<p class="notice" role="alert">{escape(refusal)}</p>' if refusal else ""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
      <title>Sign in · Stowline</title><meta name="viewport" content="width=device-width">
      <meta name="color-scheme" content="light dark"><link rel="icon" href="{icon}">
      <link rel="stylesheet" href="{style}"></head>
      <body class="door"><main><form method="post" action="{SIGN_IN}">
      <p class="brand"><i></i>Stowline</p><h1>Planners' console</h1>{notice}
      <label>Badge<input name="badge" required autofocus autocomplete="username"></label>
      <label>PIN<input name="pin" type="password" inputmode="numeric" required
        autocomplete="current-password"></label>
      <input type="hidden" name="next" value="{escape(next_path)}">
      <button class="button is-first">Sign in</button></form></main></body></html>"""
