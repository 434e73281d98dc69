"""The page of limits, and the form by which a supervisor changes one."""

import asyncpg
from fastapi import Request, Response
from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from api.console import limit as view
from api.console.frame import Desk, Page
from api.console.page import page
from api.console.session import SIGN_IN, holder
from api.console.words import Scene
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.handoff import queries as handoffs
from wms.handoff.sop import ABOUT, Rule, Step
from wms.handoff.ticket import ANSWERERS
from wms.journey.handoff.sop import remove_limit, set_limit
from wms.orders.hold import CARE, SHOP
from wms.tenants.staff import Role, Staff


def add_page(desk: Desk) -> None:
    """All limits, one of them chosen by the address."""

    @page(view.PATH)
    async def limits(request: Request, step: str = "", kind: str = "") -> Response | None:
        may_change = False

        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            return view.draw(await handoffs.rules(connection), may_change, scene)

        shown = await desk.open(request, "Limits of steps", draw)
        if isinstance(shown, Response):
            return shown
        may_change = shown.staff.may(Role.SUPERVISOR)
        await shown.refresh()
        if may_change and step in set(Step) and kind in view.kinds_of(Step(step)):
            async with staff_transaction(desk.house.pool) as connection:
                rows = await handoffs.rules(connection)
            row = next((one for one in rows if (one["step"], one["kind"]) == (step, kind)), None)
            LimitForm(desk, shown, Step(step), kind).show(row)
        return None


class LimitForm:
    """Whose a step is, how long it may take, and how much later the next role is told."""

    def __init__(self, desk: Desk, page: Page, step: Step, kind: str) -> None:
        self._desk, self._page, self._step, self._kind = desk, page, step, kind

    def show(self, row: asyncpg.Record | None) -> None:
        """Opens the dialog; `row` is None where a kind of hold has no limit of its own yet."""
        holds = self._step is Step.HOLD
        role, limit, escalate = self._now(row)
        roles = [one.value for one in (ANSWERERS if self._step is Step.TICKET or holds else Role)]
        named = self._kind.replace("_", " ").capitalize()
        with ui.dialog(value=True) as dialog, ui.element("div").classes("dialog wish"):
            ui.label(named or view.step_name(self._step)).classes("dialog-title")
            ui.label(CARE[self._kind].about if holds and self._kind else ABOUT[self._step]).classes(
                "soft"
            )
            self._role = Role(role)
            # Whose a hold is, it says itself; what a shop lets go by is told to somebody here.
            if not holds or not self._kind or CARE[self._kind].owned_by == SHOP:
                label = "Told, where the shop lets its time go by" if holds else "Whose it is"
                chosen = ui.select(roles, value=role, label=label)
                chosen.on_value_change(self._take_role)
            self._limit = None
            if not holds or self._kind:
                self._limit = ui.input("May take", value=limit)
            self._escalate = ui.input("The next role is told, later by", value=escalate)
            ui.label(f"Write a time {view.WRITTEN}.").classes("soft")
            with ui.element("div").classes("dialog-buttons"):
                if holds and self._kind and row is not None:
                    ui.button("Its own time again", on_click=self._remove, color=None).props(
                        "flat no-caps"
                    )
                ui.button("Leave it", on_click=dialog.close, color=None).props("flat no-caps")
                ui.button("Save", on_click=self._save, color=None).props("unelevated no-caps")
        dialog.on("hide", self._leave)

    def _now(self, row: asyncpg.Record | None) -> tuple[str, str, str]:
        """Role and times as they stand."""
        if row is None:
            lasts = view.span(int(CARE[self._kind].lasts.total_seconds()))
            return Role.PLANNER.value, lasts, "4 h"
        limit = "" if row["limit_s"] is None else view.span(row["limit_s"])
        return row["role"], limit, view.span(row["escalate_s"])

    def _take_role(self, event: ValueChangeEventArguments[str]) -> None:
        self._role = Role(event.value)

    async def _person(self) -> Staff | None:
        person = await holder(self._desk.house, self._page.token)
        if person is None or not person.may(Role.SUPERVISOR):
            ui.navigate.to(SIGN_IN)
            return None
        return person

    async def _save(self) -> None:
        person = await self._person()
        if person is None:
            return
        limit = None if self._limit is None else view.length_of(self._limit.value or "")
        escalate = view.length_of(self._escalate.value or "")
        if escalate is None or (self._limit is not None and limit is None):
            ui.notify(f"Write a time {view.WRITTEN}.", type="negative", position="top")
            return
        house = self._desk.house
        try:
            rule = Rule(self._step, self._kind, self._role, limit, escalate)
            await set_limit(house.pool, person, rule, house.now())
        except WmsError as refusal:
            ui.notify(refusal.detail, type="negative", position="top")
            return
        self._leave()

    async def _remove(self) -> None:
        person = await self._person()
        if person is None:
            return
        house = self._desk.house
        await remove_limit(house.pool, person, self._kind, house.now())
        self._leave()

    def _leave(self) -> None:
        ui.navigate.to(view.PATH)
