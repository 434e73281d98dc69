"""What the API's tests share: the application over the file's database."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.api.service import Service, open_service
from tests.key import DATA_KEYS


@pytest.fixture
async def service(
    database: str, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Service]:
    """The application as a worker runs it."""
    monkeypatch.setenv("STOWLINE_DATABASE_URL", database)
    monkeypatch.setenv("STOWLINE_HOME", str(tmp_path))
    monkeypatch.setenv("STOWLINE_DATA_KEYS", DATA_KEYS)
    monkeypatch.setenv("STOWLINE_POOL_SIZE", "4")
    monkeypatch.setenv("STOWLINE_WEBHOOK_PRIVATE", "yes")
    # A test asks faster than any shop; those about the limit set their own.
    monkeypatch.setenv("STOWLINE_KEY_REQUESTS_PER_S", "100000")
    monkeypatch.setenv("STOWLINE_KEY_BURST", "1000000")
    async with open_service(pool) as service:
        yield service
