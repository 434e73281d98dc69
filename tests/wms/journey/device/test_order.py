"""What devices are asked to do: numbered when it leaves, settled once, given up in time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from wms.database.pool import act_as_staff, open_connection
from wms.equipment import queries as equipment
from wms.equipment.device import CommandEntry, DeviceEntry
from wms.error import Conflict, NotFound, Refused
from wms.journey.device.order import (
    DeviceAnswer,
    ask_device,
    begin_command,
    commands_waiting,
    settle_commands,
)
from wms.journey.device.register import enter_device

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SITE = "orders"


@pytest.fixture
async def connection(shared_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that speaks JSON, in a transaction that is rolled back."""
    connection = await open_connection(shared_database, application="test")
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield await act_as_staff(connection)
    finally:
        await transaction.rollback()
        await connection.close()


@pytest.fixture
async def light(connection: asyncpg.Connection) -> int:
    """A pick light."""
    return await enter_device(connection, DeviceEntry(SITE, "pick", "light", "LGT-01", None, {}))


async def ask(connection: asyncpg.Connection, expires_s: float = 60) -> int:
    entry = CommandEntry("light", {"colour": "green"}, expires_s)
    return await ask_device(connection, SITE, "LGT-01", entry, "test", NOW)


async def state(connection: asyncpg.Connection, number: int) -> tuple[str, int | None]:
    row = await equipment.command(connection, number)
    assert row is not None
    return row["state"], row["seq"]


def said(upto: int, *, seq: int | None = None, ok: bool = True, epoch: int = 1) -> DeviceAnswer:
    return DeviceAnswer(epoch, upto, seq, ok, "" if ok else "no such colour", {"lit": ok})


@pytest.mark.usefixtures("light")
async def test_a_command_gets_its_number_when_it_leaves_and_keeps_it(
    connection: asyncpg.Connection,
) -> None:
    first, second = await ask(connection), await ask(connection)
    waiting, _ = await commands_waiting(connection, SITE, NOW)
    assert [row["id"] for row in waiting] == [first]
    assert await begin_command(connection, second, NOW) == (1, 1)
    assert await begin_command(connection, first, NOW) == (1, 2)
    assert await begin_command(connection, second, NOW) == (1, 1)


async def test_an_answer_settles_all_up_to_its_number_and_tells_the_result_of_one(
    connection: asyncpg.Connection, light: int
) -> None:
    numbers = [await ask(connection) for _ in range(3)]
    for number in numbers:
        await begin_command(connection, number, NOW)
    await settle_commands(connection, light, said(2, seq=2, ok=False), NOW)
    assert [await state(connection, number) for number in numbers] == [
        ("done", 1),
        ("refused", 2),
        ("sent", 3),
    ]
    # The same answer again, and one that comes late, change nothing.
    await settle_commands(connection, light, said(2, seq=2), NOW)
    await settle_commands(connection, light, said(1), NOW)
    assert await state(connection, numbers[1]) == ("refused", 2)


async def test_what_expires_says_whether_it_ever_left_and_leaves_no_more(
    connection: asyncpg.Connection, light: int
) -> None:
    sent, unsent, later = await ask(connection, 5), await ask(connection, 5), await ask(connection)
    await begin_command(connection, sent, NOW)
    at = NOW + timedelta(seconds=5)
    waiting, expired = await commands_waiting(connection, SITE, at)
    assert ([row["id"] for row in waiting], expired) == ([later], 2)
    reasons = [(await equipment.command(connection, one)) for one in (sent, unsent)]
    assert [row and row["reason"] for row in reasons] == ["not acknowledged", "never sent"]
    assert await begin_command(connection, unsent, at) is None
    await settle_commands(connection, light, said(1, seq=1), at)
    assert await state(connection, sent) == ("expired", 1)


async def test_numbers_that_we_never_gave_begin_another_epoch_with_what_is_open(
    connection: asyncpg.Connection, light: int
) -> None:
    number = await ask(connection)
    await begin_command(connection, number, NOW)
    assert await settle_commands(connection, light, said(40), NOW) == 2
    assert await state(connection, number) == ("queued", None)
    assert await begin_command(connection, number, NOW) == (2, 1)
    assert await settle_commands(connection, light, said(1, epoch=2, seq=1), NOW) is None
    assert await state(connection, number) == ("done", 1)
    # What the old epoch still says is void.
    assert await settle_commands(connection, light, said(99), NOW) is None


@pytest.mark.usefixtures("light")
async def test_nonsense_is_refused(connection: asyncpg.Connection) -> None:
    for entry in (
        CommandEntry("No", {}, 60),
        CommandEntry("", {}, 60),
        CommandEntry("light", {}, 0),
        CommandEntry("light", {}, float("nan")),
    ):
        with pytest.raises(Refused):
            await ask_device(connection, SITE, "LGT-01", entry, "test", NOW)
    fine = CommandEntry("light", {}, 60)
    with pytest.raises(NotFound):
        await ask_device(connection, SITE, "LGT-02", fine, "test", NOW)
    out = DeviceEntry(SITE, "pick", "light", "LGT-01", None, {}, in_service=False)
    await enter_device(connection, out)
    with pytest.raises(Conflict):
        await ask_device(connection, SITE, "LGT-01", fine, "test", NOW)
