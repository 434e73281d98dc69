"""`stowline device …`: the registry by hand, and files that a real broker goes by."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from api.command.device import device_app
from api.settings import Settings
from devices.link.client import BrokerAddress, DeviceLink, Presence
from devices.link.topic import DeviceName
from tests.devices.journal import MemoryEventJournal
from tests.devices.link.broker import Broker
from tests.key import DATA_KEYS, KEYSET
from tests.patience import PATIENCE_S
from wms.database.pool import open_pool, staff_transaction
from wms.equipment.device import DeadTelegram
from wms.equipment.queries import latest_boots
from wms.error import Conflict, NotFound, Refused
from wms.journey.device.dead_letter import keep_telegram

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
Command = Callable[..., Result]


@pytest.fixture
def command(database: str, tmp_path: Path) -> Command:
    """Runs `stowline device …` against the file's database."""

    def run(*arguments: str) -> Result:
        settings = Settings(database_url=database, data_keys=DATA_KEYS, home=tmp_path / "home")
        environment = settings.to_environment() | {"COLUMNS": "100", "NO_COLOR": "1"}
        return CliRunner().invoke(device_app, arguments, env=environment)

    return run


def password_of(done: Result) -> tuple[str, str]:
    """The user and the password that a command showed."""
    assert done.exit_code == 0, done.output
    user, password = (line.split()[1] for line in done.stdout.splitlines())
    return user, password


async def connects(broker: Broker, name: DeviceName, user: str, password: str) -> bool:
    """Whether the broker lets somebody in under this name and password."""
    link = DeviceLink(
        BrokerAddress(host="127.0.0.1", port=broker.port, user=user, password=password),
        "main",
        MemoryEventJournal(),
        client_id=name.device,
        only=frozenset({name}),
        presence=Presence(name, 1),
    )
    task = asyncio.create_task(link.run())
    async with asyncio.timeout(PATIENCE_S):
        while not link.connected.is_set() and link.counts["connect_failed"] < 2:
            await asyncio.sleep(0.02)
    connected = link.connected.is_set()
    task.cancel()
    await asyncio.wait({task})
    return connected


def test_a_broker_lets_in_who_got_a_password_and_nobody_who_lost_it(
    command: Command, tmp_path: Path
) -> None:
    assert command("put", "--class", "light", "--name", "LGT-01", "--area", "pick").exit_code == 0
    out = tmp_path / "broker"
    early = command("access", "--out", str(out))
    assert isinstance(early.exception, Refused) and not out.exists()
    assert "credential stowline" in str(early.exception)
    light, house = (
        password_of(command("credential", "LGT-01")),
        password_of(command("credential", "stowline")),
    )
    assert (light[0], house[0]) == ("main/LGT-01", "main/stowline")
    written = command("access", "--out", str(out))
    assert written.exit_code == 0, written.output
    lines = written.stdout.splitlines()
    assert lines[0].startswith("2 accounts")
    assert all(path.stat().st_mode & 0o007 == 0 for path in out.iterdir())
    broker = Broker(tmp_path, "\n".join(lines[1:]) + "\n")
    asyncio.run(broker.start())
    name = DeviceName("main", "pick", "light", "LGT-01")
    own = DeviceName("main", "house", "gateway", "stowline")
    try:
        assert asyncio.run(connects(broker, name, *light))
        assert asyncio.run(connects(broker, own, *house))
        assert not asyncio.run(connects(broker, name, light[0], house[1]))
    finally:
        broker.kill()
    retired = ("put", "--class", "light", "--name", "LGT-01", "--out-of-service")
    assert command(*retired).exit_code == 0
    assert command("access", "--out", str(out)).stdout.startswith("1 accounts")
    assert "LGT-01" not in (out / "stowline.acl").read_text()
    listed = json.loads(command("list", "--json").stdout)["devices"]
    assert [(one["name"], one["in_service"]) for one in listed] == [
        ("LGT-01", False),
        ("stowline", True),
    ]


async def lay_aside(database: str) -> None:
    """A scan whose effect the house refused."""

    async def refused(connection: asyncpg.Connection) -> None:
        raise Conflict("no_such_lane", "Lane 9 leads nowhere.")

    telegram = DeadTelegram("main/a/scanner/S", 7, 1, "scan", {"raw": "x", "trigger": None})
    async with (
        await open_pool(database, application="test", keyset=KEYSET) as pool,
        staff_transaction(pool) as connection,
    ):
        await keep_telegram(connection, telegram, refused, NOW)


def test_dead_letters_are_shown_and_replayed(command: Command, database: str) -> None:
    asyncio.run(lay_aside(database))
    (dead,) = json.loads(command("dead", "--json").stdout)["dead_letters"]
    assert dead["dead_reason"] == "no_such_lane: Lane 9 leads nowhere."
    assert command("replay", str(dead["id"])).exit_code == 0
    assert command("replay", str(dead["id"])).exit_code == 0
    assert json.loads(command("dead", "--json").stdout) == {"dead_letters": []}
    assert isinstance(command("replay", "999999").exception, NotFound)


def test_what_could_be_no_topic_is_refused(command: Command) -> None:
    done = command("put", "--class", "light", "--name", "a b")
    assert isinstance(done.exception, Refused)
    assert command("put", "--class", "light", "--name", "L", "--config", "x").exit_code == 1


async def report_twice(database: str, device: str) -> None:
    async def nothing(_connection: asyncpg.Connection) -> None:
        return None

    async with (
        await open_pool(database, application="test", keyset=KEYSET) as pool,
        staff_transaction(pool) as connection,
    ):
        for seq in (1, 2):
            telegram = DeadTelegram(device, 7, seq, "scan", {})
            assert await keep_telegram(connection, telegram, nothing, NOW) is None


async def known(database: str, device: str) -> tuple[list[int | None], int, list[str]]:
    """The latest boot of a device, how many telegrams of before are kept, and who said so."""
    kept = "select count(*) from device_inbox where starts_with(device, $1 || ' until ')"
    async with (
        await open_pool(database, application="test", keyset=KEYSET) as pool,
        staff_transaction(pool) as connection,
    ):
        boots = await latest_boots(connection, [device])
        forgotten = await connection.fetch(
            "select actor from command where kind = 'device/forget' and scope = $1",
            f"device/{device}",
        )
        actors = [row["actor"] for row in forgotten]
        return boots, await connection.fetchval(kept, device), actors


def test_a_device_that_is_forgotten_may_count_its_boots_anew(
    command: Command, database: str
) -> None:
    assert command("put", "--class", "scanner", "--name", "SCN-71").exit_code == 0
    assert command("put", "--class", "sorter", "--name", "PLC-71").exit_code == 0
    device = "main/floor/scanner/SCN-71"
    asyncio.run(report_twice(database, device))
    assert asyncio.run(known(database, device)) == ([7], 0, [])
    done = command("forget", "SCN-71")
    assert done.exit_code == 0 and "2 telegrams of before are kept" in done.stdout
    assert asyncio.run(known(database, device)) == ([None], 2, ["command line"])
    assert isinstance(command("forget", "SCN-72").exception, NotFound)
    assert isinstance(command("forget", "PLC-71").exception, Refused)
