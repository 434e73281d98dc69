"""The one place where settings, database, clock and chance meet; all are passed as arguments."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from api.audit.reading import ReadLog
from api.data_key import key_file, read_keyset
from api.keyring import Keyring
from api.limit import Limiter
from api.settings import Settings, SettingsError, variable
from wms.database import data_key
from wms.database.pool import open_pool, staff_transaction
from wms.database.seal import Keyset
from wms.tenants.shop import Limit

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class House:
    """What every role works with."""

    settings: Settings
    pool: asyncpg.Pool
    rng: random.Random
    keyset: Keyset
    keys: Keyring = field(default_factory=Keyring)
    limiter: Limiter = field(default_factory=Limiter)
    reads: ReadLog = field(default_factory=ReadLog)

    @property
    def key_limit(self) -> Limit:
        """What a key without a limit of its own may send."""
        return Limit(self.settings.key_requests_per_s, self.settings.key_burst)

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC)

    def seed(self) -> int:
        """A seed for a solver, kept with its plan so that the plan can be made again."""
        return self.rng.randrange(2**31)


@asynccontextmanager
async def open_house(settings: Settings, role: str, size_max: int = 10) -> AsyncIterator[House]:
    """Opens the database for a role, and closes it at the end.

    Raises: SettingsError, the data of this database are sealed with keys that are not ours.
    """
    assert_one_root()
    assert settings.database_url is not None, "a role is started with its database's address"
    await _look_at_keys(settings)
    keyset = read_keyset(settings)
    # The name tells who still seals with an old key.
    application = f"{role} {keyset.newest}"
    pool = await open_pool(
        settings.database_url, application=application, size_max=size_max, keyset=keyset
    )
    try:
        async with staff_transaction(pool) as connection:
            await data_key.note_keys(connection, keyset.fingerprints())
            _assert_same(settings, await data_key.standing_keys(connection), keyset)
        house = House(settings, pool, random.Random(settings.seed), keyset)
        async with house.reads.kept(pool, house.now):
            yield house
    finally:
        await pool.close()


async def _look_at_keys(settings: Settings) -> None:
    """Keeps a machine without keys from making its own for a database that has some."""
    if settings.data_keys is not None or key_file(settings).exists():
        return
    assert settings.database_url is not None
    async with (
        await open_pool(settings.database_url, application="keys", size_max=1) as pool,
        staff_transaction(pool) as connection,
    ):
        known = await data_key.standing_keys(connection)
    # Roles that start together find the keys of the first one in the home.
    if known and not key_file(settings).exists():
        raise SettingsError(_unlike(settings, sorted(known)))


def _assert_same(settings: Settings, known: dict[str, bytes], keyset: Keyset) -> None:
    ours = keyset.fingerprints()
    if unlike := sorted(name for name, print_ in known.items() if ours.get(name) != print_):
        raise SettingsError(_unlike(settings, unlike))


def _unlike(settings: Settings, names: list[str]) -> str:
    return (
        f"{variable('data_keys')}: this database's data are sealed with keys that are not "
        f"{'there' if settings.data_keys is not None else f'in {key_file(settings)}'}: "
        f"{', '.join(names)}. Bring them from the machine that made them."
    )


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
