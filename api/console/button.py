"""A button that changes something: it asks once more, acts, and shows what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
from nicegui import ui

from api.console.frame import Desk, Page
from api.console.session import SIGN_IN, holder
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.tenants.staff import Role


@dataclass(frozen=True, slots=True)
class Button:
    """What a button says, what it asks before it acts, what it does, and where it then leads.

    path: the page of the thing whose number `act` answers, where that is another one.
    """

    name: str
    title: str
    words: str
    keep: str
    go: str
    done: str
    may: Callable[[asyncpg.Connection, int], Awaitable[bool]]
    act: Callable[[House, int, str], Awaitable[int]]
    path: str


async def offer_buttons(desk: Desk, page: Page, thing_id: int, *buttons: Button) -> None:
    """Shows each button while its act is possible, in a row from the right; planners only."""
    if not page.staff.may(Role.PLANNER):
        return
    with ui.element("div").classes("acts"):
        for button in buttons:
            await _offer(desk, page, thing_id, button)


async def _offer(desk: Desk, page: Page, thing_id: int, button: Button) -> None:
    with ui.dialog() as dialog, ui.element("div").classes("dialog"):
        ui.label(button.title).classes("dialog-title")
        ui.label(button.words)
        with ui.element("div").classes("dialog-buttons"):
            ui.button(button.keep, on_click=dialog.close, color=None).props("flat no-caps")
            ui.button(button.go, on_click=lambda: act(), color=None).props("unelevated no-caps")

    async def act() -> None:
        dialog.close()
        person = await holder(desk.house, page.token)
        if person is None or not person.may(Role.PLANNER):
            ui.navigate.to(SIGN_IN)
            return
        try:
            target = await button.act(desk.house, thing_id, person.actor)
        except WmsError as refusal:
            ui.notify(refusal.detail, type="negative", position="top")
            return
        if target != thing_id:
            ui.navigate.to(f"{button.path}/{target}")
            return
        ui.notify(button.done, type="positive", position="top")
        await page.refresh()
        await look()

    async def look() -> None:
        async with staff_transaction(desk.house.pool) as connection:
            shown.visible = await button.may(connection, thing_id)

    shown = ui.button(button.name, on_click=dialog.open, color=None)
    shown.props("outline no-caps").classes("act")
    await look()
    ui.timer(1.0, look)
