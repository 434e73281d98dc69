"""The page of what was given up, and what planners do about it."""

from datetime import datetime

import asyncpg
from fastapi import Request, Response

from api.console import given_up as view
from api.console.button import Button, offer_buttons
from api.console.frame import Desk
from api.console.page import page
from api.console.words import Scene
from api.wiring import House
from wms.journey.shop.given_up import FINAL, GivenUp, acknowledge, send_again
from wms.outbox import queries as outbox

ROWS = 200


def add_page(desk: Desk) -> None:
    """What was given up, with a receiver chosen by the address."""

    @page(view.PATH)
    async def given_up(request: Request, queue: str = "", receiver: str = "") -> Response | None:
        of = view.QUEUES.get(queue, "")
        seen: list[datetime] = []

        async def draw(connection: asyncpg.Connection, scene: Scene) -> str:
            rows = await outbox.given_up(connection, ROWS)
            # What is acknowledged is what was shown, and nothing that came after it.
            seen[:] = [row["dead_at"] for row in rows if _is(row, of, receiver)]
            return view.draw(rows, of, receiver, scene)

        shown = await desk.open(request, "Given up", draw)
        if isinstance(shown, Response):
            return shown
        if of and receiver:
            what = GivenUp(of, receiver)
            buttons = [_rest(what, seen)]
            if of not in FINAL:
                buttons.insert(0, _again(what))
            await offer_buttons(desk, shown, 0, *buttons)
        return None


def _is(row: asyncpg.Record, queue: str, receiver: str) -> bool:
    return bool(row["queue"] == queue and row["receiver"] == receiver)


async def _stands(connection: asyncpg.Connection, what: GivenUp) -> bool:
    rows = await outbox.given_up(connection, ROWS)
    return any(_is(row, what.queue, what.receiver) for row in rows)


def _again(what: GivenUp) -> Button:
    async def act(house: House, thing_id: int, actor: str) -> int:
        await send_again(house.pool, what, actor, house.now())
        return thing_id

    async def may(connection: asyncpg.Connection, _thing_id: int) -> bool:
        return await _stands(connection, what)

    return Button(
        name="Send again",
        title="Send all of them again?",
        words="They begin their tries anew, the oldest of each object first.",
        keep="Not yet",
        go="Send again",
        done="They are on their way.",
        may=may,
        act=act,
        path=view.PATH,
    )


def _rest(what: GivenUp, seen: list[datetime]) -> Button:
    async def act(house: House, thing_id: int, actor: str) -> int:
        await acknowledge(house.pool, what, max(seen, default=house.now()), actor, house.now())
        return thing_id

    async def may(connection: asyncpg.Connection, _thing_id: int) -> bool:
        return await _stands(connection, what)

    return Button(
        name="Let them rest",
        title="Let them rest?",
        words="The alarm ends. They are kept for a while and are sent to nobody unless their shop "
        "replays them.",
        keep="Not yet",
        go="Let them rest",
        done="Seen to.",
        may=may,
        act=act,
        path=view.PATH,
    )
