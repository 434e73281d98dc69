"""The button that takes a wave back, for planners, as long as nobody has begun it."""

from nicegui import ui

from api.console.frame import Desk, Page
from api.console.session import SIGN_IN, holder
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.journey.wave.wave import unrelease_wave
from wms.overview import queries
from wms.tenants.staff import Role


async def offer_unrelease(desk: Desk, page: Page, wave_id: int) -> None:
    """Shows the button while the wave can be taken back; asks once more before it is."""
    if not page.staff.may(Role.PLANNER):
        return
    with ui.dialog() as dialog, ui.element("div").classes("dialog"):
        ui.label("Take this wave back?").classes("dialog-title")
        ui.label("Its bins are freed and its orders wait for another wave.")
        with ui.element("div").classes("dialog-buttons"):
            ui.button("Keep it", on_click=dialog.close, color=None).props("flat no-caps")
            ui.button("Unrelease", on_click=lambda: take_back(), color=None).props(
                "unelevated no-caps"
            )

    async def take_back() -> None:
        dialog.close()
        person = await holder(desk.house, page.token)
        if person is None or not person.may(Role.PLANNER):
            ui.navigate.to(SIGN_IN)
            return
        try:
            await unrelease_wave(desk.house.pool, wave_id, person.actor, desk.house.now())
        except WmsError as refusal:
            ui.notify(refusal.detail, type="negative", position="top")
            return
        ui.notify("The wave was taken back.", type="positive", position="top")
        await page.refresh()
        await look()

    async def look() -> None:
        async with staff_transaction(desk.house.pool) as connection:
            button.visible = await queries.wave_can_be_taken_back(connection, wave_id)

    button = ui.button("Unrelease wave", on_click=dialog.open, color=None)
    button.props("outline no-caps").classes("act")
    await look()
    ui.timer(1.0, look)
