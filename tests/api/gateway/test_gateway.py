"""The gateway between real devices and the real database: nothing is lost, doubled or misplaced."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from api.gateway.gateway import Gateway
from devices.link.client import BrokerAddress
from devices.sorter.message import EventType
from tests.api.gateway.floor import Floor
from tests.devices.link.broker import Broker, Scanner
from tests.devices.printer.zebra import Zebra
from tests.devices.sorter.plc import SmallPlc
from tests.patience import PATIENCE_S


def now() -> datetime:
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


async def until(
    true: Callable[[], Awaitable[bool]], also: Callable[[], None] = lambda: None
) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await true():
            also()
            await asyncio.sleep(0.05)


@dataclass
class Line:
    """A floor with a broker, a scanner over a sorter, and gateways that can come and go."""

    floor: Floor
    broker: Broker
    scanner: Scanner
    plc: SmallPlc

    @asynccontextmanager
    async def gateway(self, holder: str = "one") -> AsyncIterator[Gateway]:
        address = BrokerAddress(host="127.0.0.1", port=self.broker.port)
        gateway = Gateway(self.floor.pool, address, self.floor.site, holder, now)
        task = asyncio.create_task(gateway.run())
        try:
            yield gateway
        finally:
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled(), task.exception()

    async def induct(self, track: int, tote: int) -> None:
        """A tote passes the induction and, once that is known, the scanner."""
        assert self.plc.tell(EventType.INDUCTED, track)

        async def known() -> bool:
            return self.plc.acknowledged == self.plc.status.event_head

        await until(known)
        self.scanner.scan_on(track, self.floor.tote(tote))

    async def sorted(self, fulfilment_id: int) -> None:
        async def is_sorted() -> bool:
            return await self.floor.state_of(fulfilment_id) == "sorted"

        await until(is_sorted, self.scanner.send_again)

    async def stands_at(self, tote: int, place: str) -> None:
        async def is_there() -> bool:
            return await self.floor.place_of(tote) == place

        await until(is_there, self.scanner.send_again)


@pytest.fixture
def line(line: Line) -> Line:
    """The floor that all tests of the gateway share, where the sorter diverts at once."""
    line.plc.diverting = True
    return line


async def test_an_order_is_sorted_when_its_last_tote_stands_at_its_packing_place(
    line: Line,
) -> None:
    order = await line.floor.picked_order([1, 2], lane=2)
    async with line.gateway():
        await line.induct(11, 1)
        await line.stands_at(1, "PACK-02")
        assert await line.floor.state_of(order) == "picked"
        await line.induct(12, 2)
        await line.sorted(order)
        await until(_acknowledged(line))
    assert [(c.track, c.lane) for c in line.plc.done] == [(11, 2), (12, 2)]
    assert {c.deadline for c in line.plc.done} == {6_000}
    told = "select count(*) from event where type = 'order.sorted' and tenant_id = $1"
    assert await line.floor.value(told, line.floor.tenant_id) == 1
    moved = "select count(*) from movement where kind = 'sort' and tenant_id = $1"
    assert await line.floor.value(moved, line.floor.tenant_id) == 2


def _acknowledged(line: Line) -> Callable[[], Awaitable[bool]]:
    async def acknowledged() -> bool:
        return not line.scanner.kept and line.plc.acknowledged == line.plc.status.event_head

    return acknowledged


async def test_a_missort_is_booked_where_the_goods_are_and_the_tote_is_expected_again(
    line: Line,
) -> None:
    order = await line.floor.picked_order([1], lane=1)
    line.plc.astray[11] = 2
    async with line.gateway() as gateway:
        await line.induct(11, 1)
        await line.stands_at(1, "PACK-02")
        assert await line.floor.state_of(order) == "picked"
        assert gateway.counts["divert_missort"] == 1
        await line.induct(12, 1)
        await line.sorted(order)
    assert await line.floor.place_of(1) == "PACK-01"
    missorts = "select missorts from sort_route r where fulfilment_order_id = $1"
    assert await line.floor.value(missorts, order) == 1


async def test_a_tote_that_is_not_expected_gets_no_lane(line: Line) -> None:
    order = await line.floor.picked_order([1])
    async with line.gateway() as gateway:
        await line.induct(11, 99)
        await line.induct(12, 1)
        await line.sorted(order)
        assert gateway.counts["unknown_totes"] >= 1
    assert [c.track for c in line.plc.done] == [12]


async def test_a_tote_bound_after_it_was_scanned_gets_its_lane_while_it_rides(
    line: Line,
) -> None:
    async with line.gateway() as gateway:
        await line.induct(11, 1)

        async def unknown() -> bool:
            return gateway.counts["unknown_totes"] == 1

        await until(unknown, line.scanner.send_again)
        order = await line.floor.picked_order([1])
        await line.sorted(order)
    assert [c.track for c in line.plc.done] == [11]


async def test_a_divert_that_happened_while_no_gateway_ran_is_booked_by_the_next(
    line: Line,
) -> None:
    order = await line.floor.picked_order([1])
    line.plc.diverting = False
    async with line.gateway("one"):
        await line.induct(11, 1)

        async def confirmed() -> bool:
            state = "select state from sort_item where unit = $1 order by id desc limit 1"
            known = await line.floor.value(state, line.floor.tote(1))
            return known == "acknowledged" and not line.scanner.kept

        await until(confirmed, line.scanner.send_again)
    line.plc.divert(line.plc.done[0])
    async with line.gateway("two"):
        await line.sorted(order)
    assert len(line.plc.done) == 1
    assert await line.floor.value("select max(fence) from device_lease") == 2


async def test_one_gateway_at_a_time_serves_a_sorter(line: Line) -> None:
    order = await line.floor.picked_order([1])
    async with line.gateway("two") as second:
        async with line.gateway("one") as first:
            await line.induct(11, 1)
            await line.sorted(order)
            assert sorted([first.counts["assigned"], second.counts["assigned"]]) == [0, 1]
        again = await line.floor.picked_order([2])
        await line.induct(12, 2)
        await line.sorted(again)
    assert len(line.plc.done) == 2


async def test_a_restarted_plc_puts_what_rode_in_quarantine(line: Line) -> None:
    order = await line.floor.picked_order([1])
    line.plc.diverting = False
    riding = "select count(*) from sort_route where fulfilment_order_id = $1 and state = 'inducted'"

    async def rides() -> bool:
        return await line.floor.value(riding, order) == 1

    async def rides_no_more() -> bool:
        return not await rides()

    async with line.gateway():
        await line.induct(11, 1)
        await until(rides, line.scanner.send_again)
        line.plc.restart(boot=6)
        await until(rides_no_more)
        line.plc.diverting = True
        await line.induct(1, 1)
        await line.sorted(order)


async def test_labels_are_printed_once_through_power_cuts_and_a_new_gateway(line: Line) -> None:
    zebra = Zebra(random.Random(5), before=0.15, after=0.15)
    await zebra.start()
    floor, printer = line.floor, f"PRN-{line.floor.number}"
    await floor.enter_device(printer, "printer", f"127.0.0.1:{zebra.port}", {"place": "PACK-01"})
    ssccs = await floor.label_jobs(12, printer)
    printed = (
        "select count(*) from label_job j join waybill w on w.id = j.waybill_id "
        "where j.printer = $1 and j.state = 'printed' and w.label_printed_at = $2"
    )

    async def all_printed() -> bool:
        return await floor.value(printed, printer, now()) == len(ssccs)

    async def some_printed() -> bool:
        return len(zebra.printed) >= 4

    async with line.gateway("one"):
        await until(some_printed)
    async with line.gateway("two"):
        await until(all_printed)
    await zebra.stop()
    assert zebra.printed == dict.fromkeys(ssccs, 1)


async def test_a_label_that_cannot_be_set_is_put_to_a_person_and_holds_up_no_other(
    line: Line,
) -> None:
    zebra = Zebra(random.Random(5))
    await zebra.start()
    floor, printer = line.floor, f"PRN-{line.floor.number}"
    await floor.enter_device(printer, "printer", f"127.0.0.1:{zebra.port}", {"place": "PACK-01"})
    ssccs = await floor.label_jobs(2, printer)
    await floor.value("update waybill set routing_code = repeat('X', 40) where sscc = $1", ssccs[0])

    async def settled() -> bool:
        open_jobs = (
            "select count(*) from label_job where printer = $1 and state in ('queued', 'sent')"
        )
        return await floor.value(open_jobs, printer) == 0

    async with line.gateway():
        await until(settled)
    await zebra.stop()
    states = "select string_agg(state, ' ' order by id) from label_job where printer = $1"
    assert await floor.value(states, printer) == "failed printed"
    told = "select count(*) from event where type = 'parcel.label_failed' and tenant_id = $1"
    assert await floor.value(told, floor.tenant_id) == 1


async def test_an_error_that_nobody_thought_of_in_one_device_leaves_the_others_at_work(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = 0

    async def broken(*_: object) -> None:
        nonlocal begun
        begun += 1
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("api.gateway.gateway.serve_sorter", broken)
    zebra = Zebra(random.Random(5))
    await zebra.start()
    floor, printer = line.floor, f"PRN-{line.floor.number}"
    await floor.enter_device(printer, "printer", f"127.0.0.1:{zebra.port}", {"place": "PACK-01"})
    ssccs = await floor.label_jobs(2, printer)

    async def begun_again_and_printed() -> bool:
        return begun >= 2 and zebra.printed == dict.fromkeys(ssccs, 1)

    async with line.gateway():
        await until(begun_again_and_printed)
    await zebra.stop()
