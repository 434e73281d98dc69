"""Every label is printed exactly once, whatever the power does."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from devices.error import DeviceError
from devices.gs1 import sscc18
from devices.journal import BegunJob, Outcome, PrintJob
from devices.label import ParcelLabel, render_zpl
from devices.printer.spool import PrinterAddress, Spool
from devices.printer.status import Condition, PrinterState
from sim.printer import Printer
from tests.devices.journal import MemoryPrintJournal
from tests.devices.printer.zebra import Zebra
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio
PRINTER = "PRN-01"


def label(number: int) -> PrintJob:
    parcel = ParcelLabel(
        recipient=("Ada Lovelace", "12 St James's Square", "LONDON SW1Y 4JH"),
        service="STANDARD",
        routing_code="GB-SW1",
        tracking_number=f"ST{number:010d}",
        sscc=sscc18("4012345", number),
    )
    return PrintJob(f"job-{number}", render_zpl(parcel))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.002)


def spool_for(
    zebra: Zebra,
    journal: MemoryPrintJournal,
    on_state: Callable[[PrinterState], None] = lambda _state: None,
    *,
    timeout_s: float = PATIENCE_S,
    reach_s: float = PATIENCE_S,
) -> Spool:
    """A spool that is patient, unless a test is about a printer that says nothing or is away."""
    address = PrinterAddress(
        host="127.0.0.1",
        port=zebra.port,
        timeout_s=timeout_s,
        reconnect_s=0.005,
        poll_s=0.002,
        settle_s=0.02,
        reach_s=reach_s,
        sends_max=6,
        look_s=0.01,
    )
    return Spool(PRINTER, address, journal, on_state)


@asynccontextmanager
async def printing(zebra: Zebra) -> AsyncIterator[MemoryPrintJournal]:
    await zebra.start()
    try:
        yield MemoryPrintJournal()
    finally:
        await zebra.stop()


async def test_200_labels_at_14_percent_of_power_cuts_are_each_printed_once() -> None:
    zebra = Zebra(random.Random(7), before=0.07, after=0.07)
    async with printing(zebra) as journal:
        spool = spool_for(zebra, journal)
        for number in range(200):
            job = journal.jobs[f"job-{number}"] = label(number)
            assert await spool.print(job) is Outcome.PRINTED
        await spool.close()
    assert zebra.printed == {sscc18("4012345", number): 1 for number in range(200)}
    assert set(journal.outcomes.values()) == {Outcome.PRINTED} and len(journal.outcomes) == 200
    assert spool.counts["sent_again"] > 0


async def test_a_spool_that_crashes_at_any_moment_loses_and_doubles_nothing() -> None:
    rng = random.Random(3)
    zebra = Zebra(random.Random(4), before=0.05, after=0.05)
    async with printing(zebra) as journal:
        for number in range(60):
            job = journal.jobs[f"job-{number}"] = label(number)
            while job.job_id not in journal.outcomes:
                spool = spool_for(zebra, journal)
                begun = journal.in_flight.get(PRINTER)
                work = spool.recover() if begun else spool.print(job)
                task = asyncio.ensure_future(work)
                await asyncio.wait({task}, timeout=rng.uniform(0.0, 0.05))
                task.cancel()
                await asyncio.wait({task})
                await spool.close()
    assert set(journal.outcomes.values()) == {Outcome.PRINTED}
    assert zebra.printed == {sscc18("4012345", number): 1 for number in range(60)}


@pytest.mark.parametrize("silent", [False, True])
async def test_paper_that_runs_out_in_flight_is_waited_for_and_nothing_is_sent_again(
    silent: bool,
) -> None:
    zebra = Zebra(random.Random(1))
    zebra.silent = silent
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        journal.in_flight[PRINTER] = BegunJob(job, zebra.counter)
        zebra.paper_out = True
        spool = spool_for(zebra, journal, timeout_s=0.1 if silent else PATIENCE_S)
        recovering = asyncio.create_task(spool.recover())
        wanted = Condition.SILENT if silent else Condition.BLOCKED
        await until(lambda: spool.state.condition is wanted)
        assert spool.state.needs_person and "paper" in spool.state.why
        assert not recovering.done() and zebra.received == 0
        zebra.paper_out = False
        assert await recovering is Outcome.PRINTED
        assert spool.state.condition is Condition.READY
        assert silent == (spool.counts["silences"] > 0)
        assert spool.counts["connections_lost"] == 0
        await spool.close()
    assert zebra.received == 1 and list(zebra.printed.values()) == [1]


async def test_a_label_that_waits_inside_for_paper_is_not_sent_again() -> None:
    zebra = Zebra(random.Random(1))
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        spool = spool_for(zebra, journal, timeout_s=0.1)
        zebra.runs_out = zebra.silent = True
        printing_job = asyncio.create_task(spool.print(job))
        await until(lambda: spool.counts["silences"] > 1)
        zebra.paper_out = False
        assert await printing_job is Outcome.PRINTED
        await spool.close()
    assert zebra.received == 1 and list(zebra.printed.values()) == [1]


@pytest.mark.parametrize(("fault", "why"), [("paper_out", "paper out"), ("paused", "paused")])
async def test_a_job_is_not_begun_on_a_printer_that_waits_for_somebody(
    fault: str, why: str
) -> None:
    zebra = Zebra(random.Random(1))
    setattr(zebra, fault, True)
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        spool = spool_for(zebra, journal, reach_s=0.1)
        with pytest.raises(DeviceError, match=why):
            await spool.print(job)
        assert not journal.in_flight and spool.state.condition is Condition.BLOCKED
        await spool.close()
    assert zebra.received == 0


async def test_garbage_is_no_answer_and_does_no_harm() -> None:
    zebra = Zebra(random.Random(1))
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        journal.in_flight[PRINTER] = BegunJob(job, zebra.counter)
        zebra.garbage = 7
        spool = spool_for(zebra, journal, timeout_s=0.1)
        assert await spool.recover() is Outcome.PRINTED
        await spool.close()
    assert list(zebra.printed.values()) == [1] and zebra.garbage == 0


async def test_an_answer_that_comes_twice_is_not_taken_for_the_next_one() -> None:
    zebra = Zebra(random.Random(1))
    async with printing(zebra) as journal:
        spool = spool_for(zebra, journal)
        for number in range(20):
            zebra.twice = 3
            job = journal.jobs[f"job-{number}"] = label(number)
            assert await spool.print(job) is Outcome.PRINTED
        await spool.close()
    assert set(zebra.printed.values()) == {1} and len(zebra.printed) == 20


async def test_a_connection_that_is_only_half_open_is_given_up_for_a_new_one() -> None:
    zebra = Zebra(random.Random(1))
    async with printing(zebra) as journal:
        zebra.half_open = 1
        spool = spool_for(zebra, journal, timeout_s=0.1)
        job = journal.jobs["job-1"] = label(1)
        assert await spool.print(job) is Outcome.PRINTED
        assert spool.counts["silences"] >= 1
        await spool.close()
    assert zebra.received == 1 and list(zebra.printed.values()) == [1]


async def test_a_label_that_was_cut_in_the_middle_is_cancelled_before_the_next() -> None:
    printer = Printer("PRN-01", print_s=0.0)
    port = await printer.start("127.0.0.1", 0)
    running = asyncio.create_task(printer.run())
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"^XA^FDhalf a label")
    await writer.drain()
    await until(lambda: b"half" in printer._pending)
    writer.close()
    journal = MemoryPrintJournal()
    job = journal.jobs["job-1"] = label(1)
    address = PrinterAddress(
        host="127.0.0.1",
        port=port,
        timeout_s=PATIENCE_S,
        reach_s=PATIENCE_S,
        settle_s=0.02,
        poll_s=0.002,
    )
    spool = Spool(PRINTER, address, journal)
    assert await spool.print(job) is Outcome.PRINTED
    await spool.close()
    running.cancel()
    await printer.stop()
    assert [one.sscc for one in printer.printed] == [sscc18("4012345", 1)]
    assert "half" not in printer.printed[0].zpl and printer.counts["cancelled"] == 1


async def test_what_a_person_decided_about_a_job_in_flight_ends_it() -> None:
    zebra = Zebra(random.Random(1))
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        journal.in_flight[PRINTER] = BegunJob(job, zebra.counter)
        zebra.paused = True
        spool = spool_for(zebra, journal)
        recovering = asyncio.create_task(spool.recover())
        await until(lambda: spool.state.needs_person)
        journal.in_flight.clear()
        assert await recovering is Outcome.WITHDRAWN
        await until(lambda: zebra.cancelled == 1)
        await spool.close()
    assert zebra.received == 0 and not journal.outcomes


async def test_a_printer_that_prints_nothing_says_how_it_is() -> None:
    zebra = Zebra(random.Random(1))
    heard: list[str] = []
    async with printing(zebra) as journal:
        spool = spool_for(zebra, journal, lambda state: heard.append(state.condition.value))
        await spool.look()
        zebra.paper_out = True
        await spool.look()
        zebra.paper_out = False
        await spool.look()
    with pytest.raises(DeviceError):
        await spool.look()
    assert heard == ["blocked", "ready", "gone"]


async def test_a_counter_that_moved_by_more_than_one_is_unsure() -> None:
    zebra = Zebra(random.Random(1))
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        journal.in_flight[PRINTER] = BegunJob(job, zebra.counter - 2)
        spool = spool_for(zebra, journal)
        assert await spool.recover() is Outcome.UNSURE
        assert await spool.recover() is None
        await spool.close()
    assert not zebra.printed


async def test_a_counter_that_went_back_belongs_to_another_printer_and_is_unsure() -> None:
    zebra = Zebra(random.Random(1))
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        journal.in_flight[PRINTER] = BegunJob(job, zebra.counter + 5)
        spool = spool_for(zebra, journal)
        assert await spool.recover() is Outcome.UNSURE
        await spool.close()


async def test_a_label_that_never_prints_ends_as_not_printed() -> None:
    zebra = Zebra(random.Random(1))
    zebra.stuck = True
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        spool = spool_for(zebra, journal)
        assert await spool.print(job) is Outcome.NOT_PRINTED
        await spool.close()
    assert journal.outcomes == {"job-1": Outcome.NOT_PRINTED}


async def test_a_printer_that_is_off_begins_no_job() -> None:
    zebra = Zebra(random.Random(1))
    await zebra.start()
    await zebra.stop()
    journal = MemoryPrintJournal()
    job = journal.jobs["job-1"] = label(1)
    with pytest.raises(DeviceError, match="cannot print now: no connection"):
        await spool_for(zebra, journal, reach_s=0.1).print(job)
    assert not journal.in_flight


async def test_jobs_asked_for_at_once_are_printed_one_after_the_other() -> None:
    zebra = Zebra(random.Random(1))
    async with printing(zebra) as journal:
        spool = spool_for(zebra, journal)
        jobs = [label(number) for number in range(10)]
        journal.jobs.update({job.job_id: job for job in jobs})
        outcomes = await asyncio.gather(*map(spool.print, jobs))
        await spool.close()
    assert set(outcomes) == {Outcome.PRINTED}
    assert set(zebra.printed.values()) == {1} and len(zebra.printed) == 10
