"""Every label is printed exactly once, whatever the power does."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from devices.error import DeviceError
from devices.gs1 import sscc18
from devices.journal import BegunJob, Outcome, PrintJob
from devices.printer.spool import PrinterAddress, Spool
from devices.printer.zpl import ParcelLabel, render_label
from tests.devices.journal import MemoryPrintJournal
from tests.devices.printer.zebra import Zebra

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
    return PrintJob(f"job-{number}", render_label(parcel))


def spool_for(zebra: Zebra, journal: MemoryPrintJournal) -> Spool:
    address = PrinterAddress(
        host="127.0.0.1",
        port=zebra.port,
        timeout_s=0.5,
        reconnect_s=0.005,
        poll_s=0.002,
        settle_s=0.02,
        reach_s=0.1,
        sends_max=6,
    )
    return Spool(PRINTER, address, journal)


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


async def test_a_paused_printer_is_waited_for_and_not_sent_the_label_again() -> None:
    zebra = Zebra(random.Random(1))
    zebra.paused = True
    async with printing(zebra) as journal:
        job = journal.jobs["job-1"] = label(1)
        spool = spool_for(zebra, journal)
        printing_job = asyncio.create_task(spool.print(job))
        await asyncio.sleep(0.2)
        assert not printing_job.done()
        zebra.paused = False
        assert await printing_job is Outcome.PRINTED
        await spool.close()
    assert list(zebra.printed.values()) == [1]


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
    with pytest.raises(DeviceError, match="cannot be reached"):
        await spool_for(zebra, journal).print(job)
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
