"""The command line as a user runs it: plain sentences, exit codes, and one JSON object."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.settings import Settings, child_environment
from tests.key import DATA_KEYS
from tests.patience import PATIENCE_S

ITEMS = "sku,name,width_mm,depth_mm,height_mm,mass_g,barcode\nCUP,RED CUP,80,80,90,200,96385074\n"
PLACES = "code,kind,aisle,x_mm,y_mm\nA-01,bin,0,0,600\nA-02,bin,1,3000,600\nDOCK-1,departure,,,\n"
STOCK = "sku,place,quantity\ncup,A-01,7\nCUP,A-02,5\n"
Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]


@pytest.fixture
def command(database: str, tmp_path: Path) -> Command:
    """Runs `stowline …` against the file's database; a keyword changes a setting."""

    def run(*arguments: str, **changed: str) -> Done:
        settings = Settings(database_url=database, data_keys=DATA_KEYS, home=tmp_path / "home")
        environment = child_environment(settings) | {"COLUMNS": "100", "NO_COLOR": "1"} | changed
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=5 * PATIENCE_S,
        )

    return run


def refused(done: Done, *words: str) -> None:
    """Exit code 1, nothing on standard output, and a plain sentence instead of a traceback."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def entered(command: Command, tmp_path: Path, kind: str, text: str, *options: str) -> Done:
    """A CSV file, imported."""
    path = tmp_path / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return command("import", kind, str(path), *options)


def said(done: Done) -> str:
    """What a command that did its work printed."""
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


async def test_a_warehouse_is_entered_and_its_books_are_checked(
    command: Command, database: str, tmp_path: Path
) -> None:
    shop = ("--shop", "Corner Shop")
    refused(entered(command, tmp_path, "items", ITEMS, *shop), "no shop", "key create")
    assert said(command("key", "create", *shop)).startswith("sk_")
    assert said(entered(command, tmp_path, "items", ITEMS, *shop)) == "1 items"
    assert "3 places" in said(entered(command, tmp_path, "places", PLACES))
    assert "12 units" in said(entered(command, tmp_path, "stock", STOCK, *shop))
    twice = entered(command, tmp_path, "stock", STOCK, *shop)
    refused(twice, "booked before")
    right = json.loads(said(command("check", "ledger", "--json")))
    assert right == {"ok": True, "lines": 2, "balances": 2, "differences": []}
    await _change_a_balance(database)
    wrong = command("check", "ledger", "--json")
    assert wrong.returncode == 1
    found = json.loads(wrong.stdout)
    assert not found["ok"]
    assert any("A-01" in row["where"] for row in found["differences"])
    assert any((row["books"], row["ledger"]) == (6, 7) for row in found["differences"])
    assert "A-01" in wrong.stderr
    assert "Traceback" not in wrong.stderr


async def _change_a_balance(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        changed = await connection.execute(
            "update balance b set on_hand = on_hand - 1 from place p "
            "where p.id = b.place_id and p.code = 'A-01'"
        )
        assert changed == "UPDATE 1"
    finally:
        await connection.close()


async def test_of_a_file_with_one_wrong_line_nothing_is_taken(
    command: Command, database: str, tmp_path: Path
) -> None:
    text = ITEMS + "MUG,MUG,80,80,90,200,\nPOT,POT,80,80,0,200,\n"
    done = entered(command, tmp_path, "items", text, "--shop", "Half Shop")
    refused(done, "nothing was taken", "line 4", "height_mm")
    connection = await asyncpg.connect(database)
    try:
        assert not await connection.fetchval("select count(*) from item where sku = 'MUG'")
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("import", "items"),
        ("import", "items", "x.csv"),
        ("key", "create"),
        ("check", "ledger", "--yaml"),
        ("demo", "--orders", "0"),
        ("demo", "--orders", "many"),
    ],
)
def test_a_command_that_makes_no_sense_ends_with_2(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Error" in done.stderr


def test_a_process_ends_with_2_too(command: Command) -> None:
    done = command("nonsense")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("serve",),
        ("demo",),
        ("migrate",),
        ("check",),
        ("check", "ledger"),
        ("key",),
        ("key", "create"),
        ("import",),
        ("import", "items"),
        ("import", "places"),
        ("import", "stock"),
        ("export", "items"),
        ("export", "places"),
        ("export", "stock"),
        ("warehouse", "add"),
        ("database",),
        ("database", "stop"),
    ],
)
def test_every_command_explains_itself(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*arguments, "--help"])
    assert done.exit_code == 0
    assert "Usage" in done.output
    assert len(done.output.splitlines()) > 5


def test_several_owners_and_warehouses_are_entered(command: Command, tmp_path: Path) -> None:
    refused(command("warehouse", "add", "N", "--name", "N", "--time-zone", "Mars/Olympus"), "Mars")
    zone = ("--time-zone", "Europe/Berlin", "--pickers", "3", "--count-review", "900")
    assert said(command("warehouse", "add", "NORTH", "--name", "North", *zone)) == "warehouse NORTH"
    ways: tuple[str, ...] = (
        "--aisles",
        "9",
        "--aisle-length-mm",
        "30000",
        "--aisle-width-mm",
        "1500",
    )
    ways = (*ways, "--cross-aisle-mm", "10000", "--cross-aisle-mm", "20000", "--drop-aisle", "8")
    assert said(command("warehouse", "add", "NORTH", *ways, "--drop-at-back"))
    refused(command("warehouse", "add", "NORTH", "--drop-aisle", "9"), "one of the aisles")
    refused(command("warehouse", "add", "NORTH", "--cross-aisle-mm", "30000"), "Cross aisles")
    assert said(command("warehouse", "add", "NORTH", "--cross-aisle-mm", "0"))
    for owner in ("Ada", "Bob"):
        key = ("key", "create", "--shop", f"{owner}'s", "--tenant", "Three", "--owner", owner)
        assert said(command(*key)).startswith("sk_")
    other = ("key", "create", "--shop", "Ada's", "--tenant", "Three", "--owner", "Bob")
    refused(command(*other), "Ada")
    assert "1 items" in said(entered(command, tmp_path, "items", ITEMS, "--shop", "Ada's"))
    out = tmp_path / "out.csv"
    assert "1 lines" in said(command("export", "items", "--shop", "Ada's", str(out)))
    assert said(command("export", "items", "--shop", "Ada's")) == out.read_text().strip()
    assert len(said(command("export", "items", "--shop", "Bob's")).splitlines()) == 1


def test_settings_that_make_no_sense_are_named(command: Command) -> None:
    refused(command("migrate", STOWLINE_PORT="abc"), "STOWLINE_PORT")
    refused(command("migrate", STOWLINE_DATABASE_URL="mysql://x/y"), "STOWLINE_DATABASE_URL")


def test_a_database_that_is_not_there_is_no_riddle(command: Command, database: str) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    refused(command("check", "ledger", STOWLINE_DATABASE_URL=away), "Connect")
    elsewhere = database.rpartition("/")[0] + "/no_such_database"
    refused(command("migrate", STOWLINE_DATABASE_URL=elsewhere), "no_such_database")


def test_a_role_that_does_not_exist_is_refused(command: Command) -> None:
    refused(command("serve", "--only", "api,kitchen"), "kitchen")
