"""On the floor, walks are handed to whoever asks next: each of its tests has a house of its own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.builders import enter_house
from tests.key import KEYSET
from tests.server import Servers
from wms.database.pool import open_pool


@pytest.fixture
async def house(servers: Servers, server_name: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool over a fresh database with the builders' warehouse, for one test."""
    url = servers.create_database(server_name)
    async with await open_pool(url, application="test", keyset=KEYSET) as pool:
        await enter_house(pool)
        yield pool
    servers.drop_database(server_name, url)
