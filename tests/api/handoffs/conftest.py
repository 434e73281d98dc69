"""A shop with cups, and a planner at the desk."""

import pytest

from tests.api.handoffs.clerk import Clerk
from tests.api.service import Seller, Service
from wms.tenants.staff import Role


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1_000)


@pytest.fixture
async def planner(service: Service) -> Clerk:
    return Clerk(service.client, await service.sign_in(Role.PLANNER))
