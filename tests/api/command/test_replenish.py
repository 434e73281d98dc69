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
from tests.builders import LAYOUT, enter_house, rows
from tests.key import DATA_KEYS, KEYSET
from tests.wms.journey.replenish.season import bought_from, leave, sell, seller
from wms.database.pool import open_pool, staff_transaction
from wms.error import NotFound, Refused
from wms.journey import entry

WEEKS = (4, 6, 5, 5, 7, 4, 5) * 5
Command = Callable[..., Result]


@pytest.fixture
def command(database: str, tmp_path: Path) -> Command:
    """Runs `stowline replenish` against the file's database."""

    def run(*arguments: str, holidays: str | None = None) -> Result:
        settings = Settings(
            database_url=database,
            data_keys=DATA_KEYS,
            home=tmp_path / "home",
            holidays=holidays,
        )
        environment = settings.to_environment() | {"COLUMNS": "200", "NO_COLOR": "1"}
        return CliRunner().invoke(app, ["replenish", *arguments], env=environment)

    return run


async def _enter(database: str) -> None:
    async with await open_pool(database, application="test", keyset=KEYSET) as pool:
        await enter_house(pool)
        shop = await seller(pool, "MUG")
        await sell(pool, shop, "MUG", *WEEKS, until=datetime.now(UTC))
        await bought_from(pool, shop, "MUG")
        await leave(pool, shop, "MUG", 5)


async def _runs(database: str) -> list[str]:
    async with await open_pool(database, application="test", keyset=KEYSET) as pool:
        found = await rows(pool, "select state from replenishment_run order by id")
    return [row["state"] for row in found]


async def _enter_warehouse(database: str) -> None:
    async with (
        await open_pool(database, application="test", keyset=KEYSET) as pool,
        staff_transaction(pool) as connection,
    ):
        await entry.enter_warehouse(connection, LAYOUT)


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
    one = command("--last", "--warehouse", "MAIN", "--json")
    assert json.loads(one.stdout)["proposals"] == told["proposals"]


def test_what_makes_no_sense_is_refused_before_anything_is_forecast(
    command: Command, database: str
) -> None:
    assert command("--json", "--unknown").exit_code == 2
    before = asyncio.run(_runs(database))
    other = command("--warehouse", "NOWHERE", "--json")
    assert isinstance(other.exception, NotFound) and "NOWHERE" in str(other.exception)
    assert asyncio.run(_runs(database)) == before


def test_a_run_that_is_refused_keeps_nobody_waiting(command: Command, database: str) -> None:
    asyncio.run(_enter_warehouse(database))
    done = command("--json", holidays="ATLANTIS")
    assert isinstance(done.exception, Refused) and "ATLANTIS" in str(done.exception)
    assert asyncio.run(_runs(database))[-1] == "refused"
