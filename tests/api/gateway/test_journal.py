"""Telegrams kept together: all with their effects, or each by itself."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from api.gateway.decision import DecisionDesk
from api.gateway.journal import Keeping, Taking
from api.gateway.lane import LaneTable
from api.gateway.lease import Lease, LeaseLost
from tests.api.gateway.floor import Floor, build_floor
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment
from wms.equipment.device import DeadTelegram
from wms.error import Conflict
from wms.sorting import commands as sorting
from wms.sorting.plan import SorterPlan

pytestmark = pytest.mark.asyncio


def now() -> datetime:
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Books:
    """Effects that close lane n for telegram n, and what was told of them."""

    def __init__(self, keeping: Keeping) -> None:
        self.keeping = keeping
        self.told: list[int] = []
        self.device = f"{keeping.lease.name}-{keeping.lease.device_id}"

    def taking(self, seq: int, *, refused: bool = False) -> Taking:
        telegram = DeadTelegram(self.device, 1, seq, "jam", {"tote": None})

        async def effect(connection: asyncpg.Connection) -> None:
            device_id = self.keeping.lease.device_id
            await sorting.close_lane(connection, device_id, seq, "test", "", now())
            if refused:
                raise Conflict("wrong_state", "It cannot be.")

        return Taking(telegram, effect, lambda _answer: self.told.append(seq))

    async def closed(self) -> list[int]:
        async with staff_transaction(self.keeping.lease.pool) as connection:
            rows = await connection.fetch(
                "select lane from sorter_lane where device_id = $1 order by lane",
                self.keeping.lease.device_id,
            )
        return [row["lane"] for row in rows]

    async def kept(self) -> list[tuple[int, bool]]:
        """Number and death of each telegram."""
        async with staff_transaction(self.keeping.lease.pool) as connection:
            rows = await connection.fetch(
                "select seq, dead_at is not null as dead from device_inbox where device = $1 "
                "order by seq",
                self.device,
            )
        return [(row["seq"], row["dead"]) for row in rows]


@pytest.fixture
async def books(pool: asyncpg.Pool) -> Books:
    floor: Floor = await build_floor(pool)
    await floor.enter_device("PLC-1", "sorter", "127.0.0.1:1", {})
    device_id = await floor.value("select id from device where site = $1", floor.site)
    assert isinstance(device_id, int)
    async with staff_transaction(pool) as connection:
        fence = await equipment.take_lease(connection, device_id, "one", timedelta(minutes=5))
    assert fence is not None
    lease = Lease(pool, device_id, "PLC-1", "one", fence)
    desk = DecisionDesk(LaneTable(), 1, lambda: None)
    return Books(Keeping(lease, SorterPlan(), desk, now, Counter()))


async def test_all_are_kept_with_their_effects(books: Books) -> None:
    await books.keeping.keep([books.taking(seq) for seq in (1, 2, 3)])
    assert await books.kept() == [(1, False), (2, False), (3, False)]
    assert await books.closed() == books.told == [1, 2, 3]


async def test_only_what_the_house_refuses_becomes_a_dead_letter(books: Books) -> None:
    takings = [books.taking(seq, refused=seq == 2) for seq in (1, 2, 3)]
    await books.keeping.keep(takings)
    assert await books.kept() == [(1, False), (2, True), (3, False)]
    assert await books.closed() == [1, 3]
    assert books.told == [1, 2, 3]
    assert books.keeping.counts["effects_refused"] == 1


async def test_what_was_kept_before_has_no_effect_again(books: Books) -> None:
    await books.keeping.keep([books.taking(1), books.taking(2)])
    async with staff_transaction(books.keeping.lease.pool) as connection:
        await sorting.open_lane(connection, books.keeping.lease.device_id, 1)
    await books.keeping.keep([books.taking(1), books.taking(2), books.taking(3)])
    assert await books.closed() == [2, 3]


async def test_a_gateway_that_lost_its_lease_keeps_nothing(books: Books) -> None:
    async with staff_transaction(books.keeping.lease.pool) as connection:
        await connection.execute(
            "update device_lease set fence = fence + 1 where device_id = $1",
            books.keeping.lease.device_id,
        )
    with pytest.raises(LeaseLost):
        await books.keeping.keep([books.taking(1)])
    assert await books.kept() == []
    assert books.told == []
