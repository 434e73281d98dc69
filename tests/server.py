"""Real PostgreSQL servers for a test run, each with a migrated template to copy databases from."""

import asyncio
import fcntl
import itertools
import os
import shutil
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil

from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade

EMBEDDED = "embedded"
DEBIAN_15 = "postgresql-15"
BOTH = (EMBEDDED, DEBIAN_15)

PROGRAMS: dict[str, Path | None] = {EMBEDDED: None, DEBIAN_15: Path("/usr/lib/postgresql/15/bin")}
TEMPLATE = "stowline_template"

# A run's folder is named after its process.
RUN_PREFIX = "stowline-test-"

# A test's database outlives no crash, so nothing waits for a disk.
HURRIED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Servers:
    """The servers of one run, shared by its workers: the first that asks starts one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: dict[str, EmbeddedPostgres] = {}
        self._numbers = itertools.count(1)

    def get(self, name: str) -> EmbeddedPostgres:
        """The server of that name, running and with its template made.

        Raises: FileNotFoundError where this machine has no such server.
        """
        if name not in self._started:
            server = self._server(name)
            server.start()
            with (server.home / "template.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                _run(_make_template(server))
            self._started[name] = server
        return self._started[name]

    def create_database(self, name: str) -> str:
        """The URL of a fresh and migrated database."""
        server = self.get(name)
        database = f"test_{os.getpid()}_{next(self._numbers)}"
        # Files are copied several times as fast as pages are logged, one by one.
        _run(_execute(server, f"create database {database} template {TEMPLATE} strategy file_copy"))
        return server.url(database)

    def drop_database(self, name: str, url: str) -> None:
        """Throws such a database away, whoever is still connected to it."""
        database = url.rpartition("/")[2]
        _run(_execute(self.get(name), f"drop database {database} with (force)"))

    def release(self) -> None:
        """Ends this worker's use; the last worker stops the servers."""
        for server in self._started.values():
            server.release()

    def stop(self) -> None:
        """Stops every server of the run, whoever left it running."""
        for name in BOTH:
            if (self._folder / name / "data").is_dir():
                self._server(name).stop()

    def _server(self, name: str) -> EmbeddedPostgres:
        programs = PROGRAMS[name]
        if programs is not None and not (programs / "postgres").exists():
            raise FileNotFoundError(f"no PostgreSQL programs in {programs}")
        return EmbeddedPostgres(self._folder / name, programs, HURRIED)


def clear_away(parent: Path) -> None:
    """Stops the servers of runs that were killed, and throws their folders away."""
    for folder in parent.glob(f"{RUN_PREFIX}*-*"):
        owner = folder.name.removeprefix(RUN_PREFIX).partition("-")[0]
        if owner.isdecimal() and not _runs(int(owner)) and os.access(folder, os.W_OK):
            Servers(folder).stop()
            shutil.rmtree(folder)


def _runs(process_id: int) -> bool:
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _run(work: Coroutine[None, None, None]) -> None:
    # A fixture may be set up while another test tool runs a loop in this thread.
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, work).result()


async def _execute(server: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _make_template(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        found = "select 1 from pg_database where datname = $1"
        if not await connection.fetchval(found, TEMPLATE):
            await connection.execute(f"create database {TEMPLATE}")
    finally:
        await connection.close()
    await upgrade(server.url(TEMPLATE))
