"""The house that calls generators, and its generators."""

import random
from collections.abc import AsyncIterator

import pytest

from api.dispatch.generator import Generators, open_generators
from api.settings import Settings
from api.wiring import House
from tests.api.service import Service
from tests.key import KEYSET


@pytest.fixture
async def house(service: Service) -> House:
    return House(Settings(webhook_private="yes"), service.pool, random.Random(1), KEYSET)


@pytest.fixture
async def asking(house: House) -> AsyncIterator[Generators]:
    async with open_generators(house) as found:
        yield found
