"""The buttons with which planners take a wave back, or have it planned anew."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
from nicegui import ui

from api.console.frame import Desk, Page
from api.console.session import SIGN_IN, holder
from api.waves.rule import wave_rule
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.journey.wave.replan import replan_wave
from wms.journey.wave.wave import unrelease_wave
from wms.overview import queries
from wms.tenants.staff import Role


@dataclass(frozen=True, slots=True)
class WaveButton:
    """What a button says, what it asks before it acts, what it does, and where it then leads."""

    name: str
    title: str
    words: str
    keep: str
    go: str
    done: str
    may: Callable[[asyncpg.Connection, int], Awaitable[bool]]
    act: Callable[[House, int, str], Awaitable[int]]
    place: str = ""


async def _unrelease(house: House, wave_id: int, actor: str) -> int:
    await unrelease_wave(house.pool, wave_id, actor, house.now())
    return wave_id


async def _replan(house: House, wave_id: int, actor: str) -> int:
    rule = wave_rule(house.settings)
    return await replan_wave(house.pool, wave_id, actor, rule, house.seed(), house.now())


UNRELEASE = WaveButton(
    "Unrelease wave",
    "Take this wave back?",
    "Its bins are freed and its orders wait for another wave.",
    "Keep it",
    "Unrelease",
    "The wave was taken back.",
    queries.wave_can_be_taken_back,
    _unrelease,
)
REPLAN = WaveButton(
    "Plan anew",
    "Plan the rest of this wave anew?",
    "Carts that nobody has begun are taken back and planned again in a new wave, together with "
    "orders that cannot wait.",
    "Leave it",
    "Plan anew",
    "The new wave is being planned.",
    queries.wave_can_be_planned_anew,
    _replan,
    place="beside",
)


async def offer_wave_button(desk: Desk, page: Page, wave_id: int, button: WaveButton) -> None:
    """Shows the button while its act is possible; asks once more before it is done."""
    if not page.staff.may(Role.PLANNER):
        return
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
            target = await button.act(desk.house, wave_id, person.actor)
        except WmsError as refusal:
            ui.notify(refusal.detail, type="negative", position="top")
            return
        if target != wave_id:
            ui.navigate.to(f"/console/waves/{target}")
            return
        ui.notify(button.done, type="positive", position="top")
        await page.refresh()
        await look()

    async def look() -> None:
        async with staff_transaction(desk.house.pool) as connection:
            shown.visible = await button.may(connection, wave_id)

    shown = ui.button(button.name, on_click=dialog.open, color=None)
    shown.props("outline no-caps").classes(f"act {button.place}")
    await look()
    ui.timer(1.0, look)
