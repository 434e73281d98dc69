"""A schema goes up whole or not at all, once, and is backed up before it changes."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.server import Servers
from wms.database import migrate
from wms.database.migrate import current_revision, newest_revision, upgrade

NEWEST = newest_revision()
LATER = f'''
"""A later schema."""
revision = "9999_later"
down_revision = "{NEWEST}"

def upgrade() -> None:
    """Runs the scripts."""
    from pathlib import Path
    from wms.database.migrate import run_scripts
    run_scripts(Path(__file__).with_name("later"))
'''


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The project's migrations with a later version, whose SQL a test writes."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder)
    (folder / "versions" / "later").mkdir()
    (folder / "versions" / "9999_later.py").write_text(LATER)
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    yield folder / "versions" / "later" / "10.sql"


async def _empty(servers: Servers, server_name: str, name: str) -> str:
    server = servers.get(server_name)
    connection = await asyncpg.connect(server.url("postgres"))
    await connection.execute(f"create database {name}")
    await connection.close()
    return server.url(name)


@pytest.mark.both_servers
async def test_an_empty_database_becomes_the_newest(servers: Servers, server_name: str) -> None:
    url = await _empty(servers, server_name, "empty_one")
    assert await current_revision(url) is None
    done = await upgrade(url, servers.get(server_name))
    assert (done.before, done.after, done.changed) == (None, newest_revision(), True)
    assert done.backup is None
    assert await current_revision(url) == newest_revision()


async def test_a_newest_schema_is_left_alone(database: str) -> None:
    done = await upgrade(database)
    assert not done.changed and done.backup is None


async def test_two_migrators_take_turns(servers: Servers, server_name: str) -> None:
    url = await _empty(servers, server_name, "empty_two")
    code = (
        "import asyncio, sys; from wms.database.migrate import upgrade; "
        "print(asyncio.run(upgrade(sys.argv[1])).changed)"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert sorted(run.communicate()[0].strip() for run in runs) == ["False", "True"]


async def test_an_embedded_database_is_backed_up_first(
    servers: Servers, server_name: str, later: Path
) -> None:
    url = servers.create_database(server_name)
    later.write_text("create table later (id bigint); insert into later values (1);")
    done = await upgrade(url, servers.get(server_name))
    assert done.before == NEWEST and done.after == "9999_later"
    assert done.backup is not None and done.backup.read_bytes().startswith(b"PGDMP")
    assert done.backup.stat().st_mode & 0o077 == 0


async def test_a_failed_upgrade_changes_nothing(
    servers: Servers, server_name: str, later: Path
) -> None:
    url = servers.create_database(server_name)
    later.write_text("create table later (id bigint); select 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await upgrade(url)
    assert await current_revision(url) == NEWEST
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select to_regclass('later')") is None
    await connection.close()


async def _older(
    servers: Servers,
    server_name: str,
    revision: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> str:
    """The URL of a database of an earlier schema."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder)
    for script in (folder / "versions").glob("*.py"):
        if script.stem > revision:
            script.unlink()
    url = await _empty(servers, server_name, f"before_{revision}")
    with monkeypatch.context() as older:
        older.setattr(migrate, "MIGRATIONS", folder)
        assert (await upgrade(url)).after == revision
    return url


async def test_a_database_of_the_second_schema_keeps_its_waves_and_gets_plain_floors(
    servers: Servers, server_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = await _older(servers, server_name, "0002_stock", monkeypatch, tmp_path)
    connection = await asyncpg.connect(url)
    await connection.execute(
        "insert into warehouse (code, name, aisles, aisle_length_mm, aisle_pitch_mm) "
        "values ('OLD', 'Old', 3, 9000, 3000);"
        "insert into wave (warehouse_id, state, asked_by, seed, distance_mm) "
        "select id, 'released', 'timer:waves', 1, 7 from warehouse;"
        "insert into pick_batch (wave_id, number, state, distance_mm, path) "
        "select id, 1, 'planned', 7, '[]' from wave"
    )
    assert (await upgrade(url)).changed
    warehouse = await connection.fetchrow("select * from warehouse where code = 'OLD'")
    assert warehouse is not None
    assert (warehouse["cross_aisles_mm"], warehouse["aisle_width_mm"]) == ([], 0)
    assert (warehouse["drop_aisle"], warehouse["drop_at_back"]) == (None, False)
    wave = await connection.fetchrow("select * from wave")
    assert wave is not None
    assert (wave["distance_mm"], wave["bound_mm"], wave["choice"]) == (7, None, None)
    assert (wave["reason"], wave["replans"]) == ("", False)
    cart = await connection.fetchrow("select * from pick_batch")
    assert cart is not None
    assert (cart["due_at"], cart["tasks_planned"]) == (None, None)
    await connection.close()


async def test_routes_of_the_third_schema_become_the_first_version(
    servers: Servers, server_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = await _older(servers, server_name, "0003_pick", monkeypatch, tmp_path)
    plan = {
        "depot": {"latitude": 52.5, "longitude": -1.5},
        "routes": [{"van": "VAN-1", "distance_m": 9, "duration_s": 8, "stops": []}],
        "unserved": [{"id": "7", "reason": "too heavy"}],
        "distance_m": 9,
        "baseline_m": 12,
        "engine": "ortools",
    }
    connection = await asyncpg.connect(url)
    await connection.execute(
        "insert into warehouse (code, name, aisles, aisle_length_mm, aisle_pitch_mm) "
        "values ('OLD', 'Old', 3, 9000, 3000);"
        "insert into place (warehouse_id, code, kind) select id, 'DOCK', 'departure' "
        "from warehouse; insert into carrier (code, name, url, secret) values ('C', 'C', '', '')"
    )
    for state, kept in (("closed", json.dumps(plan)), ("open", None)):
        await connection.execute(
            "insert into departure (warehouse_id, carrier_id, place_id, state, opened_at, "
            "route_plan) select p.warehouse_id, c.id, p.id, $1, now(), $2::jsonb "
            "from place p, carrier c",
            state,
            kept,
        )
    assert (await upgrade(url)).changed
    [version] = await connection.fetch("select * from departure_plan")
    assert (version["version"], version["state"], version["digest"]) == (1, "planned", None)
    moved = json.loads(version["plan"])
    assert (moved["cost"], moved["baseline_cost"], moved["straight"]) == (9, 12, True)
    assert moved["routes"] == plan["routes"]
    [left] = moved["unserved"]
    assert (left["order_id"], left["reasons"][0]["reason"]) == (7, "too heavy")
    kinds = await connection.fetch("select kind, cut_off_at from departure")
    assert {tuple(row) for row in kinds} == {("carrier", None)}
    await connection.close()
