"""Brings a database's schema up to date, and backs up an embedded one before it is changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from wms.database.embedded import EmbeddedPostgres

MIGRATIONS = Path(__file__).with_name("migrations")

# One number for every Stowline, so that two migrators of a database wait for each other.
LOCK = 7_786_907_105
PARTITIONS = "select make_ledger_partitions(current_date, 25)"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: the revisions before and after it, and where the backup is."""

    before: str | None
    after: str
    backup: Path | None

    @property
    def changed(self) -> bool:
        """True where the schema is another one now."""
        return self.before != self.after


async def upgrade(url: str, server: EmbeddedPostgres | None = None) -> Upgrade:
    """Upgrades the database to the newest schema, all or nothing; a newest one stays as it is.

    The ledger's partitions are made for two years ahead each time.

    Processes may call it at once: they take turns. Alembic keeps its state in the process, so
    one process upgrades one database at a time.

    `server` is the embedded server behind `url`: its database is dumped into the folder
    `backups` beside the server's before an existing schema changes.

    Raises: ServerError where the backup fails; nothing is changed then.
    """
    newest = newest_revision()
    async with _connected(url) as connection, connection.begin():
        await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
        before = await connection.run_sync(_revision)
        if before == newest:
            await connection.execute(text(PARTITIONS))
            return Upgrade(before, newest, None)
        backup = _backup(server, before, url) if server and before else None
        await connection.run_sync(_upgrade)
        await connection.execute(text(PARTITIONS))
    return Upgrade(before, newest, backup)


async def current_revision(url: str) -> str | None:
    """The revision of the database's schema, or None where there is none yet."""
    async with _connected(url) as connection:
        return await connection.run_sync(_revision)


def newest_revision() -> str:
    """The revision that this code was written for."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None, "the migrations have no first version"
    return revision


def run_scripts(folder: Path) -> None:
    """Runs a version's SQL files in the order of their names, inside the migration's transaction.

    The text goes to the server as it is, many statements at once, so it may hold functions.
    """
    scripts = sorted(folder.glob("*.sql"))
    assert scripts, f"no SQL files in {folder}"
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None
    for script in scripts:
        driver.run_async(lambda raw, script=script: raw.execute(script.read_text("utf-8")))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"), poolclass=pool.NullPool
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _backup(server: EmbeddedPostgres, before: str, url: str) -> Path:
    folder = server.home / "backups"
    taken = len(list(folder.glob(f"{before}.*.dump"))) if folder.is_dir() else 0
    target = folder / f"{before}.{taken + 1}.dump"
    server.dump(target, make_url(url).database or "")
    return target
