"""What tests share: real servers, migrated once a run, and databases that are thrown away."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import hypothesis
import pytest

from api.settings import Settings, keep_numba_cache
from tests.key import KEYSET
from tests.server import BOTH, EMBEDDED, RUN_PREFIX, Servers, clear_away
from wms.database.pool import Connection, open_pool

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
RUN_FOLDER = pytest.StashKey[Path]()
MEMORY_BYTES_MIN = 6 * 2**30
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"

# Kernels are compiled once for all workers and for every service that a test starts.
keep_numba_cache(Settings(home=Path(__file__).parents[1] / ".pytest_cache"))

# A test never asserts speed, and a busy machine is no counterexample.
hypothesis.settings.register_profile("stowline", deadline=None, print_blob=True)
hypothesis.settings.load_profile("stowline")


def pytest_configure(config: pytest.Config) -> None:
    """Names one folder for the run, which all workers share; root's servers can enter it."""
    config.addinivalue_line(
        "markers", "both_servers: runs on the embedded server and on Debian's PostgreSQL 15"
    )
    config.addinivalue_line("markers", "needs_root: is about what only root can do")
    config.addinivalue_line(
        "markers", "needs_data: reads ../shared/data, which is not part of the repository"
    )
    workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[RUN_FOLDER] = Path(workerinput["run_folder"])
        return
    parent = _quick_folder() or Path(tempfile.gettempdir())
    clear_away(parent)
    folder = Path(tempfile.mkdtemp(prefix=f"{RUN_PREFIX}{os.getpid()}-", dir=parent))
    folder.chmod(0o711)
    config.stash[RUN_FOLDER] = folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist the run's folder."""
    node.workerinput["run_folder"] = str(node.config.stash[RUN_FOLDER])


def _quick_folder() -> Path | None:
    """Where files live in memory, if there is room for a run's databases; else None, the usual."""
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return None
    room = os.statvfs(memory)
    is_roomy = room.f_bavail * room.f_frsize >= MEMORY_BYTES_MIN
    return memory if is_roomy and not room.f_flag & os.ST_NOEXEC else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops what a killed worker left running, and throws the run's folder away."""
    if not hasattr(config, "workerinput") and RUN_FOLDER in config.stash:
        folder = config.stash[RUN_FOLDER]
        Servers(folder).stop()
        shutil.rmtree(folder)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test that is marked `both_servers` once on each."""
    if "server_name" in metafunc.fixturenames and metafunc.definition.get_closest_marker(
        "both_servers"
    ):
        metafunc.parametrize("server_name", BOTH, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is about root alone, or about data beside the checkout, where there is none.

    Neither can be had by a machine that has to be able to run everything else.
    """
    absent = {"needs_root": os.geteuid() != 0, "needs_data": not SHARED_DATA.is_dir()}
    names = [name for name, is_absent in absent.items() if is_absent]
    beside = [item for item in items if any(map(item.get_closest_marker, names))]
    if beside:
        config.hook.pytest_deselected(items=beside)
        items[:] = [item for item in items if item not in beside]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, pytest.TestReport]:
    """Turns a skip into a failure on the machine that has to be able to run everything."""
    report: pytest.TestReport = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI=true: {report.longreprtext}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, Any, pytest.CollectReport]:
    """Does the same for a whole file that skips itself."""
    report: pytest.CollectReport = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped under CI=true: {report.longreprtext}"
    return report


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """The run's PostgreSQL servers, each started when it is first asked for."""
    servers = Servers(request.config.stash[RUN_FOLDER])
    yield servers
    servers.release()


@pytest.fixture(scope="session")
def server_name(request: pytest.FixtureRequest, servers: Servers) -> str:
    """Which server a test runs on; skips where the machine has none of that name."""
    name: str = getattr(request, "param", EMBEDDED)
    try:
        servers.get(name)
    except FileNotFoundError as error:
        pytest.skip(f"{name}: {error}")
    return name


@pytest.fixture(scope="module")
def database(servers: Servers, server_name: str) -> Iterator[str]:
    """The URL of a fresh, migrated database for one test file; its user owns everything."""
    url = servers.create_database(server_name)
    yield url
    servers.drop_database(server_name, url)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool over the file's database, with an application's rights."""
    async with await open_pool(database, application="test", keyset=KEYSET) as pool:
        yield pool


@pytest.fixture(scope="session")
def shared_database(servers: Servers, server_name: str) -> str:
    """The URL of a database in which nothing is ever committed."""
    return servers.create_database(server_name)


@pytest.fixture
async def connection(shared_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a transaction that is rolled back; it owns everything.

    `act_as_shop` and `act_as_staff` of wms.database.pool take its rights away.
    """
    connection = await asyncpg.connect(shared_database, connection_class=Connection)
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()
