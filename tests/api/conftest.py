"""What the API's tests share: the application over the file's database."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.api.service import Service, open_service


@pytest.fixture
async def service(
    database: str, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Service]:
    """The application as a worker runs it."""
    monkeypatch.setenv("STOWLINE_DATABASE_URL", database)
    monkeypatch.setenv("STOWLINE_HOME", str(tmp_path))
    monkeypatch.setenv("STOWLINE_POOL_SIZE", "4")
    async with open_service(pool) as service:
        yield service
