"""A count as a test has it made: asked for, done at a moment, looked at by a planner."""

from datetime import datetime

import asyncpg

from tests.builders import (
    BINS,
    NOW,
    add_staff,
    place_ids,
    value,
)
from tests.wms.journey.people import Handheld, person
from wms.counting import commands as counting
from wms.database.pool import staff_transaction
from wms.journey.floor.handheld import take_input
from wms.journey.floor.screen import Input
from wms.journey.request import StaffRequest
from wms.outbox.command import body_hash
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line
from wms.tenants import queries as tenant_rows
from wms.tenants.staff import Role

TEN = NOW.replace(hour=10, minute=0)


async def price(house: asyncpg.Pool, minor: int = 100) -> None:
    """Gives every item a value, so that small variances need no second look."""
    async with staff_transaction(house) as connection:
        await connection.execute("update item set cost_minor = $1", minor)


async def ask(
    house: asyncpg.Pool, *, bin: int = 0, item_id: int | None = None, not_by: int | None = None
) -> int:
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        return await counting.ask_count(
            connection, None, places[BINS[bin]], item_id, "test", not_by, NOW
        )


async def counter_at_bin(house: asyncpg.Pool, name: str = "Cora") -> Handheld:
    """Somebody who has scanned the place that they are to count."""
    counter = await person(house, name)
    await counter.do("count")
    await counter.scan_all(counter.screen["target"])
    return counter


async def on_hand(house: asyncpg.Pool, bin: int = 0) -> object:
    return await value(
        house,
        "select sum(on_hand) from balance b join place p on p.id = b.place_id where p.code = $1",
        BINS[bin],
    )


async def reviewer(house: asyncpg.Pool, kind: str, name: str = "Petra") -> StaffRequest:
    token = await add_staff(house, name, Role.PLANNER)
    async with staff_transaction(house) as connection:
        staff = await tenant_rows.staff_of_token(connection, token, NOW)
    assert staff is not None
    return StaffRequest(staff, f"key {name} {kind}", kind, body_hash([kind]))


async def take(house: asyncpg.Pool, quantity: int, at: datetime) -> None:
    """Takes goods out of the first bin at a moment, as a pick does."""
    async with staff_transaction(house) as connection:
        places = await place_ids(connection)
        [balance] = await connection.fetch(
            "select * from balance where place_id = $1 and on_hand > 0", places[BINS[0]]
        )
        await stock.post(
            connection,
            balance["tenant_id"],
            "pick",
            [Line(goods_from(balance), quantity, places[BINS[0]], places["CART-01"])],
            command_id=f"pick at {at}",
            actor="test",
            now=at,
        )


async def count_at(
    house: asyncpg.Pool, at: datetime, quantity: int, sku: str = "MUG", name: str = "Cora"
) -> None:
    """A whole count of the first bin, all of it at one moment."""
    token = await add_staff(house, name)
    for number, given in enumerate(
        (
            Input("1", action="count"),
            Input("2", code=BINS[0]),
            Input("3", code=sku, quantity=quantity),
            Input("4", action="finish"),
        )
    ):
        screen = await take_input(house, token, given, at)
        if number:
            shown = screen["verdict"]
            assert isinstance(shown, dict)
            assert shown["ok"], (given, screen)
