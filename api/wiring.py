"""The one place where settings, database, clock and chance meet; all are passed as arguments."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from api.keyring import Keyring
from api.settings import Settings
from wms.database.pool import open_pool

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class House:
    """What every role works with."""

    settings: Settings
    pool: asyncpg.Pool
    rng: random.Random
    keys: Keyring = field(default_factory=Keyring)

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC)

    def seed(self) -> int:
        """A seed for a solver, kept with its plan so that the plan can be made again."""
        return self.rng.randrange(2**31)


@asynccontextmanager
async def open_house(settings: Settings, role: str, size_max: int = 10) -> AsyncIterator[House]:
    """Opens the database for a role, and closes it at the end."""
    assert_one_root()
    assert settings.database_url is not None, "a role is started with its database's address"
    pool = await open_pool(settings.database_url, application=role, size_max=size_max)
    try:
        yield House(settings, pool, random.Random(settings.seed))
    finally:
        await pool.close()


def assert_one_root() -> None:
    """`api` and `sim` are common names: all packages must come from one and the same root."""
    import devices
    import forecasting
    import routing
    import wms

    for package in (devices, forecasting, routing, wms):
        assert package.__file__ is not None
        found = Path(package.__file__).resolve().parent.parent
        assert found == ROOT, f"{package.__name__} comes from {found}, not from {ROOT}"
