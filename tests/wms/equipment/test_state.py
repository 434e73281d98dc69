"""What is known of a device is written when it changes."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.equipment.commands import note_state
from wms.equipment.credential import new_credential, password_hash
from wms.equipment.device import DeviceEntry
from wms.error import Refused
from wms.journey.device.register import enter_device

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


async def test_only_what_is_new_is_written_and_what_is_not_said_stays(
    pool: asyncpg.Pool,
) -> None:
    async with staff_transaction(pool) as connection:
        await _write_and_read(connection)


async def _write_and_read(connection: asyncpg.Connection) -> None:
    entry = DeviceEntry("states", "sort", "sorter", "PLC-1", "127.0.0.1:502", {})
    device_id = await enter_device(connection, entry)
    assert await note_state(connection, device_id, online=True, boot=7, link="run", now=NOW)
    assert not await note_state(connection, device_id, online=True, boot=7, now=LATER)
    assert not await note_state(connection, device_id, now=LATER)
    assert await note_state(connection, device_id, detail={"mode": "manual"}, now=LATER)
    row = await equipment.device(connection, "states", "PLC-1")
    assert row is not None
    assert (row["online"], row["boot"], row["link"]) == (True, 7, "run")
    assert (row["detail"], row["changed_at"]) == ({"mode": "manual"}, LATER)


@pytest.mark.parametrize(
    ("area", "device_class", "name"),
    [
        ("a/b", "light", "L"),
        ("a", "Light", "L"),
        ("a", "light", "+"),
        ("", "light", "L"),
        ("a", "light", "stowline"),
    ],
)
async def test_a_name_that_could_be_no_topic_is_refused(
    connection: asyncpg.Connection, area: str, device_class: str, name: str
) -> None:
    with pytest.raises(Refused):
        await enter_device(connection, DeviceEntry("states", area, device_class, name, None, {}))


def test_a_password_is_drawn_anew_and_its_hash_is_salted() -> None:
    first, second = new_credential("main", "A"), new_credential("main", "A")
    assert first.password != second.password and len(first.password) >= 43
    assert first.username == "main/A"
    assert password_hash("secret", b"0" * 12) != password_hash("secret", b"1" * 12)
