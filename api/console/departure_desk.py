"""What planners do with a departure's routes: have them planned, and say what they want."""

from dataclasses import replace

import asyncpg
from nicegui import ui

from api.console.button import Button
from api.console.frame import Desk, Page
from api.console.session import SIGN_IN, holder
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.journey.route.route_request import replan_departure
from wms.journey.route.route_wish import drop_wish, make_wish
from wms.overview import queries
from wms.overview.departure import Departure
from wms.shipping.wish import Wish
from wms.tenants.staff import Role

PATH = "/console/departures"
ANY_VAN = ""
PRIORITIES = {0: "as every other", 3: "a little before others", 6: "before others", 9: "first"}


async def _plan(house: House, departure_id: int, actor: str) -> int:
    await replan_departure(house.pool, departure_id, actor, house.now())
    return departure_id


async def _may_plan(connection: asyncpg.Connection, departure_id: int) -> bool:
    return await queries.routes_can_be_planned(connection, departure_id, first=True)


async def _may_plan_anew(connection: asyncpg.Connection, departure_id: int) -> bool:
    return await queries.routes_can_be_planned(connection, departure_id, first=False)


PLAN = Button(
    "Plan routes",
    "Plan routes for what is there?",
    "All parcels that are put out are brought onto vans. What joins later is planned in by itself.",
    "Not yet",
    "Plan",
    "The routes are being planned.",
    _may_plan,
    _plan,
    PATH,
)
PLAN_ANEW = replace(
    PLAN,
    name="Plan anew",
    title="Plan these routes anew?",
    words="The search goes on from the routes that stand, and obeys every wish. What is served "
    "or begun stays.",
    keep="Leave them",
    go="Plan anew",
    may=_may_plan_anew,
)


async def offer_wish(desk: Desk, page: Page, departure_id: int, order_id: int) -> None:
    """Opens the form in which a planner says what he wants for one order, where he may."""
    if not page.staff.may(Role.PLANNER):
        return
    try:
        async with staff_transaction(desk.house.pool) as connection:
            departure = await queries.departure(connection, departure_id)
    except WmsError as refusal:
        ui.notify(refusal.detail, type="negative", position="top")
        return
    WishForm(desk, page, departure, order_id).show()


class WishForm:
    """Van, forbidden vans, rank and a note for one order, in a dialog over the page."""

    def __init__(self, desk: Desk, page: Page, departure: Departure, order_id: int) -> None:
        self._desk, self._page = desk, page
        self._departure, self._order_id = departure, order_id
        self._wish = departure.wishes.get(order_id, Wish())

    def show(self) -> None:
        """Opens the dialog."""
        wish, vans = self._wish, list(self._departure.vans)
        ranks = PRIORITIES | {wish.priority: PRIORITIES.get(wish.priority, str(wish.priority))}
        with ui.dialog(value=True) as dialog, ui.element("div").classes("dialog wish"):
            ui.label(f"Order {self._order_id}").classes("dialog-title")
            ui.label(self._now())
            self._van = ui.select(
                {ANY_VAN: "any van"} | {van: van for van in vans},
                value=wish.van if wish.van in vans else ANY_VAN,
                label="Goes by",
            )
            self._forbidden = ui.select(
                vans,
                value=[van for van in wish.forbidden if van in vans],
                multiple=True,
                label="Never by",
            ).props("use-chips")
            self._priority = ui.select(
                dict(sorted(ranks.items())), value=wish.priority, label="Where not all can go"
            )
            self._note = ui.input("Why", value=wish.note).props("maxlength=500")
            with ui.element("div").classes("dialog-buttons"):
                if not wish.says_nothing:
                    ui.button("Forget", on_click=self._forget, color=None).props("flat no-caps")
                ui.button("Keep", on_click=lambda: self._keep(plan=False), color=None).props(
                    "flat no-caps"
                )
                ui.button(
                    "Keep and plan anew", on_click=lambda: self._keep(plan=True), color=None
                ).props("unelevated no-caps")
        dialog.on("hide", self._leave)

    def _now(self) -> str:
        plan = self._departure.plan
        routes = () if plan is None else plan.routes
        for route in routes:
            for at, stop in enumerate(route.stops, len(route.visited) + 1):
                if stop.order_id == self._order_id:
                    return f"It is stop {at} of {route.van} now."
        return "It is on no route now."

    def _leave(self) -> None:
        ui.navigate.to(f"{PATH}/{self._departure.row.departure_id}")

    async def _actor(self) -> str | None:
        person = await holder(self._desk.house, self._page.token)
        if person is None or not person.may(Role.PLANNER):
            ui.navigate.to(SIGN_IN)
            return None
        return person.actor

    async def _forget(self) -> None:
        if await self._actor() is None:
            return
        await drop_wish(self._desk.house.pool, self._departure.row.departure_id, self._order_id)
        self._leave()

    async def _keep(self, *, plan: bool) -> None:
        actor = await self._actor()
        if actor is None:
            return
        house, departure_id = self._desk.house, self._departure.row.departure_id
        wish = replace(
            self._wish,
            van=self._van.value or None,
            forbidden=tuple(self._forbidden.value or ()),
            priority=int(self._priority.value),
            note=(self._note.value or "").replace("\x00", ""),
        )
        try:
            await make_wish(house.pool, departure_id, self._order_id, wish, actor, house.now())
            if plan:
                await replan_departure(house.pool, departure_id, actor, house.now())
        except WmsError as refusal:
            ui.notify(refusal.detail, type="negative", position="top")
            return
        self._leave()
