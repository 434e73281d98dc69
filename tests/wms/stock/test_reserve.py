"""Bins reserved for many lines in one call: first expired first, and nothing twice."""

import asyncio
from datetime import date, timedelta
from itertools import count

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import BINS, NOW, differences, rows
from tests.key import KEYSET
from tests.patience import PATIENCE_S
from tests.wms.journey.people import wait_for_lock
from tests.wms.stock.shelf import Shelf, new_shelf, post
from wms.database.pool import open_pool, staff_transaction
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.stock.want import Want

TODAY = NOW.date()
_numbers = count(1_000_000)


async def _shelve(
    pool: asyncpg.Pool,
    shelf: Shelf,
    place: int,
    quantity: int,
    *,
    lot: str = "",
    serial: str = "",
    expires_on: date | None = None,
) -> None:
    goods = Goods(shelf.shop.owner_id, shelf.items["MUG"], lot, serial, expires_on=expires_on)
    line = Line(goods, quantity, shelf.places["SUPPLIER"], shelf.places[BINS[place]])
    async with staff_transaction(pool) as connection:
        await post(connection, shelf, "opening", line)


async def _reserve(
    pool: asyncpg.Pool, shelf: Shelf, *quantities: int, days: int = 0, whole: bool = False
) -> list[tuple[int, str, int]]:
    """What each line, by its place in the call, got from which bin."""
    async with staff_transaction(pool) as connection:
        return await _reserve_in(connection, shelf, *quantities, days=days, whole=whole)


async def _reserve_in(
    connection: asyncpg.Connection,
    shelf: Shelf,
    *quantities: int,
    days: int = 0,
    whole: bool = False,
) -> list[tuple[int, str, int]]:
    first = next(_numbers) * 100
    wants = [
        Want(first + number, shelf.items["MUG"], quantity, days)
        for number, quantity in enumerate(quantities)
    ]
    names = {place_id: code for code, place_id in shelf.places.items()}
    warehouse_id = await connection.fetchval("select id from warehouse")
    found = await stock.reserve_lines(connection, warehouse_id, wants, NOW, whole=whole)
    return sorted(
        (row["fulfilment_line_id"] - first, names[row["place_id"]], row["quantity"])
        for row in found
    )


async def test_what_expires_first_goes_to_the_first_line(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    await _shelve(pool, shelf, 0, 5, lot="B", expires_on=TODAY + timedelta(days=9))
    await _shelve(pool, shelf, 1, 2, lot="A", expires_on=TODAY)
    await _shelve(pool, shelf, 2, 9, lot="X", expires_on=TODAY - timedelta(days=1))
    assert await _reserve(pool, shelf, 3, 3) == [
        (0, BINS[0], 1),
        (0, BINS[1], 2),
        (1, BINS[0], 3),
    ]
    assert await _reserve(pool, shelf, 5) == [(0, BINS[0], 1)]


async def test_a_line_gets_only_what_lasts_as_long_as_it_asks(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    await _shelve(pool, shelf, 0, 5, lot="A", expires_on=TODAY + timedelta(days=9))
    await _shelve(pool, shelf, 1, 5, lot="B", expires_on=TODAY + timedelta(days=10))
    assert await _reserve(pool, shelf, 3, days=10) == [(0, BINS[1], 3)]


async def test_with_whole_a_line_that_falls_short_gets_nothing(pool: asyncpg.Pool) -> None:
    shelf = await new_shelf(pool, "MUG")
    await _shelve(pool, shelf, 0, 5)
    assert await _reserve(pool, shelf, 3, 3, whole=True) == [(0, BINS[0], 3)]
    assert await _reserve(pool, shelf, 2, 1, whole=True) == [(0, BINS[0], 2)]


PAUSE = (
    "insert into floor_pause (warehouse_id, zone, reason, started_by, started_at) "
    "select warehouse_id, {zone}, 'leak', 'test', now() from place where code = $1"
)


@pytest.mark.parametrize(
    "close",
    [
        "update place set blocked_out = true where code = $1",
        PAUSE.format(zone="zone"),
        PAUSE.format(zone="''"),
    ],
)
async def test_closed_places_are_left_out(pool: asyncpg.Pool, close: str) -> None:
    shelf = await new_shelf(pool, "MUG")
    await _shelve(pool, shelf, 0, 5)
    async with staff_transaction(pool) as connection:
        await connection.execute(close, BINS[0])
    try:
        assert await _reserve(pool, shelf, 1) == []
    finally:
        async with staff_transaction(pool) as connection:
            await connection.execute("delete from floor_pause")
            await connection.execute("update place set blocked_out = false")


async def test_of_two_that_reserve_one_serial_one_wins_and_the_other_hears_when_it_has_ended(
    pool: asyncpg.Pool,
) -> None:
    shelf = await new_shelf(pool, "MUG")
    await _shelve(pool, shelf, 0, 1, serial="S-1")
    async with asyncio.timeout(PATIENCE_S):
        async with staff_transaction(pool) as first:
            assert await _reserve_in(first, shelf, 1) == [(0, BINS[0], 1)]
            second = asyncio.create_task(_reserve(pool, shelf, 1))
            await wait_for_lock(pool, 1)
        assert await second == []


async def test_many_at_once_take_what_is_there_and_no_more(
    pool: asyncpg.Pool, database: str
) -> None:
    shelf = await new_shelf(pool, "MUG")
    for place in range(4):
        await _shelve(pool, shelf, place, 10)
    async with await open_pool(database, application="crowd", size_max=12, keyset=KEYSET) as crowd:
        got = await asyncio.gather(*(_reserve(crowd, shelf, 1, 2) for _ in range(20)))
    assert sum(quantity for lines in got for _, _, quantity in lines) == 40
    # The reservations have no order behind them, and are the only thing that is odd here.
    assert await differences(pool) == []
    held = await rows(
        pool, "select on_hand, reserved from balance where item_id = $1", shelf.items["MUG"]
    )
    assert [tuple(row) for row in held] == [(10, 10)] * 4


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    bins=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    wanted=st.lists(st.integers(1, 9), min_size=1, max_size=6),
)
async def test_lines_get_all_there_is_in_their_order(
    pool: asyncpg.Pool, bins: list[int], wanted: list[int]
) -> None:
    shelf = await new_shelf(pool, "MUG")
    for place, quantity in enumerate(bins):
        await _shelve(pool, shelf, place, quantity)
    got = await _reserve(pool, shelf, *wanted)
    left = sum(bins)
    for number, quantity in enumerate(wanted):
        found = sum(taken for line, _, taken in got if line == number)
        assert found == min(quantity, left)
        left -= found
    for place, quantity in enumerate(bins):
        assert sum(taken for _, code, taken in got if code == BINS[place]) <= quantity
