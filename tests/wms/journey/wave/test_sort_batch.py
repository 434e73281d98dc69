"""Telegrams booked together come to the same as each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import asyncpg
import pytest

from tests.api.gateway.floor import Floor, build_floor
from wms.database.pool import staff_transaction
from wms.equipment.device import DeadTelegram
from wms.journey.wave import sort_effect
from wms.journey.wave.ride import Decision, Reading
from wms.journey.wave.sort import Divert
from wms.journey.wave.sort_batch import Answer, note_together
from wms.outbox import commands as outbox
from wms.sorting.item import Event

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOOT, TOTES = 5, 10


@dataclass(frozen=True, slots=True)
class Said:
    """What happens to a tote of a floor; the tote's number is its track's too."""

    kind: str
    track: int
    tote: int
    lane: int = 0


class Belt:
    """A sorter on a floor of its own: two orders of two totes, six of one, and a cancelled one."""

    def __init__(self, floor: Floor, sorter_id: int) -> None:
        self.floor = floor
        self.sorter_id = sorter_id
        self.together = 0
        self._seq = 0

    def telegram(self, said: Said) -> DeadTelegram:
        self._seq += 1
        tote = self.floor.tote(said.tote)
        payload: dict[str, object] = {"sorter_id": self.sorter_id}
        if said.kind == sort_effect.SCAN:
            payload |= {"trigger": said.track, "unit": tote, "read": "read"}
            payload |= {"plc_boot": BOOT, "inducted_at": None}
        else:
            payload |= {"track": said.track, "planned": said.lane, "actual": said.lane}
            payload |= {"encoder": self._seq, "reason": "none", "place": None, "set_aside": False}
            payload |= {"tote": None if said.kind == "inducted" else tote}
            payload |= {"purge_after_wave": False}
        device = f"{self.floor.site}/sort/sorter/PLC-1"
        return DeadTelegram(device, BOOT, self._seq, said.kind, payload)

    async def book(
        self, batch: Sequence[Said], *, apart: bool = False, decided: Sequence[Decision] = ()
    ) -> list[Answer]:
        telegrams = [self.telegram(said) for said in batch]
        rows = [(one.device, one.boot, one.seq, one.kind, one.payload) for one in telegrams]
        async with staff_transaction(self.floor.pool) as c:
            await outbox.keep_telegrams(c, rows)
            answers: list[Answer] | None = None
            if not apart:
                answers = await note_together(c, self.sorter_id, telegrams, decided, NOW)
                self.together += answers is not None
            if answers is not None:
                return answers
            answers = []
            for one in telegrams:
                note = sort_effect.note_scan if one.kind == "scan" else sort_effect.note_event
                answers.append(await note(c, one, NOW))
        return answers

    async def books(self) -> dict[str, list[tuple[str, ...]]]:
        """All that telegrams change, with nothing in it that tells two floors apart."""
        where = {
            "stays": "select unit, state, lane, actual_lane, rounds, read_at, ended_at, track, "
            "told_seq, tenant_id is null from sort_item where device_id = $1",
            "routes": "select u.code, r.state, r.track, r.recirculations, r.missorts, "
            "r.actual_lane, p.code from sort_route r join handling_unit u on u.id = r.tote_id "
            "join place p on p.id = u.place_id where u.warehouse_id = $2",
            "orders": "select packing_place_id - $4, state, version, sorted_at "
            "from fulfilment_order where warehouse_id = $2",
            "movements": "select m.kind, split_part(m.command_id, '/', 6), l.quantity, p.code "
            "from movement m join movement_line l on l.movement_id = m.id "
            "join place p on p.id = l.to_place_id where m.tenant_id = $3",
            "events": "select type, data->>'was' from event where tenant_id = $3",
        }
        numbers = (self.sorter_id, self.floor.warehouse_id, self.floor.tenant_id)
        first = self.floor.packing_ids[0]
        prefix = self.floor.tote(0)[:5]
        found = {}
        async with staff_transaction(self.floor.pool) as c:
            for name, query in where.items():
                every = "select $1::bigint, $2::bigint, $3::bigint, $4::bigint"
                rows = await c.fetch(f"with n as ({every}) {query}", *numbers, first)
                plain = [[str(value).replace(prefix, "") for value in row] for row in rows]
                found[name] = sorted(tuple(row) for row in plain)
        return found


async def build_belt(pool: asyncpg.Pool) -> Belt:
    floor = await build_floor(pool)
    await floor.enter_device("PLC-1", "sorter", "127.0.0.1:1", {})
    sorter_id = await floor.value("select id from device where site = $1", floor.site)
    assert isinstance(sorter_id, int)
    await floor.picked_order([1, 2], lane=1)
    await floor.picked_order([3, 4], lane=2)
    for number in range(5, TOTES):
        await floor.picked_order([number], lane=number % 2 + 1)
    return Belt(floor, sorter_id)


def history(rng: Random) -> list[list[Said]]:
    """Totes that ride, some of them twice or into a wrong lane, cut into batches."""
    lines: list[list[Said]] = []
    for tote in range(1, TOTES + 1):
        line = []
        for ride in range(rng.choice((1, 1, 1, 2))):
            track = 100 * (ride + 1) + (1 if rng.random() < 0.1 else tote)
            read = [Said("inducted", track, tote), Said("scan", track, tote)]
            rng.shuffle(read)
            end = "recirculated" if ride == 0 and rng.random() < 0.1 else "diverted"
            line += [*read, Said(end, track, tote, rng.choice((1, 2, 9)))]
            if rng.random() < 0.05:
                line += [Said("no_read", track, tote)]
        lines.append(line)
    told: list[Said] = []
    while any(lines):
        told.append(rng.choice([line for line in lines if line]).pop(0))
    batches: list[list[Said]] = []
    while told:
        size = rng.randint(2, 6)
        batches.append(told[:size])
        del told[:size]
    return batches


@pytest.mark.parametrize("seed", range(8))
async def test_together_comes_to_the_same_as_one_by_one(pool: asyncpg.Pool, seed: int) -> None:
    together, apart = await build_belt(pool), await build_belt(pool)
    for batch in history(Random(seed)):
        assert await together.book(batch) == await apart.book(batch, apart=True), batch
        assert await together.books() == await apart.books(), batch
    assert together.together


async def test_the_last_two_totes_of_an_order_fall_together_and_sort_it_once(
    pool: asyncpg.Pool,
) -> None:
    belt = await build_belt(pool)
    told = Decision(Reading(8, Event.READ, belt.floor.tote(4)), 2, {"why": "its lane"}, taken=True)
    await belt.book([Said("inducted", 7, 3), Said("inducted", 8, 4), Said("scan", 8, 4)])
    fallen = [Said("scan", 7, 3), Said("diverted", 7, 3, 2), Said("diverted", 8, 4, 2)]
    assert await belt.book(fallen, decided=[told]) == [True, Divert.RIGHT, Divert.RIGHT]
    assert belt.together == 2
    books = await belt.books()
    assert [row[0] for row in books["events"]] == ["order.sorted"]
    assert [row[:2] for row in books["stays"]] == [("003", "diverted"), ("004", "diverted")]


@pytest.mark.parametrize(
    "batch",
    [
        [Said("diverted", 7, 1, 1), Said("inducted", 7, 2)],
        [Said("diverted", 7, 1, 1), Said("scan", 8, 1)],
        [Said("inducted", 7, 1), Said("recirculated", 8, 2)],
    ],
)
async def test_what_may_hang_on_another_is_not_booked_together(
    pool: asyncpg.Pool, batch: list[Said]
) -> None:
    belt = await build_belt(pool)
    before = await belt.books()
    telegrams = [belt.telegram(said) for said in batch]
    async with staff_transaction(pool) as c:
        assert await note_together(c, belt.sorter_id, telegrams, [], NOW) is None
    assert await belt.books() == before
