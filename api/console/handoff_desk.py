"""What planners do with tickets: take the next or this one, answer it, give it back, close it."""

from collections.abc import Awaitable, Callable
from secrets import token_hex

import asyncpg
from nicegui import ui

from api.console.frame import Desk, Page
from api.console.session import SIGN_IN, holder
from api.field import ROW_MAX
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.handoff import queries as handoffs
from wms.handoff.ticket import WORDS_MAX, State
from wms.journey.handoff import desk as tickets
from wms.journey.request import StaffRequest
from wms.outbox.command import Answer, body_hash
from wms.tenants.staff import Role, Staff

PATH = "/console/tickets"
ANSWERED = "Answered. The shop hears of it."
TO_TAKE = "Take it to answer it, or say why somebody else should, or why it is closed"
TO_ANSWER = "Your answer to the shop, and to the buyer where one asked"

Act = Callable[[StaffRequest], Awaitable[Answer]]


class _Hand:
    """Does something as whoever sits here, and says why where it is refused."""

    def __init__(self, desk: Desk, page: Page) -> None:
        self._desk, self._page = desk, page

    async def act(self, kind: str, act: Act) -> Answer | None:
        """The answer, or None where it was refused."""
        person = await holder(self._desk.house, self._page.token)
        if person is None or not person.may(Role.PLANNER):
            ui.navigate.to(SIGN_IN)
            return None
        # A click is a request of its own: the same click is never sent twice.
        request = StaffRequest(person, token_hex(8), f"handoff/{kind}", body_hash([kind]))
        try:
            return await act(request)
        except WmsError as refusal:
            ui.notify(refusal.detail, type="negative", position="top")
            return None


async def offer_next(desk: Desk, page: Page) -> None:
    """The button that takes whichever ticket is due first."""
    if not page.staff.may(Role.PLANNER):
        return
    hand, house = _Hand(desk, page), desk.house

    async def take() -> None:
        async def claim(request: StaffRequest) -> Answer:
            return await tickets.claim_next(house.pool, request, house.now())

        answer = await hand.act("next", claim)
        if answer is not None:
            ui.navigate.to(f"{PATH}/{answer.body['id']}")

    with ui.element("div").classes("acts"):
        ui.button("Take the next", on_click=take, color=None).props("outline no-caps").classes(
            "act"
        )


class Composer:
    """The box at the foot of a ticket: takes it, or answers it once it is taken."""

    def __init__(self, desk: Desk, page: Page, handoff_id: int) -> None:
        self._desk, self._page, self._id = desk, page, handoff_id
        self._hand = _Hand(desk, page)

    def show(self, ticket: asyncpg.Record) -> None:
        """Draws the box, and keeps its buttons true."""
        with ui.element("section").classes("composer") as self._box:
            self._box.props('aria-label="Answer"')
            with ui.element("div").classes("composer-words") as self._words_box:
                self._words = ui.textarea(placeholder=TO_TAKE)
                self._words.props(
                    f'borderless autogrow maxlength={WORDS_MAX} aria-label="Answer or reason"'
                )
            with ui.element("div").classes("composer-acts"):
                self._take = self._button("Take it", self._claim, first=True)
                self._answer_button = self._button("Answer", self._answer, first=True)
                self._back = self._button("Give back", self._release)
                self._up = self._button("Escalate", self._escalate)
                self._end = self._button("Close", self._close)
        self._fit(ticket)
        ui.timer(1.0, self._look)

    def _button(
        self, name: str, act: Callable[[], Awaitable[None]], *, first: bool = False
    ) -> ui.button:
        button = ui.button(name, on_click=act, color=None)
        button.props(f"{'unelevated' if first else 'flat'} no-caps").classes("act")
        return button

    async def _look(self) -> None:
        async with staff_transaction(self._desk.house.pool) as connection:
            ticket = await handoffs.find_ticket(connection, self._id)
        if ticket is not None:
            self._fit(ticket)

    def _fit(self, ticket: asyncpg.Record) -> None:
        state = State(ticket["state"])
        mine = state is State.CLAIMED and _may_act(ticket, self._page.staff)
        self._take.visible = state is State.OPEN
        self._answer_button.visible = self._back.visible = mine
        self._up.visible = ticket["role"] != Role.ADMIN and (mine or state is State.OPEN)
        self._end.visible = mine or state in (State.OPEN, State.ANSWERED)
        self._words_box.visible = mine or state is State.OPEN
        placeholder = TO_ANSWER if mine else TO_TAKE
        if self._words.props["placeholder"] != placeholder:
            self._words.props["placeholder"] = placeholder
        self._box.visible = mine or state in (State.OPEN, State.ANSWERED)

    async def _do(self, kind: str, act: Act, done: str) -> None:
        if await self._hand.act(kind, act) is None:
            return
        self._words.value = "" if kind != "claim" else self._words.value
        ui.notify(done, type="positive", position="top")
        await self._page.refresh()
        await self._look()

    def _said(self) -> str:
        return str(self._words.value or "").replace("\x00", "").strip()

    async def _claim(self) -> None:
        house = self._desk.house
        await self._do(
            "claim",
            lambda request: tickets.claim(house.pool, request, self._id, house.now()),
            "It is yours.",
        )

    async def _answer(self) -> None:
        house, words = self._desk.house, self._said()
        await self._do(
            "answer",
            lambda request: tickets.answer(house.pool, request, self._id, words, house.now()),
            ANSWERED,
        )

    async def _release(self) -> None:
        house = self._desk.house
        await self._do(
            "release",
            lambda request: tickets.release(house.pool, request, self._id, house.now()),
            "It waits in the queue again.",
        )

    async def _escalate(self) -> None:
        house, words = self._desk.house, self._said()
        await self._do(
            "escalate",
            lambda request: tickets.escalate(house.pool, request, self._id, words, house.now()),
            "It waits for the next role.",
        )

    async def _close(self) -> None:
        house, words = self._desk.house, self._said() or None
        await self._do(
            "close",
            lambda request: tickets.close(house.pool, request, self._id, words, house.now()),
            "It is closed.",
        )


def _may_act(ticket: asyncpg.Record, staff: Staff) -> bool:
    return ticket["holder_id"] == staff.staff_id or staff.may(Role.SUPERVISOR)


async def offer_answer(desk: Desk, page: Page, handoff_id: int) -> None:
    """The box to answer in, where there is such a ticket and the visitor may."""
    if not page.staff.may(Role.PLANNER) or handoff_id > ROW_MAX:
        return
    async with staff_transaction(desk.house.pool) as connection:
        ticket = await handoffs.find_ticket(connection, handoff_id)
    if ticket is not None:
        Composer(desk, page, handoff_id).show(ticket)
