"""The pages of tickets."""

import asyncpg
from fastapi import Request, Response

from api.console import handoff as view
from api.console.frame import Desk
from api.console.handoff_desk import PATH, offer_answer, offer_next
from api.console.limit_page import add_page as add_limits_page
from api.console.page import page
from api.console.words import Scene
from wms.error import NotFound
from wms.handoff import queries as handoffs
from wms.handoff.ticket import State
from wms.overview import queries as overviews

ROWS = 100
STANDING = (State.OPEN.value, State.CLAIMED.value)
OVERDUE = 100


def add_pages(desk: Desk) -> None:
    """The queue, the limits of steps, and each ticket by its number."""
    _queue_page(desk)
    # Before the page of a ticket, whose number stands in the same place.
    add_limits_page(desk)
    _ticket_page(desk)


def _queue_page(desk: Desk) -> None:
    @page(PATH)
    async def queue(request: Request, state: str = "") -> Response | None:
        wanted = state if state in (State.ANSWERED, State.CLOSED) else ""

        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            if wanted:
                chosen = handoffs.Chosen([wanted])
                rows = await handoffs.newest_tickets(connection, chosen, ROWS)
            else:
                chosen = handoffs.Chosen(STANDING)
                rows = await handoffs.queue_after(connection, chosen, (0, 0), ROWS)
            counts = await handoffs.desk(connection, scene.now)
            overdue = await handoffs.overdue_steps(connection, OVERDUE)
            return view.draw_queue(rows, counts, overdue, wanted, scene)

        shown = await desk.open(request, "Tickets", draw)
        if isinstance(shown, Response):
            return shown
        await offer_next(desk, shown)
        return None


def _ticket_page(desk: Desk) -> None:
    @page(f"{PATH}/{{handoff_id}}")
    async def ticket(request: Request, handoff_id: int) -> Response | None:
        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            found = await handoffs.find_ticket(connection, handoff_id)
            if found is None:
                raise NotFound("unknown_handoff", f"There is no ticket {handoff_id}.")
            notes = await handoffs.notes_of(connection, handoff_id)
            story = None
            if found["order_id"] is not None:
                story = await overviews.order_story(connection, found["order_id"])
                desk.house.reads.order(scene.viewer, "ticket", found["order_id"])
            counts = await handoffs.desk(connection, scene.now)
            overdue = await handoffs.overdue_steps(connection, OVERDUE)
            return view.draw_ticket(found, notes, story, overdue, counts, scene)

        shown = await desk.open(request, f"Ticket {handoff_id}", draw)
        if isinstance(shown, Response):
            return shown
        await offer_answer(desk, shown, handoff_id)
        return None
