"""Scan and divert of one track, in whichever order and at whichever moment they are kept."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.api.gateway.floor import Floor, build_floor
from tests.patience import PATIENCE_S
from wms.database.pool import staff_transaction
from wms.equipment.device import DeadTelegram
from wms.journey.wave import ride, sort_effect
from wms.journey.wave.ride import Reading
from wms.journey.wave.sort import Divert
from wms.outbox import commands as outbox
from wms.sorting.item import Event

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOOT = 5


class Belt:
    """A sorter on a floor, whose telegrams are kept one transaction each."""

    def __init__(self, floor: Floor, sorter_id: int) -> None:
        self.floor = floor
        self.sorter_id = sorter_id
        self._seq = 0

    async def tell(self, kind: str, track: int, lane: int = 0, tote: str | None = None) -> object:
        """What the PLC reports; `tote` is what the gateway remembers of the track."""
        self._seq += 1
        device = f"{self.floor.site}/sort/sorter/PLC-1"
        payload: dict[str, object] = {
            "track": track,
            "planned": lane,
            "actual": lane,
            "encoder": 1_000 * self._seq,
            "reason": "none",
            "tote": tote,
            "sorter_id": self.sorter_id,
            "place": None,
            "set_aside": False,
            "purge_after_wave": False,
        }
        telegram = DeadTelegram(device, BOOT, self._seq, kind, payload)
        async with staff_transaction(self.floor.pool) as connection:
            await outbox.keep_telegram(connection, device, BOOT, self._seq, kind, payload)
            return await sort_effect.note_event(connection, telegram, NOW)

    async def scan(
        self, track: int, tote: str, *, boot: int = BOOT, inducted_at: int | None = None
    ) -> bool:
        """A scan that is kept; `inducted_at` is what the gateway saw of the track's induction."""
        payload: dict[str, object] = {
            "trigger": track,
            "unit": tote,
            "read": "read",
            "sorter_id": self.sorter_id,
            "plc_boot": boot,
            "inducted_at": inducted_at,
        }
        async with staff_transaction(self.floor.pool) as connection:
            telegram = DeadTelegram("SCN-01", 1, 1, "scan", payload)
            return await sort_effect.note_scan(connection, telegram, NOW)

    async def stays(self) -> list[tuple[str, str | None]]:
        async with staff_transaction(self.floor.pool) as connection:
            rows = await connection.fetch(
                "select state, unit from sort_item where device_id = $1 order by id",
                self.sorter_id,
            )
        return [(row["state"], row["unit"]) for row in rows]


@pytest.fixture
async def belt(pool: asyncpg.Pool) -> Belt:
    floor = await build_floor(pool)
    await floor.enter_device("PLC-1", "sorter", "127.0.0.1:1", {})
    sorter_id = await floor.value("select id from device where site = $1", floor.site)
    assert isinstance(sorter_id, int)
    return Belt(floor, sorter_id)


async def test_a_scan_that_comes_after_its_divert_books_the_tote_where_it_fell(
    belt: Belt,
) -> None:
    order, tote = await belt.floor.picked_order([1], lane=2), belt.floor.tote(1)
    await belt.tell("inducted", 7)
    assert await belt.tell("diverted", 7, lane=2) is Divert.UNKNOWN_TOTE
    assert await belt.stays() == [("missorted", None)]
    assert await belt.scan(7, tote)
    assert await belt.stays() == [("diverted", tote)]
    assert await belt.floor.place_of(1) == "PACK-02"
    assert await belt.floor.state_of(order) == "sorted"
    # Sent once more by its scanner, it changes nothing.
    assert await belt.scan(7, tote)
    assert await belt.stays() == [("diverted", tote)]


async def test_a_late_scan_in_the_wrong_lane_is_a_missort(belt: Belt) -> None:
    order, tote = await belt.floor.picked_order([1], lane=2), belt.floor.tote(1)
    await belt.tell("diverted", 7, lane=1)
    await belt.scan(7, tote)
    assert await belt.stays() == [("missorted", tote)]
    assert await belt.floor.place_of(1) == "PACK-01"
    assert await belt.floor.state_of(order) == "picked"


async def test_a_late_scan_of_what_went_round_names_it_for_its_next_round(belt: Belt) -> None:
    tote = belt.floor.tote(1)
    order = await belt.floor.picked_order([1])
    await belt.tell("inducted", 7)
    await belt.tell("recirculated", 7)
    await belt.scan(7, tote)
    assert await belt.stays() == [("recirculated", tote)]
    await belt.tell("inducted", 8)
    await belt.scan(8, tote)
    await belt.tell("diverted", 8, lane=1)
    assert await belt.stays() == [("diverted", tote)]
    rounds = "select recirculations from sort_route where fulfilment_order_id = $1"
    assert await belt.floor.value(rounds, order) == 1


