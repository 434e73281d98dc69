"""A house that says what a test wants it to say, behind a real HTTP server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

Screen = dict[str, Any]
Answer = Screen | int


def screen(
    scenario: str,
    step: str,
    target: str = "",
    *,
    lines: tuple[str, ...] = (),
    facts: dict[str, str] | None = None,
    ask: int | None = None,
    actions: tuple[str, ...] = (),
    wrong: str | None = None,
    idle: bool = False,
) -> Screen:
    """A screen as the house sends it; `wrong` is the code of a wrong verdict."""
    shown = [{"label": label, "value": value} for label, value in (facts or {}).items()]
    return {
        "scenario": scenario,
        "step": step,
        "title": step,
        "target": target,
        "lines": list(lines),
        "facts": shown,
        "expect": "none",
        "ask": None if ask is None else {"quantity": ask, "unit": "pcs"},
        "actions": [{"code": code, "label": code} for code in actions],
        "verdict": {"ok": wrong is None, "code": wrong or "ok", "text": wrong or ""},
        "progress": None,
        "idle": idle,
    }


MENU = screen("menu", "menu", actions=("pick", "pack", "load"))


@dataclass
class House:
    """Answers each input with what `answer` gives for it: a screen, or a bare HTTP status."""

    answer: Callable[[dict[str, Any]], Answer]
    inputs: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    shown: Screen = field(default_factory=lambda: MENU)

    async def _sign_in(self, _request: web.Request) -> web.Response:
        return web.json_response({"token": "t", "staff": {}, "screen": self.shown}, status=201)

    async def _screen(self, _request: web.Request) -> web.Response:
        return web.json_response(self.shown)

    async def _scan(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer t"
        body = await request.json()
        self.inputs.append(body)
        answer = self.answer(body)
        if isinstance(answer, int):
            return web.json_response({"code": f"refused_{answer}"}, status=answer)
        self.shown = answer
        return web.json_response(answer)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/handheld/sessions", self._sign_in)
        application.router.add_get("/handheld/screen", self._screen)
        application.router.add_post("/handheld/scans", self._scan)
        return application


@asynccontextmanager
async def serving(application: web.Application) -> AsyncIterator[str]:
    """Serve an application on a free port, and give its URL."""
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def open_house(
    answer: Callable[[dict[str, Any]], Answer],
) -> AsyncIterator[tuple[House, aiohttp.ClientSession]]:
    """Serve a house, and give a client's session with it."""
    house = House(answer)
    async with serving(house.application()) as house.url, aiohttp.ClientSession() as session:
        yield house, session
