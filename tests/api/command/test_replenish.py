"""`stowline replenish`: a forecast of the house by hand, told as people and programs read it."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.settings import Settings
from tests.builders import enter_house
from tests.wms.journey.replenish.season import bought_from, leave, sell, seller
from wms.database.pool import open_pool

WEEKS = (4, 6, 5, 5, 7, 4, 5) * 5
Command = Callable[..., Result]


@pytest.fixture
def command(database: str, tmp_path: Path) -> Command:
    """Runs `stowline replenish` against the file's database."""

    def run(*arguments: str) -> Result:
        settings = Settings(database_url=database, home=tmp_path / "home")
        environment = settings.to_environment() | {"COLUMNS": "200", "NO_COLOR": "1"}
        return CliRunner().invoke(app, ["replenish", *arguments], env=environment)

    return run


async def _enter(database: str) -> None:
    async with await open_pool(database, application="test") as pool:
        await enter_house(pool)
        shop = await seller(pool, "MUG")
        await sell(pool, shop, "MUG", *WEEKS, until=datetime.now(UTC))
        await bought_from(pool, shop, "MUG")
        await leave(pool, shop, "MUG", 5)


def test_proposals_are_one_object_and_a_table(command: Command, database: str) -> None:
    asyncio.run(_enter(database))
    done = command("--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    [proposal] = told["proposals"]
    assert {"item", "warehouse", "quantity", "reorder_point", "safety_stock", "reason"} <= set(
        proposal
    )
    assert (proposal["item"], proposal["warehouse"]) == ("MUG", "MAIN")
    assert told["run"]["state"] == "done"
    again = command("--last", "--json")
    assert json.loads(again.stdout)["run"]["id"] == told["run"]["id"]
    table = command("--last")
    assert "STOKE" in table.stdout and "1 proposal." in table.stdout
    other = command("--last", "--warehouse", "NOWHERE", "--json")
    assert json.loads(other.stdout)["proposals"] == []


def test_a_house_that_is_not_there_is_refused(command: Command) -> None:
    done = command("--json", "--unknown")
    assert done.exit_code == 2
