"""What rides on a sorter, whichever of scanner and PLC is quicker, and whatever is never told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from wms.database.pool import act_as_staff
from wms.error import Conflict
from wms.journey.wave import ride
from wms.journey.wave.ride import Decision, Reading
from wms.sorting import queries as sorting
from wms.sorting.item import Event, State

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
READ = Reading(11, Event.READ, "T-00001")


@pytest.fixture
async def connection(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A staff's connection as the house opens it, in a transaction that is rolled back."""
    async with staff_connection(pool) as connection:
        yield connection


@asynccontextmanager
async def staff_connection(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await act_as_staff(connection)  # type: ignore[arg-type]
            yield connection  # type: ignore[misc]
        finally:
            await transaction.rollback()


@pytest.fixture
async def sorter(connection: asyncpg.Connection) -> int:
    device_id: int = await connection.fetchval(
        "insert into device (site, area, class, name) values ('main', 'sort', 'sorter', 'PLC-9') "
        "returning id"
    )
    return device_id


async def stays(c: asyncpg.Connection, sorter: int) -> list[tuple[str, str | None, int]]:
    """State, unit and rounds of each stay, the oldest first."""
    rows = await sorting.items_before(c, sorter, None, 100)
    return [(row["state"], row["unit"], row["rounds"]) for row in rows[::-1]]


async def end(
    c: asyncpg.Connection, sorter: int, track: int, event: Event, *, lane: int = 0
) -> None:
    riding = {row["track"]: row for row in await sorting.items_riding(c, sorter)}
    how = ride.End(track, event, lane=lane, reason="none", decided=lane > 0)
    await ride.record_ends(c, sorter, [(riding.get(track), how)], NOW)


async def test_a_scan_that_comes_before_its_induction_begins_the_stay(
    connection: asyncpg.Connection, sorter: int
) -> None:
    await ride.record_reading(connection, sorter, READ, None, NOW)
    await ride.record_induction(connection, sorter, 11, NOW)
    assert await stays(connection, sorter) == [(State.READ, "T-00001", 0)]


async def test_the_same_read_twice_changes_nothing(
    connection: asyncpg.Connection, sorter: int
) -> None:
    for _ in range(2):
        await ride.record_reading(connection, sorter, READ, None, NOW)
    assert await stays(connection, sorter) == [(State.READ, "T-00001", 0)]


async def test_a_no_read_of_a_second_scanner_takes_nothing_away(
    connection: asyncpg.Connection, sorter: int
) -> None:
    await ride.record_reading(connection, sorter, READ, None, NOW)
    await ride.record_reading(connection, sorter, Reading(11, Event.FAIL_READ), None, NOW)
    assert await stays(connection, sorter) == [(State.READ, "T-00001", 0)]


async def test_a_unit_takes_its_stay_along_to_the_track_of_its_next_round(
    connection: asyncpg.Connection, sorter: int
) -> None:
    for number in (11, 12, 13):
        await ride.record_induction(connection, sorter, number, NOW)
        reading = Reading(number, Event.READ, "T-00001")
        await ride.record_reading(connection, sorter, reading, None, NOW)
        await end(connection, sorter, number, Event.TURN_BACK)
    assert await stays(connection, sorter) == [(State.RECIRCULATED, "T-00001", 3)]


async def test_what_nobody_read_is_followed_by_a_track_that_it_keeps(
    connection: asyncpg.Connection, sorter: int
) -> None:
    for _ in range(2):
        await ride.record_induction(connection, sorter, 11, NOW)
        await ride.record_reading(connection, sorter, Reading(11, Event.FAIL_READ), None, NOW)
        await end(connection, sorter, 11, Event.TURN_BACK)
    assert await stays(connection, sorter) == [(State.RECIRCULATED, None, 2)]


async def test_a_track_used_again_means_that_what_had_it_is_lost(
    connection: asyncpg.Connection, sorter: int
) -> None:
    for _ in range(2):
        await ride.record_induction(connection, sorter, 11, NOW)
    assert await stays(connection, sorter) == [(State.LOST, None, 0), (State.INDUCTED, None, 0)]


async def test_a_lane_that_the_plc_was_told_proves_a_decision_that_was_never_kept(
    connection: asyncpg.Connection, sorter: int
) -> None:
    await ride.record_reading(connection, sorter, READ, None, NOW)
    await end(connection, sorter, 11, Event.DIVERT, lane=4)
    (row,) = await sorting.items_before(connection, sorter, None, 9)
    assert (row["state"], row["lane"], row["actual_lane"]) == (State.DIVERTED, 4, 4)


async def test_a_decision_about_what_has_left_the_belt_is_given_back(
    connection: asyncpg.Connection, sorter: int
) -> None:
    decision = Decision(READ, 4, {"why": "the only lane"}, taken=True)
    assert await ride.record_decisions(connection, sorter, [decision], NOW) == [decision]
    assert await stays(connection, sorter) == []


async def test_a_decision_may_be_kept_before_its_scan(
    connection: asyncpg.Connection, sorter: int
) -> None:
    decision = Decision(READ, 4, {"why": "the only lane"}, taken=True)
    await ride.record_induction(connection, sorter, 11, NOW)
    assert await ride.record_decisions(connection, sorter, [decision], NOW) == []
    await ride.record_reading(connection, sorter, READ, None, NOW)
    assert await stays(connection, sorter) == [(State.ACKNOWLEDGED, "T-00001", 0)]


async def test_a_lane_taken_back_leaves_the_unit_read(
    connection: asyncpg.Connection, sorter: int
) -> None:
    await ride.record_reading(connection, sorter, READ, None, NOW)
    given = Decision(READ, 4, {"why": "the only lane"}, taken=True)
    back = Decision(READ, 0, {"why": "no room"}, taken=False)
    for decision in (given, back):
        await ride.record_decisions(connection, sorter, [decision], NOW)
    (row,) = await sorting.items_riding(connection, sorter)
    assert (row["state"], row["lane"]) == (State.READ, None)
    assert row["decision"] == {"why": "no room"}


async def test_a_divert_of_what_nobody_decided_is_refused(
    connection: asyncpg.Connection, sorter: int
) -> None:
    await ride.record_induction(connection, sorter, 11, NOW)
    with pytest.raises(Conflict):
        await end(connection, sorter, 11, Event.DIVERT)


async def test_what_was_turned_back_and_never_seen_again_is_given_up(
    connection: asyncpg.Connection, sorter: int
) -> None:
    await ride.record_reading(connection, sorter, READ, None, NOW)
    await end(connection, sorter, 11, Event.TURN_BACK)
    assert await ride.lose_forgotten(connection, sorter, NOW + timedelta(minutes=59)) == 0
    assert await ride.lose_forgotten(connection, sorter, NOW + timedelta(minutes=61)) == 1
    assert await stays(connection, sorter) == [(State.LOST, "T-00001", 1)]


async def test_a_plc_that_forgot_everything_leaves_nothing_riding(
    connection: asyncpg.Connection, sorter: int
) -> None:
    await ride.record_reading(connection, sorter, READ, None, NOW)
    await ride.record_induction(connection, sorter, 12, NOW)
    assert await ride.lose_all(connection, sorter, NOW) == 2
    assert await sorting.items_riding(connection, sorter) == []
