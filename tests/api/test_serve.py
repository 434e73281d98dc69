"""The supervisor brings what roles need, keeps them alive, and leaves nothing behind."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import asyncpg
import psutil
import pytest

from api.serve import ROLES, ServeError, Supervisor, role_commands
from api.settings import Settings
from tests.patience import PATIENCE_S
from tests.port import own_port
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import newest_revision

# A role that answers HTTP where its settings say, and one that only runs.
ANSWERS = """
import http.server, os
class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = os.environ["STOWLINE_DATABASE_URL"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *said):
        pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["{port}"])), Door).serve_forever()
"""
RUNS = "import time; time.sleep(600)"


def commands(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Small roles in place of the real ones."""
    del settings
    return {
        "api": (sys.executable, "-c", ANSWERS.format(port="STOWLINE_PORT")),
        "console": (sys.executable, "-c", ANSWERS.format(port="STOWLINE_CONSOLE_PORT")),
        "gateway": (sys.executable, "-c", RUNS),
        "jobs": (sys.executable, "-c", RUNS),
    }


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Settings with free ports and a home that the server's account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="stowline-serve-"))
    folder.chmod(0o711)
    yield Settings(home=folder / "home", port=own_port(), console_port=own_port())
    if (folder / "home" / "postgres" / "data").exists():
        EmbeddedPostgres(folder / "home" / "postgres").stop()
    shutil.rmtree(folder)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _is_open(url: str) -> bool:
    host, port = url.rpartition("/")[2].split(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, int(port))) == 0


async def _revision(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("select version_num from alembic_version"))
    finally:
        await connection.close()


def test_all_roles_get_a_migrated_database_and_a_broker(settings: Settings) -> None:
    with Supervisor(settings, commands=commands) as supervisor:
        supervisor.wait_ready()
        found = supervisor.addresses
        with urllib.request.urlopen(f"{found.api_url}/ready") as answer:
            assert answer.read().decode() == found.database_url
        assert asyncio.run(_revision(found.database_url)) == newest_revision()
        assert found.mqtt_url is not None and _is_open(found.mqtt_url)
        pids = [supervisor.pid(role) for role in ROLES]
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not _is_open(found.mqtt_url)
    assert not EmbeddedPostgres(settings.home / "postgres").running()


def test_what_crashes_is_started_again(settings: Settings) -> None:
    with Supervisor(settings, commands=commands) as supervisor:
        supervisor.wait_ready()
        before = supervisor.pid("api")
        os.kill(before, signal.SIGKILL)
        _wait(lambda: supervisor.pid("api") != before and supervisor.ready())
        data = settings.home / "postgres" / "data"
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        server = EmbeddedPostgres(settings.home / "postgres")
        _wait(server.running)
        assert server.url() == supervisor.addresses.database_url


def test_a_database_that_others_use_goes_on(settings: Settings) -> None:
    with EmbeddedPostgres(settings.home / "postgres") as server:
        with Supervisor(settings, ("jobs",), commands=commands) as supervisor:
            assert supervisor.addresses.database_url == server.url()
            assert supervisor.addresses.mqtt_url is None
        assert server.running()


def test_a_named_database_is_used_as_it_is(settings: Settings, database: str) -> None:
    named = Settings(
        home=settings.home, port=own_port(), console_port=own_port(), database_url=database
    )
    with Supervisor(named, ("api",), commands=commands) as supervisor:
        supervisor.wait_ready()
        assert supervisor.addresses.database_url == database
    assert not (settings.home / "postgres").exists()


def test_a_role_that_keeps_ending_is_given_up(settings: Settings, database: str) -> None:
    def broken(_: Settings) -> Mapping[str, tuple[str, ...]]:
        return {"jobs": (sys.executable, "-c", "raise SystemExit(3)")}

    named = Settings(
        home=settings.home, port=own_port(), console_port=own_port(), database_url=database
    )
    with (
        Supervisor(named, ("jobs",), commands=broken) as supervisor,
        pytest.raises(ServeError, match="jobs keeps ending"),
    ):
        _wait(lambda: not supervisor.ready())
        while True:
            supervisor.wait_ready()


def test_a_taken_port_is_refused_before_anything_starts(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = Settings(home=settings.home, port=port, console_port=own_port())
        with pytest.raises(ServeError, match=f"cannot listen on 127.0.0.1:{port}"):
            Supervisor(busy, commands=commands).start()
    assert not settings.home.exists()


def test_an_unknown_role_is_refused(settings: Settings) -> None:
    with pytest.raises(ServeError, match="no such role: cook"):
        Supervisor(settings, ("api", "cook"))
    assert set(role_commands(settings)) == set(ROLES)


def test_roles_end_with_their_killed_supervisor(settings: Settings, database: str) -> None:
    code = (
        "import sys, time; from pathlib import Path; from api.serve import Supervisor; "
        "from api.settings import Settings; from tests.api.test_serve import commands; "
        "settings = Settings(home=Path(sys.argv[1]), port=0, console_port=0, "
        "database_url=sys.argv[2]); "
        "supervisor = Supervisor(settings, ('api', 'jobs'), commands=commands); "
        "supervisor.start(); supervisor.wait_ready(); "
        "print(supervisor.pid('api'), supervisor.pid('jobs'), flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home), database],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    pids = [int(pid) for pid in owner.stdout.readline().split()]
    assert len(pids) == 2
    owner.kill()
    owner.wait()
    owner.stdout.close()
    _wait(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    return bool(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
