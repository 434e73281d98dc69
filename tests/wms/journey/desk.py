"""A planner at a desk, and the requests that one sends."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import asyncpg

from tests.builders import NOW, add_staff
from wms.database.pool import staff_transaction
from wms.journey.goods.adjustment import Adjustment, adjust_stock
from wms.journey.request import StaffRequest
from wms.outbox.command import Answer, body_hash
from wms.tenants import queries as tenants
from wms.tenants.shop import Shop
from wms.tenants.staff import Role, Staff

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Desk:
    """A planner who is signed in."""

    pool: asyncpg.Pool
    staff: Staff

    def request(self, kind: str, body: object, key: str | None = None) -> StaffRequest:
        """A request of this planner, under a key of its own where none is given."""
        return StaffRequest(self.staff, key or f"desk {next(_numbers)}", kind, body_hash(body))

    async def adjust(
        self, shop: Shop, sku: str, place: str, *, key: str | None = None, **words: Any
    ) -> Answer:
        """Adjusts a shop's stock: `change=-2`, or `quantity=2, to_status="hold"`."""
        adjustment = Adjustment(shop.name, sku, place, "at the desk", **words)
        request = self.request("adjustment", repr(adjustment), key)
        return await adjust_stock(self.pool, request, adjustment, NOW)


async def open_desk(pool: asyncpg.Pool) -> Desk:
    """A planner of the house."""
    token = await add_staff(pool, f"Pia {next(_numbers)}", Role.PLANNER)
    async with staff_transaction(pool) as connection:
        staff = await tenants.staff_of_token(connection, token, NOW)
    assert staff is not None
    return Desk(pool, staff)
