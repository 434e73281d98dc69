"""A real browser for the pages, Debian's Chromium, and a record of where it asked."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.patience import PATIENCE_MS

# It must not speak to anyone by itself, or the record of requests would be worth nothing.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Of every wait for what a page should show.
expect.set_options(timeout=PATIENCE_MS)
HANDHELD: ViewportSize = {"width": 360, "height": 720}
DESK: ViewportSize = {"width": 1440, "height": 900}


class RunningHouse(Protocol):
    """What the fixture `running_house` offers: a seeded house with one released wave."""

    api_url: str
    console_url: str
    badge: str
    pin: str
    planner_badge: str
    planner_pin: str
    shop_key: str


@dataclass(slots=True)
class Visit:
    """An open page, with everything it asked for and every error it met."""

    page: Page
    context: BrowserContext
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def hosts(self) -> set[str | None]:
        """The machines that were asked for something."""
        web = ("http", "https", "ws", "wss")
        return {urlsplit(url).hostname for url in self.asked if urlsplit(url).scheme in web}

    def wedge(self, code: str) -> None:
        """Scans as a keyboard wedge does: the keys of the code, then Enter, with no field."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Starts Chromium; skips where the machine has none.

    It must end with its test file: while it runs, no other event loop can in this thread.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, size: ViewportSize, *, touch: bool = False) -> Iterator[Visit]:
    """Opens an empty page of that size, with nothing remembered from earlier ones."""
    context = browser.new_context(viewport=size, has_touch=touch)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    opened = Visit(page, context)
    context.on("request", lambda request: opened.asked.append(request.url))
    page.on("websocket", lambda socket: opened.asked.append(socket.url))
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    context.close()
