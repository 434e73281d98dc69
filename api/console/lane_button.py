"""The buttons of one lane: close it, open it, empty it."""

from collections.abc import Awaitable, Callable

import asyncpg

from api.console.button import Button
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.journey.wave.lane import order_lane
from wms.overview import sorter as overview

_PATH = "/console/sorters"
_WHY = "asked for at the console"


def lane_buttons(sorter: overview.SorterRow, lane: int) -> tuple[Button, ...]:
    """The buttons for a lane of a sorter; each shows while it makes sense."""
    return (
        Button(
            name="Close lane",
            title=f"Close lane {lane}?",
            words="What rides towards it gets another lane where there still is time; nothing more "
            "is sent there until it is opened.",
            keep="Leave it open",
            go="Close it",
            done=f"Lane {lane} is closed for the house; the PLC is being told.",
            may=_may(sorter, lane, closed=False),
            act=_act(sorter.id, "close"),
            path=_PATH,
        ),
        Button(
            name="Open lane",
            title=f"Open lane {lane}?",
            words="The sorter may send units there again at once.",
            keep="Leave it closed",
            go="Open it",
            done=f"Lane {lane} is open for the house; the PLC is being told.",
            may=_may(sorter, lane, closed=True),
            act=_act(sorter.id, "open"),
            path=_PATH,
        ),
        Button(
            name="Purge lane",
            title=f"Empty lane {lane}?",
            words="All that stands in it is let out to its end. See that somebody is there.",
            keep="Leave it",
            go="Empty it",
            done=f"Lane {lane} is emptied as soon as the PLC answers.",
            may=_may(sorter, lane, closed=None),
            act=_act(sorter.id, "purge"),
            path=_PATH,
        ),
    )


def _may(
    sorter: overview.SorterRow, lane: int, *, closed: bool | None
) -> Callable[[asyncpg.Connection, int], Awaitable[bool]]:
    async def may(connection: asyncpg.Connection, _lane: int) -> bool:
        shown = await overview.sorter(connection, sorter.name, sorter.site)
        is_closed = any(one.lane == lane and one.closed_by is not None for one in shown.lanes)
        return closed is None or closed is is_closed

    return may


def _act(sorter_id: int, op: str) -> Callable[[House, int, str], Awaitable[int]]:
    async def act(house: House, lane: int, actor: str) -> int:
        async with staff_transaction(house.pool) as connection:
            await order_lane(connection, sorter_id, lane, op, _WHY, actor, house.now())
        return lane

    return act
