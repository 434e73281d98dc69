"""Printers of one gateway: a dead one blocks nobody, and what it cannot print another does."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest

from api.gateway.equipment import read_equipment
from api.gateway.gateway import Gateway
from api.gateway.printer import Printer, Protocol
from devices.link.client import BrokerAddress
from tests.api.gateway.floor import Floor, build_floor
from tests.builders import rows
from tests.devices.printer.office import Office
from tests.devices.printer.zebra import Zebra
from tests.patience import PATIENCE_S


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await true():
            await asyncio.sleep(0.05)


@pytest.fixture
async def floor(pool: asyncpg.Pool) -> Floor:
    return await build_floor(pool)


@asynccontextmanager
async def gateway(floor: Floor) -> AsyncIterator[None]:
    """A gateway that finds no broker, which is no printer's concern."""
    address = BrokerAddress(host="127.0.0.1", port=1)
    one = Gateway(floor.pool, address, floor.site, "one", lambda: datetime.now(UTC))
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()


@asynccontextmanager
async def a_zebra() -> AsyncIterator[Zebra]:
    zebra = Zebra(random.Random(5))
    await zebra.start()
    try:
        yield zebra
    finally:
        await zebra.stop()


async def add_printer(floor: Floor, number: int, port: int, **config: object) -> str:
    name = f"PRN-{floor.number}-{number}"
    await floor.enter_device(name, "printer", f"127.0.0.1:{port}", config)
    return name


async def states(floor: Floor, printer: str) -> list[tuple[object, ...]]:
    found = await rows(
        floor.pool,
        "select state, printer, moved_from from label_job where coalesce(moved_from, printer) = $1 "
        "order by id",
        printer,
    )
    return [tuple(row) for row in found]


async def link_of(floor: Floor, printer: str) -> tuple[object, object] | None:
    found = await rows(
        floor.pool,
        "select s.link, s.detail ->> 'why' from device_state s join device d on d.id = s.device_id "
        "where d.name = $1",
        printer,
    )
    return (found[0][0], found[0][1]) if found else None


async def test_a_dead_printer_holds_up_no_other_and_its_fallback_prints_for_it(
    floor: Floor,
) -> None:
    async with a_zebra() as zebra:
        alive = await add_printer(floor, 2, zebra.port)
        dead = await add_printer(floor, 1, 1, fallback=alive, fallback_after_s=0)
        ssccs = await floor.label_jobs(3, dead)

        async def all_printed() -> bool:
            return await states(floor, dead) == [("printed", alive, dead)] * 3

        async def dead_is_gone() -> bool:
            noted = await link_of(floor, dead)
            return noted is not None and noted[0] == "gone"

        async def alive_is_ready() -> bool:
            return await link_of(floor, alive) == ("ready", None)

        async with gateway(floor):
            await until(all_printed)
            await until(dead_is_gone)
            await until(alive_is_ready)
    assert zebra.printed == dict.fromkeys(ssccs, 1)
    told = "select count(*) from event where type = 'parcel.label_moved' and tenant_id = $1"
    assert await floor.value(told, floor.tenant_id) == 3


async def test_a_label_in_flight_stays_where_it_is_while_those_behind_it_move(
    floor: Floor,
) -> None:
    async with a_zebra() as first, a_zebra() as second:
        other = await add_printer(floor, 2, second.port)
        stuck = await add_printer(floor, 1, first.port, fallback=other, fallback_after_s=0)
        first.runs_out = first.silent = True
        ssccs = await floor.label_jobs(3, stuck)

        async def begun() -> bool:
            return first.received == 1

        async def rest_printed() -> bool:
            found = await states(floor, stuck)
            return found[1:] == [("printed", other, stuck)] * 2

        async def all_printed() -> bool:
            return (await states(floor, stuck))[0] == ("printed", stuck, None)

        async with gateway(floor):
            await until(begun)
            await until(rest_printed)
            assert (await states(floor, stuck))[0] == ("sent", stuck, None)
            first.paper_out = False
            await until(all_printed)
    assert first.printed == {ssccs[0]: 1} and second.printed == dict.fromkeys(ssccs[1:], 1)


async def test_a_printer_without_paper_begins_nothing_and_goes_on_when_it_has_some(
    floor: Floor,
) -> None:
    async with a_zebra() as zebra:
        zebra.paper_out = True
        printer = await add_printer(floor, 1, zebra.port)
        ssccs = await floor.label_jobs(1, printer)

        async def wants_paper() -> bool:
            return await link_of(floor, printer) == ("blocked", "paper out")

        async def is_ready() -> bool:
            return await link_of(floor, printer) == ("ready", None)

        async def all_printed() -> bool:
            return await states(floor, printer) == [("printed", printer, None)]

        async with gateway(floor):
            await until(wants_paper)
            assert await states(floor, printer) == [("queued", printer, None)]
            zebra.paper_out = False
            await until(all_printed)
            await until(is_ready)
    assert zebra.printed == dict.fromkeys(ssccs, 1)


async def test_an_office_printer_gets_the_label_as_a_document(floor: Floor) -> None:
    office = Office()
    await office.start()
    printer = await add_printer(floor, 1, office.port, protocol="ipp")
    await floor.label_jobs(2, printer)

    async def all_printed() -> bool:
        return await states(floor, printer) == [("printed", printer, None)] * 2

    async with gateway(floor):
        await until(all_printed)
    await office.stop()
    assert len(office.printed) == 2
    assert all(job.document.startswith(b"%PDF") for job in office.printed)


def _row(**config: object) -> dict[str, object]:
    return {
        "id": 1,
        "site": "main",
        "area": "pack",
        "class": "printer",
        "name": "PRN-01",
        "address": "10.0.0.9:9100",
        "config": config,
    }


def test_a_printer_s_settings_are_read() -> None:
    config = {"protocol": "ipp", "dpi": 600, "fallback": "PRN-02", "fallback_after_s": 5}
    [printer], faults = read_equipment([_row(**config)])  # type: ignore[list-item]
    assert isinstance(printer, Printer) and not faults
    assert (printer.protocol, printer.dpi, printer.fallback) == (Protocol.IPP, 600, "PRN-02")
    assert printer.fallback_after_s == 5.0


@pytest.mark.parametrize(
    "config",
    [
        {"dpi": 150},
        {"dpi": "fine"},
        {"protocol": "epl"},
        {"fallback": "PRN-01"},
        {"fallback_after_s": -1},
        {"fallback_after_s": "soon"},
        {"fallback_after_s": True},
    ],
)
def test_a_printer_with_a_setting_that_is_none_is_named_and_not_served(
    config: dict[str, object],
) -> None:
    found, faults = read_equipment([_row(**config)])  # type: ignore[list-item]
    assert not found and faults[0].startswith("PRN-01: ")
