"""What planners do about stock: have it forecast, decide on proposals, send transfers."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from secrets import token_hex

import asyncpg
from nicegui import ui

from api.console.button import Button
from api.console.frame import Desk, Page
from api.console.session import SIGN_IN, holder
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.items.unit import format_quantity
from wms.journey.replenish.decision import Wish, approve, approve_proposals, reject_proposal
from wms.journey.replenish.run import enter_run
from wms.journey.replenish.transfer import cancel_transfer, send_transfer
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash
from wms.overview.replenishment import ROWS
from wms.replenishment import queries as replenishment
from wms.tenants.staff import Role, Staff

PATH = "/console/replenishment"


async def _forecast(house: House, nothing: int, actor: str) -> int:
    async with staff_transaction(house.pool) as connection:
        await enter_run(connection, actor, house.now())
    return nothing


async def _may_forecast(connection: asyncpg.Connection, nothing: int) -> bool:
    return not await replenishment.run_waits(connection)


FORECAST = Button(
    "Forecast now",
    "Forecast everything now?",
    "Open proposals are replaced by new ones, from what was ordered until yesterday and what is "
    "there now.",
    "Not now",
    "Forecast",
    "It is being forecast; the proposals come by themselves.",
    _may_forecast,
    _forecast,
    PATH,
)


def approve_all(text: str, kind: str) -> Button:
    """The button that approves all that is shown and can be got."""

    async def shown(connection: asyncpg.Connection) -> list[Wish]:
        rows = await replenishment.urgent_proposals(connection, text, kind or None, ROWS)
        return [Wish(row["id"]) for row in rows if row["supplier"] or row["from_warehouse"]]

    async def may(connection: asyncpg.Connection, nothing: int) -> bool:
        return bool(await shown(connection))

    async def act(house: House, nothing: int, actor: str) -> int:
        async with staff_transaction(house.pool) as connection:
            await approve(connection, await shown(connection), actor, house.now())
        return nothing

    return Button(
        "Approve all",
        "Approve all that is shown?",
        "What a supplier brings to a warehouse becomes one purchase order, which is sent at once. "
        "Transfers wait until the other warehouse has sent them.",
        "Look again",
        "Approve",
        "It is ordered.",
        may,
        act,
        PATH,
    )


def _request(person: Staff, kind: str, *asked: object) -> StaffRequest:
    return StaffRequest(person, token_hex(8), kind, body_hash(list(asked)))


class _Form:
    """A dialog over the page, whose acts end on the page again."""

    def __init__(self, desk: Desk, page: Page, path: str) -> None:
        self._desk, self._page, self._path = desk, page, path

    def _leave(self) -> None:
        ui.navigate.to(self._path)

    async def _act(self, act: Callable[[Staff, datetime], Awaitable[object]]) -> None:
        """Does something as whoever sits here, and says why where it is refused."""
        person = await holder(self._desk.house, self._page.token)
        if person is None or not person.may(Role.PLANNER):
            ui.navigate.to(SIGN_IN)
            return
        try:
            await act(person, self._desk.house.now())
        except WmsError as refusal:
            ui.notify(refusal.detail, type="negative", position="top")
            return
        self._leave()


class ProposalForm(_Form):
    """Quantity and note for one proposal: approved, or turned down."""

    def show(self, row: asyncpg.Record) -> None:
        """Opens the dialog."""
        self._row = row
        source = row["from_warehouse"] or row["supplier"]
        with ui.dialog(value=True) as dialog, ui.element("div").classes("dialog wish"):
            ui.label(f"{row['sku']} for {row['warehouse']}").classes("dialog-title")
            ui.label(f"{row['name']}, from {source}" if source else row["name"])
            for part in row["reason"].split("; "):
                ui.label(part).classes("soft")
            if source:
                self._quantity = ui.input(
                    f"Quantity, in {row['unit']}",
                    value=str(format_quantity(row["quantity"], row["scale"])),
                )
            self._note = ui.input("Why not, where you turn it down").props("maxlength=500")
            with ui.element("div").classes("dialog-buttons"):
                ui.button("Turn down", on_click=self._reject, color=None).props("flat no-caps")
                if source:
                    ui.button("Approve", on_click=self._approve, color=None).props(
                        "unelevated no-caps"
                    )
        dialog.on("hide", self._leave)

    async def _approve(self) -> None:
        written = (self._quantity.value or "").strip()
        quantity = int(written) if written.isdigit() and self._row["scale"] == 0 else written
        wish = Wish(self._row["id"], quantity)

        async def approve(person: Staff, now: datetime) -> None:
            request = _request(person, "replenish/approve", wish.proposal_id, str(quantity))
            await approve_proposals(self._desk.house.pool, request, [wish], now)

        await self._act(approve)

    async def _reject(self) -> None:
        note = (self._note.value or "").replace("\x00", "")

        async def reject(person: Staff, now: datetime) -> None:
            request = _request(person, "replenish/reject", self._row["id"], note)
            await reject_proposal(self._desk.house.pool, request, self._row["id"], note, now)

        await self._act(reject)


class TransferForm(_Form):
    """One transfer: sent, or cancelled."""

    def show(self, transfer: asyncpg.Record, lines: list[asyncpg.Record]) -> None:
        """Opens the dialog."""
        self._transfer_id: int = transfer["id"]
        way = f"{transfer['from_warehouse']} to {transfer['to_warehouse']}"
        with ui.dialog(value=True) as dialog, ui.element("div").classes("dialog wish"):
            ui.label(f"Has it left {transfer['from_warehouse']}?").classes("dialog-title")
            ui.label(f"Transfer {transfer['id']}, {way}")
            for line in lines:
                ui.label(f"{format_quantity(line['quantity'], line['scale'])} {line['sku']}")
            with ui.element("div").classes("dialog-buttons"):
                ui.button("Cancel transfer", on_click=self._cancel, color=None).props(
                    "flat no-caps"
                )
                ui.button("It has left", on_click=self._send, color=None).props(
                    "unelevated no-caps"
                )
        dialog.on("hide", self._leave)

    async def _send(self) -> None:
        house = self._desk.house

        async def send(person: Staff, now: datetime) -> None:
            request = _request(person, "transfer/send", self._transfer_id)
            days = house.settings.transfer_days
            await send_transfer(house.pool, request, self._transfer_id, None, days, now)

        await self._act(send)

    async def _cancel(self) -> None:
        async def cancel(person: Staff, now: datetime) -> None:
            request = _request(person, "transfer/cancel", self._transfer_id)
            await cancel_transfer(self._desk.house.pool, request, self._transfer_id, now)

        await self._act(cancel)


async def offer_decision(desk: Desk, page: Page, proposal_id: int, path: str) -> None:
    """Opens the form for a proposal, where it waits and the visitor may decide."""
    if not page.staff.may(Role.PLANNER):
        return
    async with staff_transaction(desk.house.pool) as connection:
        row = await replenishment.proposal_of_id(connection, proposal_id)
    if row is not None and row["state"] == "proposed":
        ProposalForm(desk, page, path).show(row)


async def offer_sending(desk: Desk, page: Page, transfer_id: int) -> None:
    """Opens the form for a transfer, where it waits and the visitor may decide."""
    if not page.staff.may(Role.PLANNER):
        return
    async with staff_transaction(desk.house.pool) as connection:
        row = await replenishment.transfer_of_id(connection, transfer_id)
        lines = await replenishment.lines_of_transfer(connection, transfer_id)
    if row is not None and row["state"] == "requested":
        TransferForm(desk, page, PATH).show(row, lines)
