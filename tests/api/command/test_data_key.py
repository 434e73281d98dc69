"""`stowline key data …` and `stowline check audit`, as whoever keeps a house runs them."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.data_key import key_file, read_keyset
from api.settings import Settings
from api.wiring import open_house
from tests.builders import buy, settle, stocked_shop, value
from tests.key import DATA_KEYS
from tests.server import Servers

Command = Callable[..., Result]


@pytest.fixture
def settings(servers: Servers, server_name: str, tmp_path: Path) -> Iterator[Settings]:
    """A house of its own, whose keys are in its home."""
    url = servers.create_database(server_name)
    yield Settings(database_url=url, home=tmp_path / "home", log_level="error")
    servers.drop_database(server_name, url)


@pytest.fixture
def command(settings: Settings) -> Command:
    """Runs `stowline …` in that house."""

    def run(*arguments: str, **changed: str) -> Result:
        environment = settings.to_environment() | {"COLUMNS": "200", "NO_COLOR": "1"} | changed
        return CliRunner().invoke(app, list(arguments), env=environment)

    return run


async def _sell(settings: Settings) -> None:
    async with open_house(settings, "test", 2) as house:
        shop = await stocked_shop(house.pool, MUG=5)
        await buy(house.pool, shop, ("MUG", 1))
        await settle(house.pool)


async def _name(settings: Settings) -> object:
    async with open_house(settings, "test", 2) as house:
        ship_to = await value(house.pool, "select ship_to from shop_order")
        assert isinstance(ship_to, dict)
        return ship_to["name"]


async def _as_owner(settings: Settings, statement: str) -> None:
    owner = await asyncpg.connect(settings.database_url)
    await owner.execute(statement)
    await owner.close()


def test_a_key_is_rotated_and_the_old_one_retired(settings: Settings, command: Command) -> None:
    asyncio.run(_sell(settings))
    first = read_keyset(settings).newest
    done = command("key", "data", "rotate")
    assert done.exit_code == 0, done.output
    second = read_keyset(settings).newest
    assert second != first and second in done.stdout
    assert json.loads(command("key", "data", "list", "--json").stdout)["keys"] == [
        {"id": first, "state": "opens"},
        {"id": second, "state": "seals"},
    ]
    again = command("key", "data", "reseal")
    assert again.exit_code == 0 and int(again.stdout.split()[0]) >= 2
    retired = command("key", "data", "retire", first)
    assert retired.exit_code == 0, retired.output
    assert first not in key_file(settings).read_text()
    assert key_file(settings).stat().st_mode & 0o777 == 0o600
    assert asyncio.run(_name(settings)) == "A. Buyer"
    for wrong in (second, "k0"):
        assert command("key", "data", "retire", wrong).exit_code == 1


def test_keys_of_the_settings_are_rotated_in_the_settings(
    settings: Settings, command: Command
) -> None:
    done = command("key", "data", "rotate", STOWLINE_DATA_KEYS=DATA_KEYS)
    assert done.exit_code == 0, done.output
    name, _, told = done.stdout.strip().partition("=")
    assert name == "STOWLINE_DATA_KEYS" and told.startswith(DATA_KEYS.split(",")[0])
    listed = command("key", "data", "list", "--json", STOWLINE_DATA_KEYS=told)
    assert [row["state"] for row in json.loads(listed.stdout)["keys"]] == ["opens", "seals"]
    assert not key_file(settings).exists()


def test_a_machine_without_the_keys_is_told_so(settings: Settings, command: Command) -> None:
    asyncio.run(_sell(settings))
    stranger = command("check", "audit", STOWLINE_HOME=str(settings.home / "elsewhere"))
    assert stranger.exit_code != 0
    assert "Bring them" in str(stranger.exception)


def test_a_whole_log_is_told_with_its_heads_and_a_broken_one_is_refused(
    settings: Settings, command: Command
) -> None:
    asyncio.run(_sell(settings))
    whole = command("check", "audit", "--json")
    assert whole.exit_code == 0, whole.output
    told = json.loads(whole.stdout)
    assert told["ok"] and told["entries"] >= 2 and len(told["heads"]) == 1
    asyncio.run(_as_owner(settings, "update audit_entry set actor = 'nobody' where line = 1"))
    broken = command("check", "audit", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["breaks"][0]["batch"] == 1
    assert "not what they were" in command("check", "audit").stderr