async def test_a_scan_kept_after_the_divert_that_memory_named_begins_no_stay(belt: Belt) -> None:
    await belt.floor.picked_order([1])
    tote = belt.floor.tote(1)
    await belt.tell("inducted", 7)
    assert await belt.tell("diverted", 7, lane=1, tote=tote) is Divert.RIGHT
    await belt.scan(7, tote)
    assert await belt.stays() == [("diverted", tote)]


async def test_a_scan_kept_after_its_divert_is_of_that_pass_though_its_induction_was_seen(
    belt: Belt,
) -> None:
    order = await belt.floor.picked_order([1, 2])
    tote = belt.floor.tote(1)
    await belt.tell("inducted", 7)
    await belt.tell("diverted", 7, lane=1, tote=tote)
    await belt.scan(7, tote, inducted_at=1_000)
    assert await belt.stays() == [("diverted", tote)]
    diverted = "select count(*) from sort_route where fulfilment_order_id = $1 and state = $2"
    assert await belt.floor.value(diverted, order, "diverted") == 1


@pytest.mark.parametrize(("boot", "inducted_at"), [(BOOT, 1_500), (BOOT + 1, None)])
async def test_a_scan_of_another_pass_names_nothing_that_went_before(
    belt: Belt, boot: int, inducted_at: int | None
) -> None:
    await belt.floor.picked_order([1])
    await belt.tell("diverted", 7, lane=2)
    await belt.scan(7, belt.floor.tote(1), boot=boot, inducted_at=inducted_at)
    assert await belt.stays() == [("missorted", None), ("read", belt.floor.tote(1))]
    assert await belt.floor.place_of(1) == "CONVEYOR"


async def test_a_tote_carried_back_from_its_place_is_on_its_way_again(belt: Belt) -> None:
    order, tote = await belt.floor.picked_order([1, 2]), belt.floor.tote(1)
    for track in (7, 8):
        await belt.tell("inducted", track)
        assert await belt.scan(track, tote)
        assert await belt.tell("diverted", track, lane=1, tote=tote) is Divert.RIGHT
    assert await belt.stays() == [("diverted", tote)] * 2
    assert await belt.floor.state_of(order) == "picked"
    await belt.tell("inducted", 9)
    await belt.scan(9, belt.floor.tote(2))
    await belt.tell("diverted", 9, lane=1)
    assert await belt.floor.state_of(order) == "sorted"


async def test_a_tote_whose_order_is_packed_is_not_expected_again(belt: Belt) -> None:
    order, tote = await belt.floor.picked_order([1]), belt.floor.tote(1)
    await belt.tell("diverted", 7, lane=1, tote=tote)
    await belt.floor.value(
        "update fulfilment_order set state = 'packed' where id = $1 returning id", order
    )
    assert not await belt.scan(8, tote)


@pytest.mark.parametrize("scan_first", [True, False])
async def test_scan_and_induction_at_once_are_one_stay(belt: Belt, scan_first: bool) -> None:
    """Each begins the stay if the other did not; the second waits for the first's commit."""
    pool, unit = belt.floor.pool, belt.floor.tote(1)

    async def scan(connection: asyncpg.Connection) -> None:
        reading = Reading(7, Event.READ, unit)
        await ride.record_reading(connection, belt.sorter_id, reading, None, NOW)

    async def induction(connection: asyncpg.Connection) -> None:
        await ride.record_induction(connection, belt.sorter_id, 7, NOW)

    async def decision(connection: asyncpg.Connection) -> None:
        taken = ride.Decision(Reading(7, Event.READ, unit), 1, {"why": "it is so"}, True)
        await ride.record_decisions(connection, belt.sorter_id, [taken], NOW)

    first, second = (scan, induction) if scan_first else (induction, scan)

    async def later() -> None:
        async with staff_transaction(pool) as connection:
            await second(connection)
            await decision(connection)

    async with staff_transaction(pool) as connection:
        await first(connection)
        waiting = asyncio.create_task(later())
        await _until_one_waits(belt)
    await waiting
    assert await belt.stays() == [("acknowledged", unit)]


async def test_a_round_and_its_induction_at_once_are_one_stay(belt: Belt) -> None:
    unit = belt.floor.tote(1)
    await belt.tell("inducted", 7)
    await belt.scan(7, unit)
    await belt.tell("recirculated", 7)

    async def scan() -> bool:
        return await belt.scan(8, unit)

    async with staff_transaction(belt.floor.pool) as connection:
        await ride.record_induction(connection, belt.sorter_id, 8, NOW)
        waiting = asyncio.create_task(scan())
        await _until_one_waits(belt)
    await waiting
    assert await belt.stays() == [("read", unit)]


async def _until_one_waits(belt: Belt) -> None:
    waits = "select count(*) from pg_locks where not granted"
    async with asyncio.timeout(PATIENCE_S):
        while not await belt.floor.value(waits):
            await asyncio.sleep(0.01)
